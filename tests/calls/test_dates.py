"""Verbs on single dates: cancel, move, restore, remove, keep, annotate, add."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from calls import dates, queries, services
from calls.models import CallDate
from calls.schedule import Rule
from hub.models import Closure
from hub.refusal import Refused
from tests.calls.factories import (
    PACIFIC,
    ScheduleFactory,
    SignUpFactory,
    calendar_of,
    day,
    pacific,
    promised,
    thanksgiving,
)
from tests.mailbox import deliver, text_of

ON, CANCELED, REMOVED = CallDate.Status.ON, CallDate.Status.CANCELED, CallDate.Status.REMOVED
CANCEL = ("cancel", "Staff retreat")
MOVE = ("move", pacific("2026-12-10T09:30"), "Staff retreat")
BACK = ("move", pacific("2026-12-09T12:00"), "")


def do(row, verb, *args):
    getattr(dates, verb)(row, *args)
    row.refresh_from_db()
    return row


@pytest.fixture
def row(weekly):
    return day(weekly, "2026-12-09")


# what was done before, what is done now → status, start, reason
TABLE = {
    "cancel": ([], CANCEL, CANCELED, "2026-12-09T12:00", "Staff retreat"),
    "move": ([], MOVE, ON, "2026-12-10T09:30", "Staff retreat"),
    "remove": ([], ("remove",), REMOVED, "2026-12-09T12:00", ""),
    "restore what is on": ([], ("restore",), ON, "2026-12-09T12:00", ""),
    "cancel moved": ([MOVE], CANCEL, CANCELED, "2026-12-10T09:30", "Staff retreat"),
    "cancel removed": ([("remove",)], CANCEL, CANCELED, "2026-12-09T12:00", "Staff retreat"),
    "move canceled": ([CANCEL], MOVE, ON, "2026-12-10T09:30", "Staff retreat"),
    "move removed": ([("remove",)], MOVE, ON, "2026-12-10T09:30", "Staff retreat"),
    "move back": ([MOVE], BACK, ON, "2026-12-09T12:00", ""),
    "restore canceled": ([CANCEL], ("restore",), ON, "2026-12-09T12:00", ""),
    "restore moved": ([MOVE], ("restore",), ON, "2026-12-09T12:00", ""),
    "restore moved and canceled": ([MOVE, CANCEL], ("restore",), ON, "2026-12-09T12:00", ""),
    "restore removed": ([("remove",)], ("restore",), ON, "2026-12-09T12:00", ""),
    "remove canceled": ([CANCEL], ("remove",), REMOVED, "2026-12-09T12:00", "Staff retreat"),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_each_verb_makes_of_each_state(row, case):
    before, now, status, start, reason = TABLE[case]
    for verb in before:
        do(row, *verb)
    do(row, *now)
    assert (row.status, row.starts_at, row.reason) == (status, pacific(start), reason)
    assert row.ends_at - row.starts_at == timedelta(hours=1)


@pytest.mark.parametrize("verb", [CANCEL, MOVE, ("remove",), ("restore",)])
def test_done_twice_is_done_once(row, bob, verb):
    if verb[0] == "restore":
        do(row, *CANCEL)
    do(row, *verb)
    as_it_is, waits = (row.sequence, row.changed_at), promised()
    do(row, *verb)
    assert (row.sequence, row.changed_at) == as_it_is
    assert promised() == waits
    assert len(waits) == 1


@pytest.mark.parametrize("verb", [CANCEL, MOVE, ("remove",)])
def test_everyone_active_is_told_once_and_nobody_else(row, bob, carol, verb):
    for state in ("unconfirmed", "awaiting", "left"):
        SignUpFactory(series=bob.series, state=state)
    SignUpFactory()
    do(row, *verb)
    assert [(kind, who, about) for kind, who, about, _ in promised()] == [
        ("calls.date", bob.pk, row.pk),
        ("calls.date", carol.pk, row.pk),
    ]
    assert [message["To"] for message in deliver()] == ["bob@example.org", "carol@example.org"]
    assert deliver() == []


def test_only_the_last_of_changes_in_a_row_is_told(row, bob):
    do(row, *CANCEL)
    do(row, *MOVE)
    (message,) = deliver()
    assert "Moved: Thursday, December 10" in message["Subject"]


def test_taking_out_what_is_canceled_tells_nobody_again(row, bob):
    do(row, *CANCEL)
    deliver()
    do(row, "remove")
    assert promised() == []


def test_annotating_raises_the_sequence_and_mails_nobody(row, bob):
    dates.annotate(row, topic="T visas", speaker="Dana Diaz")
    row.refresh_from_db()
    assert (row.topic, row.speaker, row.sequence) == ("T visas", "Dana Diaz", 1)
    dates.annotate(row, topic="T visas", speaker="Dana Diaz")
    row.refresh_from_db()
    assert row.sequence == 1
    assert promised() == []


def test_each_change_raises_the_sequence_above_the_series(row, clock):
    schedule = row.schedule
    seen = []
    for verb in (CANCEL, MOVE, ("restore",), ("remove",)):
        clock.shift(60)
        do(row, *verb)
        seen.append(row.sequence)
        assert row.changed_at == datetime.now(UTC)
    assert seen == [1, 2, 3, 4]
    for _ in range(9):
        dates.series_changed(schedule.series)
    schedule.refresh_from_db()
    assert schedule.sequence == 9
    do(row, *CANCEL)
    assert row.sequence == 10


def test_a_cancellation_needs_a_reason(row, bob):
    with pytest.raises(Refused, match="Give a reason"):
        dates.cancel(row, "  ")
    row.refresh_from_db()
    assert (row.status, promised()) == (ON, [])


@pytest.mark.parametrize(
    "verb", [CANCEL, MOVE, ("remove",), ("restore",), ("keep",), ("annotate",)], ids=lambda v: v[0]
)
def test_what_has_begun_stays_as_it_was(row, bob, clock, verb):
    clock.move_to(pacific("2026-12-09T12:00"))
    more = {"topic": "x", "speaker": ""} if verb[0] == "annotate" else {}
    with pytest.raises(Refused, match="has begun or is past"):
        getattr(dates, verb[0])(row, *verb[1:], **more)
    row.refresh_from_db()
    assert (row.status, row.sequence, row.kept_at, promised()) == (ON, 0, None, [])


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (pacific("2026-11-24T12:00"), "in the future"),
        (pacific("2020-01-01T12:00"), "in the future"),
        (datetime(1, 1, 1, tzinfo=PACIFIC), "in the future"),
        (pacific("2029-01-01T12:00"), "within the next two years"),
        (datetime(9999, 12, 31, 23, tzinfo=PACIFIC), "within the next two years"),
        (pacific("2026-12-16T12:00"), "at that very time"),
    ],
)
def test_a_time_that_cannot_be_is_refused(row, bob, when, said):
    with pytest.raises(Refused, match=said):
        dates.move(row, when, "")
    with pytest.raises(Refused, match=said):
        dates.add(row.schedule, when)
    row.refresh_from_db()
    assert (row.sequence, promised()) == (0, [])
    assert not CallDate.objects.filter(original_date=None).exists()


def test_restoring_onto_a_taken_time_is_refused(row, bob):
    do(row, *CANCEL)
    dates.add(row.schedule, pacific("2026-12-09T12:00"))
    with pytest.raises(Refused, match="at that very time"):
        dates.restore(row)


def test_a_canceled_date_leaves_its_time_free(row):
    do(row, *CANCEL)
    other = day(row.schedule, "2026-12-16")
    do(other, "move", row.starts_at, "")
    assert other.starts_at == pacific("2026-12-09T12:00")


def test_a_restored_date_of_the_past_is_refused(row, clock):
    do(row, "move", pacific("2026-12-20T12:00"), "")
    clock.move_to(pacific("2026-12-15T12:00"))
    with pytest.raises(Refused, match="time has passed"):
        dates.restore(row)


# Calls of an hour moved to the nights on which the clocks change: start, end in UTC.
NIGHTS = {
    "over the autumn change": ("2026-11-01T01:30", "2026-11-01T08:30", "2026-11-01T09:30"),
    "into the skipped hour": ("2026-03-08T02:30", "2026-03-08T10:30", "2026-03-08T11:30"),
    "over the spring change": ("2026-03-08T01:30", "2026-03-08T09:30", "2026-03-08T10:30"),
}


@pytest.mark.parametrize("case", NIGHTS)
def test_an_hour_stays_an_hour_over_a_change_of_clocks(weekly, clock, case):
    wall, start, end = NIGHTS[case]
    clock.move_to(pacific("2026-01-05T12:00"))
    dates.propose(weekly, datetime.now(UTC))
    row = do(day(weekly, "2026-06-03"), "move", pacific(wall), "")
    extra = dates.add(weekly, pacific(wall) + timedelta(minutes=1))
    assert f"{row.starts_at:%Y-%m-%dT%H:%M}" == start
    assert f"{row.ends_at:%Y-%m-%dT%H:%M}" == end
    assert extra.ends_at.astimezone(UTC) - extra.starts_at.astimezone(UTC) == timedelta(hours=1)


def test_restoring_keeps_the_length_on_the_night_of_a_change(db, clock):
    sundays = ScheduleFactory(
        rule=Rule(freq="WEEKLY", weekdays=("SU",)),
        first_date=date(2026, 1, 4),
        start_time=time(1, 30),
    )
    row = do(day(sundays, "2027-11-07"), *CANCEL)
    do(row, "restore")
    assert row.ends_at - row.starts_at == timedelta(hours=1)


def test_an_extra_date_is_an_event_of_its_own_as_long_as_the_others(weekly, bob):
    extra = dates.add(weekly, pacific("2026-12-11T10:00"), topic="Trauma", speaker="Dana")
    extra.refresh_from_db()
    assert extra.original_date is None
    assert extra.uid.endswith("@testserver")
    assert extra.uid != weekly.uid
    assert (extra.ends_at - extra.starts_at, extra.topic) == (timedelta(hours=1), "Trauma")
    (message,) = deliver()
    assert "Extra date: Friday, December 11" in message["Subject"]
    assert f"UID:{extra.uid}" in calendar_of(message)
    assert calendar_of(message).count("BEGIN:VEVENT") == 1
    assert "RRULE:FREQ=WEEKLY" not in calendar_of(message)


def test_an_extra_date_added_twice_is_there_once(weekly, bob):
    dates.add(weekly, pacific("2026-12-11T10:00"))
    with pytest.raises(Refused):
        dates.add(weekly, pacific("2026-12-11T10:00"))
    assert len(promised()) == 1


def test_an_extra_date_that_moves_is_not_told_as_a_second_one(weekly, bob):
    extra = dates.add(weekly, pacific("2026-12-11T10:00"))
    deliver()
    do(extra, "move", pacific("2026-12-11T15:00"), "")
    (message,) = deliver()
    assert message["Subject"].startswith("Changed extra date: Friday, December 11")
    assert "an extra date" not in text_of(message)


class TestClosures:
    """The fourth Thursday of November is always Thanksgiving."""

    @pytest.fixture
    def holiday(self, monthly):
        thanksgiving()
        return day(monthly, "2026-11-26")

    def test_a_proposed_date_on_a_closure_is_undecided(self, holiday, monthly):
        christmas = day(monthly, "2026-12-24")
        assert dates.undecided([holiday, christmas]) == {holiday.pk: "Thanksgiving Day"}

    @pytest.mark.parametrize(
        "decision",
        [
            ("keep",),
            CANCEL,
            ("move", pacific("2026-11-25T12:00"), ""),
            ("remove",),
        ],
        ids=lambda verb: verb[0],
    )
    def test_each_decision_settles_it(self, holiday, decision):
        do(holiday, *decision)
        assert dates.undecided([holiday]) == {}

    def test_held_after_all_is_a_decision(self, holiday):
        """Else people read that it takes place while the page says "to be confirmed"."""
        do(holiday, *CANCEL)
        do(holiday, "restore")
        assert dates.undecided([holiday]) == {}

    @pytest.mark.parametrize("how", ["move", "add"])
    def test_a_day_staff_chose_themselves_is_decided(self, holiday, weekly, how):
        if how == "move":
            row = do(day(weekly, "2026-11-25"), "move", pacific("2026-11-26T15:00"), "")
        else:
            row = dates.add(weekly, pacific("2026-11-26T15:00"))
        assert dates.undecided([row]) == {}

    def test_keeping_twice_tells_nobody_and_keeps_the_first_moment(self, holiday, clock):
        SignUpFactory(series=holiday.schedule.series)
        do(holiday, "keep")
        first = holiday.kept_at
        clock.shift(60)
        do(holiday, "keep")
        assert (holiday.kept_at, holiday.sequence, promised()) == (first, 0, [])

    def test_the_page_asks_staff_only_about_whole_days(self, holiday):
        Closure.objects.update(closes_at="13:00")
        assert dates.undecided([holiday]) == {}

    def test_the_day_counts_by_the_clock_of_the_call(self, weekly):
        """Half past eleven at night on Wednesday is Thursday in UTC."""
        thanksgiving()
        row = day(weekly, "2026-11-25")
        CallDate.objects.filter(pk=row.pk).update(
            starts_at=pacific("2026-11-25T23:30"), ends_at=pacific("2026-11-26T00:30")
        )
        row.refresh_from_db()
        assert row.starts_at.astimezone(UTC).day == 26
        assert dates.undecided([row]) == {}

    def test_lists_say_which_are_open(self, holiday):
        listed = queries.upcoming(holiday.schedule.series, 2)
        assert [one.closure for one in listed] == ["Thanksgiving Day", ""]

    def test_no_query_for_nothing_to_decide(self, db, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert dates.undecided([]) == {}


BROKEN = {
    "canceled without a reason": {"status": "canceled", "reason": ""},
    "ends before it starts": {"ends_at": pacific("2026-12-09T11:00")},
    "a date of the rule with a uid": {"uid": "own@testserver"},
    "neither of the rule nor with a uid": {"original_date": None},
    "two rows of one day": {"original_date": "2026-12-16"},
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_database_refuses(row, case):
    with pytest.raises(IntegrityError), transaction.atomic():
        CallDate.objects.filter(pk=row.pk).update(**BROKEN[case])


def test_reminders_not_yet_sent_are_taken_back_when_a_date_changes(weekly, bob, clock):
    """So that the new date gets its own: a date is reminded of once."""
    row = day(weekly, "2026-12-02")
    clock.move_to(pacific("2026-12-01T09:00"))
    services.remind(datetime.now(UTC))
    do(row, "move", pacific("2026-12-04T12:00"), "")
    assert [message["Subject"][:5] for message in deliver()] == ["Moved"]
    clock.move_to(pacific("2026-12-03T09:00"))
    services.remind(datetime.now(UTC))
    assert [message["Subject"][:8] for message in deliver()] == ["Tomorrow"]
