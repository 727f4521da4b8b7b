"""Verbs on schedules: proposing dates, setting, replacing and ending the times of a call."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from calls import dates, schedule
from calls.models import CallDate, Schedule
from hub.models import Mail
from hub.refusal import Refused
from tests.calls.factories import (
    WEDNESDAYS,
    ScheduleFactory,
    SeriesFactory,
    SignUpFactory,
    calendar_of,
    day,
    pacific,
    promised,
)
from tests.mailbox import deliver

TUESDAYS = schedule.Rule(freq="WEEKLY", weekdays=("TU",))
USUAL = {
    "rule": WEDNESDAYS,
    "begins": date(2026, 12, 1),
    "start_time": time(12),
    "minutes": 60,
    "zone": "America/Los_Angeles",
}


def now():
    return datetime.now(UTC)


def days(of):
    return list(of.dates.exclude(original_date=None).values_list("original_date", flat=True))


class TestKeepAhead:
    def test_writes_what_the_rule_says_for_eighteen_months(self, weekly):
        written = days(weekly)
        assert written[:2] == [date(2026, 11, 25), date(2026, 12, 2)]
        # Every Wednesday within the next 550 days, the last included.
        assert written[-1] == date(2028, 5, 24)
        assert len(written) == 79
        assert {day.weekday() for day in written} == {2}

    def test_changes_nothing_the_second_time(self, weekly, monthly):
        dates.cancel(day(weekly, "2026-12-02"), "Retreat")
        before = list(CallDate.objects.order_by("pk").values())
        dates.keep_ahead(now())
        assert list(CallDate.objects.order_by("pk").values()) == before

    def test_goes_on_as_time_goes_on_and_keeps_what_is_there(self, weekly, clock):
        row = day(weekly, "2026-12-02")
        dates.remove(row)
        clock.shift(timedelta(days=14))
        dates.keep_ahead(now())
        assert days(weekly)[-1] == date(2028, 6, 7)
        assert weekly.dates.get(pk=row.pk).status == "removed"
        assert weekly.dates.filter(original_date=row.original_date).count() == 1

    def test_stops_at_the_last_day(self, weekly):
        dates.end_schedule(weekly, date(2026, 12, 9))
        dates.keep_ahead(now())
        assert days(weekly) == [date(2026, 11, 25), date(2026, 12, 2), date(2026, 12, 9)]

    def test_counts_days_by_our_clock(self, db, clock):
        """At 5 pm Pacific it is tomorrow in UTC; today's call still counts."""
        clock.move_to(pacific("2026-11-25T17:00"))
        evening = ScheduleFactory(start_time=time(18))
        assert days(evening)[0] == date(2026, 11, 25)


@pytest.mark.django_db(transaction=True)
def test_two_workers_proposing_at_once_write_each_date_once():
    with time_machine.travel(pacific("2026-11-24T12:00"), tick=False):
        made = ScheduleFactory(proposed=False)
        start, counts = threading.Barrier(2), []

        def work():
            try:
                start.wait(10)
                counts.append(dates.propose(made, now()))
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(counts) == 2
    assert len(days(made)) == len(set(days(made))) == 79


class TestFirstTimes:
    def test_a_new_series_gets_its_times_and_dates(self, db):
        made = dates.set_schedule(SeriesFactory(), **USUAL)
        made.refresh_from_db()
        assert (made.first_date, made.until, made.sequence) == (date(2026, 12, 2), None, 0)
        assert made.rule == WEDNESDAYS
        assert made.uid.endswith("@testserver")
        assert days(made)[0] == date(2026, 12, 2)

    def test_may_have_begun_long_ago(self, db):
        made = dates.set_schedule(SeriesFactory(), **USUAL | {"begins": date(2016, 3, 1)})
        assert made.first_date == date(2016, 3, 2)
        assert days(made)[0] == date(2026, 11, 25)

    def test_who_signed_up_before_there_were_any_hears_of_them(self, db):
        early = SignUpFactory()
        made = dates.set_schedule(early.series, **USUAL)
        (message,) = deliver()
        assert message["Subject"].startswith("New times from December 2: ")
        assert f"UID:{made.uid}" in calendar_of(message)

    @pytest.mark.parametrize("year", [1999, 9999])
    def test_a_first_day_far_off_is_refused(self, db, year):
        with pytest.raises(schedule.BadRule, match="between 2008 and 2099"):
            dates.set_schedule(SeriesFactory(), **USUAL | {"begins": date(year, 12, 1)})
        assert not Schedule.objects.exists()


class TestChangeOfWhatHasBegun:
    NEW = USUAL | {"rule": TUESDAYS, "begins": date(2027, 1, 1), "start_time": time(10)}

    def test_ends_it_and_begins_another(self, weekly, bob):
        new = dates.set_schedule(weekly.series, **self.NEW)
        weekly.refresh_from_db()
        assert new.pk != weekly.pk
        assert new.uid != weekly.uid
        assert (weekly.until, weekly.sequence) == (date(2027, 1, 4), 1)
        assert (new.first_date, new.until, new.sequence) == (date(2027, 1, 5), None, 0)
        assert days(weekly)[-1] == date(2026, 12, 30)
        assert days(new)[0] == date(2027, 1, 5)

    def test_leaves_the_rule_that_was(self, weekly):
        kept = (weekly.uid, str(weekly.rule), weekly.first_date, weekly.start_time)
        dates.set_schedule(weekly.series, **self.NEW)
        weekly.refresh_from_db()
        assert (weekly.uid, str(weekly.rule), weekly.first_date, weekly.start_time) == kept

    def test_people_get_the_end_and_the_new_invitation_once(self, weekly, bob):
        new = dates.set_schedule(weekly.series, **self.NEW)
        assert promised() == [
            ("calls.old_times", bob.pk, weekly.pk, 1),
            ("calls.new_times", bob.pk, new.pk, 0),
        ]
        old_mail, new_mail = deliver()
        assert f"UID:{weekly.uid}" in calendar_of(old_mail)
        assert "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261230T200000Z" in calendar_of(old_mail)
        assert f"UID:{new.uid}" in calendar_of(new_mail)
        assert deliver() == []

    def test_saving_it_twice_changes_nothing_more(self, weekly, bob):
        new = dates.set_schedule(weekly.series, **self.NEW)
        again = dates.set_schedule(weekly.series, **self.NEW)
        assert again.pk == new.pk
        assert again.sequence == 0
        assert len(promised()) == 2

    def test_saving_the_times_that_hold_changes_nothing(self, weekly, bob):
        assert dates.set_schedule(weekly.series, **USUAL).pk == weekly.pk
        weekly.refresh_from_db()
        assert (weekly.until, weekly.sequence, promised()) == (None, 0, [])

    def test_a_moved_date_before_the_end_stays_where_it_is(self, weekly):
        row = day(weekly, "2026-12-30")
        dates.move(row, pacific("2027-01-06T15:00"), "")
        dates.set_schedule(weekly.series, **self.NEW)
        assert weekly.dates.get(pk=row.pk).starts_at == pacific("2027-01-06T15:00")

    def test_extra_dates_stay(self, weekly):
        extra = dates.add(weekly, pacific("2027-02-02T15:00"))
        dates.set_schedule(weekly.series, **self.NEW)
        assert weekly.dates.filter(pk=extra.pk).exists()

    def test_news_of_it_survives_an_edit_of_the_name(self, weekly, bob):
        dates.set_schedule(weekly.series, **self.NEW)
        dates.series_changed(weekly.series)
        assert [message["Subject"].partition(" ")[0] for message in deliver()] == ["The", "New"]

    @pytest.mark.parametrize("begins", [date(2026, 11, 18), date(2020, 1, 1)])
    def test_the_past_cannot_be_rewritten(self, weekly, bob, begins):
        with pytest.raises(Refused, match="first day in the future"):
            dates.set_schedule(weekly.series, **self.NEW | {"begins": begins})
        weekly.refresh_from_db()
        assert (weekly.until, promised()) == (None, [])

    def test_nor_the_call_of_this_morning(self, weekly, clock):
        clock.move_to(pacific("2026-11-25T15:00"))
        later = self.NEW | {
            "rule": WEDNESDAYS,
            "begins": date(2026, 11, 25),
            "start_time": time(17),
        }
        with pytest.raises(Refused, match="that day's call has begun"):
            dates.set_schedule(weekly.series, **later)

    def test_times_that_were_set_before_are_not_overlapped(self, weekly):
        dates.end_schedule(weekly, date(2027, 3, 31))
        with pytest.raises(Refused, match="other times are set until then"):
            dates.set_schedule(weekly.series, **self.NEW)

    def test_never_two_schedules_without_an_end(self, weekly):
        with pytest.raises(IntegrityError), transaction.atomic():
            ScheduleFactory(series=weekly.series, proposed=False)


class TestChangeOfWhatHasNotBegun:
    """In the year 2090, for the database asks the real clock what has begun."""

    LATER = USUAL | {"begins": date(2090, 3, 1)}

    @pytest.fixture
    def coming(self, db, clock):
        clock.move_to(datetime(2090, 1, 3, 20, tzinfo=UTC))
        return dates.set_schedule(SeriesFactory(), **self.LATER)

    def test_replaces_it_under_its_uid(self, coming):
        new = dates.set_schedule(
            coming.series, **self.LATER | {"rule": TUESDAYS, "start_time": time(10)}
        )
        assert (new.pk, new.uid, new.sequence) == (coming.pk, coming.uid, 1)
        assert {day.weekday() for day in days(new)} == {1}
        assert all(
            row.local_start.time() == time(10)
            for row in CallDate.objects.select_related("schedule")[:5]
        )

    def test_people_hear_only_the_last(self, coming):
        SignUpFactory(series=coming.series)
        for hour in (9, 10, 11):
            dates.set_schedule(coming.series, **self.LATER | {"start_time": time(hour)})
        assert [version for *_, version in promised("calls.new_times")] == [3]
        (message,) = deliver()
        assert "SEQUENCE:4" in calendar_of(message)
        assert "T110000" in calendar_of(message)

    def test_mail_about_a_date_that_is_gone_is_dropped(self, coming):
        SignUpFactory(series=coming.series)
        dates.cancel(coming.dates.first(), "Retreat")
        dates.set_schedule(coming.series, **self.LATER | {"rule": TUESDAYS})
        assert [message["Subject"][:9] for message in deliver()] == ["New times"]
        assert Mail.objects.get(kind="calls.date").dropped_at

    def test_is_left_alone_when_nothing_is_new(self, coming):
        assert dates.set_schedule(coming.series, **self.LATER).sequence == 0

    def test_a_later_first_day_is_a_change(self, coming):
        new = dates.set_schedule(coming.series, **self.LATER | {"begins": date(2090, 4, 1)})
        assert (new.pk, new.sequence, new.first_date) == (coming.pk, 1, date(2090, 4, 5))


FROZEN = {
    "rule": {"recurrence": schedule.to_recurrence(TUESDAYS)},
    "first date": {"first_date": date(2026, 1, 14)},
    "time": {"start_time": time(13)},
    "minutes": {"minutes": 90},
    "zone": {"zone": "America/New_York"},
    "uid": {"uid": "other@testserver"},
}


@pytest.mark.parametrize("what", FROZEN)
def test_the_database_freezes_what_has_begun(what, db):
    begun = ScheduleFactory(first_date=date(2020, 1, 1), proposed=False)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        Schedule.objects.filter(pk=begun.pk).update(**FROZEN[what])
    # What may change still does.
    Schedule.objects.filter(pk=begun.pk).update(until=date(2026, 12, 31), sequence=5)


@pytest.mark.parametrize("what", FROZEN)
def test_the_database_lets_change_what_has_not(what, db):
    ahead = ScheduleFactory(first_date=date(2095, 1, 5), proposed=False)
    assert Schedule.objects.filter(pk=ahead.pk).update(**FROZEN[what]) == 1


class TestEnd:
    def test_ends_takes_its_later_dates_and_tells_once(self, weekly, bob):
        dates.end_schedule(weekly, date(2026, 12, 31))
        dates.end_schedule(weekly, date(2026, 12, 31))
        weekly.refresh_from_db()
        assert (weekly.until, weekly.sequence) == (date(2026, 12, 31), 1)
        assert days(weekly)[-1] == date(2026, 12, 30)
        (message,) = deliver()
        assert message["Subject"].startswith("The present times end on December 31")

    @pytest.mark.parametrize("last", [date(2026, 11, 23), date(2025, 1, 1)])
    def test_not_in_the_past(self, weekly, last):
        with pytest.raises(Refused, match="not past"):
            dates.end_schedule(weekly, last)

    def test_what_has_ended_is_not_drawn_out(self, weekly):
        dates.end_schedule(weekly, date(2026, 12, 31))
        with pytest.raises(Refused, match="set new times"):
            dates.end_schedule(weekly, date(2027, 12, 31))


@pytest.mark.parametrize(
    "wrong",
    [{"minutes": 4}, {"minutes": 721}, {"until": date(2026, 1, 6)}],
    ids=["too short", "too long", "ends before it begins"],
)
def test_the_database_refuses(db, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduleFactory(proposed=False, **wrong)


def test_words_seen_in_calendars_raise_the_sequence_of_each_schedule(weekly, clock):
    clock.shift(60)
    dates.series_changed(weekly.series)
    weekly.refresh_from_db()
    assert (weekly.sequence, weekly.changed_at) == (1, now())
