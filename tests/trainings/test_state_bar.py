"""The State Bar's attendance file, its columns, its deadline, and what was uploaded."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.reading import inline_code, text
from tests.trainings import making
from tests.trainings.making import address, attended
from trainings.models import Approval, ReportColumn

HELD = datetime(2027, 1, 30, 20, tzinfo=UTC)


@pytest.fixture
def day(db):
    return making.offering().activities.get()


@pytest.fixture
def bob(day):
    return making.person(day.offering, "Bob Stone", bar="123456")


@pytest.fixture
def approved(day):
    making.segment(day, "09:00", "14:08")
    making.segment(day, "14:20", "15:13", "Duties", category="ethics")
    Approval.objects.create(
        activity=day,
        jurisdiction="CA",
        status="approved",
        number="A-17",
        total=24,
        ethics=4,
        decided_on=date(2026, 12, 1),
    )
    return day


def table(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_who_earned_credit_with_their_hours(back_office, approved, bob):
    attended(bob, approved)
    carol = making.person(approved.offering, "Carol Ann Day", bar="654321")
    attended(carol, approved, "11:00")
    attended(making.person(approved.offering, "Dan Frey"), approved)
    making.person(approved.offering, "Eve Roy", bar="777")
    page = back_office.get(address("activity_report", approved.pk))
    assert "2 people are in the file" in text(page)
    assert "Dan Frey: no California bar number, so not in the file." in text(page)
    assert inline_code(page) == []
    answer = back_office.post(address("activity_report", approved.pk), {"do": "download"})
    assert answer["Content-Disposition"] == (
        f'attachment; filename="attendance-2027-01-29-{approved.pk}.csv"'
    )
    first, second = table(answer)
    assert first == {
        "Bar number": "123456",
        "Last name": "Stone",
        "First name": "Bob",
        "Approval number": "A-17",
        "Date": "01/29/2027",
        "Total hours": "6.00",
        "Legal Ethics hours": "1.00",
        "Elimination of Bias hours": "0.00",
        "Implicit Bias hours": "0.00",
        "Competence hours": "0.00",
    }
    assert (second["Last name"], second["First name"]) == ("Day", "Carol Ann")
    assert (second["Total hours"], second["Legal Ethics hours"]) == ("2.00", "0.00")


def test_staff_choose_the_columns_and_their_order(back_office, approved, bob):
    attended(bob, approved)
    ReportColumn.objects.create(position=2, field="total", heading="=Credit")
    ReportColumn.objects.create(position=1, field="name")
    ReportColumn.objects.create(position=3, field="amended")
    answer = back_office.post(address("activity_report", approved.pk), {"do": "download"})
    assert table(answer) == [
        {"Full name": "Bob Stone", "'=Credit": "6.00", "Amended: yes or no": "No"}
    ]


def test_without_an_approval_there_is_nothing_to_report(back_office, day, bob):
    attended(bob, day)
    page = text(back_office.get(address("activity_report", day.pk)))
    assert "0 people are in the file" in page
    assert "No approval for California MCLE credit is recorded." in page


def test_names_that_look_like_formulas_are_made_harmless(back_office, approved):
    attended(making.person(approved.offering, "=cmd|x Stone", bar="5"), approved)
    ReportColumn.objects.create(position=1, field="name")
    answer = back_office.post(address("activity_report", approved.pk), {"do": "download"})
    assert table(answer) == [{"Full name": "'=cmd|x Stone"}]


def test_the_deadline_is_a_pacific_day_sixty_days_on(back_office, approved):
    page = address("activity_changelist")
    with time_machine.travel(making.at("2027-01-29 12:00"), tick=False):
        assert "Not held yet" in text(back_office.get(page))
    with time_machine.travel(making.at("2027-03-30 23:30"), tick=False):
        assert "Due March 30, 2027, today" in text(back_office.get(page + "?upload=soon"))
    with time_machine.travel(making.at("2027-03-31 00:00"), tick=False):
        assert "Late: was due March 30, 2027" in text(back_office.get(page + "?upload=due"))
    with time_machine.travel(making.at("2027-02-01 09:00"), tick=False):
        assert "Due March 30, 2027, in 57 days" in text(back_office.get(page + "?upload=due"))
        assert "March 30" not in text(back_office.get(page + "?upload=soon"))


def test_after_the_upload_a_corrected_file_is_an_amended_one(back_office, approved, bob):
    attended(bob, approved)
    page = address("activity_report", approved.pk)
    with time_machine.travel(making.at("2027-01-29 16:00"), tick=False):
        assert "not over yet" in text(back_office.post(page, {"do": "uploaded"}, follow=True))
    with time_machine.travel(HELD, tick=False):
        answer = back_office.post(page, {"do": "uploaded"}, follow=True)
        assert "Amended file" in text(answer)
        assert "Uploaded Saturday, January 30, 2027, 12:00 pm Pacific" in text(answer)
        answer = back_office.post(page, {"do": "download"})
        assert "-amended.csv" in answer["Content-Disposition"]
        queue = text(back_office.get(address("activity_changelist") + "?upload=due"))
    assert "0 activities" in queue


def test_many_are_marked_as_uploaded_at_once_but_none_ahead(back_office, approved):
    later = making.activity(approved.offering, "2027-05-01 09:00", "2027-05-01 17:00")
    sent = {"action": "mark_uploaded", "_selected_action": [approved.pk, later.pk]}
    with time_machine.travel(HELD, tick=False):
        page = back_office.post(address("activity_changelist"), sent, follow=True)
    assert "Marked as uploaded: 1." in text(page)
    later.refresh_from_db()
    assert later.uploaded_at is None
