"""Who was there: the verbs, and the reading of Zoom's file."""

import io
from datetime import timedelta

import pytest

from hub import zoom
from hub.refusal import Refused
from tests.trainings import making
from trainings import credits as mcle
from trainings import plain
from trainings.models import Attendance, CodeTry
from trainings.services import attendance

HEADER = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"


@pytest.fixture
def day(db):
    return making.offering(is_online=True).activities.get()


@pytest.fixture
def bob(day):
    return making.person(day.offering, "Bob Stone", bar="123456")


@pytest.fixture
def alice(django_user_model, db):
    return django_user_model.objects.create_superuser("alice@example.org")


def take_in(day, text, by, encoding="utf-8-sig"):
    return attendance.import_zoom(day, io.BytesIO(text.encode(encoding)), by)


def times(registration):
    return [
        (f"{row.local(row.starts_at)}", row.ends_at and f"{row.local(row.ends_at)}")
        for row in map(_Local, registration.attendance.order_by("starts_at"))
    ]


class _Local:
    def __init__(self, row):
        self.starts_at, self.ends_at = row.starts_at, row.ends_at

    def local(self, moment):
        return f"{moment.astimezone(making.PACIFIC):%H:%M}"


def test_ticks_are_made_taken_back_and_leave_the_rest(day, bob, alice):
    carol = making.person(day.offering, "Carol Day")
    noon = making.at("2027-01-29 12:00")
    attendance.add_interval(bob, day, day.starts_at, noon, "Signed on paper.", alice)
    assert attendance.tick(day, [bob.pk, carol.pk], alice) == (2, 0)
    assert attendance.tick(day, [bob.pk, carol.pk], alice) == (0, 0)
    assert attendance.tick(day, [carol.pk], alice) == (0, 1)
    assert times(carol) == [("09:00", "17:00")]
    assert [row.source for row in bob.attendance.all()] == ["staff"]


def test_two_people_with_the_list_do_not_undo_each_other(day, bob, alice):
    carol = making.person(day.offering, "Carol Day")
    attendance.tick(day, [bob.pk], alice, was=[])
    attendance.tick(day, [carol.pk], alice, was=[])
    assert Attendance.objects.filter(source="tick").count() == 2


@pytest.mark.parametrize("state", ["waitlisted", "canceled", "unconfirmed"])
def test_nobody_without_a_place_is_ticked(day, alice, state):
    dan = making.person(day.offering, "Dan Frey", state=state)
    with pytest.raises(Refused, match="Dan Frey: not confirmed for this training"):
        attendance.tick(day, [dan.pk], alice)
    assert not Attendance.objects.exists()


def test_nobody_of_another_training_is_ticked_or_entered(day, alice):
    eve = making.person(making.offering(making.course("other")), "Eve Roy")
    with pytest.raises(Refused, match="Eve Roy"):
        attendance.tick(day, [eve.pk], alice)
    with pytest.raises(Refused, match="registered for another training"):
        attendance.add_interval(eve, day, day.starts_at, day.ends_at, "x", alice)


@pytest.mark.parametrize(
    ("start", "end", "reason", "sentence"),
    [
        ("09:00", "10:00", " ", "Say why"),
        ("10:00", "10:00", "x", "not after the time of joining"),
        ("07:00", "09:00", "x", "outside the hours of this day"),
        ("17:00", "18:00", "x", "outside the hours of this day"),
    ],
)
def test_a_time_that_cannot_be_is_refused(day, bob, alice, start, end, reason, sentence):
    first, last = (making.at(f"2027-01-29 {clock}") for clock in (start, end))
    with pytest.raises(Refused, match=sentence):
        attendance.add_interval(bob, day, first, last, reason, alice)


def test_a_time_without_an_end_gives_no_credit_until_staff_set_one(day, bob, alice):
    making.segment(day, "09:00", "17:00")
    take_in(day, f"{HEADER}Bob,bob@example.org,01/29/2027 09:00:00 AM,,,No\n", alice)
    row = bob.attendance.get()
    rule = plain.rule(day, "CA")

    def credit():
        return mcle.credit(plain.segments(day), plain.intervals(bob.attendance.all()), rule).total

    assert (row.ends_at, credit()) == (None, 0)
    attendance.set_end(row.pk, making.at("2027-01-29 15:00"), "Told by phone.", alice)
    assert credit() == 24
    row.refresh_from_db()
    assert (row.reason, row.by) == ("Told by phone.", alice)
    # The file again does not undo what staff set.
    take_in(day, f"{HEADER}Bob,bob@example.org,01/29/2027 09:00:00 AM,,,No\n", alice)
    assert credit() == 24


ROW = "Bob Stone,Bob@Example.org,01/29/2027 09:00:00 AM,01/29/2027 05:00:00 PM,480,No\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROW,
        "\ufeff" + HEADER + ROW,
        (HEADER + ROW).replace("\n", "\r\n"),
        (HEADER + ROW).replace(",", ";"),
        (HEADER + ROW).replace(",", "\t"),
        "Name,Email,Join time,Leave time,Duration (minutes)\n" + ROW,
        "Meeting ID,Topic,Start Time,End Time\n81 22,AILA,01/29/2027,01/29/2027\n\n" + HEADER + ROW,
        HEADER + "Bob,bob@example.org,2027-01-29 09:00:00,2027-01-29 17:00:00,480,No\n",
        HEADER + '"Bob","bob@example.org","01/29/2027 09:00 AM","01/29/2027 05:00 PM","480",""\n',
        HEADER + "B. (Bob Stone),,01/29/2027 09:00:00 AM,01/29/2027 05:00:00 PM,480,Yes\n",
        HEADER + "BOB  STONE,,01/29/2027 09:00:00 AM,01/29/2027 05:00:00 PM,480,Yes\n",
    ],
)
def test_the_shapes_zoom_writes_are_read(day, bob, alice, text):
    report = take_in(day, text, alice, "utf-8")
    assert (report.added, report.people, report.problems) == (1, 1, [])
    assert times(bob) == [("09:00", "17:00")]


def test_other_encodings_are_read(day, alice):
    jose = making.person(day.offering, "José Peña", email="other@example.org")
    text = HEADER + ROW.replace("Bob Stone,Bob@Example.org", "José Peña,")
    for encoding in ("cp1252", "utf-16"):
        take_in(day, text, alice, encoding)
        assert jose.attendance.count() == 1


def test_the_same_file_twice_changes_nothing_and_a_corrected_one_corrects(day, bob, alice):
    take_in(day, HEADER + ROW, alice)
    report = take_in(day, HEADER + ROW, alice)
    assert (report.added, report.changed, report.known) == (0, 0, 1)
    report = take_in(day, HEADER + ROW.replace("05:00:00 PM", "04:00:00 PM"), alice)
    assert (report.added, report.changed) == (0, 1)
    assert times(bob) == [("09:00", "16:00")]


def test_rows_that_fit_nobody_are_named_and_the_others_are_in(day, bob, alice):
    making.person(day.offering, "Ann Lee", email="ann1@example.org")
    making.person(day.offering, "Ann Lee", email="ann2@example.org")
    making.person(day.offering, "Wanda Wait", state="waitlisted")
    when = "01/29/2027 09:00:00 AM,01/29/2027 10:00:00 AM,60,No\n"
    report = take_in(
        day,
        HEADER
        + ROW
        + f"Zed,zed@example.org,{when}"
        + f"Ann Lee,,{when}"
        + f"Wanda Wait,wanda@example.org,{when}"
        + "Bob,bob@example.org,yesterday,01/29/2027 10:00:00 AM,60,No\n"
        + "Bob,bob@example.org,01/29/2027 11:00:00 AM,01/29/2027 10:00:00 AM,60,No\n"
        + "Bob,bob@example.org,01/28/2027 09:00:00 AM,01/28/2027 10:00:00 AM,60,No\n"
        + "Bob,bob@example.org,02/30/2027 09:00:00 AM,01/28/2027 10:00:00 AM,60,No\n"
        + "\n"
        + f",,{when}",
        alice,
    )
    assert report.added == 1
    assert [(one.row, one.sentence.partition(".")[0]) for one in report.problems] == [
        (3, "Nobody with this email or name has a confirmed place"),
        (4, "Several people are registered by this name"),
        (5, "Nobody with this email or name has a confirmed place"),
        (6, "“yesterday” is not a time of joining"),
        (7, "The time of leaving is before the time of joining"),
        (8, "This is not within Friday, January 29, 2027 and its hours"),
        (9, "“02/30/2027 09:00:00 AM” is not a time of joining"),
        (11, "The row has neither a name nor an email"),
    ]


def test_two_devices_are_two_times_and_the_waiting_room_is_none(day, bob, alice):
    header = HEADER.strip() + ",In Waiting Room\n"
    rows = [
        "01/29/2027 08:50:00 AM,01/29/2027 09:00:00 AM,10,No,Yes",
        "01/29/2027 09:00:00 AM,01/29/2027 11:00:00 AM,120,No,No",
        "01/29/2027 09:00:00 AM,01/29/2027 10:00:00 AM,60,No,No",
        "01/29/2027 10:30:00 AM,01/29/2027 12:00:00 PM,90,No,No",
    ]
    text = header + "".join(f"Bob,bob@example.org,{row}\n" for row in rows)
    report = take_in(day, text, alice)
    assert (report.added, report.waiting) == (2, 1)
    assert times(bob) == [("09:00", "11:00"), ("10:30", "12:00")]


def test_times_are_read_by_the_clock_of_the_venue(alice, db):
    offering = making.offering(zone="America/New_York")
    bob = making.person(offering)
    take_in(offering.activities.get(), HEADER + ROW, alice)
    assert bob.attendance.get().starts_at == making.at("2027-01-29 09:00", "America/New_York")


def test_the_hour_that_comes_twice_is_told_by_its_duration(alice, db):
    offering = making.offering(day=None)
    day = making.activity(offering, "2027-11-07 00:30", "2027-11-07 05:00")
    bob, carol = making.person(offering), making.person(offering, "Carol Day")
    text = (
        HEADER
        + "B,bob@example.org,11/07/2027 01:30:00 AM,11/07/2027 02:30:00 AM,120,No\n"
        + "C,carol@example.org,11/07/2027 01:30:00 AM,11/07/2027 02:30:00 AM,60,No\n"
    )
    assert take_in(day, text, alice).problems == []
    for person, hours in ((bob, 2), (carol, 1)):
        row = person.attendance.get()
        assert row.ends_at - row.starts_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "wrong columns"),
        (b"Name,Email,Duration\nBob,b@example.org,60\n", "“Join Time”, “Leave Time” not found"),
        (HEADER.encode(), "no participants below it"),
        (b"PK\x03\x04\x00\x00binary", "This is not a CSV file"),
        (b"\xff\xfeodd", "This is not a CSV file|wrong columns"),
        (b'Name,Email,Join Time,Leave Time\n"' + b"x" * 200_000 + b'",,,\n', "cannot be read"),
        (b"x" * (zoom.MOST_BYTES + 1), "larger than 5 MB"),
        ((HEADER + ROW * 20_001).encode()[: zoom.MOST_BYTES], "more than 20,000 rows"),
    ],
)
def test_what_is_no_participants_file_is_refused_with_a_sentence(day, alice, data, sentence):
    with pytest.raises(zoom.BadFile, match=sentence):
        attendance.import_zoom(day, io.BytesIO(data), alice)


# Codes


@pytest.fixture
def coded(day):
    return [
        making.segment(day, "09:00", "10:00", "One", code="ONE1"),
        making.segment(day, "10:00", "11:00", "Two", code="TWO2"),
        making.segment(day, "11:00", "12:00", "Three", code="THREE3"),
    ]


def enter(registration, text, clock):
    return attendance.enter_code(registration, text, making.at(f"2027-01-29 {clock}")).result


def test_two_of_three_codes_count_only_their_sessions(bob, coded):
    assert enter(bob, " one-1 ", "09:30") == "accepted"
    assert enter(bob, "Three3", "12:09") == "accepted"
    assert times(bob) == [("09:00", "10:00"), ("11:00", "12:00")]
    assert enter(bob, "ONE1", "09:40") == "accepted"
    assert bob.attendance.count() == 2


def test_a_code_is_good_until_ten_minutes_after_its_session(bob, coded):
    assert enter(bob, "ONE1", "10:10") == "accepted"
    assert enter(bob, "TWO2", "11:10:01") == "queued"
    assert bob.attendance.count() == 1


def test_a_late_code_waits_for_staff_once(bob, coded, alice):
    assert enter(bob, "ONE1", "15:00") == "queued"
    assert enter(bob, "ONE1", "15:01") == "queued"
    (late,) = CodeTry.objects.filter(outcome="late")
    now = making.at("2027-01-30 09:00")
    attendance.accept_code(late.pk, alice, now)
    attendance.accept_code(late.pk, alice, now)
    row = bob.attendance.get()
    assert (row.segment, row.by) == (coded[0], alice)
    late.refresh_from_db()
    assert late.decided_at == now


def test_a_declined_code_does_not_count_and_stays_declined(bob, coded, alice):
    enter(bob, "ONE1", "15:00")
    late = CodeTry.objects.get()
    attendance.decline_code(late.pk, making.at("2027-01-30 09:00"))
    attendance.accept_code(late.pk, alice, making.at("2027-01-30 10:00"))
    assert not bob.attendance.exists()


def test_five_wrong_codes_lock_for_ten_minutes(bob, coded):
    for second in range(5):
        assert enter(bob, "WRONG", f"09:00:0{second}") == "wrong"
    assert enter(bob, "ONE1", "09:00:10") == "locked"
    assert enter(bob, "ONE1", "09:10:03") == "locked"
    assert not bob.attendance.exists()
    assert enter(bob, "ONE1", "09:10:04") == "accepted"


def test_a_lock_shuts_out_nobody_else(day, bob, coded):
    carol = making.person(day.offering, "Carol Day")
    for second in range(6):
        enter(bob, "WRONG", f"09:00:0{second}")
    assert enter(carol, "ONE1", "09:00:30") == "accepted"


def test_an_early_try_never_blocks_a_later_one(bob, coded):
    for second in range(9):
        assert enter(bob, "WRONG", f"08:30:0{second}") == "early"
    assert enter(bob, "TWO2", "09:59") == "early"
    assert enter(bob, "ONE1", "09:59:30") == "accepted"
    assert enter(bob, "TWO2", "10:00") == "accepted"


def test_before_the_day_a_right_and_a_wrong_code_are_answered_alike(bob, coded):
    assert enter(bob, "ONE1", "08:00") == enter(bob, "NOPE", "08:00") == "early"


def test_there_is_nothing_to_type_without_codes_or_without_a_place(day, bob):
    with pytest.raises(Refused, match="has no codes"):
        enter(bob, "X", "09:30")
    dan = making.person(day.offering, "Dan Frey", state="waitlisted")
    with pytest.raises(Refused, match="not confirmed"):
        enter(dan, "X", "09:30")
