"""What calls have for staff to do, and how many people came to them."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from calls import dates, work
from calls.models import CallAttendance
from hub.models import Closure
from hub.offers import Urgency
from tests.calls.factories import SignUpFactory, pacific
from tests.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def paula():
    return member("Programme")


def test_people_who_wait_for_approval_are_counted_for_each_call(weekly, paula):
    for _ in range(2):
        SignUpFactory(series=weekly.series, state="awaiting")
    SignUpFactory(series=weekly.series, state="unconfirmed")
    now = weekly.dates.first().starts_at
    [line] = work.approvals(paula, now)
    assert line.said == f"2 people wait for approval: {weekly.series.name}"
    assert (line.count, line.urgency) == (2, Urgency.TODAY)
    assert line.url == (
        f"{reverse('admin:calls_signup_changelist')}"
        f"?state__exact=awaiting&series__id__exact={weekly.series.pk}"
    )


def test_a_date_on_a_closure_is_there_until_it_is_decided(weekly, paula):
    SignUpFactory(series=weekly.series, state="active")
    row = weekly.dates.order_by("starts_at")[2]
    day = row.local_start.date()
    Closure.objects.create(date=day, name="A holiday")
    with time_machine.travel(row.starts_at - timedelta(days=20), tick=False):
        [line] = work.on_closures(paula, row.starts_at - timedelta(days=20))
        assert "falls on A holiday: decide." in line.said
        assert line.said.endswith("1 person signed up")
        assert (line.due, line.urgency) == (row.starts_at, Urgency.LATER)
        assert line.url == reverse("admin:calls_calldate_change", args=[row.pk])
        [line] = work.on_closures(paula, row.starts_at - timedelta(days=14))
        assert line.urgency == Urgency.SOON
        dates.keep(row)
        assert work.on_closures(paula, row.starts_at - timedelta(days=20)) == []


def test_many_dates_on_closures_cost_what_one_does(weekly, paula, django_assert_num_queries):
    rows = list(weekly.dates.order_by("starts_at")[:30])
    now = rows[0].starts_at - timedelta(days=2)
    paula.has_perm("calls.change_calldate")
    for count, among in ((1, rows[:1]), (30, rows[1:])):
        Closure.objects.bulk_create(
            Closure(date=row.local_start.date(), name="Closed") for row in among
        )
        with django_assert_num_queries(3):
            assert len(work.on_closures(paula, now)) == count


def test_a_call_within_a_week_that_nobody_can_join_is_said(weekly, paula):
    first = weekly.dates.order_by("starts_at").first()
    series = weekly.series
    series.joining_url = series.joining_phone = series.joining_passcode = ""
    series.save()
    for days, lines in ((8, 0), (6, 1)):
        now = first.starts_at - timedelta(days=days)
        with time_machine.travel(now, tick=False):
            assert len(work.joining(paula, now)) == lines
    series.joining_phone = "(888) 507-0193"
    series.save()
    with time_machine.travel(now, tick=False):
        assert work.joining(paula, now) == []


@pytest.mark.parametrize("role", ["Curator", "TA staff"])
def test_who_cannot_do_it_is_not_asked(weekly, role):
    SignUpFactory(series=weekly.series, state="awaiting")
    row = weekly.dates.first()
    Closure.objects.create(date=row.local_start.date(), name="Closed")
    now = row.starts_at - timedelta(days=1)
    somebody = member(role)
    for offered in (work.approvals, work.on_closures, work.joining):
        assert offered(somebody, now) == []


def test_sign_ups_are_counted_when_somebody_joins(weekly):
    SignUpFactory(series=weekly.series, state="active", joined_at=pacific("2026-03-31 23:30"))
    SignUpFactory(series=weekly.series, state="left", joined_at=pacific("2026-02-01 09:00"))
    SignUpFactory(series=weekly.series, state="unconfirmed", joined_at=None)
    found = work.sign_ups(pacific("2026-04-02 12:00"))
    assert {month: number for month, number in found.months if number} == {
        date(2026, 2, 1): 1,
        date(2026, 3, 1): 1,
    }
    assert (found.title, found.label) == ("Sign-ups", "calls")


def test_attendance_counts_guests_in_the_month_of_the_date(weekly, bob):
    row = weekly.dates.order_by("starts_at").first()
    CallAttendance.objects.create(date=row, sign_up=bob)
    CallAttendance.objects.create(date=row, is_guest=True)
    found = work.attendance(row.starts_at + timedelta(days=1))
    assert dict(found.months)[row.local_start.date().replace(day=1)] == 2
    assert sum(number for _, number in found.months) == 2
