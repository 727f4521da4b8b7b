"""What the hub itself forgets in time: to the second, and not a second before."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session

from calls import retention as calls_retention
from calls.models import CallSeries, SignUp
from hub import audit, retention
from hub.models import Announcement, Mail, User
from tests.announcing import draft
from tests.front.conftest import join, signed_in
from tests.trainings import making
from trainings.models import HostOffer, RegistrationEvent
from trainings.services import retention as trainings_retention

pytestmark = pytest.mark.django_db

NOW = making.at("2026-11-30 12:00")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob():
    return User.objects.create_user("bob@example.org", name="Bob Stone")


def test_sessions_that_ran_out(bob, settings):
    signed_in(bob)
    half_an_hour = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    retention.end_sessions(NOW + half_an_hour)
    assert Session.objects.exists()
    retention.end_sessions(NOW + half_an_hour + SECOND)
    assert not Session.objects.exists()


def test_mail_that_was_sent_or_given_up_long_ago_and_none_that_waits():
    for number, field in enumerate(("sent_at", "dropped_at", "")):
        Mail.objects.create(kind="x", subject_id=number, **({field: NOW} if field else {}))
    retention.forget_mail(NOW + retention.MAIL_FOR)
    assert Mail.objects.count() == 3
    retention.forget_mail(NOW + retention.MAIL_FOR + SECOND)
    assert Mail.objects.get().subject_id == 2


def test_the_log(bob):
    LogEntry.objects.log_actions(bob.pk, [bob], CHANGE, "Changed.", single_object=True)
    retention.forget_log(NOW + retention.LOG_FOR)
    assert LogEntry.objects.exists()
    retention.forget_log(NOW + retention.LOG_FOR + SECOND)
    assert not LogEntry.objects.exists()


class TestPeople:
    OVER = retention.ACCOUNT_FOR + SECOND

    def test_a_year_after_they_came(self, bob):
        retention.forget_people(NOW + retention.ACCOUNT_FOR)
        assert User.objects.exists()
        retention.forget_people(NOW + self.OVER)
        assert not User.objects.exists()

    def test_a_year_after_they_signed_in_last(self, bob):
        User.objects.update(last_login=NOW + timedelta(days=100))
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()
        retention.forget_people(NOW + self.OVER + timedelta(days=100))
        assert not User.objects.exists()

    def test_not_staff(self):
        User.objects.create_user("alice@example.org", is_staff=True)
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()

    def test_not_while_a_call_or_training_is_theirs(self, bob):
        row = join(bob, CallSeries.objects.create(slug="a", name="A"))
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()
        row.delete()
        person = making.person(making.offering(), user=bob)
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()
        type(person).objects.update(user=None)
        retention.forget_people(NOW + self.OVER)
        assert not User.objects.exists()

    def test_who_was_staff_stays_while_the_log_knows_them_and_leaves_no_name(self, bob):
        person = making.person(making.offering())
        RegistrationEvent.objects.create(registration=person, state="confirmed", by=bob)
        LogEntry.objects.log_actions(bob.pk, [person], CHANGE, "Changed.", single_object=True)
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()
        retention.forget_log(NOW + retention.LOG_FOR + SECOND)
        retention.forget_people(NOW + retention.LOG_FOR + SECOND)
        assert not User.objects.exists()
        assert RegistrationEvent.objects.get().by is None

    def test_not_who_opened_confidential_requests(self, bob):
        audit.record(bob, "open", "request", "TA-1")
        retention.forget_people(NOW + self.OVER)
        assert User.objects.exists()


class TestCalls:
    @pytest.mark.parametrize(
        ("state", "field", "kept_for"),
        [
            ("left", "left_at", calls_retention.LEFT_FOR),
            ("awaiting", "asked_at", calls_retention.AWAITING_FOR),
        ],
    )
    def test_sign_ups(self, bob, state, field, kept_for):
        series = CallSeries.objects.create(slug="a", name="A")
        join(bob, series, state=state, **{field: NOW})
        carol = User.objects.create_user("carol@example.org")
        join(carol, series)
        calls_retention.forget_left(NOW + kept_for)
        assert SignUp.objects.count() == 2
        calls_retention.forget_left(NOW + kept_for + SECOND)
        assert SignUp.objects.get().user == carol

    def test_announcements(self):
        alice = User.objects.create_user("alice@example.org")
        draft(CallSeries.objects.create(slug="a", name="A").pk, alice)
        retention.forget_announcements(NOW + retention.ANNOUNCEMENTS_FOR)
        assert Announcement.objects.exists()
        retention.forget_announcements(NOW + retention.ANNOUNCEMENTS_FOR + SECOND)
        assert not Announcement.objects.exists()


def test_offers_to_host_go_once_their_training_is_over():
    offering = making.offering(day="2029-01-30")
    for of in (None, offering):
        HostOffer.objects.create(
            course=offering.course,
            agency="Agency",
            name="Ann",
            email="ann@example.org",
            attorneys=9,
            offering=of,
        )
    later = NOW + trainings_retention.OFFERS_FOR
    trainings_retention.forget_offers(later)
    assert HostOffer.objects.count() == 2
    trainings_retention.forget_offers(later + SECOND)
    assert HostOffer.objects.get().offering == offering
    trainings_retention.forget_offers(making.at("2029-02-02 12:00"))
    assert not HostOffer.objects.exists()
