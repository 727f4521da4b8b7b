"""How much trainings did in each of the last twelve months."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from hub.models import User
from tests.trainings import certified, making
from trainings import figures
from trainings.models import Pledge, PledgeText
from trainings.services import certificates, pledges

pytestmark = pytest.mark.django_db
NOW = making.at("2027-02-20 12:00")


@pytest.fixture(autouse=True)
def _stopped():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org")


@pytest.fixture
def day():
    return certified.held_day(status="approved")


def seen(figure):
    return {month: number for month, number in figure.months if number}


def test_sign_ups_count_in_the_month_the_seat_was_theirs(day):
    for name, at in [("Ann Lee", "2027-01-31 23:00"), ("Bea Lee", "2026-03-01 00:00")]:
        one = making.person(day.offering, name)
        one.confirmed_at = making.at(at)
        one.save()
    making.person(day.offering, "Cy Lee", state="waitlisted")
    assert seen(figures.sign_ups(NOW)) == {date(2027, 1, 1): 1, date(2026, 3, 1): 1}


def test_attendance_is_people_once_a_day(day):
    bob = certified.came(day)
    bob.attendance.create(
        activity=day, starts_at=day.starts_at + timedelta(hours=3), source="staff"
    )
    certified.came(day, "Carol Reed")
    assert seen(figures.attendance(NOW)) == {date(2027, 1, 1): 2}


def test_credit_is_the_hours_on_papers_in_force(day, alice):
    for name in ("Bob Stone", "Carol Reed", "Dan Diaz"):
        certified.came(day, name, bar="123456")
    certified.came(day, "Eve Lee", bar="", is_attorney=False)
    certificates.issue(day, alice)
    assert seen(figures.credit(NOW)) == {date(2027, 1, 1): Decimal(18)}
    certificates.revoke(day.certificates.filter(kind="mcle").first(), "A mistake.", alice)
    assert seen(figures.credit(NOW)) == {date(2027, 1, 1): Decimal(12)}


def test_a_paper_for_two_states_counts_once(day, alice):
    certified.approve(day, jurisdiction="NY")
    bob = certified.came(day)
    bob.bar_numbers.create(state="NY", number="7654321")
    certificates.issue(day, alice)
    [paper] = day.certificates.all()
    assert len(paper.data["activities"][0]["credit"]) == 2
    first = Decimal(paper.data["activities"][0]["credit"][0]["total"])
    assert seen(figures.credit(NOW)) == {date(2027, 1, 1): first}


def test_pledges_made_and_kept(day, alice):
    text = PledgeText.objects.create(version=90, text="I pledge.")
    for name, state in [("Ann Lee", "accepted"), ("Bea Lee", "made")]:
        one = certified.came(day, name)
        Pledge.objects.create(
            registration=one,
            text=text,
            signed_name=name,
            due_on=date(2028, 1, 29),
            state=state,
            made_at=making.at("2027-01-30 09:00"),
            accepted_at=making.at("2027-02-01 09:00") if state == "accepted" else None,
        )
    assert seen(figures.pledges_made(NOW)) == {date(2027, 1, 1): 2}
    assert seen(figures.pledges_kept(NOW)) == {}
    # The client ended an accepted case: that keeps the pledge too.
    pledges.client_withdraws(Pledge.objects.get(state="accepted"), alice, "They moved.")
    assert seen(figures.pledges_kept(NOW)) == {date(2027, 2, 1): 1}


def test_each_is_one_query(day, django_assert_num_queries):
    certified.came(day)
    for figure in (
        figures.sign_ups,
        figures.attendance,
        figures.credit,
        figures.pledges_made,
        figures.pledges_kept,
    ):
        with django_assert_num_queries(1):
            assert len(figure(NOW).months) == 12
