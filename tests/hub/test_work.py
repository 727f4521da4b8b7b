"""What waits for whoever looks after the hub: the worker, mail, closures; and how work is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from hub import offers, work
from hub.models import Closure, Mail, TimedWork
from hub.offers import Urgency, Work
from tests.people import member

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)  # noon Pacific
MAILS = "/admin/hub/mail/"


@pytest.mark.parametrize(
    ("due", "urgency"),
    [
        (date(2026, 11, 23), Urgency.LATE),
        (date(2026, 11, 24), Urgency.TODAY),
        (date(2026, 11, 25), Urgency.SOON),
        (date(2026, 12, 8), Urgency.SOON),
        (date(2026, 12, 9), Urgency.LATER),
        (NOW - timedelta(seconds=1), Urgency.LATE),
        (NOW + timedelta(seconds=1), Urgency.TODAY),
        # 11:59 pm Pacific is still today, midnight is not.
        (datetime(2026, 11, 25, 7, 59, tzinfo=UTC), Urgency.TODAY),
        (datetime(2026, 11, 25, 8, 0, tzinfo=UTC), Urgency.SOON),
    ],
)
def test_urgency(due, urgency):
    assert offers.urgency(due, NOW) == urgency


def test_work_is_in_the_order_in_which_it_is_due(monkeypatch):
    def line(said, urgency, due=None):
        return Work(area="A", said=said, url="/", urgency=urgency, due=due)

    class First:
        WORK = [
            lambda user, now: [
                line("some time", Urgency.ANY_TIME),
                line("at noon", Urgency.TODAY, NOW),
                line("today", Urgency.TODAY),
            ]
        ]

    class Second:
        WORK = [
            lambda user, now: [
                line("by tonight", Urgency.TODAY, date(2026, 11, 24)),
                line("late", Urgency.LATE, date(2026, 11, 1)),
            ]
        ]

    class Neither:
        pass

    monkeypatch.setattr("hub.offers._modules", lambda: iter([First, Neither, Second]))
    said = [each.said for each in offers.work(None, NOW)]
    assert said == ["late", "at noon", "by tonight", "today", "some time"]


@pytest.mark.django_db
class TestMail:
    @pytest.fixture
    def mara(self):
        return member("Manager")

    @pytest.fixture(autouse=True)
    def _worker_seen(self):
        TimedWork.objects.create(name="worker", due_at=NOW, done_at=NOW)

    def test_nothing_to_do(self, mara):
        assert work.of_mail(mara, NOW) == []

    def test_a_silent_worker_is_late(self, mara):
        [line] = work.of_mail(mara, NOW + timedelta(minutes=3))
        assert line.urgency == Urgency.LATE
        assert "silent since Tuesday, November 24, 2026, 12:00 pm Pacific" in line.said
        TimedWork.objects.all().delete()
        [line] = work.of_mail(mara, NOW)
        assert "has never run" in line.said

    def test_what_was_given_up_is_said_for_two_weeks(self, mara):
        gone = {"dropped_at": NOW, "attempts": 10}
        Mail.objects.create(kind="note", subject_id=1, last_error="OSError", **gone)
        # No longer needed.
        Mail.objects.create(kind="note", subject_id=2, dropped_at=NOW)
        [line] = work.of_mail(mara, NOW)
        assert line.said == "1 email was given up after many tries"
        assert line.url == f"{MAILS}?outcome=failed"
        later = NOW + timedelta(days=15)
        TimedWork.objects.update(done_at=later)
        assert work.of_mail(mara, later) == []

    def test_what_is_still_tried_is_said_from_the_third_time(self, mara):
        for number, attempts in enumerate([1, 2, 3]):
            Mail.objects.create(
                kind="note", subject_id=number, attempts=attempts, last_error="OSError"
            )
        [line] = work.of_mail(mara, NOW)
        assert (line.count, line.url) == (1, f"{MAILS}?outcome=waiting")


@pytest.mark.django_db
class TestClosures:
    def test_none_confirmed_ahead_is_said_at_once(self):
        Closure.objects.create(date="2026-11-20", name="Past", confirmed_at=NOW)
        Closure.objects.create(date="2026-12-25", name="Christmas Day")
        [line] = work.of_closures(member("Manager"), NOW)
        assert "No closure of the next 12 months is confirmed" in line.said
        assert line.url == reverse("admin:hub_closure_changelist")

    def test_those_of_the_next_90_days_are_to_confirm(self):
        Closure.objects.create(date="2026-11-26", name="Thanksgiving Day", confirmed_at=NOW)
        Closure.objects.create(date="2026-12-25", name="Christmas Day")
        Closure.objects.create(date="2027-07-05", name="Independence Day")
        mara = member("Manager")
        [line] = work.of_closures(mara, NOW)
        assert (line.said, line.due) == (
            "1 closure of the next 90 days to confirm",
            date(2026, 12, 25),
        )
        Closure.objects.update(confirmed_at=NOW)
        assert work.of_closures(mara, NOW) == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["Curator", "Programme", "TA staff"])
def test_who_cannot_do_it_is_not_asked(role):
    somebody = member(role)
    assert work.of_mail(somebody, NOW) == work.of_closures(somebody, NOW) == []
