"""Cases of credit that take rows from end to end, each by the words of the case."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
import time_machine

from hub.models import User
from tests.reading import text
from tests.trainings import cast, making
from tests.trainings.certified import approve
from trainings import credits as mcle
from trainings.models import Attendance
from trainings.services import certificates, publishing, registration

AFTER = datetime(2027, 11, 20, 20, tzinfo=UTC)

HOUR = [("09:00", "10:00", {})]
# Nine to noon, an hour of lunch, one to four.
WITH_LUNCH = [
    ("09:00", "12:00", {}),
    ("12:00", "13:00", {"kind": "break"}),
    ("13:00", "16:00", {}),
]
ETHICS = [("09:00", "14:08", {}), ("14:20", "15:13", {"category": "ethics"})]
BIAS = [("09:00", "10:00", {"category": "implicit_bias"}), ("10:00", "11:00", {})]


@pytest.fixture
def carla(db):
    with time_machine.travel(AFTER, tick=False):
        yield User.objects.create_superuser("carla@example.org")


def day_of(agenda, day="2027-01-29", **approval):
    """That day from 8 am on, with this agenda and an approval for more than it can give."""
    offering = making.offering(day=day)
    made = offering.activities.get()
    for starts, ends, more in agenda:
        making.segment(made, starts, ends, f"Topic {starts}", **more)
    approve(made, **{"total": 96, "ethics": 24, "bias": 24, "implicit_bias": 24, **approval})
    return made


def was_there(day, *times):
    """Bob, at these times by the venue's clock; an end of None was never noted."""
    bob = making.person(day.offering, bar="123456")
    on = day.local_start.date()
    for starts, ends in times:
        Attendance.objects.create(
            registration=bob,
            activity=day,
            starts_at=making.at(f"{on} {starts}"),
            ends_at=making.at(f"{on} {ends}") if ends else None,
            source="staff",
            reason="By the paper list",
        )
    return bob


def body(mail):
    """What can be read of a mail: its texts and its calendar."""
    return [part for part in mail.walk() if part.get_content_maintype() == "text"]


def certified(bob):
    """(total, {category: hours}) of his certificate; None where he has none."""
    row = bob.certificates.filter(kind="mcle").first()
    if row is None:
        return None
    ((line,),) = [one["credit"] for one in row.data["activities"]]
    return line["total"], dict(line["parts"])


@pytest.mark.parametrize(
    ("agenda", "times", "total"),
    [
        pytest.param(HOUR, [("09:00", "10:00")], "1.00", id="60 → 1.00"),
        pytest.param(HOUR, [("09:01", "10:00")], "1.00", id="59 → 1.00"),
        pytest.param(HOUR, [("09:00", "09:08")], "0.25", id="8 → 0.25"),
        pytest.param(HOUR, [("09:00", "09:07")], None, id="7 → 0.00, a letter"),
        pytest.param(HOUR, [("09:07", "10:00")], "1.00", id="late 7 min → 53 min → 1.00"),
        pytest.param(HOUR, [("09:08", "10:00")], "0.75", id="late 8 → 52 → 0.75"),
        pytest.param(
            [(f"{hour:02}:00", f"{hour:02}:52", {}) for hour in range(9, 17)],
            [("09:00", "17:00")],
            "7.00",
            id="8 segments of 52 min → 7.00, not 6.00",
        ),
        pytest.param(
            WITH_LUNCH,
            [("09:00", "11:00"), ("09:05", "10:50"), ("10:00", "12:00")],
            "3.00",
            id="two devices, double scan: united, not added",
        ),
        pytest.param(
            WITH_LUNCH, [("09:00", "16:00")], "6.00", id="break inside an interval is subtracted"
        ),
        pytest.param(
            WITH_LUNCH, [("12:00", "14:00")], "1.00", id="attendance during the break adds nothing"
        ),
        pytest.param(
            WITH_LUNCH, [("08:00", "23:00")], "6.00", id="before start and after end are clipped"
        ),
        pytest.param(
            WITH_LUNCH,
            [("09:00", "10:00"), ("10:20", "16:00")],
            "5.75",
            id="leaves for 20 min and returns: gap deducted",
        ),
        pytest.param(
            WITH_LUNCH, [("09:00", None)], None, id="sign-in without sign-out: not credited"
        ),
    ],
)
def test_what_somebody_attended_is_on_their_certificate(carla, agenda, times, total):
    day = day_of(agenda)
    bob = was_there(day, *times)
    certificates.issue(day, carla)
    found = certified(bob)
    assert (found and found[0]) == total


@pytest.mark.parametrize(
    ("agenda", "total", "parts"),
    [
        pytest.param(
            ETHICS,
            "6.00",
            {"General": "5.00", "Legal Ethics": "1.00"},
            id="ethics 53 + general 308 → total 6.00, ethics 1.00, general 5.00",
        ),
        pytest.param(
            BIAS,
            "2.00",
            {
                "General": "1.00",
                "Elimination of Bias": "1.00",
                "Implicit Bias (within Elimination of Bias)": "1.00",
            },
            id="implicit bias hour counts inside bias, not twice",
        ),
    ],
)
def test_categories_on_the_certificate(carla, agenda, total, parts):
    day = day_of(agenda)
    bob = was_there(day, ("09:00", "17:00"))
    certificates.issue(day, carla)
    assert certified(bob) == (total, parts)


@pytest.mark.parametrize(
    ("day", "total"),
    [
        pytest.param("2027-11-07", "5.00", id="Nov 7, 2027: 01:30 comes twice"),
        pytest.param("2027-03-14", "3.00", id="Mar 14, 2027: an hour is skipped"),
    ],
)
def test_midnight_to_four_across_a_change_of_clocks_counts_instants(carla, day, total):
    held = making.activity(making.offering(day=None), f"{day} 00:00", f"{day} 04:00")
    making.segment(held, "00:00", "04:00")
    approve(held, total=96)
    bob = was_there(held, ("00:00", "04:00"))
    certificates.issue(held, carla)
    assert certified(bob) == (total, {"General": total})


def in_new_york(day, *times):
    """Bob again, admitted in New York, where the day is approved and nowhere else."""
    day.approvals.update(jurisdiction="NY")
    bob = was_there(day, *times)
    bob.bar_numbers.update(state="NY", number="5567788")
    return bob


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([("09:00", "10:49")], id="a minute short"),
        pytest.param([("09:00", "09:20"), ("09:40", "10:50")], id="left for 20 min and returned"),
        pytest.param([("09:00", None)], id="sign-in without sign-out"),
    ],
)
def test_part_of_a_session_is_no_new_york_credit(carla, times):
    day = day_of([("09:00", "10:50", {})])
    bob = in_new_york(day, *times)
    certificates.issue(day, carla)
    assert certified(bob) is None


@pytest.mark.parametrize(
    ("ends", "total"),
    [("09:49", "0.5"), ("09:50", "1.0"), ("11:00", "2.0"), ("15:00", "7.0")],
    ids=["49 → 0.5", "50 → 1.0", "120 → 2.0", "360 → 7.0"],
)
def test_new_york_hours_are_of_50_minutes(carla, ends, total):
    day = day_of([("09:00", ends, {})])
    bob = in_new_york(day, ("09:00", "17:00"))
    certificates.issue(day, carla)
    assert certified(bob)[0] == total


def test_an_approval_expires_after_two_years_on_the_certificate_too(carla):
    day = day_of(HOUR, decided_on=date(2025, 1, 28))
    bob = was_there(day, ("09:00", "10:00"))
    certificates.issue(day, carla)
    assert certified(bob) is None
    assert bob.certificates.get().kind == "letter"


def test_an_upload_file_regenerated_after_a_correction_is_marked_amended(back_office, carla):
    day = day_of(WITH_LUNCH)
    bob = was_there(day, ("09:00", "16:00"))
    page = making.address("activity_report", day.pk)

    def downloaded():
        answer = back_office.post(page, {"do": "download"})
        (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        return row["Total hours"], "amended" in answer["Content-Disposition"]

    assert downloaded() == ("6.00", False)
    back_office.post(page, {"do": "uploaded"})
    bob.attendance.update(ends_at=making.at("2027-01-29 14:00"))
    assert downloaded() == ("4.00", True)


def test_two_people_with_the_same_number_typed_differently_are_flagged(back_office, offering):
    for name, typed in [("Bob Brown", "  123 456 "), ("Carol Day", "#00123456")]:
        details = registration.Details(
            name=name, bar_numbers=(("CA", mcle.bar_number(typed, "CA")),)
        )
        who = name.split()[0].lower()
        terms = registration.Terms(choice="pledge", pledge_name=name)
        registration.register(offering, f"{who}@example.org", details, terms)
    page = text(back_office.get(making.address("registration_changelist")))
    assert "CA 123456: the same as Carol Day" in page
    assert "CA 123456: the same as Bob Brown" in page


def test_denied_after_all_mcle_text_gone_from_page_feed_and_mail(client, offering):
    cast.make_agenda(offering)
    row = cast.approve(offering.activities.get())
    bob = cast.make_person(offering, "bob")

    def said():
        publishing.changed(offering.pk)
        (mail,) = cast.deliver()
        pages = [offering.get_absolute_url(), cast.own(bob), "/trainings.ics"]
        shown = [client.get(page).content.decode() for page in pages]
        return ["MCLE" in one for one in [*shown, *(p.get_content() for p in body(mail))]]

    before = said()
    assert all(before), before
    row.status = "denied"
    row.save()
    after = said()
    assert not any(after), after
    assert len(after) == len(before)
