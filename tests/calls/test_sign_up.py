"""Verbs on sign-ups: a table of states, double clicks, strangers, approval, races, purge."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from calls import dates, mails, services
from calls.models import SignUp
from hub import personal_feeds
from hub.models import Mail, PersonalFeed, User
from tests.calls.factories import (
    TODAY,
    ScheduleFactory,
    SeriesFactory,
    SignUpFactory,
    UserFactory,
    calendar_of,
    pacific,
    promised,
)
from tests.mailbox import deliver, text_of

DETAILS = {
    "name": "Dan Diaz",
    "email": "dan@example.org",
    "organization": "Shelter",
    "role": "social",
}


def now():
    return datetime.now(UTC)


def kinds():
    return [kind for kind, *_ in promised()]


# state, verb → state, mail; in a series without and with approval
TABLE = [
    ("unconfirmed", "join", False, "active", ["calls.welcome"]),
    ("unconfirmed", "join", True, "awaiting", []),
    ("unconfirmed", "approve", True, "unconfirmed", []),
    ("unconfirmed", "leave", False, "left", []),
    ("awaiting", "join", True, "awaiting", []),
    ("awaiting", "approve", True, "active", ["calls.welcome"]),
    ("awaiting", "leave", True, "left", []),
    ("active", "join", False, "active", []),
    ("active", "join", True, "active", []),
    ("active", "approve", True, "active", []),
    ("active", "leave", False, "left", ["calls.goodbye"]),
    ("left", "join", False, "active", ["calls.welcome"]),
    # Approved once, they need no second approval.
    ("left", "join", True, "active", ["calls.welcome"]),
    ("left", "approve", True, "left", []),
    ("left", "leave", False, "left", []),
]


@pytest.mark.parametrize(("state", "verb", "approval", "becomes", "mail"), TABLE)
def test_what_each_verb_makes_of_each_state(weekly, state, verb, approval, becomes, mail):
    weekly.series.needs_approval = approval
    weekly.series.save()
    person = SignUpFactory(series=weekly.series, state=state)
    answered = getattr(services, verb)(person.pk)
    person.refresh_from_db()
    assert person.state == answered.state == becomes
    assert kinds() == mail
    waits, round_now = promised(), person.round
    # A second click finds it done.
    getattr(services, verb)(person.pk)
    person.refresh_from_db()
    assert (person.state, person.round, promised()) == (becomes, round_now, waits)


def test_one_never_let_in_still_needs_approval_when_coming_back(weekly):
    weekly.series.needs_approval = True
    weekly.series.save()
    person = SignUpFactory(series=weekly.series, state="awaiting")
    services.leave(person.pk)
    services.join(person.pk)
    person.refresh_from_db()
    assert person.state == "awaiting"


class TestAsking:
    def test_a_wish_is_kept_unconfirmed_with_one_mail(self, weekly):
        assert services.sign_up(weekly.series, **DETAILS) is None
        person = SignUp.objects.get()
        assert (person.state, person.user, person.joined_at) == ("unconfirmed", None, None)
        assert (person.name, person.organization, person.role) == ("Dan Diaz", "Shelter", "social")
        assert promised() == [("calls.link", person.pk, 0, 1)]
        (message,) = deliver()
        assert message["To"] == "dan@example.org"
        assert message["Subject"] == "Confirm your sign-up: Legal Working Group"

    def test_no_person_is_made_before_the_address_is_proven(self, weekly):
        services.sign_up(weekly.series, **DETAILS)
        assert not User.objects.exists()

    def test_a_double_click_is_one_row_and_one_mail(self, weekly):
        for _ in range(3):
            services.sign_up(weekly.series, **DETAILS)
        assert SignUp.objects.count() == 1
        assert len(deliver()) == 1

    def test_however_the_address_is_written(self, weekly):
        services.sign_up(weekly.series, **DETAILS)
        services.sign_up(weekly.series, **DETAILS | {"email": " DAN@Example.org "})
        assert SignUp.objects.get().email == "dan@example.org"

    def test_ten_minutes_later_another_mail_is_sent(self, weekly, clock):
        services.sign_up(weekly.series, **DETAILS)
        deliver()
        clock.shift(timedelta(minutes=10))
        services.sign_up(weekly.series, **DETAILS)
        services.sign_up(weekly.series, **DETAILS)
        assert len(deliver()) == 1
        assert SignUp.objects.get().asked == 2

    def test_who_has_not_confirmed_may_correct_the_details(self, weekly):
        services.sign_up(weekly.series, **DETAILS)
        services.sign_up(weekly.series, **DETAILS | {"name": "Daniel Diaz"})
        assert SignUp.objects.get().name == "Daniel Diaz"

    @pytest.mark.parametrize("state", ["awaiting", "active", "left"])
    def test_a_stranger_never_changes_the_details_of_somebody_known(self, weekly, state):
        person = SignUpFactory(series=weekly.series, state=state)
        before = SignUp.objects.values("name", "organization", "role", "state", "round").get()
        answer = services.sign_up(
            weekly.series,
            name="Mallory",
            email=person.email,
            organization="Elsewhere",
            role="other",
        )
        assert answer is None
        after = SignUp.objects.values("name", "organization", "role", "state", "round").get()
        assert after == before
        (message,) = deliver()
        assert "Mallory" not in message.as_string()
        assert message["Subject"] == "Your sign-up: Legal Working Group"

    def test_the_same_address_may_be_in_several_calls(self, weekly, monthly):
        for series in (weekly.series, monthly.series):
            services.sign_up(series, **DETAILS)
        assert SignUp.objects.count() == 2
        assert len(deliver()) == 2


class TestJoining:
    def test_makes_the_person_once_for_all_calls(self, weekly, monthly):
        for series in (weekly.series, monthly.series):
            services.sign_up(series, **DETAILS)
        for row in SignUp.objects.all():
            services.join(row.pk)
        person = User.objects.get()
        assert (person.email, person.name) == ("dan@example.org", "Dan Diaz")
        assert person.call_sign_ups.count() == 2
        assert not person.is_staff

    def test_a_person_already_known_keeps_their_name(self, weekly):
        UserFactory(email="dan@example.org", name="Daniel")
        services.sign_up(weekly.series, **DETAILS)
        services.join(SignUp.objects.get().pk)
        assert User.objects.get().name == "Daniel"

    def test_the_welcome_holds_the_invitation(self, weekly):
        person = SignUpFactory(series=weekly.series, state="unconfirmed")
        services.join(person.pk)
        (message,) = deliver()
        assert f"UID:{weekly.uid}" in calendar_of(message)
        assert "METHOD:REQUEST" in calendar_of(message)
        assert "canary-passcode" in text_of(message)

    def test_one_mail_a_schedule_that_is_still_to_come(self, weekly):
        dates.end_schedule(weekly, pacific("2026-12-31T00:00").date())
        ScheduleFactory(series=weekly.series, first_date=pacific("2027-01-06T00:00").date())
        person = SignUpFactory(series=weekly.series, state="unconfirmed")
        services.join(person.pk)
        assert len({f"{calendar_of(one)}" for one in deliver()}) == 2

    def test_a_call_without_times_welcomes_without_an_invitation(self, db):
        person = SignUpFactory(series=SeriesFactory(), state="unconfirmed")
        services.join(person.pk)
        (message,) = deliver()
        assert "text/calendar" not in message.as_string()
        assert "dates are not set yet" in text_of(message)

    def test_extra_dates_come_with_it_and_go_with_it(self, weekly):
        extra = dates.add(weekly, pacific("2026-12-11T10:00"))
        dates.cancel(dates.add(weekly, pacific("2026-12-12T10:00")), "Retreat")
        person = SignUpFactory(series=weekly.series, state="unconfirmed")
        services.join(person.pk)
        _, invitation = deliver()
        assert f"UID:{extra.uid}" in calendar_of(invitation)
        assert "METHOD:REQUEST" in calendar_of(invitation)
        services.leave(person.pk)
        _, cancel = deliver()
        assert f"UID:{extra.uid}" in calendar_of(cancel)
        assert "METHOD:CANCEL" in calendar_of(cancel)
        assert "the extra date on Friday, December 11, 2026," in text_of(cancel)

    def test_leaving_and_coming_back_by_the_same_link(self, bob):
        token = mails.link_for(bob).rsplit("/", 2)[1]
        for verb, state in ((services.leave, "left"), (services.join, "active")) * 2:
            verb(mails.by_link(token).pk)
            assert mails.by_link(token).state == state

    def test_each_round_raises_the_sequence_that_calendars_compare(self, weekly):
        person = SignUpFactory(series=weekly.series, state="unconfirmed")
        seen = []
        for verb in (services.join, services.leave, services.join):
            verb(person.pk)
            (message,) = deliver()
            lines = calendar_of(message).splitlines()
            method = next(line for line in lines if line.startswith("METHOD:"))
            number = next(line for line in lines if line.startswith("SEQUENCE:"))
            seen.append((method, number))
        assert seen == [
            ("METHOD:REQUEST", "SEQUENCE:1"),
            ("METHOD:CANCEL", "SEQUENCE:2"),
            ("METHOD:REQUEST", "SEQUENCE:3"),
        ]

    def test_joining_details_never_reach_one_who_waits(self, weekly):
        weekly.series.needs_approval = True
        weekly.series.save()
        services.sign_up(weekly.series, **DETAILS)
        services.join(SignUp.objects.get().pk)
        for message in deliver():
            assert "canary" not in message.as_string()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("verb", "kind"), [("join", "calls.welcome"), ("leave", "calls.goodbye")])
def test_two_threads_with_one_link_are_one_change_and_one_mail(verb, kind):
    with time_machine.travel(TODAY, tick=False):
        made = ScheduleFactory()
        person = SignUpFactory(
            series=made.series, state="unconfirmed" if verb == "join" else "active"
        )
        rounds = person.round
        start, states = threading.Barrier(2), []

        def click():
            try:
                start.wait(10)
                states.append(getattr(services, verb)(person.pk).state)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        person.refresh_from_db()
        assert states == [person.state] * 2
        assert person.round == rounds + 1
        assert kinds() == [kind]
        assert len(deliver()) == 1
        assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_coming_back_waits_for_the_leaving_that_is_under_way():
    """Else it would see somebody still in, do nothing, and leave them out."""
    with time_machine.travel(TODAY, tick=False):
        person = SignUpFactory(series=ScheduleFactory().series)

        def come_back():
            try:
                services.join(person.pk)
            finally:
                connection.close()

        other = threading.Thread(target=come_back)
        with transaction.atomic():
            services.leave(person.pk)
            other.start()
            waiting = False
            while other.is_alive() and not waiting:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
                        "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
                    )
                    waiting = cursor.fetchone()[0] > 0
        other.join(30)
        person.refresh_from_db()
        assert waiting
        assert (person.state, person.round) == ("active", 3)


@pytest.mark.django_db(transaction=True)
def test_two_threads_with_one_form_are_one_row_and_one_mail():
    with time_machine.travel(TODAY, tick=False):
        series = SeriesFactory()
        start, done = threading.Barrier(2), []

        def send():
            try:
                start.wait(10)
                done.append(services.sign_up(series, **DETAILS))
            finally:
                connection.close()

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert done == [None, None]
        assert SignUp.objects.count() == Mail.objects.count() == 1


class TestPurge:
    def test_unconfirmed_go_after_fourteen_days_and_their_links_with_them(self, weekly, clock):
        services.sign_up(weekly.series, **DETAILS)
        token = mails.link_for(SignUp.objects.get()).rsplit("/", 2)[1]
        clock.shift(timedelta(days=14))
        services.forget_unconfirmed(now())
        assert mails.by_link(token) is not None
        clock.shift(timedelta(seconds=1))
        services.forget_unconfirmed(now())
        assert mails.by_link(token) is None
        assert deliver() == []

    def test_asking_again_starts_the_fourteen_days_anew(self, weekly, clock):
        services.sign_up(weekly.series, **DETAILS)
        clock.shift(timedelta(days=13))
        services.sign_up(weekly.series, **DETAILS)
        clock.shift(timedelta(days=13))
        services.forget_unconfirmed(now())
        assert SignUp.objects.count() == 1

    @pytest.mark.parametrize("state", ["awaiting", "active", "left"])
    def test_everyone_else_stays(self, weekly, clock, state):
        SignUpFactory(series=weekly.series, state=state)
        clock.shift(timedelta(days=400))
        services.forget_unconfirmed(now())
        assert SignUp.objects.count() == 1


class TestPrivateCalendar:
    def test_its_address_is_random_and_only_its_hash_is_kept(self, bob):
        address = services.new_calendar_address(bob)
        assert len(address) == 43
        assert personal_feeds.find(address).user == bob.user
        assert address.encode() not in bytes(PersonalFeed.objects.get().token_hash)

    def test_a_new_one_replaces_the_old_one(self, bob):
        first = services.new_calendar_address(bob)
        second = services.new_calendar_address(bob)
        assert first != second
        assert personal_feeds.find(first).revoked_at == now()
        assert personal_feeds.find(second).revoked_at is None

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "left"])
    def test_only_for_those_who_are_in(self, weekly, state):
        person = SignUpFactory(series=weekly.series, state=state)
        with pytest.raises(ValueError, match="only an active sign-up"):
            services.new_calendar_address(person)

    def test_one_whose_person_staff_deleted_gets_one_too(self, bob):
        bob.user.delete()
        bob.refresh_from_db()
        address = services.new_calendar_address(bob)
        assert personal_feeds.find(address).user.email == "bob@example.org"


class TestMailFromStaff:
    def test_changed_joining_details_are_told_once_and_only_the_last(self, bob, carol):
        series = bob.series
        SignUpFactory(series=series, state="awaiting")
        for passcode in ("first", "second"):
            series.joining_passcode = passcode
            series.save()
            services.tell_joining_details(series)
        texts = [text_of(message) for message in deliver()]
        assert len(texts) == 2
        assert all("Passcode: second" in text for text in texts)
        assert deliver() == []


BROKEN = {
    "active without a date": {"joined_at": None},
    "an address twice": {"email": "bob@example.org"},
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_database_refuses(bob, carol, case):
    with pytest.raises(IntegrityError), transaction.atomic():
        SignUp.objects.filter(pk=carol.pk).update(**BROKEN[case])


def test_a_sign_up_says_nothing_of_the_person_in_logs(bob):
    assert str(bob) == f"Sign-up {bob.pk}"
