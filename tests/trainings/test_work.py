"""What trainings have for staff to do: each line there while it is to be done, then gone."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from hub.models import User
from hub.offers import Urgency
from tests.people import member
from tests.trainings import certified, making
from trainings import work
from trainings.models import (
    Attendance,
    CheckoutSession,
    CodeTry,
    Entry,
    HostOffer,
    Pledge,
    PledgeText,
)
from trainings.services import certificates, offerings

pytestmark = pytest.mark.django_db
# Two days after the day that was held.
NOW = making.at("2027-01-31 12:00")


@pytest.fixture(autouse=True)
def _stopped():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def paula():
    return member("Programme")


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org")


@pytest.fixture
def day():
    """Held on January 29 with credit approved; Bob was there."""
    made = certified.held_day(status="approved")
    made.offering.course.mcle_max_hours = 6
    made.offering.course.save()
    made.offering.status = "open"
    made.offering.save()
    certified.came(made)
    return made


def said(lines, part):
    return [line for line in lines if part in line.said]


def page(name, *args):
    return reverse(f"admin:trainings_{name}", args=args)


class TestSeats:
    def test_offered_seats_are_counted_with_the_first_deadline(self, paula):
        offering = making.offering(day="2027-03-01")
        for name in ("Ann Lee", "Bea Lee"):
            making.person(offering, name, state="offered")
        making.person(offering, "Cy Lee", state="waitlisted")
        [line] = work.of_seats(paula, NOW)
        assert line.said.startswith("2 freed seats are offered")
        assert (line.count, line.due) == (2, NOW + timedelta(days=1))
        assert line.url == page("registration_changelist") + "?state__exact=offered"

    def test_none_is_no_line(self, paula):
        making.person(making.offering(day="2027-03-01"), "Cy Lee", state="waitlisted")
        assert work.of_seats(paula, NOW) == []


class TestCertificates:
    def test_are_to_issue_until_they_are(self, day, paula, alice):
        [line] = said(work.of_days(paula, NOW), "certificates")
        assert line.said.endswith("certificates of 1 person to issue")
        assert line.url == page("activity_certificates", day.pk)
        assert line.urgency == Urgency.TODAY
        certificates.issue(day, alice)
        assert said(work.of_days(paula, NOW), "certificates") == []

    def test_who_waits_for_a_bar_number_was_asked_and_is_not_counted(self, day, paula, alice):
        certified.came(day, "Carol Reed", bar="")
        certificates.issue(day, alice)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            assert said(work.of_days(paula, timezone.now()), "certificates") == []

    def test_attendance_that_comes_later_is(self, day, paula, alice):
        certificates.issue(day, alice)
        with time_machine.travel(NOW + timedelta(days=1), tick=False):
            certified.came(day, "Carol Reed", bar="234567")
            [line] = said(work.of_days(paula, timezone.now()), "certificates")
            assert line.count == 1

    def test_not_while_credit_is_pending(self, day, paula):
        day.approvals.update(status="pending")
        assert said(work.of_days(paula, NOW), "certificates") == []

    def test_nor_before_the_day_is_over_or_without_anybody_there(self, day, paula):
        assert said(work.of_days(paula, day.ends_at - timedelta(hours=1)), "certificates") == []
        Attendance.objects.all().delete()
        assert said(work.of_days(paula, NOW), "certificates") == []


class TestApprovals:
    def test_of_a_day_within_60_days(self, paula):
        offering = making.offering(making.course(mcle_max_hours=6), day="2027-03-31", status="open")
        [line] = work.of_days(paula, NOW)
        assert line.said.endswith("no approval of credit is entered")
        [activity] = offering.days
        assert (line.urgency, line.due) == (Urgency.LATER, activity.starts_at)
        assert work.of_days(paula, NOW - timedelta(days=2)) == []
        certified.approve(activity, "pending")
        [line] = work.of_days(paula, NOW)
        assert line.said.endswith("credit is pending approval")
        certified.approve(activity, "denied")
        assert work.of_days(paula, NOW) == []

    def test_held_without_is_late(self, day, paula):
        day.approvals.all().delete()
        [line] = said(work.of_days(paula, NOW), "approval")
        assert line.urgency == Urgency.LATE

    def test_of_a_course_without_credit_nothing_is_asked(self, paula):
        making.offering(day="2027-03-01", status="open")
        assert work.of_days(paula, NOW) == []


class TestUploads:
    def test_are_due_60_days_after_and_gone_when_done(self, day, paula):
        [line] = said(work.of_days(paula, NOW), "State Bar")
        assert (line.due, line.urgency) == (date(2027, 3, 30), Urgency.LATER)
        assert line.url == page("activity_report", day.pk)
        for when, urgency in [
            ("2027-03-16 09:00", Urgency.SOON),
            ("2027-03-30 23:00", Urgency.TODAY),
            ("2027-03-31 00:01", Urgency.LATE),
        ]:
            [line] = said(work.of_days(paula, making.at(when)), "State Bar")
            assert line.urgency == urgency
        offerings.mark_uploaded([day.pk], NOW)
        assert said(work.of_days(paula, NOW), "State Bar") == []

    @pytest.mark.parametrize("status", ["draft", "canceled"])
    def test_none_of_what_was_not_held(self, day, paula, status):
        day.offering.status, day.offering.cancel_reason = status, "Snow"
        day.offering.save()
        assert work.of_days(paula, NOW) == []


def test_a_time_without_an_end_and_a_late_code_are_to_decide(day, paula):
    bob = day.offering.registrations.get()
    Attendance.objects.update(ends_at=None)
    CodeTry.objects.create(registration=bob, activity=day, outcome="late")
    CodeTry.objects.create(registration=bob, activity=day, outcome="wrong")
    [line] = said(work.of_days(paula, NOW), "no end")
    assert line.url == page("attendance_changelist") + "?ends_at__isempty=1"
    [line] = work.of_codes(paula, NOW)
    assert (line.count, line.url) == (1, page("codetry_changelist") + "?late=undecided")


def test_pledges_overdue_and_soon_due(paula):
    offering = making.offering(day="2026-01-29")
    text = PledgeText.objects.create(version=90, text="I pledge.")
    for number, (due, state) in enumerate(
        [
            ("2027-01-30", "eligible"),
            ("2027-01-15", "extended"),
            ("2027-01-31", "matched"),
            ("2027-03-02", "made"),
            ("2027-03-03", "made"),
            ("2027-01-01", "fulfilled"),
        ]
    ):
        one = making.person(offering, f"P{number} Lee")
        Pledge.objects.create(registration=one, text=text, signed_name="P", due_on=due, state=state)
    over, soon = work.of_pledges(paula, NOW)
    assert (over.said, over.due, over.urgency) == (
        "2 pledges are overdue",
        date(2027, 1, 15),
        Urgency.LATE,
    )
    assert (soon.said, soon.due, soon.urgency) == (
        "2 pledges are due within 30 days",
        date(2027, 1, 31),
        Urgency.TODAY,
    )
    assert [line.url for line in (over, soon)] == [
        page("pledge_changelist") + "?due=over",
        page("pledge_changelist") + "?due=soon",
    ]


def test_money_to_look_at(paula):
    offering = making.offering(day="2027-03-01")
    for name, cents, state in [
        ("Ann Lee", 30000, "confirmed"),
        ("Bea Lee", 10050, "confirmed"),
        ("Cy Lee", 30000, "canceled"),
    ]:
        one = making.person(offering, name, state=state)
        Entry.objects.create(registration=one, kind="charge", cents=cents)
    paid = making.person(offering, "Dee Lee")
    Entry.objects.create(registration=paid, kind="charge", cents=30000)
    Entry.objects.create(registration=paid, kind="payment", cents=-30000, method="check")
    CheckoutSession.objects.create(
        registration=paid, session_id="cs", amount_cents=30000, state="wrong"
    )
    wrong, owed = work.of_money(paula, NOW)
    assert wrong.said == "1 card payment of a wrong amount or currency: nothing is confirmed"
    assert wrong.urgency == Urgency.TODAY
    assert owed.said == "2 people with a seat owe $400.50"
    assert owed.url == page("registration_changelist") + "?money=owed"


def test_who_owes_is_behind_that_link(back_office):
    offering = making.offering(day="2027-03-01")
    for name, cents in [("Ann Lee", 30000), ("Dee Lee", 0)]:
        one = making.person(offering, name)
        Entry.objects.create(registration=one, kind="charge", cents=30000)
        if not cents:
            Entry.objects.create(registration=one, kind="payment", cents=-30000, method="check")
    found = back_office.get(page("registration_changelist") + "?money=owed").content.decode()
    assert "Ann Lee" in found
    assert "Dee Lee" not in found


def test_an_offer_to_host_waits_until_it_is_taken_up(paula):
    offer = HostOffer.objects.create(
        course=making.course(),
        agency="Legal Aid",
        name="Ann",
        email="ann@example.org",
        dates="May",
        city="Austin",
        state="TX",
        attorneys=30,
    )
    [line] = work.of_hosts(paula, NOW)
    assert line.said == "1 agency offers to host a training"
    assert line.url == page("hostoffer_changelist") + "?stage__exact=new"
    offer.stage = "contacted"
    offer.save()
    assert work.of_hosts(paula, NOW) == []


EACH = [
    work.of_seats,
    work.of_days,
    work.of_codes,
    work.of_pledges,
    work.of_money,
    work.of_hosts,
]


@pytest.mark.parametrize("role", ["Curator", "TA staff"])
def test_who_cannot_do_it_is_not_asked(day, role):
    making.person(day.offering, "Ann Lee", state="offered")
    somebody = member(role)
    assert [line for offered in EACH for line in offered(somebody, NOW)] == []


def test_many_days_cost_what_one_does(day, paula, django_assert_num_queries):
    paula.has_perm("trainings.change_activity")
    with django_assert_num_queries(4):
        few = work.of_days(paula, NOW)
    for number in range(1, 30):
        another = making.activity(
            day.offering, f"2026-12-{number:02} 09:00", f"2026-12-{number:02} 10:00"
        )
        certified.approve(another)
        making.attended(day.offering.registrations.first(), another)
    with django_assert_num_queries(4):
        assert len(work.of_days(paula, NOW)) == len(few) + 29 * 2
