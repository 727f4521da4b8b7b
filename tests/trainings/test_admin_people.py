import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hub import links
from tests.reading import filled, inline_code, text
from tests.trainings import making
from tests.trainings.making import address, attended
from tests.trainings.test_attendance import HEADER, ROW
from trainings.models import (
    Approval,
    Attendance,
    Certificate,
    CodeTry,
    Entry,
    HostOffer,
    NewsRequest,
    Pledge,
    PledgeEvent,
    PledgeText,
    RegistrationEvent,
    WaiverCode,
)

LISTS = [
    "course",
    "offering",
    "activity",
    "registration",
    "attendance",
    "codetry",
    "certificate",
    "entry",
    "waivercode",
    "pledge",
    "pledgetext",
    "hostoffer",
    "newsrequest",
    "reportcolumn",
]
HELD = datetime(2027, 1, 30, 20, tzinfo=UTC)


@pytest.fixture
def day(db):
    return making.offering().activities.get()


@pytest.fixture
def bob(day):
    return making.person(day.offering, "Bob Stone", bar="123456")


@pytest.fixture
def approved(day):
    making.segment(day, "09:00", "17:00")
    Approval.objects.create(
        activity=day, jurisdiction="CA", status="approved", total=24, decided_on=date(2026, 12, 1)
    )
    return day


def pledge_of(registration, **values):
    words, _ = PledgeText.objects.get_or_create(version=1, defaults={"text": "I pledge."})
    return Pledge.objects.create(
        registration=registration,
        text=words,
        signed_name=registration.name,
        **({"due_on": date(2028, 1, 29)} | values),
    )


# Who may come in


def test_strangers_sign_in_and_staff_without_the_right_are_refused(
    client, settings, django_user_model, day, bob
):
    settings.STAFF_SECOND_FACTOR = False
    pages = [
        address("activity_ticks", day.pk),
        address("activity_zoom", day.pk),
        address("activity_interval", day.pk),
        address("activity_report", day.pk),
        address("offering_verb", day.offering_id, "open"),
        address("waivercode_make"),
        *(address(f"{name}_changelist") for name in LISTS),
    ]
    for page in pages:
        assert "/login/" in client.get(page).url
        answer = client.post(page, {})
        # Nothing is done: what was sent is given back, to be sent again after signing in.
        assert (answer.status_code, "Your text is kept" in answer.content.decode()) == (403, True)
    client.force_login(django_user_model.objects.create_user("bob@example.org"))
    assert "/login/" in client.get(pages[0]).url
    helper = django_user_model.objects.create_user("helper@example.org", is_staff=True)
    client.force_login(helper)
    for page in pages:
        assert client.get(page).status_code == 403, page
        assert client.post(page, {}).status_code == 403, page
    helper.user_permissions.add(Permission.objects.get(codename="view_activity"))
    assert client.get(address("activity_changelist")).status_code == 200
    assert client.get(address("activity_ticks", day.pk)).status_code == 403


def test_the_second_factor_is_asked_for(client, django_user_model, day):
    client.force_login(django_user_model.objects.create_superuser("alice@example.org"))
    assert client.get(address("activity_ticks", day.pk)).status_code == 302


def test_what_is_a_record_can_only_be_looked_at(back_office, day, bob):
    entry = Entry.objects.create(registration=bob, kind="charge", cents=30000)
    pledge = pledge_of(bob)
    certificate = Certificate.objects.create(
        registration=bob, activity=day, kind="mcle", data={}, template_version="1"
    )
    for row in (entry, pledge, certificate):
        name = row._meta.model_name
        assert back_office.get(address(f"{name}_add")).status_code == 403
        assert (
            back_office.post(address(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
        )
        assert back_office.post(address(f"{name}_change", row.pk), {}).status_code == 403
        assert back_office.get(address(f"{name}_change", row.pk)).status_code == 200


# The tick-list


def test_the_list_ticks_and_says_so(back_office, day, bob):
    making.person(day.offering, "Wanda Wait", state="waitlisted")
    page = back_office.get(address("activity_ticks", day.pk))
    assert "Bob Stone" in text(page)
    assert "Wanda" not in text(page)
    assert inline_code(page) == []
    answer = back_office.post(
        address("activity_ticks", day.pk), {"here": [bob.pk], "was": ""}, follow=True
    )
    assert "Ticked 1, taken back 0." in text(answer)
    row = Attendance.objects.get()
    assert (row.source, row.starts_at, row.ends_at) == ("tick", day.starts_at, day.ends_at)
    assert row.by.email == "alice@example.org"
    assert (
        f'value="{bob.pk}" checked'
        in back_office.get(address("activity_ticks", day.pk)).content.decode()
    )
    back_office.post(address("activity_ticks", day.pk), {"was": str(bob.pk)})
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"here": ["x"], "was": ""}, "The list did not come through. Reload it."),
        ({"here": ["999999"], "was": ""}, "Somebody: not confirmed for this training"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(back_office, day, bob, sent, sentence):
    answer = back_office.post(address("activity_ticks", day.pk), sent)
    assert answer.status_code == 200
    assert sentence in text(answer)


# Zoom and times by hand


def upload(client, day, data, name="participants.csv"):
    file = SimpleUploadedFile(name, data, "text/csv")
    return client.post(address("activity_zoom", day.pk), {"file": file})


def test_the_report_of_a_file_names_each_row_that_is_not_in(back_office, day, bob):
    data = HEADER + ROW + "Zed,,01/29/2027 09:15:00 AM,01/29/2027 10:00:00 AM,45,No\n"
    page = upload(back_office, day, data.encode())
    assert "1 people. Times added: 1; changed: 0; already there: 0." in text(page)
    assert "3 Zed Nobody with this email or name has a confirmed place. Enter row 3" in text(page)
    assert "time/?begins=09:15&amp;ends=10:00" in page.content.decode()
    assert inline_code(page) == []
    form = back_office.get(address("activity_interval", day.pk) + "?begins=09:15&ends=10:00")
    assert 'value="09:15"' in form.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"Name,When\nBob,now\n", "wrong columns"),
        (b"", "The file is empty."),
        (b"\0" * 10, "This is not a CSV file"),
        (b"a,b\n" * (6 * 1024 * 1024 // 4), "larger than 5 MB"),
    ],
)
def test_a_file_that_is_none_is_refused_on_the_page(back_office, day, data, sentence):
    page = upload(back_office, day, data)
    assert page.status_code == 200
    assert sentence in text(page)
    assert not Attendance.objects.exists()


def test_no_file_is_said_so(back_office, day):
    assert "Choose the file." in text(back_office.post(address("activity_zoom", day.pk), {"x": 1}))


def test_a_time_is_entered_by_the_venues_clock_with_a_reason(back_office, day, bob):
    page = address("activity_interval", day.pk)
    sent = {"open_row": "", "registration": bob.pk, "begins": "09:00", "ends": "10:30"}
    assert "Say why" in text(back_office.post(page, sent | {"reason": ""}))
    assert "Choose the person." in text(
        back_office.post(page, sent | {"registration": "", "reason": "x"})
    )
    assert "outside the hours" in text(
        back_office.post(page, sent | {"begins": "05:00", "ends": "06:00", "reason": "x"})
    )
    assert back_office.post(page, sent | {"reason": "Signed on paper."}).status_code == 302
    row = Attendance.objects.get()
    assert row.ends_at == making.at("2027-01-29 10:30")
    assert (row.source, row.reason) == ("staff", "Signed on paper.")


def test_an_open_time_gets_its_end(back_office, day, bob):
    row = Attendance.objects.create(
        registration=bob, activity=day, starts_at=day.starts_at, source="zoom"
    )
    page = address("activity_interval", day.pk)
    assert "Bob Stone, from 9:00 am" in text(back_office.get(page))
    sent = {"open_row": row.pk, "ends": "12:00", "reason": "Told by phone."}
    assert back_office.post(page, sent).status_code == 302
    row.refresh_from_db()
    assert row.ends_at == making.at("2027-01-29 12:00")


# Codes


def code_page(registration):
    token = links.make("trainings.registration", registration.pk, registration.nonce)
    return reverse("trainings:code", args=[token])


def test_somebody_online_types_a_code(client, day, bob):
    making.segment(day, "09:00", "10:00", "Civil remedies", code="BLUE7")
    page = code_page(bob)
    assert inline_code(client.get(page)) == []
    with time_machine.travel(making.at("2027-01-29 09:30"), tick=False):
        answer = client.post(page, {"code": "nope"})
        assert "No session of this training has that code" in text(answer)
        assert 'value="nope"' in answer.content.decode()
        assert "Type the code you heard" in text(client.post(page, {"code": ""}))
        answer = client.post(page, {"code": "blue 7"}, follow=True)
    assert "“Civil remedies” counts." in text(answer)
    assert "Sessions that count Civil remedies" in text(answer)
    assert "None yet" in text(client.get(code_page(making.person(day.offering, "Carol Day"))))


def test_the_page_tells_of_early_late_and_locked(client, day, bob):
    making.segment(day, "09:00", "10:00", "Civil remedies", code="BLUE7")
    page = code_page(bob)

    def say(clock, code):
        with time_machine.travel(making.at(f"2027-01-29 {clock}"), tick=False):
            return text(client.post(page, {"code": code}, follow=True))

    assert "No session with this code has begun." in say("08:00", "BLUE7")
    for _ in range(5):
        say("09:05", "wrong")
    assert "we wait 10 minutes" in say("09:06", "BLUE7")
    assert "Our staff look at your code" in say("11:00", "BLUE7")


def test_a_code_page_is_only_its_own_persons(client, day, bob):
    assert client.get(reverse("trainings:code", args=["nope"])).status_code == 404
    wrong = links.make("trainings.registration", bob.pk, "other")
    assert client.get(reverse("trainings:code", args=[wrong])).status_code == 404
    foreign = links.make("trainings.news", bob.pk, bob.nonce)
    assert client.get(reverse("trainings:code", args=[foreign])).status_code == 404
    dan = making.person(day.offering, "Dan Frey", state="waitlisted")
    assert client.get(code_page(dan)).status_code == 404


def test_staff_decide_on_late_codes(back_office, day, bob):
    line = making.segment(day, "09:00", "10:00", "Civil remedies", code="BLUE7")
    rows = [
        CodeTry.objects.create(
            registration=bob, activity=day, outcome=outcome, segment=segment, at=day.ends_at
        )
        for outcome, segment in (("late", line), ("wrong", None))
    ]
    page = address("codetry_changelist")
    assert "Civil remedies" in text(back_office.get(page + "?late=undecided"))
    sent = {"action": "accept", "_selected_action": [row.pk for row in rows]}
    assert "Accepted: 1." in text(back_office.post(page, sent, follow=True))
    assert Attendance.objects.get().segment == line
    assert "0 code trys" in text(back_office.get(page + "?late=undecided"))


# People and money


def test_the_list_shows_numbers_balance_and_who_shares_a_number(back_office, day, bob):
    Entry.objects.create(registration=bob, kind="charge", cents=30000)
    Entry.objects.create(registration=bob, kind="payment", cents=-31000)
    other = making.offering(making.course("other"))
    making.person(other, "Bob Stone", bar="123456")
    page = text(back_office.get(address("registration_changelist")))
    assert "CA 123456 -$10" in page, "the same person in two trainings shares nothing"
    making.person(other, "Carol Day", bar="123456")
    making.person(other, "Dan Frey", bar="")
    page = text(back_office.get(address("registration_changelist")))
    assert "CA 123456: the same as Carol Day" in page
    assert "CA 123456: the same as Bob Stone" in page
    same = text(back_office.get(address("registration_changelist") + "?bar=same"))
    assert ("Carol Day" in same, "Dan Frey" in same) == (True, False)
    without = text(back_office.get(address("registration_changelist") + "?bar=none"))
    assert ("Carol Day" in without, "Dan Frey" in without) == (False, True)
    assert "Carol Day" in text(
        back_office.get(address("registration_changelist") + "?q=123456&state__exact=confirmed")
    )


def test_the_table_of_registrations_is_exported_harmless(back_office, day):
    making.person(day.offering, "=SUM(1)", email="x@example.org", bar="7")
    page = back_office.get(address("registration_export"))
    assert page.status_code == 200
    names = page.context["form"].fields
    sent = {"format": "0", "resource": ""}
    sent |= {name: "on" for name in names if name.startswith("registrationresource_")}
    answer = back_office.post(address("registration_export"), sent)
    assert answer.status_code == 200, answer
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["name"], row["bar_numbers"], row["balance"]) == ("'=SUM(1)", "CA 7", "$0")


def test_a_registration_shows_its_history(back_office, day, bob):
    RegistrationEvent.objects.create(registration=bob, state="confirmed", reason="By phone.")
    page = back_office.get(address("registration_change", bob.pk))
    assert "By phone." in text(page)
    sent = filled(page) | {"bar_numbers-0-number": "12x"}
    answer = back_office.post(address("registration_change", bob.pk), sent)
    assert "Type the bar number in digits only, such as 123456." in text(answer)
    sent |= {"bar_numbers-0-number": " #00 987 ", "name": "Robert Stone"}
    assert back_office.post(address("registration_change", bob.pk), sent).status_code == 302
    bob.refresh_from_db()
    assert (bob.name, bob.bar_numbers.get().number) == ("Robert Stone", "987")


def test_waiver_codes_are_made_by_the_number(back_office, day):
    page = address("waivercode_make")
    sent = {"offering": day.offering_id, "count": "3", "last_day": "2099-01-28"}
    assert "Make from 1 to 200 codes" in text(back_office.post(page, sent | {"count": "201"}))
    assert "Make from 1 to 200 codes" in text(back_office.post(page, sent | {"count": "-1"}))
    assert "That day is over." in text(back_office.post(page, sent | {"last_day": "2020-01-01"}))
    assert back_office.post(page, sent).status_code == 302
    codes = list(WaiverCode.objects.all())
    assert len({one.code for one in codes}) == 3
    assert {one.expires_at for one in codes} == {making.at("2099-01-29 00:00")}


def test_a_signed_pledge_text_stays_and_new_words_are_a_new_version(back_office, bob):
    signed = pledge_of(bob).text
    page = address("pledgetext_change", signed.pk)
    assert back_office.post(page, {"text": "Other words."}).status_code == 403
    assert (
        back_office.post(address("pledgetext_delete", signed.pk), {"post": "yes"}).status_code
        == 403
    )
    sent = filled(back_office.get(address("pledgetext_add")))
    sent |= {"text": "New words.", "in_force_from_0": "2027-01-01", "in_force_from_1": "00:00"}
    assert back_office.post(address("pledgetext_add"), sent).status_code == 302
    assert list(PledgeText.objects.values_list("version", "text")) == [
        (2, "New words."),
        (1, "I pledge."),
    ]
    new = PledgeText.objects.first()
    sent |= {"text": "Better words."}
    assert back_office.post(address("pledgetext_change", new.pk), sent).status_code == 302


def test_pledges_are_listed_by_when_they_are_due(back_office, day, bob):
    pledge = pledge_of(bob, due_on=date(2027, 1, 29))
    PledgeEvent.objects.create(pledge=pledge, what="made", reason="Signed online.")
    page = address("pledge_changelist")
    # In time until the end of the day, Pacific: 11:59 pm of the 29th is the 30th in UTC.
    with time_machine.travel(making.at("2027-01-29 23:59"), tick=False):
        assert "Overdue" not in text(back_office.get(page)).replace("Overdue By", "")
        assert "Bob Stone" not in text(back_office.get(page + "?due=over"))
        assert "Bob Stone" in text(back_office.get(page + "?due=open"))
    with time_machine.travel(making.at("2027-01-30 00:00"), tick=False):
        assert "Overdue: January 29, 2027" in text(back_office.get(page + "?due=over"))
    assert "Signed online." in text(back_office.get(address("pledge_change", pledge.pk)))


# All of them


def test_every_page_opens_without_inline_code_at_a_constant_cost(back_office, approved, bob):
    def fill(number):
        course = making.course(f"c{number}")
        offering = making.offering(course, slug=f"o{number}")
        day = offering.activities.get()
        person = making.person(offering, f"P{number} X", bar=str(1000 + number))
        pledge_of(person, due_on=date(2028, 1, 1) + timedelta(days=number))
        Entry.objects.create(registration=person, kind="charge", cents=100)
        Attendance.objects.create(
            registration=person, activity=day, starts_at=day.starts_at, source="zoom"
        )
        Certificate.objects.create(
            registration=person, activity=day, kind="mcle", data={}, template_version="1"
        )
        CodeTry.objects.create(registration=person, activity=day, outcome="wrong")
        WaiverCode.objects.create(
            offering=offering, code=f"W{number}", expires_at=HELD, used_by=person
        )
        NewsRequest.objects.create(email=f"n{number}@example.org", course=course)
        HostOffer.objects.create(
            course=course, agency="A", name="N", email="a@example.org", city="C", attorneys=1
        )

    def costs():
        found = {}
        for name in LISTS[2:]:
            with CaptureQueriesContext(connection) as seen:
                page = back_office.get(address(f"{name}_changelist"))
            assert page.status_code == 200
            assert inline_code(page) == [], name
            found[name] = len(seen)
        for name in ("ticks", "interval", "report"):
            with CaptureQueriesContext(connection) as seen:
                back_office.get(address(f"activity_{name}", approved.pk))
            found[name] = len(seen)
        return found

    fill(0)
    attended(bob, approved)
    before = costs()
    for number in range(1, 30):
        fill(number)
        attended(making.person(approved.offering, f"Q{number} X", bar=str(number)), approved)
    assert costs() == before
