"""The back office of calls: times and dates, as Alice sets them without script."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from calls import dates
from calls.models import CallDate, Schedule
from hub.models import Closure
from tests.calls.factories import (
    SeriesFactory,
    day,
    pacific,
    promised,
    thanksgiving,
    words_of,
)
from tests.mailbox import deliver

ROOT = "/admin/calls"
THURSDAYS = {
    "freq": "MONTHLY",
    "interval": "1",
    "weekdays": ["TH"],
    "nth": "4",
    "yearly_on": "",
    "begins": "2026-11-25",
    "start_time": "12:00",
    "minutes": "60",
    "zone": "America/Los_Angeles",
}


def seen(response):
    found = re.search(r'name="seen" value="([^"]*)"', response.content.decode())
    return unescape(found.group(1)) if found else None


class TestSchedule:
    @pytest.fixture
    def path(self, db):
        thanksgiving()
        Closure.objects.create(date=date(2026, 12, 24), name="Christmas Eve")
        return f"{ROOT}/callseries/{SeriesFactory(name='New call').pk}/schedule/"

    def test_ten_dates_are_shown_with_their_closures_and_nothing_saved(self, staff, path):
        page = staff.post(path, THURSDAYS | {"preview": "1"})
        rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page.content.decode())
        assert len(rows) == 10
        assert rows[0] == (
            "Thursday, November 26, 2026",
            "<strong>Closed: Thanksgiving Day</strong>. You decide on this date after saving.",
        )
        assert "Christmas Eve" in rows[1][1]
        assert rows[2] == ("Thursday, January 28, 2027", "Open")
        assert "Every fourth Thursday: the next ten dates" in words_of(page)
        assert not Schedule.objects.exists()

    def test_what_was_seen_is_saved_and_logged(self, staff, path, alice):
        preview = staff.post(path, THURSDAYS | {"preview": "1"})
        saved = staff.post(path, THURSDAYS | {"save": "1", "seen": seen(preview)}, follow=True)
        made = Schedule.objects.get()
        assert str(made.rule) == "FREQ=MONTHLY;BYDAY=4TH"
        assert made.first_date == date(2026, 11, 26)
        # To May 2028.
        assert made.dates.count() == 19
        assert "Every fourth Thursday from November 26, 2026" in words_of(saved)
        assert "Set the times" in LogEntry.objects.get(user=alice).change_message

    @pytest.mark.parametrize(
        "change",
        [
            {"weekdays": ["WE"]},
            {"nth": "-1"},
            {"interval": "2"},
            {"begins": "2026-12-25"},
            {"start_time": "13:00"},
            {"minutes": "90"},
            {"zone": "America/New_York"},
            {"seen": ""},
            {"seen": "FREQ=DAILY"},
        ],
        ids=str,
    )
    def test_what_was_not_seen_is_not_saved_but_shown(self, staff, path, change):
        preview = staff.post(path, THURSDAYS | {"preview": "1"})
        again = staff.post(path, THURSDAYS | {"save": "1", "seen": seen(preview)} | change)
        assert again.status_code == 200
        assert "the next ten dates" in words_of(again)
        assert not Schedule.objects.exists()

    @pytest.mark.parametrize("change", [{"save": "1"}, {}])
    def test_saving_unseen_only_shows(self, staff, path, change):
        assert "the next ten dates" in words_of(staff.post(path, THURSDAYS | change))
        assert not Schedule.objects.exists()

    BAD = {
        "no weekday": ({"freq": "WEEKLY", "weekdays": []}, "weekdays", "at least one day"),
        "two weekdays a month": ({"weekdays": ["TH", "FR"]}, "nth", "which weekday of the month"),
        "no nth": ({"nth": ""}, "nth", "which weekday of the month"),
        "a fifth": ({"nth": "5"}, "nth", "valid choice"),
        "no interval": ({"interval": "0"}, "interval", "from 1 to 12"),
        "too long an interval": ({"interval": "13"}, "interval", "from 1 to 12"),
        "yearly without a date": ({"freq": "YEARLY"}, "yearly_on", "Choose the date in the year"),
        "February 31": (
            {"freq": "YEARLY", "yearly_on": "2027-02-31"},
            "yearly_on",
            "Enter a valid date",
        ),
        "February 29": (
            {"freq": "YEARLY", "yearly_on": "2028-02-29"},
            "yearly_on",
            "February 29 does not come every year",
        ),
        "hourly": ({"freq": "HOURLY"}, "freq", "valid choice"),
        "the year 9999": ({"begins": "9999-12-31"}, "begins", "between 2008 and 2099"),
        "the year 1": ({"begins": "0001-01-01"}, "begins", "between 2008 and 2099"),
        "too short": ({"minutes": "4"}, "minutes", "greater than or equal to 5"),
        "another zone": ({"zone": "Africa/Cairo"}, "zone", "valid choice"),
    }

    @pytest.mark.parametrize("case", BAD)
    def test_a_bad_rule_is_refused_at_its_field(self, staff, path, case):
        change, field, sentence = self.BAD[case]
        page = staff.post(path, THURSDAYS | {"preview": "1"} | change)
        assert page.status_code == 200
        errors = page.context["form"].errors
        assert list(errors) == [field]
        assert sentence in " ".join(errors[field])
        assert sentence in words_of(page)
        assert seen(page) is None

    def test_a_crafted_list_of_days_is_kept_once_and_in_order(self, staff, path):
        odd = THURSDAYS | {"freq": "WEEKLY", "weekdays": ["FR", "MO", "FR"]}
        preview = staff.post(path, odd)
        staff.post(path, odd | {"save": "1", "seen": seen(preview)})
        assert Schedule.objects.get().sentence == "Every Monday and Friday"

    def test_the_past_of_a_begun_one_is_refused_at_the_first_day(self, staff, weekly):
        path = f"{ROOT}/callseries/{weekly.series.pk}/schedule/"
        old = THURSDAYS | {"begins": "2026-01-01"}
        page = staff.post(path, old | {"save": "1", "seen": seen(staff.post(path, old))})
        assert "what has been stays as it was" in page.context["form"].errors["begins"][0]
        assert Schedule.objects.count() == 1

    def test_a_begun_one_is_ended_and_everyone_told_once(self, staff, weekly, bob):
        path = f"{ROOT}/callseries/{weekly.series.pk}/schedule/"
        assert "Now: Every Wednesday, 12:00–1:00 pm Pacific" in words_of(staff.get(path))
        preview = staff.post(path, THURSDAYS)
        for _ in range(2):
            staff.post(path, THURSDAYS | {"save": "1", "seen": seen(preview)})
        assert [message["Subject"].split(":")[0] for message in deliver()] == [
            "The present times end on November 25",
            "New times from November 26",
        ]
        assert Schedule.objects.count() == 2

    def test_the_form_begins_with_what_holds(self, staff, weekly):
        html = staff.get(f"{ROOT}/callseries/{weekly.series.pk}/schedule/").content.decode()
        assert re.search(r'value="WE"[^>]*checked', html)
        assert 'value="12:00"' in html
        assert not re.search(r'value="TH"[^>]*checked', html)


class TestDates:
    def verb(self, row, name):
        return f"{ROOT}/calldate/{row.pk}/do/{name}/"

    def do(self, staff, row, name, **data):
        answer = staff.post(self.verb(row, name), data, follow=True)
        row.refresh_from_db()
        return answer

    def test_canceling_says_who_hears_of_it_and_tells_them(self, staff, weekly, bob, carol):
        row = day(weekly, "2026-12-09")
        asked = staff.get(self.verb(row, "cancel"))
        assert "2 people are signed up and hear of it by email, once." in words_of(asked)
        assert row.status == "on"
        done = self.do(staff, row, "cancel", reason="Staff retreat")
        assert (row.status, row.reason) == ("canceled", "Staff retreat")
        assert "Done: cancel this date" in words_of(done)
        assert len(deliver()) == 2

    def test_a_cancellation_needs_its_reason(self, staff, weekly):
        row = day(weekly, "2026-12-09")
        page = self.do(staff, row, "cancel", reason=" ")
        assert "This field is required" in words_of(page)
        assert row.status == "on"

    def test_moving_by_the_clock_of_the_call(self, staff, weekly):
        row = day(weekly, "2026-12-09")
        self.do(staff, row, "move", day="2026-12-10", time="09:30", reason="")
        assert row.starts_at == pacific("2026-12-10T09:30")

    @pytest.mark.parametrize(
        ("when", "said"),
        [
            (("2026-11-01", "12:00"), "Choose a time in the future"),
            (("9999-12-31", "23:30"), "within the next two years"),
            (("0001-01-01", "00:00"), "Choose a time in the future"),
            (("2026-12-16", "12:00"), "at that very time already"),
            (("tomorrow", "noon"), "Enter a valid date"),
        ],
    )
    def test_a_time_that_cannot_be_is_refused_and_kept(self, staff, weekly, when, said):
        row = day(weekly, "2026-12-09")
        page = self.do(staff, row, "move", day=when[0], time=when[1], reason="Room taken")
        assert page.status_code == 200
        assert said in words_of(page)
        assert 'value="Room taken"' in page.content.decode()
        assert row.starts_at == pacific("2026-12-09T12:00")

    def test_moving_onto_a_closure_says_so(self, staff, weekly):
        thanksgiving()
        row = day(weekly, "2026-12-09")
        done = self.do(staff, row, "move", day="2026-11-26", time="12:00", reason="")
        assert "falls on Thanksgiving Day" in words_of(done)

    @pytest.mark.parametrize(("name", "status"), [("remove", "removed"), ("restore", "on")])
    def test_removing_and_restoring(self, staff, weekly, name, status):
        row = day(weekly, "2026-12-09")
        if name == "restore":
            dates.cancel(row, "Retreat")
        self.do(staff, row, name)
        assert row.status == status

    def test_a_date_on_a_closure_is_listed_and_decided(self, staff, monthly):
        thanksgiving()
        row = day(monthly, "2026-11-26")
        page = staff.get(f"{ROOT}/calldate/?which=undecided")
        assert "Falls on Thanksgiving Day : Hold it anyway , Move , Cancel" in words_of(page)
        assert "1 date of a call" in words_of(page)
        self.do(staff, row, "keep")
        assert "0 dates of calls" in words_of(staff.get(f"{ROOT}/calldate/?which=undecided"))

    def test_the_list_shows_what_is_ahead_and_the_past_when_asked(self, staff, weekly):
        rows = CallDate.objects.filter(schedule=weekly)
        count = rows.count()
        day = timedelta(days=1)
        rows.filter(pk=rows[0].pk).update(
            starts_at=timezone.now() - day, ends_at=timezone.now() - day / 2
        )
        assert f"{count - 1} dates of calls" in words_of(staff.get(f"{ROOT}/calldate/"))
        assert "1 date of a call" in words_of(staff.get(f"{ROOT}/calldate/?which=past"))
        assert f"{count} dates of calls" in words_of(staff.get(f"{ROOT}/calldate/?which=all"))

    def test_topic_and_speaker(self, staff, weekly, bob):
        row = day(weekly, "2026-12-09")
        staff.post(f"{ROOT}/calldate/{row.pk}/change/", {"topic": "T visas", "speaker": "Dana"})
        row.refresh_from_db()
        assert (row.topic, row.speaker, row.sequence) == ("T visas", "Dana", 1)
        assert promised() == []

    def test_a_past_date_stays_as_it_was(self, staff, alice, weekly, clock):
        row = day(weekly, "2026-11-25")
        clock.move_to(pacific("2026-11-25T12:30"))
        # Half an hour idle ends a session.
        staff.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
        page = self.do(staff, row, "cancel", reason="Retreat")
        assert "has begun or is past" in words_of(page)
        assert row.status == "on"
        staff.post(f"{ROOT}/calldate/{row.pk}/change/", {"topic": "x", "speaker": ""})
        row.refresh_from_db()
        assert row.topic == ""

    def test_an_extra_date(self, staff, weekly, bob):
        path = f"{ROOT}/callseries/{weekly.series.pk}/extra/"
        for _ in range(2):
            data = {"day": "2026-12-11", "time": "10:00", "topic": "Trauma", "speaker": ""}
            staff.post(path, data)
        extra = CallDate.objects.get(original_date=None)
        assert (extra.starts_at, extra.topic) == (pacific("2026-12-11T10:00"), "Trauma")
        assert len(deliver()) == 1

    def test_an_extra_date_needs_times_first(self, staff, db):
        path = f"{ROOT}/callseries/{SeriesFactory().pk}/extra/"
        assert "Say first when the call is held" in words_of(staff.get(path, follow=True))

    def test_dates_are_neither_added_nor_deleted_by_hand(self, staff, weekly):
        row = day(weekly, "2026-12-09")
        assert staff.get(f"{ROOT}/calldate/add/").status_code == 403
        assert staff.post(f"{ROOT}/calldate/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert CallDate.objects.filter(pk=row.pk).exists()

    def test_an_unknown_verb_does_nothing(self, staff, weekly):
        row = day(weekly, "2026-12-09")
        self.do(staff, row, "delete")
        assert (row.status, row.sequence) == ("on", 0)
