"""Each page that exists, at a phone's and a desktop's width, in light and dark."""

import pytest
from django.test import Client

from hub.models import User
from tests.browser.visitor import SCHEMES, WIDTHS
from tests.people import staff_client

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = [
    ("/", 200),
    ("/accessibility/", 200),
    ("/privacy/", 200),
    ("/accounts/login/", 200),
    ("/accounts/signup/", 200),
    ("/accounts/inactive/", 200),
    ("/nothing-here/", 404),
    ("/breaks/", 500),
]
ALICES = [
    "/accounts/logout/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/reauthenticate/",
    "/admin/",
]
# Before a second factor is set up.
NEW_STAFFS = ["/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"]

each_width = pytest.mark.parametrize("width", WIDTHS)


@pytest.fixture
def alice():
    return User.objects.create_user(
        "alice@example.org", name="Alice Staff", is_staff=True, is_superuser=True
    )


def look_at(one, path, status=200):
    one.visit(path, status)
    one.read_by_everyone()


@each_width
def test_public_pages(visitor, settings, width):
    settings.ROOT_URLCONF = "tests.browser.failing_urls"
    one = visitor(width=width)
    for path, status in PUBLIC:
        look_at(one, path, status)


@each_width
def test_pages_of_staff(visitor, as_user, alice, width):
    one = as_user(visitor(width=width), staff_client(alice))
    for path in ALICES:
        look_at(one, path)


@each_width
def test_pages_of_staff_without_a_second_factor(visitor, as_user, alice, width):
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    one = as_user(visitor(width=width), client)
    for path in NEW_STAFFS:
        look_at(one, path)


@each_width
def test_the_page_of_someone_who_may_not(visitor, as_user, width):
    client = Client()
    client.force_login(
        User.objects.create_user("bob@example.org"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    one = as_user(visitor(width=width), client)
    look_at(one, "/admin/", 403)
    assert one.page.locator("h1").inner_text() == "You may not open this page"


def test_nothing_lies_at_the_side_of_the_narrowest_screen(visitor, settings, as_user, alice):
    settings.ROOT_URLCONF = "tests.browser.failing_urls"
    one = visitor(width=320)
    for path, status in PUBLIC:
        one.visit(path, status)
        one.no_sideways()
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    as_user(one, client)
    for path in NEW_STAFFS:
        one.visit(path)
        one.no_sideways()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", ["/", "/accounts/login/"])
def test_the_focus_is_seen_at_each_stop(visitor, scheme, path):
    one = visitor(scheme=scheme)
    one.visit(path)
    names = one.tab_through()
    assert names[:2] == ["Skip to main content", "911"]
    assert names[-1] == "All dates as a calendar feed"


def test_the_skip_link_goes_to_the_content(visitor):
    one = visitor()
    page = one.visit("/accounts/login/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "login"


def test_forced_colors_keep_every_edge(visitor):
    one = visitor(forced_colors="active")
    page = one.visit("/accounts/login/")
    for edge in (".btn-primary", ".form-control"):
        style = page.locator(edge).first.evaluate("e => getComputedStyle(e).borderTopStyle")
        assert style == "solid", edge


def test_a_printed_page_leaves_out_what_paper_cannot_do(visitor):
    one = visitor()
    page = one.visit("/accounts/login/")
    page.emulate_media(media="print")
    assert page.locator(".safety p").is_visible()
    assert page.locator("h1").is_visible()
    for gone in (".exit", ".masthead nav", "main form", ".foot nav"):
        assert not page.locator(gone).first.is_visible(), gone
