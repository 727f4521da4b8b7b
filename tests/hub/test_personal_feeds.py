"""Private calendar addresses: random, kept as a hash, replaced, empty for a month, then gone."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from calls.models import CallSeries, SignUp
from calls.services import leave
from hub import personal_feeds
from hub.models import Closure, ContentVersion, PersonalFeed, User
from tests.hub.conftest import in_threads

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
MONTH = timedelta(days=31)
pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    return User.objects.create_user("bob@example.org", name="Bob")


def get(token: str, **headers: str):
    return Client().get(f"/my/calendar/{token}.ics", headers=headers)


def test_an_address_finds_its_person(bob):
    assert personal_feeds.find(personal_feeds.new_token(bob)).user == bob


def test_it_is_256_random_bits_in_letters_an_address_can_hold(bob):
    tokens = {personal_feeds.new_token(bob) for _ in range(20)}
    assert len(tokens) == 20
    for token in tokens:
        assert len(token) == 43
        assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_only_its_hash_is_kept(bob):
    token = personal_feeds.new_token(bob)
    row = PersonalFeed.objects.values().get()
    assert bytes(row["token_hash"]) == hashlib.sha256(token.encode()).digest()
    assert not any(token in str(value) or token.encode() == value for value in row.values())


def test_a_new_address_ends_the_old_one(bob):
    old = personal_feeds.new_token(bob)
    new = personal_feeds.new_token(bob)
    assert personal_feeds.find(old).revoked_at is not None
    assert personal_feeds.find(new).revoked_at is None
    assert PersonalFeed.objects.filter(revoked_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_new_addresses_at_once_leave_one_alive():
    bob = User.objects.create_user("bob@example.org")
    in_threads(4, lambda number: personal_feeds.new_token(bob) and None)
    assert PersonalFeed.objects.count() == 4
    assert PersonalFeed.objects.filter(revoked_at=None).count() == 1


def test_an_ended_address_is_found_for_a_month_and_not_a_second_longer(bob):
    with time_machine.travel(NOW, tick=False) as clock:
        token = personal_feeds.new_token(bob)
        personal_feeds.revoke(bob)
        clock.move_to(NOW + MONTH)
        assert personal_feeds.find(token) is not None
        clock.move_to(NOW + MONTH + timedelta(seconds=1))
        assert personal_feeds.find(token) is None


def test_ending_it_again_later_does_not_lengthen_that(bob):
    with time_machine.travel(NOW, tick=False) as clock:
        token = personal_feeds.new_token(bob)
        personal_feeds.revoke(bob)
        clock.shift(MONTH)
        personal_feeds.revoke(bob)
        clock.shift(1)
        assert personal_feeds.find(token) is None


def test_a_person_who_is_shut_out_has_no_calendar(bob):
    token = personal_feeds.new_token(bob)
    User.objects.update(is_active=False)
    assert personal_feeds.find(token) is None


def test_one_person_s_changes_are_theirs_alone(bob):
    carol = User.objects.create_user("carol@example.org")
    tokens = [personal_feeds.new_token(one) for one in (bob, carol)]
    before = [personal_feeds.changed_at(personal_feeds.find(token)) for token in tokens]
    personal_feeds.touch(bob.pk)
    after = [personal_feeds.changed_at(personal_feeds.find(token)) for token in tokens]
    assert after[0] > before[0]
    assert after[1] == before[1]
    personal_feeds.revoke(bob)
    assert personal_feeds.find(tokens[1]).revoked_at is None


class TestDate:
    """Last-Modified moves with each change, in whatever order and second they come."""

    def change_public(self) -> None:
        ContentVersion.objects.update(transaction="")
        Closure.objects.create(
            date=NOW.date() + timedelta(days=Closure.objects.count()), name="Closed"
        )

    @pytest.mark.parametrize("order", ["ppp", "vvv", "pvpv", "vpvp", "vvpp", "ppvv", "vr", "pvr"])
    def test_it_is_later_after_each_change(self, bob, order):
        token = personal_feeds.new_token(bob)
        change = {
            "p": lambda: personal_feeds.touch(bob.pk),
            "v": self.change_public,
            "r": lambda: personal_feeds.revoke(bob),
        }
        dates = [personal_feeds.changed_at(personal_feeds.find(token))]
        for step in order:
            change[step]()
            dates.append(personal_feeds.changed_at(personal_feeds.find(token)))
        assert dates == sorted(set(dates))
        assert all(date.microsecond == 0 for date in dates)

    def test_it_stays_without_a_change(self, bob):
        feed = personal_feeds.find(personal_feeds.new_token(bob))
        assert personal_feeds.changed_at(feed) == personal_feeds.changed_at(feed)


class TestOverHttp:
    @pytest.fixture
    def sign_up(self, bob):
        series = CallSeries.objects.create(slug="a-call", name="A call")
        return SignUp.objects.create(
            series=series,
            user=bob,
            email=bob.email,
            name="Bob",
            organization="Law",
            role="attorney",
            state="active",
            joined_at=NOW,
        )

    def test_it_is_private_indexed_nowhere_and_brings_no_cookie(self, bob):
        answer = get(personal_feeds.new_token(bob))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"] == "private, max-age=300"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Vary" not in answer.headers
        assert not answer.cookies

    def test_who_has_it_is_told_so_and_only_then(self, bob):
        token = personal_feeds.new_token(bob)
        answer = get(token)
        etag, date = answer.headers["ETag"], answer.headers["Last-Modified"]
        for has in ({"if-none-match": etag}, {"if-modified-since": date}):
            again = get(token, **has)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["Cache-Control"] == "private, max-age=300"
        personal_feeds.touch(bob.pk)
        assert get(token, **{"if-modified-since": date}).status_code == 200

    def test_who_left_sees_it_at_once(self, sign_up, bob):
        token = personal_feeds.new_token(bob)
        date = get(token).headers["Last-Modified"]
        leave(sign_up.pk)
        assert get(token, **{"if-modified-since": date}).status_code == 200

    def test_an_ended_address_empties_the_calendar_that_asks(self, bob):
        token = personal_feeds.new_token(bob)
        date = get(token).headers["Last-Modified"]
        personal_feeds.revoke(bob)
        answer = get(token, **{"if-modified-since": date})
        assert answer.status_code == 200
        assert b"BEGIN:VEVENT" not in answer.content
        assert answer.content.startswith(b"BEGIN:VCALENDAR")

    def test_unknown_long_ended_and_shut_out_are_the_same_404(self, bob):
        with time_machine.travel(NOW, tick=False) as clock:
            ended = personal_feeds.new_token(bob)
            personal_feeds.revoke(bob)
            clock.shift(MONTH + timedelta(days=1))
            carol = User.objects.create_user("carol@example.org", is_active=False)
            shut_out = personal_feeds.new_token(carol)
            tokens = ["unknown", ended, shut_out, ended.upper(), ended[:-1], "%00", "%F0%9F%92%A9"]
            answers = [get(token) for token in tokens]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert all(dict(answer.headers) == dict(answers[0].headers) for answer in answers)
