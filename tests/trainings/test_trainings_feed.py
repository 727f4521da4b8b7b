"""Trainings as calendars read them: each day an event, moves and cancellations included."""

from datetime import UTC, datetime

import icalendar
import pytest
import recurring_ical_events
from django.db import connection
from django.urls import reverse

from hub import personal_feeds, version
from tests.trainings.cast import LINK, approve, make_offering, make_person, pacific
from trainings import feeds
from trainings.models import Activity, Course, Offering
from trainings.services import publishing
from trainings.services import registration as services

WINTER = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)


def read(client):
    response = client.get("/trainings.ics")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    return sorted(recurring_ical_events.of(calendar).between(*WINTER), key=lambda one: one.start)


def events():
    return {one.uid: one for one in feeds.public_events()}


@pytest.fixture
def two_days(db, clock):
    return make_offering(days=("2027-01-29", "2027-01-30"))


def test_each_day_is_an_event_of_its_own(client, two_days):
    first, second = read(client)
    assert (first.start, first.end) == (pacific("2027-01-29T09:00"), pacific("2027-01-29T17:00"))
    assert (second.start, second.end) == (pacific("2027-01-30T09:00"), pacific("2027-01-30T17:00"))
    assert [str(one["SUMMARY"]) for one in (first, second)] == [
        "Pro Bono Attorney Training: Day 1",
        "Pro Bono Attorney Training: Day 2",
    ]
    assert first["UID"] != second["UID"]
    assert (str(first["LOCATION"]), str(first["STATUS"])) == ("Los Angeles", "CONFIRMED")
    assert str(first["URL"]) == "http://testserver" + two_days.get_absolute_url()


@pytest.mark.parametrize("day", ["2027-03-13", "2027-03-14", "2027-11-06", "2027-11-07"])
def test_at_the_changes_of_clocks_it_is_nine_at_the_venue(client, db, clock, day):
    make_offering(days=(day,), zone="America/New_York")
    (found,) = read(client)
    assert found.start == pacific(f"{day}T09:00")
    assert str(found.start.tzinfo) == "America/New_York"


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"status": "open"}, 1),
        ({"status": "closed"}, 1),
        ({"status": "draft", "published_at": None}, 0),
        ({"status": "canceled", "cancel_reason": "Leaks.", "published_at": None}, 0),
    ],
)
def test_what_is_published_and_nothing_else(client, offering, change, count):
    Offering.objects.update(**change)
    assert len(read(client)) == count


def test_a_course_taken_off_the_page_is_off_the_feed(client, offering):
    Course.objects.update(published=False)
    assert read(client) == []


def test_no_joining_details_and_nobody_is_named(client, offering):
    Offering.objects.update(joining_url=LINK)
    make_person(offering, "bob")
    body = client.get("/trainings.ics").content.lower()
    for secret in (b"canary", b"bob", b"attendee", b"organizer", b"method"):
        assert secret not in body


def test_a_canceled_training_is_said_to_be(client, two_days):
    before = events()
    publishing.cancel_offering(two_days.pk, reason="The roof leaks.")
    for found in read(client):
        assert str(found["STATUS"]) == "CANCELLED"
        assert str(found["SUMMARY"]).startswith("Canceled: Pro Bono")
        assert "The roof leaks." in str(found["DESCRIPTION"])
        assert found["SEQUENCE"] == before[str(found["UID"])].sequence + 1


def test_a_moved_day_keeps_its_uid_and_raises_its_sequence(client, two_days, clock):
    first, second = two_days.days
    before = events()
    clock.shift(3600)
    second.ends_at = pacific("2027-01-30T16:00")
    second.save()
    publishing.changed(two_days.pk, activity_id=second.pk)
    after = events()
    assert after[first.uid] == before[first.uid]
    assert after[second.uid].sequence == before[second.uid].sequence + 1
    assert after[second.uid].stamp > before[second.uid].stamp
    assert read(client)[1].end == pacific("2027-01-30T16:00")


def test_a_change_of_the_whole_raises_each_day(two_days):
    before = events()
    publishing.changed(two_days.pk, tell=False)
    assert {uid: one.sequence - before[uid].sequence for uid, one in events().items()} == {
        day.uid: 1 for day in two_days.days
    }


def test_a_draft_changes_without_a_trace(db, clock):
    draft = make_offering(status="draft", published_at=None)
    publishing.changed(draft.pk)
    assert draft.activities.get().sequence == 0


def test_registering_changes_no_public_byte(client, offering):
    before = client.get("/trainings.ics")
    services.confirm(make_person(offering, "bob", "unconfirmed").pk)
    after = client.get("/trainings.ics")
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])
    unchanged = client.get("/trainings.ics", headers={"if-none-match": before["ETag"]})
    assert unchanged.status_code == 304


def test_each_change_is_a_later_date(client, offering):
    before = version.current()
    with connection.cursor() as cursor:
        # A transaction raises it once; the offering was made in this one.
        cursor.execute("UPDATE hub_contentversion SET transaction = ''")
    publishing.changed(offering.pk)
    assert version.current() > before


def test_one_offering_and_thirty_cost_the_same(client, offering, django_assert_num_queries):
    approve(offering.days[0])
    # Content version; offerings, days, approvals, prices.
    with django_assert_num_queries(5):
        client.get("/trainings.ics")
    for number in range(30):
        approve(make_offering(slug=f"n{number}", days=("2027-02-01", "2027-02-02")).days[0])
    with django_assert_num_queries(5):
        assert len(read(client)) == 61
    assert Activity.objects.count() == 61


class TestPersonal:
    @pytest.mark.parametrize(
        ("state", "count"),
        [
            ("waitlisted", 0),
            ("offered", 0),
            ("awaiting_payment", 0),
            ("confirmed", 2),
            ("canceled", 0),
        ],
    )
    def test_only_a_seat_shows_the_days_and_where_they_are(self, two_days, state, count):
        Offering.objects.update(joining_url=LINK)
        bob = make_person(two_days, "bob", state)
        found = feeds.personal_events(bob.user)
        assert len(found) == count
        for one in found:
            assert one.location == "1 Canary Street, Los Angeles"
            assert LINK in one.description
            assert "canary-note" in one.description

    def test_somebody_else_sees_none_of_it(self, two_days):
        make_person(two_days, "bob")
        other = make_person(make_offering(slug="other"), "carol", "waitlisted")
        assert feeds.personal_events(other.user) == []

    def test_a_seat_won_or_lost_makes_the_private_calendar_newer(self, offering):
        bob = make_person(offering, "bob")
        feed = personal_feeds.find(personal_feeds.new_token(bob.user))
        before = personal_feeds.changed_at(feed)
        services.leave(bob.pk)
        feed.refresh_from_db()
        assert personal_feeds.changed_at(feed) > before


def test_address(client):
    assert reverse("trainings_feed") == "/trainings.ics"
