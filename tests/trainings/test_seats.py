"""Seats and the waitlist: the race for the last one, offers, deadlines, more and fewer."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from hub.refusal import Refused
from tests.trainings.cast import (
    TODAY,
    charged,
    deliver,
    history,
    kinds,
    make_offering,
    make_person,
    pacific,
    promised,
    states,
)
from trainings.models import Entry, Pledge, Registration
from trainings.services import deadlines, money, offerings, publishing, seats
from trainings.services import registration as services
from trainings.services.registration import Details, Terms


def at_once(calls):
    """Run each call in a thread and connection of its own, begun together; their errors."""
    start, errors = threading.Barrier(len(calls)), []

    def run(call):
        try:
            start.wait(30)
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


@pytest.mark.django_db(transaction=True)
class TestRaces:
    @pytest.fixture(autouse=True)
    def running_clock(self):
        with time_machine.travel(TODAY):
            yield

    def test_forty_for_the_last_seat_one_wins_and_39_wait_in_order(self):
        offering = make_offering(seats=2)
        make_person(offering, "alice")
        people = [make_person(offering, f"p{n}", "unconfirmed") for n in range(40)]
        errors = at_once([lambda pk=one.pk: services.confirm(pk) for one in people])
        assert errors == []
        found = list(states(offering).values())
        assert (found.count("confirmed"), found.count("waitlisted")) == (2, 39)
        assert seats.free(offering) == 0
        waiting = list(seats.waiting(offering).select_related("offering"))
        assert [seats.place(one) for one in waiting] == list(range(1, 40))
        since = [one.waitlisted_at for one in waiting]
        assert since == sorted(set(since))
        assert kinds().count("trainings.waitlisted") == 39
        assert kinds().count("trainings.confirmed") == 1

    def test_capacity_one_two_simultaneous_confirmations(self):
        offering = make_offering(seats=1)
        people = [make_person(offering, who, "unconfirmed", "invoice") for who in ("bob", "dan")]
        errors = at_once([lambda pk=one.pk: services.confirm(pk) for one in people])
        assert errors == []
        assert sorted(states(offering).values()) == ["confirmed", "waitlisted"]
        # Who waits is not charged.
        assert Entry.objects.count() == 1

    def test_double_click_confirms_once(self):
        offering = make_offering()
        bob = make_person(offering, "bob", "unconfirmed")
        assert at_once([lambda: services.confirm(bob.pk)] * 2) == []
        bob.refresh_from_db()
        assert (bob.state, bob.round, history(bob)) == ("confirmed", 1, ["confirmed"])
        assert kinds() == ["trainings.confirmed"]
        assert Pledge.objects.count() == 1

    def test_one_form_sent_twice_at_once_is_one_row_and_one_mail(self):
        offering = make_offering()
        details, terms = Details(name="Bob"), Terms(choice="invoice")
        send = [lambda: services.register(offering, "bob@example.org", details, terms)] * 2
        assert at_once(send) == []
        assert Registration.objects.count() == 1
        assert kinds() == ["trainings.link"]

    def test_a_seat_given_up_while_others_confirm_is_never_stranded(self):
        offering = make_offering(seats=5)
        leaving = [make_person(offering, f"in{n}") for n in range(5)]
        coming = [make_person(offering, f"new{n}", "unconfirmed") for n in range(10)]
        calls = [lambda pk=one.pk: services.leave(pk) for one in leaving]
        calls += [lambda pk=one.pk: services.confirm(pk) for one in coming]
        assert at_once(calls) == []
        found = list(states(offering).values())
        assert found.count("confirmed") + found.count("offered") == 5
        assert found.count("waitlisted") == 5


@pytest.fixture
def full(db, clock):
    """One seat, taken by Alice; Bob, Carol and Dan wait in this order."""
    offering = make_offering(seats=1)
    make_person(offering, "alice")
    for hours, who in enumerate(["bob", "carol", "dan"]):
        make_person(
            offering, who, "waitlisted", waitlisted_at=TODAY - timedelta(days=1, hours=-hours)
        )
    return offering


def person(offering, who):
    return offering.registrations.get(email=f"{who}@example.org")


class TestOffers:
    def test_a_freed_seat_is_offered_to_the_first_for_its_hours(self, full):
        services.leave(person(full, "alice").pk)
        bob = person(full, "bob")
        assert states(full) == {
            "alice": "canceled",
            "bob": "offered",
            "carol": "waitlisted",
            "dan": "waitlisted",
        }
        assert bob.offered_until == timezone.now() + timedelta(hours=24)
        assert ("trainings.offered", bob.pk, 0, bob.round) in promised()
        assert seats.free(full) == 0

    def test_never_past_the_start(self, full, clock):
        clock.move_to(pacific("2027-01-29T05:00"))
        services.leave(person(full, "alice").pk)
        assert person(full, "bob").offered_until == pacific("2027-01-29T09:00")

    def test_nobody_is_offered_a_seat_once_it_has_begun(self, full, clock, django_user_model):
        staff = django_user_model.objects.create(email="staff@example.org")
        clock.move_to(pacific("2027-01-29T09:00"))
        services.cancel(person(full, "alice").pk, by=staff, reason="Did not come.")
        assert seats.offer_next(full.pk) == 0
        assert person(full, "bob").state == "waitlisted"

    def test_one_not_accepted_passes_on_and_ends(self, full, clock):
        services.leave(person(full, "alice").pk)
        clock.shift(timedelta(hours=24, seconds=-1))
        deadlines.expire_offers(timezone.now())
        assert person(full, "bob").state == "offered"
        clock.shift(timedelta(seconds=1))
        deadlines.expire_offers(timezone.now())
        deadlines.expire_offers(timezone.now())
        assert states(full) == {
            "alice": "canceled",
            "bob": "canceled",
            "carol": "offered",
            "dan": "waitlisted",
        }
        bob = person(full, "bob")
        assert ("trainings.lapsed", bob.pk, 0, bob.round) in promised()
        assert bob.events.last().reason == "The offered seat was not accepted in time."

    def test_one_run_out_cannot_be_accepted_though_nobody_cleared_it(self, full, clock):
        services.leave(person(full, "alice").pk)
        clock.shift(timedelta(hours=24))
        with pytest.raises(Refused, match="has ended"):
            services.accept_offer(person(full, "bob").pk)

    def test_accepted_makes_good_on_the_terms(self, full):
        services.leave(person(full, "alice").pk)
        bob = services.accept_offer(person(full, "bob").pk)
        assert (bob.state, bob.pledge.state) == ("confirmed", "made")
        assert history(bob) == ["offered", "confirmed"]

    def test_declined_passes_on_at_once(self, full):
        services.leave(person(full, "alice").pk)
        services.decline_offer(person(full, "bob").pk)
        assert (person(full, "bob").state, person(full, "carol").state) == ("canceled", "offered")

    def test_leaving_the_waitlist_moves_the_others_up(self, full):
        services.leave(person(full, "bob").pk)
        assert seats.place(person(full, "carol")) == 1
        assert person(full, "carol").state == "waitlisted"

    def test_who_had_a_seat_and_canceled_is_not_offered_it_again(self, full):
        services.leave(person(full, "alice").pk)
        for who in ("bob", "carol", "dan"):
            services.decline_offer(person(full, who).pk)
        assert set(states(full).values()) == {"canceled"}
        assert seats.free(full) == 1
        assert seats.offer_next(full.pk) == 0

    def test_one_list_for_both_prices(self, full):
        carol = person(full, "carol")
        services.switch_price(carol.pk, Terms(choice="invoice"))
        assert [one.email for one in seats.waiting(full)] == [
            "bob@example.org",
            "carol@example.org",
            "dan@example.org",
        ]

    def test_a_newcomer_does_not_pass_those_who_wait(self, full):
        # A seat free for a moment: the offering grew while nobody looked.
        type(full).objects.filter(pk=full.pk).update(seats=2)
        eve = services.confirm(make_person(full, "eve", "unconfirmed").pk)
        assert eve.state == "waitlisted"
        assert person(full, "bob").state == "offered"

    def test_a_closed_offering_still_passes_seats_on(self, full):
        publishing.close_registration(full.pk)
        services.leave(person(full, "alice").pk)
        assert person(full, "bob").state == "offered"


class TestUnpaid:
    def test_a_hold_not_paid_in_time_ends_and_passes_on(self, db, clock):
        offering = make_offering(seats=1)
        bob = make_person(offering, "bob", "awaiting_payment", "card")
        make_person(offering, "carol", "waitlisted")
        clock.move_to(bob.pay_until - timedelta(seconds=1))
        deadlines.expire_unpaid(timezone.now())
        assert states(offering) == {"bob": "awaiting_payment", "carol": "waitlisted"}
        clock.shift(timedelta(seconds=1))
        deadlines.expire_unpaid(timezone.now())
        deadlines.expire_unpaid(timezone.now())
        assert states(offering) == {"bob": "canceled", "carol": "offered"}
        assert money.balance(bob) == 0
        assert bob.events.get().reason == "The payment did not arrive in time."
        assert kinds() == ["trainings.canceled", "trainings.offered"]

    def test_paid_but_not_yet_told_is_a_seat(self, offering, clock):
        bob = make_person(offering, "bob", "awaiting_payment", "card")
        bob.entries.create(kind="payment", cents=-30000)
        clock.move_to(bob.pay_until)
        deadlines.expire_unpaid(timezone.now())
        bob.refresh_from_db()
        assert bob.state == "confirmed"


class TestSeatCount:
    def test_more_seats_go_to_those_who_wait(self, full):
        seats.change_seats(full.pk, 3)
        assert list(states(full).values()) == ["confirmed", "offered", "offered", "waitlisted"]

    @pytest.mark.parametrize("wrong", [0, -1, 2001])
    def test_not_a_count_of_seats(self, full, wrong):
        with pytest.raises(Refused, match="from 1 to 2,000"):
            seats.change_seats(full.pk, wrong)

    def test_never_below_those_taken_or_on_offer(self, full):
        seats.change_seats(full.pk, 3)
        with pytest.raises(Refused, match="3 seats are taken or on offer: choose 3 or more"):
            seats.change_seats(full.pk, 2)
        full.refresh_from_db()
        assert full.seats == 3

    def test_twice_is_once(self, full):
        seats.change_seats(full.pk, 2)
        before = promised()
        seats.change_seats(full.pk, 2)
        assert promised() == before


class TestOpening:
    @pytest.fixture
    def draft(self, db, clock):
        return make_offering(status="draft", published_at=None)

    def test_publishes_it(self, draft):
        publishing.open_registration(draft.pk)
        draft.refresh_from_db()
        assert (draft.status, draft.published_at) == ("open", timezone.now())
        assert draft.activities.get().changed_at == timezone.now()

    def test_unstated_cannot_open_until_staff_set_a_price(self, draft):
        draft.prices.all().delete()
        with pytest.raises(Refused, match="Set a price first"):
            publishing.open_registration(draft.pk)
        draft.prices.create(kind="free")
        assert publishing.open_registration(draft.pk).status == "open"

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (lambda one: one.activities.all().delete(), "Add the day"),
            (lambda one: type(one.course).objects.update(published=False), "Publish the course"),
            (
                lambda one: one.activities.update(
                    starts_at=TODAY, ends_at=TODAY + timedelta(hours=1)
                ),
                "has begun",
            ),
            (lambda one: type(one).objects.update(status="canceled", cancel_reason="x"), "Make a"),
        ],
    )
    def test_says_what_is_missing(self, draft, spoil, sentence):
        spoil(draft)
        with pytest.raises(Refused, match=sentence):
            publishing.open_registration(draft.pk)

    def test_a_pledge_needs_its_text(self, draft):
        from trainings.models import PledgeText

        PledgeText.objects.all().delete()
        with pytest.raises(Refused, match="text of the pledge"):
            publishing.open_registration(draft.pk)

    def test_prices_come_from_the_course_once_and_then_are_its_own(self, draft):
        draft.prices.all().delete()
        option = draft.course.options.create(kind="fee", amount_cents=25000, covers="lunch")
        offerings.copy_prices(draft)
        option.amount_cents = 99900
        option.save()
        offerings.copy_prices(draft)
        assert list(draft.prices.values_list("kind", "amount_cents", "covers")) == [
            ("fee", 25000, "lunch")
        ]

    def test_only_what_is_open_closes(self, draft):
        with pytest.raises(Refused, match="not open"):
            publishing.close_registration(draft.pk)
        publishing.open_registration(draft.pk)
        assert publishing.close_registration(draft.pk).status == "closed"
        assert publishing.close_registration(draft.pk).status == "closed"
        assert publishing.open_registration(draft.pk).status == "open"


class TestCanceling:
    def test_everyone_is_told_once_and_nothing_stays_owed(self, db, clock):
        offering = make_offering()
        day = offering.activities.get()
        bob = make_person(offering, "bob")
        carol = make_person(offering, "carol", choice="card")
        carol.entries.create(kind="payment", cents=-30000)
        dan = make_person(offering, "dan", "waitlisted")
        eve = make_person(offering, "eve", "unconfirmed")
        publishing.cancel_offering(offering.pk, reason="The roof leaks.")
        publishing.cancel_offering(offering.pk, reason="Again.")
        assert states(offering) == {
            "bob": "canceled",
            "carol": "canceled",
            "dan": "canceled",
            "eve": "unconfirmed",
        }
        assert [(who, about) for _, who, about, _ in promised("trainings.offering_canceled")] == [
            (bob.pk, day.pk),
            (carol.pk, day.pk),
            (dan.pk, 0),
        ]
        assert (charged(carol), Pledge.objects.get().state) == (0, "void")
        assert [message["To"] for message in deliver()] == [
            "bob@example.org",
            "carol@example.org",
            "dan@example.org",
        ]
        with pytest.raises(Refused, match=r"canceled\. The roof leaks"):
            services.confirm(eve.pk)

    def test_needs_a_reason_and_a_future(self, offering, clock):
        with pytest.raises(Refused, match="Give a reason"):
            publishing.cancel_offering(offering.pk, reason=" ")
        clock.move_to(pacific("2027-01-29T09:00"))
        with pytest.raises(Refused, match="has begun"):
            publishing.cancel_offering(offering.pk, reason="Too late.")


class TestReminders:
    def test_the_day_before_at_nine_once_to_those_in(self, offering, clock):
        bob = make_person(offering, "bob")
        make_person(offering, "carol", "waitlisted")
        day = offering.activities.get()
        clock.move_to(pacific("2027-01-28T08:59:59"))
        deadlines.remind(timezone.now())
        assert promised() == []
        clock.shift(timedelta(seconds=1))
        make_person(offering, "late", confirmed_at=timezone.now())
        deadlines.remind(timezone.now())
        deadlines.remind(timezone.now())
        assert promised() == [("trainings.reminder", bob.pk, day.pk, 0)]

    def test_by_the_clock_of_the_venue(self):
        start = pacific("2027-01-29T09:00")
        assert deadlines.reminder_due(start, "America/New_York").isoformat() == (
            "2027-01-28T09:00:00-05:00"
        )

    def test_of_days_in_a_row_only_the_first(self, db, clock):
        offering = make_offering(days=("2027-01-29", "2027-01-30", "2027-02-05"))
        make_person(offering, "bob")
        for moment in ("2027-01-28", "2027-01-29", "2027-02-04"):
            clock.move_to(pacific(f"{moment}T10:00"))
            deadlines.remind(timezone.now())
        first, _, third = offering.days
        assert [about for _, _, about, _ in promised()] == [first.pk, third.pk]

    def test_none_of_a_canceled_training(self, offering, clock):
        make_person(offering, "bob")
        publishing.cancel_offering(offering.pk, reason="The roof leaks.")
        clock.move_to(pacific("2027-01-28T10:00"))
        deadlines.remind(timezone.now())
        assert promised("trainings.reminder") == []
