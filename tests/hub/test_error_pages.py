"""Error pages: the same for everyone, and standing on nothing that can fail."""

import re

import pytest
from django.test import Client, RequestFactory

from hub import errors
from hub.models import User
from tests.people import staff_client

pytestmark = pytest.mark.django_db


def test_every_404_has_the_same_bytes():
    alice = User.objects.create_user("alice@example.org", name="Alice", is_staff=True)
    anonymous, staff = Client(), staff_client(alice)
    Client().post("/accounts/logout/")
    pages = [
        anonymous.get("/nothing/"),
        anonymous.get("/nothing/else/", {"next": "<script>", "q": "canary"}),
        anonymous.post("/nothing/", {"x": "canary"}),
        anonymous.get("/nothing/", headers={"accept-language": "de", "user-agent": "canary"}),
        anonymous.get("/accounts/password/reset/"),
        staff.get("/nothing/"),
        staff.get("/admin/nothing/"),
    ]

    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    page = pages[0].content.decode()
    assert "There is no page here" in page
    for never in ("csrfmiddlewaretoken", "canary", "Alice", "Sign in", "Sign out", "Back office"):
        assert never not in page


@pytest.mark.parametrize(
    ("page", "status", "heading"),
    [
        (errors.not_found, 404, "There is no page here"),
        (errors.forbidden, 403, "You may not open this page"),
        (errors.server_error, 500, "Something went wrong on our side"),
    ],
)
def test_an_error_page_asks_nothing_of_the_database(
    page, status, heading, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = page(RequestFactory().get("/"))

    assert response.status_code == status
    assert heading in response.content.decode()


def test_a_form_without_its_token_is_told_what_to_do():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"login": "bob@example.org"})

    assert response.status_code == 403
    page = response.content.decode()
    assert "Please send it again" in page
    assert "Nothing was saved" in page
    assert not re.search("bob@example", page)
