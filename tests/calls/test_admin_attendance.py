"""The pages on which staff note who was on a call."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls import attendance
from calls.models import CallAttendance
from hub.models import Mail
from tests.calls.factories import SignUpFactory, day, pacific, words_of
from tests.reading import inline_code

HEAD = "Name (Original Name),User Email,Total Duration (Minutes),Guest\n"


@pytest.fixture
def held(weekly, clock):
    clock.move_to(pacific("2026-11-25T14:00"))
    return day(weekly, "2026-11-25")


@pytest.fixture
def staff(held, staff):
    """Signed in after the clock has moved: a session lasts half an hour."""
    return staff


def address(held, page):
    return f"/admin/calls/calldate/{held.pk}/{page}/"


def counted(held):
    people, guests = attendance.there(held)
    return len(people), guests


class TestTicks:
    def test_the_list_is_ticked_and_says_so(self, staff, held, bob, carol):
        SignUpFactory(series=bob.series, name="Awaiting Ann", state="awaiting")
        page = staff.get(address(held, "attendance"))
        assert "0 of 2 ticked" in words_of(page)
        assert "Awaiting Ann" not in words_of(page)
        assert inline_code(page) == []
        for _ in range(2):
            sent = {"here": [bob.pk], "was": "", "guests": "2"}
            done = staff.post(address(held, "attendance"), sent, follow=True)
        assert "1 of 2 ticked" in words_of(done)
        assert re.findall(r'value="(\d+)" checked', done.content.decode()) == [str(bob.pk)]
        assert counted(held) == (1, 2)
        assert not Mail.objects.exists()

    def test_the_count_is_in_the_list_of_dates(self, staff, held, bob):
        attendance.note(held, {bob.pk}, 41)
        row = words_of(staff.get("/admin/calls/calldate/?which=past"))
        assert re.search(r"Wed, Nov 25, 2026 Legal Working Group .* 42 ", row)

    @pytest.mark.parametrize("guests", ["", "-1", "x", "1000"])
    def test_a_wrong_number_keeps_the_ticks(self, staff, held, bob, guests):
        sent = {"here": [bob.pk], "was": "", "guests": guests}
        page = staff.post(address(held, "attendance"), sent)
        assert "Please correct what is marked" in words_of(page)
        assert f'value="{bob.pk}" checked' in page.content.decode()
        assert counted(held) == (0, 0)

    @pytest.mark.parametrize("here", [["x"], ["99999999"], ["1,2"]])
    def test_a_list_that_is_not_of_this_call_is_refused(self, staff, held, bob, here):
        sent = {"here": here, "was": "", "guests": "0"}
        assert "Reload" in words_of(staff.post(address(held, "attendance"), sent))
        assert counted(held) == (0, 0)

    def test_before_the_call_there_is_nothing_to_tick(self, staff, weekly, bob):
        later = day(weekly, "2026-12-02")
        page = staff.get(address(later, "attendance"))
        assert "has not begun" in words_of(page)
        assert "<form" not in page.content.decode().partition('id="content-main"')[2]

    def test_it_costs_the_same_for_one_and_thirty(self, staff, held):
        def count():
            with CaptureQueriesContext(connection) as queries:
                staff.get(address(held, "attendance"))
            return len(queries)

        SignUpFactory(series=held.schedule.series)
        count()
        one = count()
        SignUpFactory.create_batch(29, series=held.schedule.series)
        assert count() == one


class TestZoom:
    def look(self, staff, held, *rows, head=HEAD):
        text = head + "".join(f"{row}\n" for row in rows)
        file = SimpleUploadedFile("participants.csv", text.encode(), "text/csv")
        return staff.post(address(held, "zoom"), {"file": file})

    def sent(self, page, **said):
        form = page.context["form"]
        return {
            "known": form["known"].value(),
            "strangers": form["strangers"].value(),
            **{name: form[name].value() or "" for name in form.fields if "_" in name},
            **{f"what_{n}": "guest" for n in range(len(form.rows))},
        } | said

    def test_who_fits_nobody_is_shown_and_fixed_before_anything_is_saved(
        self, staff, held, bob, carol
    ):
        page = self.look(
            staff,
            held,
            "B,BOB@example.org,60,",
            "Carol's phone,,60,",
            "Ann Visitor,ann@example.org,60,",
            "CAST Host,host@example.org,60,",
        )
        said = words_of(page)
        assert "1 person in the file is signed up : Bob Brown" in said
        assert "Ann Visitor ann@example.org" in said
        assert inline_code(page) == []
        assert counted(held) == (0, 0)
        answers = self.sent(page, email_0="Carol@example.org", what_2="out")
        for _ in range(2):
            done = staff.post(address(held, "zoom"), answers, follow=True)
        assert "2 of 2 ticked" in words_of(done)
        assert counted(held) == (2, 1)

    def test_nothing_of_the_file_is_kept(self, staff, held, bob, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        page = self.look(staff, held, "Canary Person,canary@example.org,60,")
        staff.post(address(held, "zoom"), self.sent(page))
        assert not list(tmp_path.rglob("*"))
        assert "anary" not in str(dict(staff.session))
        assert "anary" not in str(list(CallAttendance.objects.values()))
        with connection.cursor() as cursor:
            cursor.execute("SELECT change_message FROM django_admin_log")
            assert "anary" not in str(cursor.fetchall())

    def test_a_sign_up_of_that_name_is_filled_in_to_check(self, staff, held, bob):
        page = self.look(staff, held, "Bob Brown,private@example.org,60,")
        assert page.context["form"]["email_0"].value() == "bob@example.org"
        staff.post(address(held, "zoom"), self.sent(page))
        assert counted(held) == (1, 0)

    def test_an_email_of_nobody_is_marked_and_nothing_lost(self, staff, held, bob):
        other = SignUpFactory()
        page = self.look(staff, held, "Ann,ann@example.org,60,")
        for email in ("nobody@example.org", other.email, "no email"):
            again = staff.post(address(held, "zoom"), self.sent(page, email_0=email))
            assert "Nothing is saved yet" in words_of(again)
            assert "Ann ann@example.org" in words_of(again)
            assert f'value="{email}"' in again.content.decode()
        assert counted(held) == (0, 0)

    @pytest.mark.parametrize("strangers", ["", "x", "tampered"])
    def test_a_page_that_did_not_come_through_asks_for_the_file_again(
        self, staff, held, bob, strangers
    ):
        page = self.look(staff, held, "Ann,ann@example.org,60,")
        sent = self.sent(page)
        sent["strangers"] = "x" + sent["strangers"] if strangers == "tampered" else strangers
        done = staff.post(address(held, "zoom"), sent, follow=True)
        assert "Choose the file again" in words_of(done)
        assert counted(held) == (0, 0)

    def test_somebody_of_another_call_cannot_be_slipped_in(self, staff, held, bob):
        page = self.look(staff, held, "B,bob@example.org,60,")
        sent = self.sent(page, known=str(SignUpFactory().pk))
        assert "not signed up for this call" in words_of(staff.post(address(held, "zoom"), sent))
        assert counted(held) == (0, 0)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"Topic,Host\nx,y\n", "wrong columns"),
            (b"PK\x03\x04\x00", "not a CSV file"),
            (b"", "The file is empty"),
            (b"Name,Email\n" + b"x" * (25 * 1024 * 1024), "larger than 5 MB"),
        ],
        ids=["columns", "excel", "empty", "25 MB"],
    )
    def test_what_is_no_such_file_is_said(self, staff, held, data, said):
        file = SimpleUploadedFile("f.csv", data)
        page = staff.post(address(held, "zoom"), {"file": file})
        assert page.status_code == 200
        assert said in words_of(page)

    def test_9_and_12_markup_and_formulas_are_only_text(self, staff, held, bob):
        page = self.look(
            staff, held, '<script>alert(1)</script>,"=HYPERLINK(""http://x"",""y"")",60,'
        )
        html = page.content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert page.context["form"]["email_0"].value() == ""
        staff.post(address(held, "zoom"), self.sent(page))
        assert counted(held) == (0, 1)

    def test_a_date_that_has_not_begun_takes_no_file(self, staff, weekly, bob):
        page = self.look(staff, day(weekly, "2026-12-02"), "B,bob@example.org,60,")
        assert "has not begun" in words_of(page)
