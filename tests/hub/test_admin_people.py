"""Who may make whom what: the accounts in the back office."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from hub.models import User
from tests.reading import filled, text

pytestmark = pytest.mark.django_db


def page_of(user: User, name: str = "change") -> str:
    return reverse(f"admin:hub_user_{name}", args=[user.pk])


@pytest.fixture
def bob():
    return User.objects.create_user("bob@example.org")


@pytest.fixture
def helper(client, settings):
    """Staff who may change people, and nothing else; signed in."""
    settings.STAFF_SECOND_FACTOR = False
    made = User.objects.create_user("helper@example.org", is_staff=True)
    rights = ["view_user", "add_user", "change_user", "delete_user"]
    made.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(made)
    return made


RIGHTS = {"is_staff": "on", "is_superuser": "on"}


def rights(user: User) -> tuple[bool, bool, int]:
    user.refresh_from_db()
    return user.is_staff, user.is_superuser, user.groups.count()


def test_who_may_change_people_gives_nobody_rights(client, helper, bob):
    group = Group.objects.create(name="All of it")
    sent = filled(client.get(page_of(bob)))
    assert {"is_staff", "is_superuser", "groups"}.isdisjoint(sent)
    sent |= RIGHTS | {"groups": [group.pk], "name": "Bob Stone"}
    assert client.post(page_of(bob), sent).status_code == 302
    assert rights(bob) == (False, False, 0)
    assert bob.name == "Bob Stone", "what they may change is changed"


def test_nor_themselves(client, helper):
    assert client.post(page_of(helper), RIGHTS | {"email": helper.email}).status_code == 403
    assert rights(helper) == (True, False, 0)


def test_nor_somebody_new(client, helper):
    address = reverse("admin:hub_user_add")
    sent = filled(client.get(address)) | RIGHTS | {"email": "new@example.org"}
    assert client.post(address, sent).status_code == 302
    assert rights(User.objects.get(email="new@example.org")) == (False, False, 0)


@pytest.mark.parametrize("role", ["is_staff", "is_superuser"])
def test_the_accounts_of_staff_are_only_looked_at(client, helper, role):
    """With another address somebody else signs in as them."""
    alice = User.objects.create_user("alice@example.org", **{role: True})
    assert "alice@example.org" in text(client.get(page_of(alice)))
    sent = {"email": "helper2@example.org", "name": "A", "is_active": "on"}
    assert client.post(page_of(alice), sent).status_code == 403
    assert client.post(page_of(alice, "delete"), {"post": "yes"}).status_code == 403
    both = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    client.post(reverse("admin:hub_user_changelist"), both)
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_a_superuser_gives_rights(client, settings, bob):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(User.objects.create_superuser("alice@example.org"))
    group = Group.objects.create(name="Trainings")
    sent = filled(client.get(page_of(bob))) | {"is_staff": "on", "groups": [group.pk]}
    sent = {name: value for name, value in sent.items() if value != ""}
    assert client.post(page_of(bob), sent).status_code == 302
    assert rights(bob) == (True, False, 1)
