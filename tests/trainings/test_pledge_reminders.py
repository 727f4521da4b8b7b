"""Reminders of pledges: the worker runs, a day is come, somebody is told once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from hub.models import Mail
from tests.mailbox import deliver
from tests.trainings.paying import (
    TODAY,
    OfferingFactory,
    UserFactory,
    in_state,
    pacific,
    pledge_text,
    registered,
)
from trainings.models import PledgeEvent
from trainings.services import pledges

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TODAY, tick=False) as traveller:
        pledge_text()
        yield traveller


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


@pytest.fixture
def pledge():
    """Bob's pledge for January 29, 2027, as just made."""
    return pledges.make(registered(email="bob@example.org"), "Bob Brown")


def reminders(days, clock, hour=10):
    """What is promised when the worker runs at 10 am on each of these days."""
    told = []
    for day in days:
        clock.move_to(pacific(f"{day}T{hour:02}:00"))
        pledges.remind(timezone.now())
        pledges.remind(timezone.now())
        waiting = Mail.objects.filter(kind="trainings.pledge_reminder", sent_at=None)
        told += [f"{day}: {PledgeEvent.objects.get(pk=mail.about_id).reason}" for mail in waiting]
        waiting.delete()
    return told


def every_day(first, last):
    day = first
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)


def test_reminders_at_30_days_6_9_11_months_and_due_once_each(pledge, alice, clock):
    in_state(pledge, "eligible", alice)
    assert reminders(every_day(date(2027, 1, 29), date(2028, 3, 1)), clock) == [
        "2027-02-28: 30 days, 2027-02-28",
        "2027-07-29: 6 months, 2027-07-29",
        "2027-10-29: 9 months, 2027-10-29",
        "2027-12-29: 11 months, 2027-12-29",
        "2028-01-29: due, 2028-01-29",
    ]


def test_an_extended_pledge_is_reminded_on_its_new_day(pledge, alice, clock):
    in_state(pledge, "extended", alice)
    assert reminders(["2028-01-29", "2028-05-31", "2028-06-01", "2028-06-02"], clock) == [
        "2028-06-01: due, 2028-06-01"
    ]


@pytest.mark.parametrize("state", ["fulfilled", "released", "waived", "converted", "void"])
def test_no_reminder_after(pledge, alice, clock, state):
    in_state(pledge, state, alice)
    assert reminders(["2027-02-28", "2027-07-29", "2028-01-29"], clock) == []


def test_a_reminder_promised_before_it_was_kept_is_not_sent(pledge, alice, clock):
    in_state(pledge, "accepted", alice)
    pledges.attorney_withdraws(pledge, alice, "Illness")
    clock.move_to(pacific("2027-07-29T08:00"))
    pledges.remind(timezone.now())
    assert deliver()[-1]["Subject"].startswith("Your pledge")
    pledges.waive(pledge, alice, "Illness")
    clock.move_to(pacific("2027-07-29T09:00"))
    assert [message["Subject"] for message in deliver()] == [
        "Your pledge: Pro Bono Attorney Training"
    ]


def test_reminders_go_out_at_nine_in_the_morning(pledge, alice, clock):
    in_state(pledge, "eligible", alice)
    deliver()
    clock.move_to(pacific("2027-07-29T00:30"))
    pledges.remind(timezone.now())
    assert deliver() == []
    clock.move_to(pacific("2027-07-29T09:00"))
    assert len(deliver()) == 1


def test_a_worker_that_slept_sends_the_last_reminder_not_every_one(pledge, alice, clock):
    in_state(pledge, "eligible", alice)
    assert reminders(["2027-11-03"], clock) == ["2027-11-03: 9 months, 2027-10-29"]
    assert reminders(["2028-01-20"], clock) == []


def test_no_reminder_that_was_due_before_the_pledge_was_made(clock, alice):
    registration = registered()
    clock.move_to(pacific("2027-07-30T12:00"))
    pledges.make(registration, "Bob Brown")
    pledges.mark_eligible(registration)
    assert reminders(["2027-07-30", "2027-08-01", "2027-10-29"], clock) == [
        "2027-10-29: 9 months, 2027-10-29"
    ]


@pytest.mark.parametrize("people", [1, 30])
def test_looking_whom_to_remind_costs_the_same_for_many(clock, people, django_assert_num_queries):
    offering = OfferingFactory()
    for _ in range(people):
        pledges.mark_eligible(pledges.make(registered(offering=offering), "Name").registration)
    clock.move_to(pacific("2027-08-20T10:00"))
    with django_assert_num_queries(3):
        pledges.remind(timezone.now())
