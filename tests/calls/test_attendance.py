"""Who was on a call: the tick-list's and the file's verbs, and what is counted."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from calls import attendance, dates
from calls.models import CallAttendance, CallDate, SignUp
from calls.queries import Attended, attendance_by_month
from hub import zoom
from hub.refusal import Refused
from tests.calls.factories import SignUpFactory, day, pacific

FULL = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
UNIQUE = "Name (Original Name),User Email,Total Duration (Minutes),Guest\n"


@pytest.fixture
def held(weekly, clock):
    """The date of November 25, an hour after it."""
    clock.move_to(pacific("2026-11-25T14:00"))
    return day(weekly, "2026-11-25")


def names(held):
    rows = CallAttendance.objects.filter(date=held).order_by("pk")
    return ["guest" if row.is_guest else row.sign_up and row.sign_up.name for row in rows]


class TestNote:
    def test_ticks_and_guests_are_counted_once_however_often_it_is_sent(self, held, bob, carol):
        assert attendance.note(held, {bob.pk, carol.pk}, 2, was=()) == (2, 0)
        assert attendance.note(held, {bob.pk, carol.pk}, 2, was=()) == (0, 0)
        assert names(held) == ["Bob Brown", "Carol Cruz", "guest", "guest"]

    def test_what_is_not_ticked_any_more_is_taken_back(self, held, bob, carol):
        attendance.note(held, {bob.pk, carol.pk}, 3)
        assert attendance.note(held, {bob.pk}, 1, was={bob.pk, carol.pk}) == (0, 1)
        assert names(held) == ["Bob Brown", "guest"]

    def test_two_people_with_the_list_in_hand_do_not_undo_each_other(self, held, bob, carol):
        attendance.note(held, {bob.pk}, 0, was=())
        attendance.note(held, {carol.pk}, 0, was=())
        assert names(held) == ["Bob Brown", "Carol Cruz"]

    def test_a_file_only_adds(self, held, bob, carol):
        attendance.note(held, {bob.pk}, 0)
        attendance.note(held, {carol.pk}, 0)
        assert names(held) == ["Bob Brown", "Carol Cruz"]

    @pytest.mark.parametrize("guests", [-1, 1000])
    def test_no_such_number_of_guests(self, held, guests):
        with pytest.raises(Refused, match="0 to 999"):
            attendance.note(held, (), guests)

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "another call"])
    def test_only_who_is_in_the_call_or_was(self, held, state):
        if state == "another call":
            stranger = SignUpFactory()
        else:
            stranger = SignUpFactory(series=held.schedule.series, state=state)
        with pytest.raises(Refused, match="not signed up for this call"):
            attendance.note(held, {stranger.pk}, 1)
        assert names(held) == []

    def test_who_left_since_was_there_all_the_same(self, held):
        gone = SignUpFactory(series=held.schedule.series, state="left", name="Gone")
        attendance.note(held, {gone.pk}, 0)
        assert names(held) == ["Gone"]

    def test_not_before_it_begins(self, weekly, bob, clock):
        row = day(weekly, "2026-11-25")
        clock.move_to(pacific("2026-11-25T11:59"))
        with pytest.raises(Refused, match="has not begun"):
            attendance.note(row, {bob.pk}, 0)
        clock.move_to(pacific("2026-11-25T12:00"))
        assert attendance.note(row, {bob.pk}, 0) == (1, 0)

    @pytest.mark.parametrize("verb", ["cancel", "remove"])
    def test_not_of_a_date_that_does_not_take_place(self, weekly, bob, clock, verb):
        row = day(weekly, "2026-11-25")
        dates.cancel(row, "Retreat") if verb == "cancel" else dates.remove(row)
        clock.move_to(pacific("2026-11-25T14:00"))
        with pytest.raises(Refused, match="does not take place"):
            attendance.note(row, {bob.pk}, 0)


class TestWhatStays:
    def test_a_deleted_sign_up_leaves_its_count_and_nothing_of_the_person(self, held, bob, carol):
        attendance.note(held, {bob.pk, carol.pk}, 1)
        bob.delete()
        assert names(held) == [None, "Carol Cruz", "guest"]
        # A later list does not lose it, as it would were it one of the guests.
        attendance.note(held, {carol.pk}, 0, was={carol.pk})
        assert names(held) == [None, "Carol Cruz"]

    @pytest.mark.parametrize("broken", ["twice", "a guest with a name"])
    def test_the_database_refuses(self, held, bob, broken):
        attendance.note(held, {bob.pk}, 0)
        with pytest.raises(IntegrityError), transaction.atomic():
            CallAttendance.objects.create(
                date=held, sign_up=bob, is_guest=broken == "a guest with a name"
            )
        if broken == "a guest with a name":
            with pytest.raises(IntegrityError), transaction.atomic():
                CallAttendance.objects.update(is_guest=True)

    def test_a_date_with_attendance_is_not_deleted(self, held, bob):
        attendance.note(held, {bob.pk}, 0)
        with pytest.raises(ProtectedError):
            CallDate.objects.filter(pk=held.pk).delete()


class TestFile:
    def read(self, held, *rows, head=FULL):
        return attendance.read(held, (head + "".join(f"{row}\n" for row in rows)).encode())

    @pytest.mark.parametrize(
        ("head", "rest"),
        [(FULL, "11/25/2026 12:00:00 PM,11/25/2026 01:00:00 PM,60,No"), (UNIQUE, "60,No")],
        ids=["a row a stay", "a row a person"],
    )
    def test_people_are_found_by_email_in_any_spelling(self, held, bob, carol, head, rest):
        sheet = self.read(
            held, f"Bobby,BOB@Example.org,{rest}", f"C,carol@example.org,{rest}", head=head
        )
        assert [one.name for one in sheet.known] == ["Bob Brown", "Carol Cruz"]
        assert sheet.strangers == []

    def test_joining_again_is_one_person(self, held, bob):
        sheet = self.read(held, "B,bob@example.org,x,,", "B,bob@example.org,,,", "Al,,,,", "Al,,,,")
        assert len(sheet.known) == 1
        assert [(one.name, one.rows) for one in sheet.strangers] == [("Al", 2)]

    @pytest.mark.parametrize(
        "email", ["bob+calls@example.org", "bob@example.org.evil.test", "xbob@example.org", ""]
    )
    def test_an_email_fits_whole_or_not_at_all(self, held, bob, email):
        sheet = self.read(held, f"Mallory,{email},,,")
        assert sheet.known == []
        assert [(one.email, one.like) for one in sheet.strangers] == [(email, None)]

    def test_a_name_only_one_has_is_offered_and_not_taken(self, held, bob):
        (stranger,) = self.read(held, " BOB   brown,other@example.org,,,").strangers
        assert stranger.like == bob

    def test_a_name_two_have_is_not_offered(self, held, bob):
        SignUpFactory(series=bob.series, name="Bob Brown")
        (stranger,) = self.read(held, "Bob Brown,,,,").strangers
        assert stranger.like is None

    def test_the_waiting_room_is_not_the_call(self, held, bob):
        head = FULL.strip() + ",In Waiting Room\n"
        sheet = self.read(held, "B,bob@example.org,,,1,No,Yes", "X,,,,1,No,Yes", head=head)
        assert (sheet.known, sheet.strangers) == ([], [])

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"", "wrong columns.*“Name”, “Email” not found. It needs Name and Email"),
            (b"Name,Join Time\nBob,1\n", "“Email” not found"),
            (FULL.encode(), "no participants below it"),
            (b"PK\x03\x04\x00\x00binary", "not a CSV file"),
            (b"Name,Email\nBob,\x00\n", "not a CSV file"),
            (b"x" * (zoom.MOST_BYTES + 1), "larger than 5 MB"),
            (UNIQUE.encode() + b"".join(b"P%d,,1,\n" % n for n in range(301)), "More than 300"),
        ],
    )
    def test_what_is_no_file_of_this_call_is_refused_with_a_sentence(self, held, data, sentence):
        with pytest.raises(zoom.BadFile, match=sentence):
            attendance.read(held, data)

    def test_utf_16_and_old_encodings_are_read(self, held):
        text = UNIQUE + "José,jose@example.org,1,\n"
        for encoding in ("utf-16", "cp1252", "utf-8-sig"):
            (one,) = attendance.read(held, text.encode(encoding)).strangers
            assert one.name == "José"

    def test_reading_costs_the_same_for_one_and_many_and_writes_nothing(self, held):
        series = held.schedule.series

        def count():
            rows = [f"x,{one.email},," for one in SignUp.objects.all()]
            with CaptureQueriesContext(connection) as queries:
                self.read(held, "Stranger,,,", *rows)
            return len(queries)

        SignUpFactory(series=series)
        one = count()
        SignUpFactory.create_batch(29, series=series)
        assert count() == one
        assert names(held) == []


class TestByMonth:
    def test_months_are_pacific_and_both_ends_count(self, weekly, monthly, bob, clock):
        clock.move_to(pacific("2027-01-31T12:00"))
        # 5 pm Pacific on November 30 is December in London.
        late = CallDate.objects.get(pk=day(weekly, "2026-11-25").pk)
        CallDate.objects.filter(pk=late.pk).update(
            starts_at=pacific("2026-11-30T17:00"), ends_at=pacific("2026-11-30T18:00")
        )
        attendance.note(late, {bob.pk}, 2)
        attendance.note(day(weekly, "2026-12-02"), {bob.pk}, 0)
        attendance.note(day(weekly, "2026-12-30"), (), 4)
        attendance.note(day(monthly, "2026-12-24"), (), 1)
        weekly_name, monthly_name = "Legal Working Group", "Providers' Call"
        november = Attended(date(2026, 11, 1), weekly_name, 3, 1)
        assert attendance_by_month(date(2026, 11, 30), date(2026, 12, 30)) == [
            november,
            Attended(date(2026, 12, 1), weekly_name, 5, 2),
            Attended(date(2026, 12, 1), monthly_name, 1, 1),
        ]
        assert attendance_by_month(date(2026, 11, 1), date(2026, 11, 30)) == [november]
        assert attendance_by_month(date(2026, 12, 31), date(2027, 1, 31)) == []

    def test_it_is_one_query(self, held, bob, django_assert_num_queries):
        attendance.note(held, {bob.pk}, 30)
        with django_assert_num_queries(1):
            attendance_by_month(date(2026, 1, 1), date(2026, 12, 31))
