"""Signing out leaves nothing in the browser."""

import pytest

from hub.models import User
from tests.people import staff_client

pytestmark = pytest.mark.django_db
ALL = '"cache", "cookies", "storage"'


@pytest.fixture
def client():
    return staff_client(User.objects.create_superuser("alice@example.org"))


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_the_browser_is_told_to_forget_what_it_kept(client, address):
    answer = client.post(address)
    assert answer.headers["Clear-Site-Data"] == ALL
    assert "_auth_user_id" not in client.session


def test_only_when_somebody_was_signed_out(client):
    assert "Clear-Site-Data" not in client.get("/accounts/logout/").headers
    assert "Clear-Site-Data" not in client.get("/privacy/").headers
    client.logout()
    assert "Clear-Site-Data" not in client.post("/accounts/logout/").headers
