"""Erasing oneself: what goes at once, what the law keeps, and who may not yet."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client

from calls.models import SignUp
from hub import audit, erasing, outbox, personal_feeds
from hub.models import Mail, User
from library.models import Suggestion
from library.services.suggestions import suggest
from tests.front.conftest import TODAY, join, signed_in
from tests.mailbox import deliver, mailed_code
from tests.people import staff_client
from tests.reading import inline_code, text
from tests.trainings import certified, making
from trainings.models import (
    Attendance,
    BarNumber,
    Certificate,
    Entry,
    HostOffer,
    NewsRequest,
    Pledge,
    PledgeText,
    Refund,
    Registration,
)
from trainings.services import certificates, money, retention

pytestmark = pytest.mark.django_db


def after():
    """Three days after the training of January 29."""
    return time_machine.travel(making.at("2027-02-01 12:00"), tick=False)


def registered(user, **values):
    return making.person(making.offering(), user.name, email=user.email, user=user, **values)


def everywhere() -> str:
    """Every row of every table as text, and what sessions hold."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            found += [f"{table} {row[0]}" for row in cursor.fetchall()]
    return "\n".join([*found, *(str(one.get_decoded()) for one in Session.objects.all())])


class TestAsking:
    def test_the_page_says_what_goes_and_what_stays(self, bob, call):
        join(bob, call)
        registered(bob)
        page = signed_in(bob).get("/my/erase/")
        said = text(page)
        assert "Your account for bob@example.org" in said
        assert "Your place in the call “A call”." in said
        assert "Your seat in Course a-course, Friday, January 29, 2027; it is offered" in said
        assert "Nothing that says who you are." in said
        assert page.headers["Cache-Control"] == "no-store"
        assert inline_code(page) == []

    def test_attendance_stays_and_until_when_is_said(self, bob):
        day = certified.held_day(status="approved")
        certified.came(day, user=bob, email=bob.email)
        with after():
            said = text(signed_in(bob).get("/my/erase/"))
        assert "attendance and certificates, until January 29, 2031." in said
        assert "The State Bar of California asks us to keep them for four years" in said

    def test_it_takes_a_code_typed_lately(self, bob):
        client = signed_in(bob)
        assert "Erase my data" not in text(client.get("/my/erase/"))
        assert client.post("/my/erase/").headers["Location"] == "/my/erase/"
        assert User.objects.filter(pk=bob.pk).exists()

    def test_ten_minutes_later_it_is_too_old(self, bob):
        client = signed_in(bob, lately=True)
        assert "Erase my data" in text(client.get("/my/erase/"))
        with time_machine.travel(TODAY + timedelta(minutes=10), tick=False):
            assert "Erase my data" not in text(client.get("/my/erase/"))
            client.post("/my/erase/")
        assert User.objects.filter(pk=bob.pk).exists()

    def test_the_way_to_a_new_code_leads_back(self, bob):
        client = signed_in(bob)
        there = "/accounts/login/?next=/my/erase/"
        answer = client.post("/accounts/logout/", {"next": there})
        assert answer.headers["Location"] == there
        client.post("/accounts/login/", {"login": bob.email, "next": "/my/erase/"})
        answer = client.post(
            "/accounts/login/code/confirm/", {"code": mailed_code(), "next": "/my/erase/"}
        )
        assert answer.headers["Location"] == "/my/erase/"
        assert "Erase my data" in text(client.get("/my/erase/"))
        assert "Your data is erased" in text(client.post("/my/erase/"))

    def test_looking_erases_nothing(self, bob):
        signed_in(bob, lately=True).get("/my/erase/")
        assert User.objects.filter(pk=bob.pk).exists()

    def test_staff_are_told_who_does_it(self, clock):
        alice = User.objects.create_user("alice@example.org", is_staff=True)
        client = staff_client(alice)
        assert "This is a staff account." in text(client.get("/my/erase/"))
        client.post("/my/erase/")
        assert User.objects.filter(pk=alice.pk).exists()
        with pytest.raises(erasing.Refused):
            erasing.erase(alice)

    def test_who_opened_confidential_requests_stays_on_record(self, bob):
        with transaction.atomic():
            audit.record(bob, "open", "request", "TA-1")
        client = signed_in(bob, lately=True)
        assert "This was a staff account" in text(client.get("/my/erase/"))
        client.post("/my/erase/")
        assert User.objects.filter(pk=bob.pk).exists()


class TestErased:
    def erase(self, user):
        return signed_in(user, lately=True).post("/my/erase/")

    def test_nothing_is_left_of_who_never_attended(self, bob, call, carol):
        before = everywhere()
        join(bob, call, organization="Quagga Law")
        row = registered(bob, bar="987654321", organization="Quagga Legal")
        NewsRequest.objects.create(email=bob.email, state="active")
        HostOffer.objects.create(
            course=row.offering.course, agency="Quagga", name="Bob", email=bob.email, attorneys=9
        )
        suggest("A guide", "", "Quagga says it helps.", "Bob Stone", bob.email)
        personal_feeds.new_token(bob)
        LogEntry.objects.log_actions(carol.pk, [bob], CHANGE, "Quagga", single_object=True)
        other = signed_in(bob, lately=True)
        outbox.promise("trainings.reminder", row.pk)
        page = self.erase(bob)
        assert "Your data is erased" in text(page)
        left = everywhere()
        for canary in ("bob@", "Bob Stone", "Quagga", "987654321"):
            assert canary not in left, canary
        assert "bob@example.org" in before
        assert not SignUp.objects.exists()
        assert Suggestion.objects.get().title == "A guide"
        assert other.get("/my/").status_code == 302
        assert not Mail.objects.filter(sent_at=None).exists()
        assert deliver() == []

    def test_the_seat_goes_to_who_waits(self, bob):
        row = registered(bob)
        type(row.offering).objects.update(seats=1, status="open")
        waits = making.person(row.offering, "Ann First", state="waitlisted")
        self.erase(bob)
        waits.refresh_from_db()
        assert waits.state == "offered"
        row.refresh_from_db()
        assert (row.state, row.name) == ("canceled", "Removed")

    def test_others_are_not_touched(self, bob, carol, call):
        join(carol, call)
        making.person(making.offering(), carol.name, email=carol.email, user=carol)
        hers = signed_in(carol)
        token = personal_feeds.new_token(carol)
        before = [list(model.objects.values()) for model in (SignUp, Registration)]
        self.erase(bob)
        assert [list(model.objects.values()) for model in (SignUp, Registration)] == before
        assert hers.get("/my/").status_code == 200
        assert Client().get(f"/my/calendar/{token}.ics").status_code == 200

    def test_somebody_may_come_back_as_a_stranger(self, bob, call):
        join(bob, call)
        self.erase(bob)
        again = User.objects.create_user("bob@example.org")
        assert "Here is where to begin" in text(signed_in(again).get("/my/"))


class TestWhatTheLawKeeps:
    @pytest.fixture
    def attended(self, bob, carol):
        day = certified.held_day(status="approved")
        row = certified.came(day, user=bob, email=bob.email, organization="Quagga Legal")
        with after():
            certificates.issue(day, carol)
            page = signed_in(bob, lately=True).post("/my/erase/")
        assert "until January 29, 2031" in text(page)
        row.refresh_from_db()
        return row

    def test_name_license_attendance_and_certificate(self, attended):
        assert (attended.name, attended.state) == ("Bob Stone", "confirmed")
        assert BarNumber.objects.get().number == "123456"
        assert Attendance.objects.count() == Certificate.objects.count() == 1

    def test_but_neither_address_nor_account(self, attended):
        assert attended.user is None
        assert attended.email == f"erased-{attended.pk}@invalid.example"
        left = everywhere()
        assert "bob@" not in left
        assert "Quagga" not in left

    def test_no_mail_follows(self, attended):
        outbox.promise("trainings.link", attended.pk, version=9)
        assert deliver() == []
        assert Mail.objects.get(version=9).dropped_at

    def test_anonymized_when_the_time_is_up(self, attended):
        retention.anonymise(making.at("2031-01-29 12:00"))
        attended.refresh_from_db()
        assert attended.name == "Bob Stone"
        retention.anonymise(making.at("2031-01-30 12:00"))
        left = everywhere()
        for canary in ("Bob Stone", "123456", "erased-"):
            assert canary not in left

    def test_as_much_long_after_the_training(self, bob):
        row = certified.came(certified.held_day(), user=bob, email=bob.email)
        with time_machine.travel(making.at("2028-07-01 12:00"), tick=False):
            signed_in(bob, lately=True).post("/my/erase/")
        row.refresh_from_db()
        assert (row.name, row.user) == ("Bob Stone", None)

    def test_who_may_have_come_is_kept_until_attendance_is_entered(self, bob):
        row = registered(bob, bar="123456")
        with after():
            said = text(signed_in(bob, lately=True).post("/my/erase/"))
        assert "If no attendance of yours is entered, already on March 31, 2027." in said
        row.refresh_from_db()
        assert row.name == "Bob Stone"
        retention.anonymise(making.at("2027-03-30 12:00"))
        row.refresh_from_db()
        assert row.name == "Bob Stone"
        retention.anonymise(making.at("2027-03-31 12:00"))
        row.refresh_from_db()
        assert row.name == "Removed"

    def test_a_certificate_is_still_made_for_the_record(self, bob, carol):
        day = certified.held_day(status="approved")
        certified.came(day, user=bob, email=bob.email)
        with after():
            signed_in(bob, lately=True).post("/my/erase/")
            assert certificates.issue(day, carol).issued == ["Bob Stone"]
            assert deliver() == []

    def test_an_open_pledge_is_said_to_stay(self, bob):
        day = certified.held_day(status="approved")
        row = certified.came(day, user=bob, email=bob.email)
        Pledge.objects.create(
            registration=row,
            text=PledgeText.objects.create(version=90, text="I promise."),
            signed_name="Bob Stone",
            due_on=making.at("2028-01-29 12:00").date(),
            state="eligible",
        )
        with after():
            assert "Your pledge stays with it" in text(signed_in(bob).get("/my/erase/"))


class TestOpenMoney:
    """What is owed is settled first: for that we need to know who somebody is."""

    def refused(self, bob, words):
        client = signed_in(bob, lately=True)
        said = text(client.get("/my/erase/"))
        assert words in said
        assert "Erase my data" not in said
        client.post("/my/erase/")
        assert User.objects.filter(pk=bob.pk).exists()
        assert Registration.objects.filter(user=bob).exists()

    def fee(self, bob, **values):
        row = registered(bob)
        Registration.objects.update(price_kind="fee", price_cents=30000, method="invoice")
        row.refresh_from_db()
        Entry.objects.create(registration=row, kind="charge", cents=30000)
        return row

    def test_an_unpaid_fee_of_a_training_that_began(self, bob):
        self.fee(bob)
        with after():
            self.refused(bob, "$300 is to be paid for Course a-course")

    def test_but_not_of_one_to_come(self, bob):
        self.fee(bob)
        signed_in(bob, lately=True).post("/my/erase/")
        assert not User.objects.filter(pk=bob.pk).exists()
        assert money.balance(Registration.objects.get()) == 0

    def test_a_check_that_would_have_to_go_back(self, bob):
        row = self.fee(bob)
        money.receive(row, 30000, method="check", reference="17")
        self.refused(bob, "You paid for Course a-course, Friday, January 29, 2027 by check.")

    def test_a_refund_on_its_way(self, bob, carol):
        row = self.fee(bob)
        money.receive(row, 30000, method="check", reference="17")
        money.release(row, "Canceled.")
        Registration.objects.update(state="canceled", confirmed_at=None)
        self.refused(bob, "We still owe you a refund")
        money.refund_made(Refund.objects.get(), "99")
        signed_in(bob, lately=True).post("/my/erase/")
        assert not User.objects.filter(pk=bob.pk).exists()
        assert Entry.objects.count() == 4
