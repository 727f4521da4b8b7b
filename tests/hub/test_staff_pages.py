"""The pages on which managers say who is staff, and the mail that invites."""

import uuid

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from hub import people
from hub.models import Mail, User
from tests.calls.test_mails import written
from tests.mailbox import deliver
from tests.people import member, staff_client
from tests.reading import text

pytestmark = pytest.mark.django_db

INVITE = "/admin/hub/user/invite/"


@pytest.fixture
def manager():
    return member("Manager")


@pytest.fixture
def at_desk(manager):
    return staff_client(manager)


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org", name="Alice Staff")


def page_of(user: User, page: str) -> str:
    return reverse(f"admin:hub_user_{page}", args=[user.pk])


def sent(**more):
    return {"name": "Dora Diaz", "email": "dora@example.org", "given": ["Curator"], **more}


def test_a_manager_invites(at_desk):
    answer = at_desk.post(INVITE, sent(), follow=True)

    dora = User.objects.get(email="dora@example.org")
    assert [group.name for group in dora.groups.all()] == ["Curator"]
    assert "Dora Diaz is staff now and is mailed how to enter." in text(answer)
    assert Mail.objects.get(kind="hub.invited").subject_id == dora.pk
    assert LogEntry.objects.get(object_id=dora.pk).get_change_message() == "Invited: Curator."


def test_the_form_offers_a_manager_no_ta_staff_and_says_why(at_desk, alice):
    page = at_desk.get(INVITE).content.decode()
    assert 'value="TA staff"' not in page
    assert "Only a superuser makes somebody TA staff." in page
    assert 'value="TA staff"' in staff_client(alice).get(INVITE).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"given": []}, "Choose at least one role."),
        ({"given": ["TA staff"]}, "TA staff is not one of the available choices"),
        ({"email": "dora"}, "Enter a valid email address"),
        ({"email": "dora@exämple.org"}, "without accents"),
        ({"email": "manager@example.org"}, "nobody changes their own roles"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(at_desk, wrong, said):
    answer = at_desk.post(INVITE, sent(**wrong))
    assert answer.status_code == 200
    assert said in text(answer)
    assert 'value="Dora Diaz"' in answer.content.decode(), "what was typed stays"
    assert not Mail.objects.exists()


def test_roles_are_changed_on_a_page_that_shows_those_they_have(at_desk):
    carl = member("Curator")
    page = at_desk.get(page_of(carl, "roles")).content.decode()
    assert page.count(" checked") == 1

    answer = at_desk.post(page_of(carl, "roles"), {"given": ["Programme"]}, follow=True)
    assert "Curator Person: roles: Programme." in text(answer)
    assert [group.name for group in carl.groups.all()] == ["Programme"]


def test_shutting_out_takes_a_press_of_a_button(at_desk):
    carl = member("Curator")
    client = staff_client(carl)
    page = text(at_desk.get(page_of(carl, "shut_out")))
    assert "signed out everywhere at once" in page
    assert client.get("/staff/").status_code == 200

    at_desk.post(page_of(carl, "shut_out"))
    carl.refresh_from_db()
    assert not carl.is_active
    assert client.get("/staff/").status_code == 302
    page = at_desk.get(page_of(carl, "change")).content.decode()
    assert page_of(carl, "let_in") in page
    assert page_of(carl, "shut_out") not in page

    at_desk.post(page_of(carl, "let_in"))
    carl.refresh_from_db()
    assert carl.is_active


@pytest.mark.parametrize("page", ["roles", "shut_out", "let_in"])
@pytest.mark.parametrize("role", ["Curator", "Programme", "TA staff"])
def test_pressed_by_others_nothing_happens(role, page):
    carl = member("Curator") if role != "Curator" else member("Programme")
    client = staff_client(member(role))
    assert client.post(page_of(carl, page), {"given": ["Manager"]}).status_code == 403
    assert client.post(INVITE, sent()).status_code == 403
    carl.refresh_from_db()
    assert carl.is_active
    assert not carl.groups.filter(name="Manager").exists()


@pytest.mark.parametrize("page", ["roles", "shut_out", "let_in"])
def test_nor_on_ones_own_or_a_superusers_account(at_desk, manager, alice, page):
    for user in (manager, alice):
        assert at_desk.post(page_of(user, page), {"given": ["Curator"]}).status_code == 403
        assert page_of(user, page) not in at_desk.get(page_of(user, "change")).content.decode()


def test_what_a_superuser_edits_ends_their_sessions_but_not_the_superusers_own(alice):
    desk, carl = staff_client(alice), member("Curator")
    client = staff_client(carl)
    form = {"email": carl.email, "name": "Carl", "is_active": "on", "is_staff": "on"}
    kept = {"groups": [group.pk for group in carl.groups.all()]}
    desk.post(page_of(carl, "change"), form | kept)
    assert client.get("/staff/").status_code == 200, "a name is no right"
    desk.post(page_of(carl, "change"), form)
    assert client.get("/privacy/").wsgi_request.user.is_anonymous

    own = {"email": alice.email, "name": "A", "is_active": "on", "is_staff": "on"}
    desk.post(page_of(alice, "change"), own | {"is_superuser": "on", "groups": kept["groups"]})
    assert desk.get("/staff/").status_code == 200


def test_a_managers_key_is_not_a_superusers(at_desk, alice):
    staff_client(alice)
    factor = alice.authenticator_set.get()
    address = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
    assert at_desk.post(address, {"post": "yes"}).status_code == 403
    assert alice.authenticator_set.exists()


def test_a_role_is_not_changed_as_a_group_is(alice):
    desk, curator = staff_client(alice), member("Curator").groups.get()
    page = reverse("admin:auth_group_change", args=[curator.pk])
    assert desk.post(page, {"name": "Mine", "permissions": []}).status_code == 403
    assert desk.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    curator.refresh_from_db()
    assert curator.name == "Curator"


def test_the_mail_that_invites(manager, file_regression):
    manager.name = "Mara Manager"
    manager.save()
    people.invite("dora@example.org", "Dora Diaz", ["Curator", "Programme"], manager)
    Mail.objects.update(uuid=uuid.UUID(int=1), created_at="2026-11-24T20:00:00Z")
    [message] = deliver()
    del message["Date"]
    file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")


def test_who_was_shut_out_meanwhile_gets_none(manager):
    dora = people.invite("dora@example.org", "Dora Diaz", ["Curator"], manager)
    people.shut_out(dora, manager)
    assert deliver() == []


class TestMailThatWasGivenUp:
    @pytest.fixture
    def lost(self, manager):
        people.invite("dora@example.org", "Dora Diaz", ["Curator"], manager)
        Mail.objects.update(dropped_at="2026-11-24T20:00:00Z", attempts=10, last_error="OSError")
        return Mail.objects.get()

    def test_is_found_and_sent_after_all(self, at_desk, lost):
        page = reverse("admin:hub_mail_changelist")
        assert "hub.invited" in text(at_desk.get(f"{page}?outcome=failed"))
        at_desk.post(page, {"action": "try_again", "_selected_action": [lost.pk]})
        assert [message["To"] for message in deliver()] == ["dora@example.org"]

    def test_what_was_no_longer_needed_is_not(self, at_desk, lost):
        Mail.objects.update(last_error="", attempts=0)
        page = reverse("admin:hub_mail_changelist")
        at_desk.post(page, {"action": "try_again", "_selected_action": [lost.pk]})
        assert deliver() == []
        assert "0 mail" in text(at_desk.get(f"{page}?outcome=failed"))
