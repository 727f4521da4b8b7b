"""All that is stored of a person, to read and to take along; nothing of anybody else."""

import json

import pytest
import time_machine

from calls.models import CallAttendance, CallDate
from hub import personal_feeds
from library.services.suggestions import suggest
from tests.front.conftest import TODAY, join, signed_in
from tests.reading import inline_code, text
from tests.trainings import certified, making
from trainings.models import Entry, HostOffer, NewsRequest, Pledge, PledgeText
from trainings.services import certificates

pytestmark = pytest.mark.django_db


def stored_of(user) -> dict:
    return json.loads(signed_in(user).get("/my/data.json").content)


@pytest.fixture
def everything(bob, call, carol):
    """A row of Bob's in every table that holds people, and one of Carol's beside it."""
    day = certified.held_day(status="approved")
    for user, canary in ((bob, "Quagga"), (carol, "Zebra")):
        sign_up = join(user, call, organization=f"{canary} Law")
        date = CallDate.objects.filter(schedule__series=call).earliest("starts_at")
        CallAttendance.objects.create(date=date, sign_up=sign_up)
        row = certified.came(
            day, user.name, email=user.email, user=user, organization=f"{canary} Legal"
        )
        Entry.objects.create(registration=row, kind="charge", cents=30000, reference=f"{canary}-1")
        Pledge.objects.create(
            registration=row,
            text=PledgeText.objects.get_or_create(version=90, text="I promise.")[0],
            signed_name=f"{canary} signed",
            due_on=TODAY.date(),
        )
        NewsRequest.objects.create(email=user.email, region="west")
        HostOffer.objects.create(
            course=day.offering.course,
            agency=f"{canary} Agency",
            name=user.name,
            email=user.email,
            attorneys=10,
        )
        suggest(f"{canary} guide", "", "It helps.", user.name, user.email)
        personal_feeds.new_token(user)
    return day


def test_it_is_a_file_of_ones_own(bob):
    answer = signed_in(bob).get("/my/data.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-cast-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["about"] == "bob@example.org"


def test_it_says_that_requests_for_assistance_are_not_in_it(bob):
    assert "technical assistance are not among this" in stored_of(bob)["not_here"]
    assert "technical assistance are not among this" in text(signed_in(bob).get("/my/data/"))


def test_everything_is_in_it_and_nothing_of_others(everything, bob, carol):
    said = json.dumps(stored_of(bob))
    for words in (" Law", " Legal", "-1", " signed", " Agency", " guide"):
        assert f"Quagga{words}" in said
    assert "123456" in said
    assert "Zebra" not in said
    assert "carol" not in said.lower()
    page = signed_in(bob).get("/my/data/")
    assert "Quagga Legal" in text(page)
    assert "Zebra" not in text(page)
    assert inline_code(page) == []


def test_no_heading_is_empty_of_who_is_in_everything(everything, bob):
    stored = stored_of(bob)["stored"]
    assert {heading for heading, rows in stored.items() if not rows} == {
        "Addresses proven at sign-in",
        "Certificates",
        "Email about calls",
        "Email about trainings",
        "Second steps of your sign-in",
        "What became of your registrations",
    }


def test_certificates_and_mail_are_in_it(everything, bob, carol):
    with time_machine.travel(making.at("2027-02-01 12:00"), tick=False):
        certificates.issue(everything, carol)
        stored = stored_of(bob)["stored"]
    (paper,) = stored["Certificates"]
    assert paper["What it says"]["attendee"] == "Bob Stone"
    assert [mail["Kind"] for mail in stored["Email about trainings"]] == [
        "certificate",
        "pledge_changed",
    ]


def test_no_secret_is_in_it(everything, bob):
    said = json.dumps(stored_of(bob))
    for secret in ("nonce", "token", "password", "canary-link", "canary-passcode"):
        assert secret not in said


def test_a_stranger_s_unproven_sign_up_with_the_same_address_is_shown(bob, call):
    """It names the address, so it is theirs to see."""
    row = join(bob, call, state="unconfirmed")
    type(row).objects.update(user=None)
    assert stored_of(bob)["stored"]["Sign-ups for calls"][0]["State"] == "Not confirmed"
