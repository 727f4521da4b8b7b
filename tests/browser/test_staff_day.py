"""Staff from the invitation to their day, and out again, in a real browser."""

import io
import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from pypdf import PdfReader

from calls.models import CallSeries, SignUp
from hub import roles
from hub.models import Closure, Mail, User
from library.models import Suggestion
from tests.browser.test_sign_in import ask_and_type_code, look
from tests.browser.visitor import SCHEMES
from tests.mailbox import deliver, text_of
from tests.people import member, staff_client
from tests.trainings import certified, making

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full():
    """A hub with something of everything to do, and a year behind it."""
    now = timezone.now()
    series = CallSeries.objects.create(slug="group", name="Legal Anti-Trafficking Working Group")
    for number in range(40):
        SignUp.objects.create(
            series=series,
            email=f"p{number}@example.org",
            name="Pat",
            role="attorney",
            state="awaiting" if number < 3 else "active",
            joined_at=None if number < 3 else now - timedelta(days=number * 9),
        )
    Suggestion.objects.create(title="A guide", received_at=now - timedelta(days=9))
    Closure.objects.create(date=timezone.localdate(now) + timedelta(days=8), name="A holiday")
    day = certified.held_day(status="approved")
    day.offering.status, day.offering.course.mcle_max_hours = "open", 6
    day.offering.save()
    day.offering.course.save()
    day.starts_at -= timedelta(days=400)
    day.ends_at -= timedelta(days=400)
    day.save()
    certified.came(day)
    Mail.objects.create(kind="note", subject_id=1, dropped_at=now, last_error="OSError", attempts=9)
    making.person(day.offering, "Ann Lee", state="offered")


@pytest.mark.parametrize(("width", "script"), [(320, True), (390, False), (1280, True)])
def test_the_day_of_a_manager(visitor, as_user, full, width, script):
    one = as_user(visitor(width=width, script=script), staff_client(member("Manager")))
    page = one.visit("/staff/")
    one.no_sideways()
    if script:
        one.axe_in_light_and_dark()
    assert page.locator(".counts dd").first.inner_text() != "0"
    assert page.get_by_role("img", name="Sign-ups in each of the last 12 months").is_visible()
    assert not page.get_by_role("cell", name="0").first.is_visible()
    page.get_by_text("Sign-ups as a table").click()
    assert page.get_by_role("cell", name="0").first.is_visible()
    one.no_sideways()

    page.get_by_role("link", name="3 people wait for approval").click()
    page.wait_for_url("**/admin/calls/signup/**")
    assert page.locator("#result_list tbody tr").count() == 3
    page.get_by_role("link", name="Today", exact=True).click()
    page.wait_for_url("**/staff/")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_prints_on_two_pages(visitor, as_user, full, scheme):
    one = as_user(visitor(scheme=scheme), staff_client(member("Manager")))
    page = one.visit("/staff/")
    paper = PdfReader(io.BytesIO(page.pdf(format="Letter")))
    printed = "".join(sheet.extract_text() for sheet in paper.pages)
    assert len(paper.pages) <= 2
    assert "Today’s work" in printed
    assert "3 people wait for approval" in printed
    assert "Back office" not in printed


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(390, "dark", True), (1280, "light", False)]
)
def test_somebody_is_invited_comes_in_and_is_shut_out(visitor, as_user, width, scheme, script):
    desk = as_user(
        visitor(width=width, scheme=scheme, script=script), staff_client(member(roles.MANAGER))
    )
    page = desk.visit("/admin/hub/user/invite/")
    look(desk)
    page.get_by_label("Name").fill("Dora Diaz")
    page.get_by_label("Email").fill("Dora@example.org")
    desk.press("Invite")
    assert "Choose at least one role." in page.content()
    look(desk)
    page.get_by_label("Curator").check()
    desk.press("Invite")
    assert "Dora Diaz is staff now" in page.content()
    look(desk)

    [letter] = deliver()
    [link] = [line for line in text_of(letter).splitlines() if line.endswith("/staff/")]
    new = visitor(width=width, scheme=scheme, script=script)
    page = new.visit(link.removeprefix(link.split("/staff/")[0]))
    ask_and_type_code(new, "dora@example.org")
    page.wait_for_url("**/accounts/2fa/totp/activate/")
    # No way round: nothing of the staff opens before the second step is set up.
    page.goto("/staff/")
    page.wait_for_url("**/accounts/2fa/totp/activate/")
    secret = page.locator("#secret").inner_text()

    def code(later=0):
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))

    page.get_by_label("Code from the app").fill(code())
    new.press("Turn on the second step")
    page.get_by_role("link", name="Go on to today’s work").click()
    page.wait_for_url("**/staff/")
    look(new)
    assert "Nothing waits for you." in page.locator("main").inner_text()
    page.get_by_role("link", name="Back office").click()
    page.wait_for_url("**/admin/")
    index = page.locator("#content-main")
    assert index.get_by_role("link", name="Resources", exact=True).is_visible()
    assert index.get_by_role("link", name="Registrations").count() == 0

    new.press("Sign out")
    page.get_by_role("heading", name="You are signed out").wait_for()
    look(new)
    assert [cookie["name"] for cookie in new.context.cookies() if cookie["name"] == "session"] == []
    page.goto("/staff/")
    ask_and_type_code(new, "dora@example.org")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    page.get_by_label("Code").first.fill(code(later=1))
    new.press("Sign in")
    page.wait_for_url("**/staff/")

    dora = User.objects.get(email="dora@example.org")
    page = desk.visit(f"/admin/hub/user/{dora.pk}/change/")
    page.get_by_role("link", name="Shut out").click()
    look(desk)
    desk.press("Shut out")
    assert "Dora Diaz: shut out." in page.content()
    new.page.reload()
    new.page.wait_for_url("**/accounts/login/**")
