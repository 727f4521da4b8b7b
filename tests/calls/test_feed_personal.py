"""The private calendar of one person, and what only it may say."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls import services
from hub import personal_feeds
from tests.calls.factories import (
    SECRETS,
    ScheduleFactory,
    SignUpFactory,
    get,
    unfolded,
)

WEEKLY = "Legal Working Group"


class TestWhatIsPrivate:
    def test_joining_details_are_in_the_personal_feed_alone(self, client, bob, address):
        public = [
            get(client, path).content.decode()
            for path in (
                "/calls/working-group.ics",
                "/calendar.ics",
                "/calls/",
                "/calls/working-group/",
                "/calls/working-group/dates/",
                "/calls/working-group/check-your-email/",
                "/",
            )
        ]
        own = unfolded(get(client, address).content)
        for secret in SECRETS.values():
            assert secret in own
            assert not [page for page in public if secret in page]

    def test_no_person_is_in_anything_public(self, client, bob, address):
        token = address.split("/")[-1].removesuffix(".ics")
        for path in (
            "/calls/working-group.ics",
            "/calendar.ics",
            "/calls/",
            "/calls/working-group/",
            "/",
        ):
            page = get(client, path).content.decode()
            for private in ("Bob", bob.email, bob.nonce, token, "Legal Aid"):
                assert private not in page, (path, private)

    def test_not_even_the_persons_own_name_is_in_their_feed(self, client, bob, address):
        own = get(client, address).content.decode()
        assert "Bob" not in own
        assert bob.email not in own


class TestPersonal:
    def test_shows_only_the_calls_one_is_in(self, client, bob, monthly, address):
        text = unfolded(get(client, address).content)
        assert f"SUMMARY:{WEEKLY}" in text
        assert "Providers" not in text

    def test_leaving_takes_the_call_out_and_is_news(self, client, bob, address):
        before = get(client, address)
        services.leave(bob.pk)
        after = client.get(address, headers={"if_none_match": before["ETag"]})
        assert after.status_code == 200
        assert b"VEVENT" not in after.content
        services.join(bob.pk)
        again = client.get(address, headers={"if_none_match": after["ETag"]})
        assert again.status_code == 200
        assert f"SUMMARY:{WEEKLY}" in unfolded(again.content)

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "left"])
    def test_only_an_active_sign_up_counts(self, client, bob, address, monthly, state):
        SignUpFactory(series=monthly.series, state=state, user=bob.user, email=bob.email)
        assert "Providers" not in unfolded(get(client, address).content)

    def test_a_call_taken_off_the_site_leaves(self, client, bob, address):
        type(bob.series).objects.update(published=False)
        assert b"VEVENT" not in get(client, address).content

    def test_a_replaced_address_is_empty_for_a_month_and_then_unknown(
        self, client, bob, address, clock
    ):
        fresh = services.new_calendar_address(bob)
        old = get(client, address)
        assert b"VEVENT" not in old.content
        assert b"BEGIN:VCALENDAR" in old.content
        assert b"VEVENT" in get(client, f"/my/calendar/{fresh}.ics").content
        clock.shift(personal_feeds.EMPTY_FOR)
        assert b"VEVENT" not in get(client, address).content
        clock.shift(1)
        gone = client.get(address)
        assert gone.status_code == 404
        assert gone.content == client.get("/my/calendar/unknown.ics").content

    def test_every_address_that_is_not_one_gets_the_same_bytes(self, client, bob, address):
        token = address.split("/")[-1].removesuffix(".ics")
        wrong = [
            "x",
            token.upper() if token.upper() != token else token.lower(),
            token[:-1],
            token + "A",
            "A" * 43,
            "A" * 5000,
            "%00",
            "..%2f..%2fcalendar",
            "%ED%A0%80",
            "'; DROP TABLE hub_user; --",
        ]
        answers = [client.get(f"/my/calendar/{one}.ics") for one in wrong]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_a_person_shut_out_has_no_feed(self, client, bob, address):
        bob.user.is_active = False
        bob.user.save()
        assert client.get(address).status_code == 404


def test_constant_queries_of_a_personal_feed(client, bob, address):
    with CaptureQueriesContext(connection) as few:
        get(client, address)
    for _ in range(29):
        made = ScheduleFactory()
        SignUpFactory(series=made.series, user=bob.user, email=bob.email)
    with CaptureQueriesContext(connection) as many:
        data = get(client, address).content
    assert unfolded(data).count("BEGIN:VEVENT") == 30
    assert len(many) == len(few)
