"""What each mail about registrations looks like, header to calendar, and when it is dropped.

The snapshots are read as a person would read them; renew them with --force-regen.
"""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hub.models import Mail
from tests.trainings.cast import (
    KINDS,
    LINK,
    approve,
    deliver,
    make_offering,
    make_person,
    pacific,
    promised,
)
from trainings.models import Offering, Registration
from trainings.services import deadlines, money, publishing, seats
from trainings.services import registration as services
from trainings.services.registration import Details, Terms

SECRET = "canary"


def written(message):
    """A whole message as text: its headers, then each part's headers and content decoded."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    lines += [f"Content-Type: {message.get_content_type()}"]
    for part in message.iter_parts():
        lines += ["", f"===== {part['Content-Type']}", part.get_content().replace("\r\n", "\n")]
    return "\n".join(lines)


@pytest.fixture
def shown(file_regression):
    """Deliver what waits, which is this many mails, and compare the first with the snapshot."""

    def check(count=1):
        assert len(promised()) == count, promised()
        first = Mail.objects.filter(kind__in=KINDS, sent_at=None, dropped_at=None).earliest("pk")
        Mail.objects.filter(pk=first.pk).update(uuid=uuid.UUID(int=1))
        message, *_ = deliver()
        file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")

    return check


@pytest.fixture
def online(db, clock):
    """Two days online, approved for the first."""
    offering = make_offering(
        days=("2027-01-29", "2027-01-30"),
        kinds=["pledge", "fee", "free"],
        is_online=True,
        city="",
        address="",
        joining_url=LINK,
    )
    approve(offering.days[0], ethics=4)
    return offering


def person(offering, state, choice="pledge", **more):
    return make_person(offering, "bob", state, choice, pk=9001, **more)


def ask_again(someone):
    services.register(
        someone.offering, someone.email, Details(name="Bob Brown"), Terms(choice="invoice")
    )


def test_confirm(offering, shown):
    ask_again(person(offering, "unconfirmed"))
    shown()


@pytest.mark.parametrize("state", ["waitlisted", "offered", "awaiting_payment", "confirmed"])
def test_already(offering, shown, state):
    ask_again(person(offering, state))
    shown()


def test_confirmed_with_a_pledge(offering, shown):
    approve(offering.days[0], "pending")
    services.confirm(person(offering, "unconfirmed").pk)
    shown()


def test_confirmed_against_an_invoice(offering, shown):
    Offering.objects.update(address="", joining_note="")
    services.confirm(person(offering, "unconfirmed", "invoice").pk)
    shown()


def test_confirmed_online_on_two_days(online, shown):
    services.confirm(person(online, "unconfirmed", "free").pk)
    shown(2)


def test_waitlisted(offering, shown):
    Offering.objects.update(seats=1)
    make_person(offering, "alice")
    make_person(offering, "carol", "waitlisted")
    services.confirm(person(offering, "unconfirmed").pk)
    shown()


@pytest.mark.parametrize("choice", ["pledge", "card"])
def test_offered(offering, shown, choice):
    Offering.objects.update(seats=1)
    person(offering, "waitlisted", choice)
    seats.offer_next(offering.pk)
    shown()


def test_lapsed(offering, shown, clock):
    person(offering, "offered")
    clock.shift(timedelta(hours=20))
    deadlines.expire_offers(timezone.now())
    shown()


def test_awaiting_payment(offering, shown, monkeypatch):
    monkeypatch.setattr(money, "card_enabled", lambda: True)
    services.confirm(person(offering, "unconfirmed", "card").pk)
    shown()


def test_canceled_by_oneself(offering, shown):
    services.leave(person(offering, "confirmed").pk)
    shown()


def test_canceled_by_staff(offering, shown, django_user_model):
    staff = django_user_model.objects.create(email="alice@example.org")
    bob = person(offering, "confirmed", "invoice")
    services.cancel(bob.pk, by=staff, reason="You asked us to on the phone.")
    shown()


def test_canceled_unpaid(offering, shown, clock):
    person(offering, "awaiting_payment", "card")
    clock.shift(timedelta(hours=20))
    deadlines.expire_unpaid(timezone.now())
    shown()


def test_canceled_while_waiting(offering, shown):
    services.leave(person(offering, "waitlisted").pk)
    shown()


def test_changed(online, shown):
    person(online, "confirmed", "free")
    day = online.days[1]
    day.starts_at += timedelta(hours=1)
    day.save()
    publishing.changed(online.pk, activity_id=day.pk)
    shown()


@pytest.mark.parametrize("state", ["confirmed", "waitlisted"])
def test_offering_canceled(offering, shown, state):
    person(offering, state)
    publishing.cancel_offering(offering.pk, reason="The roof leaks.")
    shown()


def test_reminder(offering, shown, clock):
    person(offering, "confirmed")
    clock.move_to(pacific("2027-01-28T09:00"))
    deadlines.remind(timezone.now())
    shown()


class TestDropped:
    """A mail that is no longer true when it would be sent is not sent."""

    def delivered(self):
        return [message["Subject"].partition(":")[0] for message in deliver()]

    def test_a_confirmation_after_the_person_left(self, offering):
        bob = services.confirm(person(offering, "unconfirmed").pk)
        services.leave(bob.pk)
        assert self.delivered() == ["Your registration is canceled"]

    def test_an_offer_already_accepted(self, offering):
        bob = person(offering, "waitlisted")
        seats.offer_next(offering.pk)
        services.accept_offer(bob.pk)
        assert self.delivered() == ["You have a seat"]

    def test_an_offer_run_out(self, offering, clock):
        person(offering, "waitlisted")
        seats.offer_next(offering.pk)
        clock.shift(timedelta(hours=24))
        assert self.delivered() == []

    def test_a_link_after_the_registration_was_canceled(self, offering):
        bob = person(offering, "confirmed")
        ask_again(bob)
        Registration.objects.update(state="canceled")
        assert self.delivered() == []

    def test_a_change_overtaken_by_the_next_is_told_once(self, offering):
        person(offering, "confirmed")
        publishing.changed(offering.pk)
        publishing.changed(offering.pk)
        assert self.delivered() == ["Changed"]

    def test_a_change_overtaken_by_the_end_of_it_all(self, offering):
        person(offering, "confirmed")
        publishing.changed(offering.pk)
        publishing.cancel_offering(offering.pk, reason="The roof leaks.")
        assert self.delivered() == ["Canceled"]

    def test_a_reminder_after_a_standstill_says_today_and_then_nothing(self, offering, clock):
        person(offering, "confirmed")
        clock.move_to(pacific("2027-01-28T23:00"))
        deadlines.remind(timezone.now())
        clock.move_to(pacific("2027-01-29T08:00"))
        assert self.delivered() == ["Today"]
        Mail.objects.update(sent_at=None)
        clock.move_to(pacific("2027-01-29T09:00"))
        assert self.delivered() == []

    def test_whatever_is_about_a_day_that_is_over(self, offering, clock):
        services.confirm(person(offering, "unconfirmed").pk)
        clock.move_to(pacific("2027-01-29T17:00"))
        assert self.delivered() == []


class TestCalendars:
    def test_coming_back_is_a_higher_sequence_than_leaving(self, offering):
        found = []
        for _ in range(2):
            services.register(
                offering, "bob@example.org", Details(name="Bob"), Terms(choice="invoice")
            )
            ask = Registration.objects.get(state="unconfirmed")
            services.confirm(ask.pk)
            found += deliver()
            services.leave(ask.pk)
            found += deliver()
        sequences = [
            int(line.removeprefix("SEQUENCE:"))
            for message in found
            for part in message.walk()
            if part.get_content_type() == "text/calendar"
            for line in part.get_content().splitlines()
            if line.startswith("SEQUENCE:")
        ]
        assert sequences == sorted(set(sequences))

    def test_nobody_without_a_seat_is_sent_where_it_is(self, offering):
        for who, state in [("a", "waitlisted"), ("b", "offered"), ("c", "awaiting_payment")]:
            ask_again(make_person(offering, who, state))
        publishing.cancel_offering(offering.pk, reason="Leaks.")
        for message in deliver():
            assert SECRET not in message.as_string().lower()


@pytest.mark.parametrize("status", ["denied", None])
def test_no_mail_speaks_of_credit_that_is_not_approved(offering, status):
    if status:
        approve(offering.days[0], status)
    services.confirm(make_person(offering, "bob", "unconfirmed").pk)
    make_person(offering, "carol")
    publishing.changed(offering.pk)
    found = deliver()
    assert len(found) == 3
    for message in found:
        for part in message.iter_parts():
            assert "MCLE" not in part.get_content()
