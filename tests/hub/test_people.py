"""Who is staff: invited, given roles, shut out; and their sessions, which end at once."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client

from hub import people
from hub.models import Mail, User
from hub.refusal import Refused
from tests.people import member, staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org", name="Alice Staff")


@pytest.fixture
def manager():
    return member("Manager")


def held(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def waiting() -> list[Mail]:
    return list(Mail.objects.filter(kind="hub.invited", sent_at=None))


def is_in(client: Client) -> bool:
    return client.get("/staff/").status_code == 200


class TestInvite:
    def test_makes_staff_of_a_new_address_and_promises_one_mail(self, manager):
        dora = people.invite("Dora@Example.org", "Dora", ["Curator"], manager)
        assert (dora.email, dora.name, dora.is_staff) == ("dora@example.org", "Dora", True)
        assert not dora.is_superuser
        assert held(dora) == {"Curator"}
        assert [(mail.subject_id, mail.about_id) for mail in waiting()] == [(dora.pk, manager.pk)]

    def test_of_somebody_known_keeps_their_name_and_ends_their_sessions(self, manager):
        bob = User.objects.create_user("bob@example.org", name="Bob Stone")
        client = Client()
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        assert people.invite("bob@example.org", "B.", ["Programme"], manager) == bob
        bob.refresh_from_db()
        assert (bob.name, bob.is_staff, held(bob)) == ("Bob Stone", True, {"Programme"})
        assert not client.get("/privacy/").wsgi_request.user.is_authenticated

    def test_twice_is_one_mail_until_it_is_out(self, manager):
        for _ in range(2):
            people.invite("dora@example.org", "Dora", ["Curator"], manager)
        [mail] = waiting()
        Mail.objects.filter(pk=mail.pk).update(sent_at=mail.created_at)
        people.invite("dora@example.org", "Dora", ["Curator"], manager)
        assert len(waiting()) == 1, "asked again, they are mailed again"

    def test_adds_to_the_roles_they_have(self, manager, alice):
        tanya = member("TA staff")
        people.invite(tanya.email, "", ["Curator"], manager)
        assert held(tanya) == {"TA staff", "Curator"}

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ([], "at least one role"),
            (["TA staff"], "Only a superuser"),
            (["Curator", "TA staff"], "Only a superuser"),
            (["Everything"], "Only a superuser"),
        ],
    )
    def test_refuses_a_manager_what_is_not_theirs_to_give(self, manager, given, why):
        with pytest.raises(Refused, match=why):
            people.invite("dora@example.org", "Dora", given, manager)
        assert not User.objects.filter(email="dora@example.org").exists()
        assert waiting() == []

    def test_a_superuser_gives_ta_staff(self, alice):
        assert held(people.invite("tanya@example.org", "Tanya", ["TA staff"], alice)) == {
            "TA staff"
        }

    @pytest.mark.parametrize("role", ["Curator", "Programme", "TA staff"])
    def test_nobody_else_invites(self, role):
        with pytest.raises(Refused, match="may not"):
            people.invite("dora@example.org", "Dora", ["Curator"], member(role))

    def test_nobody_invites_themselves_to_more(self, manager):
        with pytest.raises(Refused, match="colleague"):
            people.invite(manager.email, "", ["Curator"], manager)

    def test_a_manager_leaves_superusers_alone(self, manager, alice):
        for verb in (people.shut_out, people.let_in):
            with pytest.raises(Refused, match="superuser"):
                verb(alice, manager)
        with pytest.raises(Refused, match="superuser"):
            people.invite(alice.email, "", ["Curator"], manager)

    def test_who_is_shut_out_is_let_in_first(self, alice):
        carl = member("Curator")
        people.shut_out(carl, alice)
        with pytest.raises(Refused, match="Let them in"):
            people.invite(carl.email, "", ["Programme"], alice)


class TestRoles:
    def test_are_exactly_those_chosen_and_a_live_session_ends(self, manager):
        carl = member("Curator")
        client = staff_client(carl)
        assert is_in(client)
        people.set_roles(carl, ["Programme"], manager)
        assert held(carl) == {"Programme"}
        assert not is_in(client)

    def test_unchanged_end_nothing(self, manager):
        carl = member("Curator")
        client = staff_client(carl)
        people.set_roles(carl, ["Curator"], manager)
        assert is_in(client)

    def test_of_others_and_other_groups_stay(self, manager):
        tanya = member("TA staff")
        tanya.groups.add(Group.objects.create(name="Interns"))
        people.set_roles(tanya, [], manager)
        assert held(tanya) == {"TA staff", "Interns"}

    def test_none_left_is_no_longer_staff(self, manager):
        carl = member("Curator")
        client = staff_client(carl)
        people.set_roles(carl, [], manager)
        carl.refresh_from_db()
        assert (carl.is_staff, carl.is_active) == (False, True)
        assert not client.get("/privacy/").wsgi_request.user.is_authenticated

    def test_are_not_ones_own_to_change(self, manager):
        with pytest.raises(Refused, match="colleague"):
            people.set_roles(manager, ["Curator"], manager)


class TestShutOut:
    def test_is_out_at_once_with_no_session_left(self, manager):
        carl = member("Curator")
        laptop, phone = staff_client(carl), Client()
        phone.force_login(carl, backend="django.contrib.auth.backends.ModelBackend")
        other = staff_client(member("Programme"))
        keys = [client.session.session_key for client in (laptop, phone)]
        assert is_in(laptop)

        people.shut_out(carl, manager)

        assert not Session.objects.filter(session_key__in=keys).exists()
        assert not is_in(laptop)
        assert not phone.get("/privacy/").wsgi_request.user.is_authenticated
        assert is_in(other), "nobody else is signed out"

    def test_what_is_under_way_cannot_bring_its_session_back(self, manager):
        carl = member("Curator")
        client = staff_client(carl)
        session: Any = client.session
        assert session["_auth_user_id"] == str(carl.pk)  # read, as by a request under way
        people.shut_out(carl, manager)
        with pytest.raises(UpdateError):
            session.save()

    def test_is_let_in_again_with_the_same_roles(self, manager):
        carl = member("Curator")
        people.shut_out(carl, manager)
        people.let_in(carl, manager)
        assert is_in(staff_client(carl))

    def test_only_a_superuser_lets_ta_staff_in_again(self, manager, alice):
        tanya = member("TA staff")
        people.shut_out(tanya, manager)
        with pytest.raises(Refused, match="superuser"):
            people.let_in(tanya, manager)
        assert people.let_in(tanya, alice).is_active
