import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hub.models import Mail
from tests.reading import filled, inline_code, text
from tests.trainings import making
from trainings.models import (
    Activity,
    Approval,
    NewsRequest,
    Offering,
    OfferingPrice,
    PledgeText,
    PriceOption,
    Segment,
)


@pytest.fixture
def offering(db):
    return making.offering()


@pytest.fixture
def day(offering):
    return offering.activities.get()


def page_of(row):
    return reverse(f"admin:trainings_{row._meta.model_name}_change", args=[row.pk])


def do(row, verb):
    return reverse("admin:trainings_offering_verb", args=[row.pk, verb])


def add_lines(sent, *lines, prefix="segments"):
    """Fill the empty rows of an agenda: (begins, ends, title, more)."""
    at = int(sent[f"{prefix}-INITIAL_FORMS"])
    for number, (begins, ends, title, more) in enumerate(lines, start=at):
        row = {"begins": begins, "ends": ends, "title": title, "kind": "instruction"}
        row |= {"category": "general", "speaker": "", "code": "", "id": ""} | more
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    sent[f"{prefix}-TOTAL_FORMS"] = at + len(lines)
    return sent


def approve(sent, **values):
    row = {"jurisdiction": "CA", "status": "approved", "number": "A1", "total": "24"}
    row |= {"ethics": "0", "bias": "0", "implicit_bias": "0", "competence": "0", "id": ""}
    row |= {"decided_on": "2026-12-01", "expires_on": ""} | values
    sent |= {f"approvals-0-{name}": value for name, value in row.items()}
    sent["approvals-TOTAL_FORMS"] = 1
    return sent


def test_a_new_offering_takes_its_courses_prices(back_office, db):
    course = making.course()
    PriceOption.objects.create(course=course, kind="pledge", condition="you take a case")
    PriceOption.objects.create(course=course, kind="fee", amount_cents=30000, covers="materials")
    address = reverse("admin:trainings_offering_add")
    sent = filled(back_office.get(address))
    sent |= {"course": course.pk, "slug": "la", "seats": "40", "city": "Los Angeles"}
    sent |= {"region": "southern-california"}
    sent |= {"activities-TOTAL_FORMS": 1, "activities-0-title": "Day 1"}
    sent |= {"activities-0-day": "2027-01-29", "activities-0-begins": "09:00"}
    sent |= {"activities-0-ends": "17:00"}
    answer = back_office.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]
    offering = Offering.objects.get()
    assert list(offering.prices.values_list("kind", "amount_cents", "covers")) == [
        ("pledge", 0, ""),
        ("fee", 30000, "materials"),
    ]
    PriceOption.objects.filter(kind="fee").update(amount_cents=35000)
    assert offering.prices.get(kind="fee").amount_cents == 30000
    (activity,) = offering.activities.all()
    assert activity.starts_at == making.at("2027-01-29 09:00")
    assert activity.ends_at == making.at("2027-01-29 17:00")


def test_times_are_typed_and_shown_by_the_clock_of_the_venue(back_office, db):
    offering = making.offering(zone="America/New_York", city="New York", region="northeast")
    sent = filled(back_office.get(page_of(offering)))
    assert str(sent["activities-0-begins"]) == "09:00:00"
    sent |= {"activities-0-begins": "10:30"}
    assert back_office.post(page_of(offering), sent).status_code == 302
    starts_at = offering.activities.get().starts_at
    assert starts_at == making.at("2027-01-29 10:30", "America/New_York")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seats": "0"}, "An offering has 1 seat or more."),
        ({"seats": "2001"}, "An offering has 2,000 seats at most."),
        ({"seats": "many"}, "Enter the seats as a whole number."),
        ({"prices-0-amount_cents": "-1"}, "A price is never negative"),
        ({"prices-0-amount_cents": "1000000000"}, "A fee is $10,000 (1000000 cents) at most."),
        ({"prices-0-amount_cents": "100"}, "free and pledge cost 0"),
        ({"activities-0-ends": "08:00"}, "It ends after it begins."),
        ({"activities-0-day": "0027-01-29"}, "Enter a year from 2000 to 2099."),
        ({"offer_hours": "1"}, "Give people from 20 hours to two weeks."),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed(back_office, offering, change, sentence):
    sent = filled(back_office.get(page_of(offering))) | change
    answer = back_office.post(page_of(offering), sent)
    assert answer.status_code == 200
    assert sentence in text(answer)
    offering.refresh_from_db()
    assert offering.seats == 40


def test_seats_are_not_lowered_below_the_seats_taken(back_office, offering):
    for number, state in enumerate(("confirmed", "confirmed", "offered", "waitlisted")):
        making.person(offering, f"P{number} X", state=state)
    sent = filled(back_office.get(page_of(offering)))
    answer = back_office.post(page_of(offering), sent | {"seats": "2"})
    assert "3 seats are taken. Enter 3 or more" in text(answer)
    assert back_office.post(page_of(offering), sent | {"seats": "3"}).status_code == 302


def test_days_of_an_offering_do_not_overlap(back_office, offering):
    making.activity(offering, "2027-01-30 09:00", "2027-01-30 17:00", "Second")
    sent = filled(back_office.get(page_of(offering)))
    sent |= {"activities-1-day": "2027-01-29", "activities-1-begins": "16:59"}
    answer = back_office.post(page_of(offering), sent)
    assert "It begins before “Day” has ended." in text(answer)
    sent |= {"activities-1-begins": "17:00", "activities-1-ends": "18:00"}
    assert back_office.post(page_of(offering), sent).status_code == 302


def test_a_day_that_moves_takes_its_agenda_along_by_the_wall_clock(back_office, offering, day):
    making.segment(day, "09:00", "10:30")
    # Over the change to daylight time: the same clock, another distance from UTC.
    sent = filled(back_office.get(page_of(offering))) | {"activities-0-day": "2027-03-15"}
    assert back_office.post(page_of(offering), sent).status_code == 302
    line = Segment.objects.get()
    assert (line.starts_at, line.ends_at) == (
        making.at("2027-03-15 09:00"),
        making.at("2027-03-15 10:30"),
    )


def test_hours_that_leave_the_agenda_outside_are_refused(back_office, offering, day):
    making.segment(day, "16:00", "17:00", "Last talk")
    sent = filled(back_office.get(page_of(offering))) | {"activities-0-ends": "16:30"}
    assert "The agenda has “Last talk”, 4:00–5:00 pm" in text(
        back_office.post(page_of(offering), sent)
    )


def test_a_visible_change_moves_the_feeds(back_office, offering, day):
    Offering.objects.update(status="open", published_at=timezone.now())
    sent = filled(back_office.get(page_of(offering)))
    back_office.post(page_of(offering), sent)
    day.refresh_from_db()
    assert day.sequence == 0, "nothing changed"
    before = day.changed_at
    back_office.post(page_of(offering), sent | {"city": "Burbank"})
    day.refresh_from_db()
    assert (day.sequence, day.changed_at > before) == (1, True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"price": False}, "Set a price first"),
        ({"day": None}, "Add the day or days first."),
        ({"day": "2020-01-29"}, "Its first day has begun."),
        ({"city": ""}, "Enter the city and choose the region"),
        ({"region": ""}, "Enter the city and choose the region"),
        (
            {"status": "canceled", "cancel_reason": "x"},
            "This offering is canceled, and people were told.",
        ),
    ],
)
def test_registration_does_not_open_before_all_is_there(back_office, db, values, sentence):
    offering = making.offering(**values)
    answer = back_office.post(do(offering, "open"), {})
    assert answer.status_code == 200
    assert sentence in text(answer)
    before = offering.status
    offering.refresh_from_db()
    assert (offering.status, offering.published_at) == (before, None)


def test_a_pledge_needs_its_words_before_registration_opens(back_office, offering):
    OfferingPrice.objects.create(offering=offering, kind="pledge")
    assert "Write the text of the pledge" in text(back_office.post(do(offering, "open"), {}))
    PledgeText.objects.create(version=1, text="I pledge.")
    assert back_office.post(do(offering, "open"), {}).status_code == 302


def test_opening_publishes_and_tells_who_asked_once(back_office, offering):
    NewsRequest.objects.create(email="bob@example.org", state="active")
    assert "are mailed, once" in text(back_office.get(do(offering, "open")))
    offering.refresh_from_db()
    assert offering.status == "draft", "looking opens nothing"
    back_office.post(do(offering, "open"), {})
    offering.refresh_from_db()
    first = offering.published_at
    assert (offering.status, bool(first)) == ("open", True)
    back_office.post(do(offering, "close"), {})
    back_office.post(do(offering, "open"), {})
    offering.refresh_from_db()
    assert offering.published_at == first
    assert Mail.objects.filter(kind="trainings.news").count() == 1


def test_an_agenda_is_typed_as_wall_clock_and_counted(back_office, day):
    sent = filled(back_office.get(page_of(day)))
    sent = add_lines(
        sent,
        ("09:00", "14:08", "Civil remedies", {}),
        ("14:08", "14:20", "Break", {"kind": "break"}),
        ("14:20", "15:13", "Duties", {"category": "ethics", "code": " blue-7 "}),
    )
    answer = back_office.post(page_of(day), sent)
    assert answer.status_code == 302, text(answer)
    line = Segment.objects.get(title="Duties")
    assert line.starts_at == making.at("2027-01-29 14:20")
    assert line.code == "BLUE7"
    page = text(back_office.get(page_of(day)))
    # Ethics 53 and general 308 minutes: 6.00, of which ethics 1.00.
    assert (
        "California MCLE 480 min, 373 on the agenda 361 min 6.00 hours General 5.00, "
        "Legal Ethics 1.00 No approval for California MCLE credit is recorded. Nothing" in page
    )
    assert "New York CLE 480 min, 373 on the agenda 361 min 7.0 hours" in page


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            [("09:00", "10:30", "One", {}), ("10:29", "11:00", "Two", {})],
            "It begins before “One” has ended.",
        ),
        (
            [("10:29", "11:00", "Two", {}), ("09:00", "10:30", "One", {})],
            "It begins before “One” has ended.",
        ),
        ([("16:30", "17:01", "Late", {})], "It runs past the end of the day, 5:00 pm."),
        ([("10:00", "10:00", "None", {})], "It ends after it begins."),
        ([("nine", "10:00", "Odd", {})], "Enter a valid time."),
        (
            [("09:00", "10:00", "A", {"code": "x1"}), ("10:00", "11:00", "B", {"code": "X-1"})],
            "Another session has this code already.",
        ),
    ],
)
def test_lines_that_cannot_be_are_refused_at_their_row(back_office, day, lines, sentence):
    sent = add_lines(filled(back_office.get(page_of(day))), *lines)
    answer = back_office.post(page_of(day), sent)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert lines[0][2] in answer.content.decode(), "what was typed is lost"
    assert not Segment.objects.exists()


def test_shorter_hours_than_the_agenda_are_refused_on_the_days_own_page(back_office, day):
    making.segment(day, "16:00", "17:00")
    sent = filled(back_office.get(page_of(day)))
    sent["segments-TOTAL_FORMS"] = 1
    answer = back_office.post(page_of(day), sent | {"ends": "16:30"})
    assert "It runs past the end of the day, 4:30 pm." in text(answer)


def test_a_time_that_clocks_skip_is_refused(back_office, db):
    offering = making.offering(day=None)
    day = making.activity(offering, "2027-03-14 01:00", "2027-03-14 09:00")
    sent = add_lines(filled(back_office.get(page_of(day))), ("02:30", "04:00", "Night", {}))
    assert "2:30 am does not exist on March 14, 2027" in text(back_office.post(page_of(day), sent))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"total": "25"}, "6.25 hours cannot be claimed: agenda and approval support 6.00."),
        ({"ethics": "5"}, "1.25 hours of Legal Ethics cannot be claimed: the agenda has 1.00."),
        ({"competence": "1"}, "0.25 hours of Competence cannot be claimed"),
        ({"status": "pending", "total": "25"}, "6.25 hours cannot be claimed"),
        ({"total": "2", "ethics": "4"}, "The special categories exceed the total."),
        ({"decided_on": ""}, "An approval has a total and a date."),
        ({"jurisdiction": "NY", "total": "13"}, "an even number"),
        ({"jurisdiction": "NY", "total": "30"}, "7.5 hours cannot be claimed"),
    ],
)
def test_an_approval_claims_no_more_than_the_agenda_supports(back_office, day, values, sentence):
    making.segment(day, "09:00", "14:08")
    making.segment(day, "14:20", "15:13", "Duties", category="ethics")
    sent = filled(back_office.get(page_of(day)))
    sent["segments-TOTAL_FORMS"] = 2
    answer = back_office.post(page_of(day), approve(sent, **values))
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert not Approval.objects.exists()


def test_an_approval_and_its_agenda_can_be_saved_together(back_office, day):
    sent = add_lines(filled(back_office.get(page_of(day))), ("09:00", "15:00", "All", {}))
    assert back_office.post(page_of(day), approve(sent)).status_code == 302
    page = text(back_office.get(page_of(day)))
    assert "6.00 in all" in page
    assert "6.00 hours of California MCLE credit." in page


def test_an_agenda_changed_after_approval_warns_of_a_substantive_change(back_office, day):
    sent = add_lines(
        filled(back_office.get(page_of(day))),
        ("09:00", "12:00", "Morning", {}),
        ("12:00", "12:30", "Lunch", {"kind": "break"}),
        ("13:00", "16:00", "Afternoon", {}),
    )
    back_office.post(page_of(day), approve(sent))
    assert "Substantive change" not in text(back_office.get(page_of(day)))

    sent = filled(back_office.get(page_of(day)))
    sent["segments-TOTAL_FORMS"] = 3
    moved = sent | {"segments-1-ends": "12:45"}
    back_office.post(page_of(day), moved)
    assert "Substantive change" not in text(back_office.get(page_of(day))), "a longer lunch"

    answer = back_office.post(page_of(day), moved | {"segments-2-ends": "16:30"}, follow=True)
    assert "Substantive change" in text(answer)
    assert "Substantive change" in text(back_office.get(page_of(day)))
    sent = filled(back_office.get(page_of(day)))
    sent["segments-TOTAL_FORMS"] = 3
    back_office.post(page_of(day), sent | {"approvals-0-number": "A2"})
    assert "Substantive change" not in text(back_office.get(page_of(day)))


def test_a_course_cannot_take_the_address_of_another_page(back_office, db):
    address = reverse("admin:trainings_course_add")
    sent = filled(back_office.get(address)) | {"slug": "host", "title": "Host"}
    assert "“host” is the address of another page of ours." in text(back_office.post(address, sent))


def test_the_pages_hold_no_inline_code(back_office, offering, day):
    making.segment(day, "09:00", "10:00")
    for address in (
        reverse("admin:trainings_offering_changelist"),
        reverse("admin:trainings_offering_add"),
        page_of(offering),
        do(offering, "open"),
        reverse("admin:trainings_activity_changelist"),
        page_of(day),
    ):
        page = back_office.get(address)
        assert page.status_code == 200
        assert inline_code(page) == [], address


def test_one_row_and_thirty_cost_the_same(back_office, offering):
    def cost(name):
        with CaptureQueriesContext(connection) as seen:
            back_office.get(reverse(f"admin:trainings_{name}_changelist"))
        return len(seen)

    before = {name: cost(name) for name in ("offering", "activity")}
    for number in range(30):
        more = making.offering(offering.course, slug=f"o{number}")
        making.person(more)
    assert Activity.objects.count() == 31
    assert {name: cost(name) for name in ("offering", "activity")} == before
