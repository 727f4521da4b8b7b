"""What a person changes on their page; only what is theirs, and only by its buttons."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from calls.models import SignUp
from hub.models import PersonalFeed
from tests.front.conftest import TODAY, join, signed_in
from tests.mailbox import deliver
from tests.reading import text
from tests.trainings import certified, making
from trainings.models import BarNumber, Certificate, NewsRequest, Registration
from trainings.services import certificates

pytestmark = pytest.mark.django_db


def do(client: Client, verb: str, **more: object):
    return client.post("/my/", {"do": verb, **more})


class TestLeave:
    def test_a_call(self, bob, call):
        row = join(bob, call)
        client = signed_in(bob)
        assert do(client, "leave", row=row.pk).headers["Location"] == "/my/"
        page = text(client.get("/my/"))
        assert "You have left “A call”" in page
        assert "canary" not in page
        row.refresh_from_db()
        assert row.state == "left"
        assert [sent["To"] for sent in deliver()] == ["bob@example.org"]

    def test_not_somebody_else_s(self, bob, call, carol):
        row = join(carol, call)
        assert do(signed_in(bob), "leave", row=row.pk).status_code == 404
        row.refresh_from_db()
        assert row.state == "active"

    @pytest.mark.parametrize("row", ["", "x", "-1", "9" * 30, "٣"])
    def test_a_row_that_is_none(self, bob, row):
        assert do(signed_in(bob), "leave", row=row).status_code == 404

    def test_looking_leaves_nothing(self, bob, call):
        row = join(bob, call)
        signed_in(bob).get("/my/", {"do": "leave", "row": row.pk})
        row.refresh_from_db()
        assert row.state == "active"

    def test_nobody_without_signing_in(self, bob, call):
        row = join(bob, call)
        page = do(Client(), "leave", row=row.pk)
        assert page.status_code == 403
        assert "you are no longer signed in" in text(page)
        row.refresh_from_db()
        assert row.state == "active"

    def test_news(self, bob, carol):
        mine, hers = (
            NewsRequest.objects.create(email=one.email, state="active") for one in (bob, carol)
        )
        client = signed_in(bob)
        assert do(client, "stop", row=hers.pk).status_code == 404
        do(client, "stop", row=mine.pk)
        assert "No news of new trainings." in text(client.get("/my/"))
        assert list(NewsRequest.objects.order_by("pk").values_list("state", flat=True)) == [
            "left",
            "active",
        ]


class TestDetails:
    def test_in_every_call_and_in_trainings_that_have_not_begun(self, bob, call, carol):
        join(bob, call)
        join(carol, call)
        for slug, day in (("ahead", "2027-01-29"), ("begun", "2026-11-30")):
            making.person(
                making.offering(making.course(slug), day=day), bob.name, email=bob.email, user=bob
            )
        client = signed_in(bob)
        do(client, "details", name=" Robert  Stone ", organization="New Law")
        bob.refresh_from_db()
        assert bob.name == "Robert Stone"
        assert set(SignUp.objects.values_list("name", "organization")) == {
            ("Robert Stone", "New Law"),
            ("Carol Reed", "Stone Law"),
        }
        assert set(Registration.objects.values_list("offering__course__slug", "name")) == {
            ("ahead", "Robert Stone"),
            ("begun", "Bob Stone"),
        }
        assert "Robert Stone, New Law" in text(client.get("/my/"))

    def test_what_was_typed_stays_after_an_error(self, bob):
        page = do(signed_in(bob), "details", name="", organization="New Law")
        assert "Error: My hub" in text(page)
        assert "Enter your name" in text(page)
        assert 'value="New Law"' in page.content.decode()
        bob.refresh_from_db()
        assert bob.name == "Bob Stone"

    def test_and_after_a_form_that_was_too_old(self, bob):
        client = Client(enforce_csrf_checks=True)
        client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
        page = do(client, "details", name="Typed Name", organization="New Law")
        assert "please press the button again" in text(page)
        assert 'value="Typed Name"' in page.content.decode()
        bob.refresh_from_db()
        assert bob.name == "Bob Stone"


class TestBarNumbers:
    def form(self, *numbers: tuple[str, str]) -> dict[str, str]:
        sent = {"is_attorney": "yes"}
        for row, (state, number) in enumerate(numbers, start=1):
            sent |= {f"bar_state_{row}": state, f"bar_number_{row}": number}
        return sent

    def test_added_changed_and_removed_in_each_registration(self, bob):
        for slug in ("one", "two"):
            making.person(making.offering(making.course(slug)), bob.name, email=bob.email, user=bob)
        client = signed_in(bob)
        assert "You have given none." in text(client.get("/my/"))
        do(client, "licenses", **self.form(("CA", "123 456"), ("NY", "777")))
        assert BarNumber.objects.filter(state="CA", number="123456").count() == 2
        assert "CA 123456 NY 777" in text(client.get("/my/"))
        do(client, "licenses", **self.form(("CA", "654321")))
        assert list(BarNumber.objects.values_list("state", "number")) == [("CA", "654321")] * 2
        do(client, "licenses", **self.form())
        assert not BarNumber.objects.exists()

    def test_a_wrong_one_is_said_and_kept(self, bob):
        making.person(making.offering(), bob.name, email=bob.email, user=bob)
        page = do(signed_in(bob), "licenses", **self.form(("CA", "12x")))
        assert "Enter the bar number in digits only" in text(page)
        assert 'value="12x"' in page.content.decode()
        assert not BarNumber.objects.exists()

    def test_the_certificate_that_waited_for_it_is_made(self, bob, carol):
        with time_machine.travel(making.at("2026-11-01 12:00"), tick=False):
            day = certified.held_day(status="approved")
        certified.came(day, user=bob, email=bob.email, bar="")
        with time_machine.travel(making.at("2027-02-01 12:00"), tick=False):
            certificates.issue(day, carol)
            client = signed_in(bob)
            assert "bar number" in text(client.get("/my/"))
            do(client, "licenses", **self.form(("CA", "123456")))
            assert Certificate.objects.get().data["bar_numbers"][0]["number"] == "123456"
            assert "(PDF)" in text(client.get("/my/"))


class TestCalendar:
    def address(self, page) -> str:
        return (
            page.content.decode().partition('id="address">http://testserver')[2].partition("<")[0]
        )

    def test_it_is_shown_once_and_works(self, bob, call):
        join(bob, call)
        client = signed_in(bob)
        page = do(client, "calendar")
        path = self.address(page)
        assert f'href="webcal://testserver{path}"' in page.content.decode()
        assert b"canary-passcode" in Client().get(path).content
        again = client.get("/my/").content.decode()
        assert path not in again
        assert "You have one." in again

    def test_replaced_when_it_leaked(self, bob, call):
        join(bob, call)
        client = signed_in(bob)
        old = self.address(do(client, "calendar"))
        new = self.address(do(client, "calendar"))
        assert old != new
        assert b"VEVENT" not in Client().get(old).content
        assert b"VEVENT" in Client().get(new).content
        assert PersonalFeed.objects.filter(revoked_at=None).count() == 1
        with time_machine.travel(TODAY + timedelta(days=32), tick=False):
            assert Client().get(old).status_code == 404


def test_a_button_nobody_knows_changes_nothing(bob, call):
    join(bob, call)
    assert do(signed_in(bob), "conquer").headers["Location"] == "/my/"
    assert SignUp.objects.get().state == "active"
