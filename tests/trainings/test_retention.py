"""Attendance is kept four years; then nothing says whose it was. Cases by their words."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from hub import outbox
from hub.models import Mail, User
from hub.offers import timed_work
from tests.reading import text
from tests.trainings import making
from tests.trainings.certified import came, held_day
from tests.trainings.making import at
from trainings.models import (
    Attendance,
    BarNumber,
    Certificate,
    CodeTry,
    Entry,
    Pledge,
    PledgeText,
    Registration,
)
from trainings.services import certificates, retention

pytestmark = pytest.mark.django_db

# The training was on January 29, 2027.
WITHIN = [
    pytest.param("2030-12-29 12:00", id="3 y 11 m"),
    pytest.param("2031-01-29 12:00", id="4 y"),
    pytest.param("2031-01-29 23:59", id="4 y, the last minute of the day in Pacific"),
]
OVER = [
    pytest.param("2031-01-30 00:00", id="4 y 1 d, its first minute in Pacific"),
    pytest.param("2031-01-30 12:00", id="4 y 1 d"),
]
LATER = at("2031-01-30 12:00")
CANARIES = ["Zebediah", "zebediah", "987654321", "Quagga"]


def travel(moment):
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def user():
    return User.objects.create_user("zebediah@example.net", name="Zebediah Quagga")


@pytest.fixture
def training():
    with travel(at("2027-01-30 12:00")):
        yield held_day(status="approved")


@pytest.fixture
def person(training, user):
    """Somebody of whom every table holds something: a pledge, two revisions of a paper…"""
    with travel(at("2027-01-30 12:00")):
        alice = User.objects.create_superuser("boss@example.org")
        made = came(
            training,
            "Zebediah Quagga",
            email="zebediah@example.net",
            bar="987654321",
            organization="Quagga Legal",
            user=user,
            pledge_name="Zebediah Quagga",
            waiver_code="QUAGGA",
        )
        Attendance.objects.update(reason="Zebediah said so")
        CodeTry.objects.create(registration=made, activity=training, outcome="wrong")
        Pledge.objects.create(
            registration=made,
            text=PledgeText.objects.create(version=90, text="I promise."),
            signed_name="Zebediah Quagga",
            due_on=at("2028-01-29 12:00").date(),
        )
        for kind, cents in [("charge", 30000), ("payment", -30000)]:
            Entry.objects.create(registration=made, kind=kind, cents=cents)
        certificates.issue(training, alice)
        made.name = "Zebediah B. Quagga"
        made.save()
        certificates.revise(made)
        certificates.revoke(
            made.certificates.get(replaced_by=None), "Not Zebediah after all", alice
        )
        outbox.promise("trainings.confirmed", made.pk)
    return made


def stored():
    """Every column of every row of trainings, the outbox and the back office's history."""
    models = [*apps.get_app_config("trainings").get_models(), Mail, LogEntry]
    return [
        (model._meta.db_table, str(row))
        for model in models
        for row in model._base_manager.order_by("pk").values()
    ]


def found():
    return {
        table for table, row in stored() if any(word.lower() in row.lower() for word in CANARIES)
    }


def deleted(client, *users):
    """Chosen in the list, and confirmed."""
    sent = {
        "action": "delete_selected",
        "_selected_action": [user.pk for user in users],
        "post": "yes",
    }
    return client.post(reverse("admin:hub_user_changelist"), sent)


WHY = (
    "zebediah@example.net: Attendance of January 29, 2027 must be kept until "
    "January 29, 2031; then it is anonymized by itself."
)


@pytest.mark.parametrize("moment", WITHIN)
def test_deletion_of_a_user_with_attendance_refused(back_office, person, user, moment):
    page = reverse("admin:hub_user_delete", args=[user.pk])
    with travel(at(moment)):
        retention.anonymise(at(moment))
        assert WHY in text(back_office.get(page))
        assert WHY in text(back_office.post(page, {"post": "yes"}))
    person.refresh_from_db()
    assert (person.user, person.email) == (user, "zebediah@example.net")


@pytest.mark.parametrize("moment", OVER)
def test_attendance_anonymised(back_office, person, user, moment):
    page = reverse("admin:hub_user_delete", args=[user.pk])
    with travel(at(moment)):
        retention.anonymise(at(moment))
        person.refresh_from_db()
        assert (person.name, person.user) == ("Removed", None)
        assert back_office.post(page, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=user.pk).exists()
    assert Attendance.objects.filter(registration=person).count() == 1


def test_bulk_delete_refused_of_all_when_one_must_be_kept(back_office, person, user):
    other = User.objects.create_user("other@example.org")
    with travel(at("2030-12-29 12:00")):
        assert WHY in text(deleted(back_office, user, other))
        assert User.objects.filter(pk__in=[user.pk, other.pk]).count() == 2
        deleted(back_office, other)
    assert not User.objects.filter(pk=other.pk).exists()


def test_who_never_attended_is_deleted(back_office, training, user):
    making.person(training.offering, "Zebediah Quagga", email=user.email, user=user)
    deleted(back_office, user)
    assert not User.objects.filter(pk=user.pk).exists()


def test_attendance_entered_by_staff_for_the_same_address_counts(training, user):
    came(training, "Zebediah Quagga", email=user.email)
    assert retention.why_kept(user)


def test_nothing_says_who_it_was(person):
    assert found() == {
        "trainings_registration",
        "trainings_barnumber",
        "trainings_attendance",
        "trainings_certificate",
        "trainings_pledge",
        "django_admin_log",
    }
    assert Certificate.objects.count() == 2
    nonce = person.nonce
    retention.anonymise(LATER)
    assert found() == set()
    person.refresh_from_db()
    assert person.email == f"removed-{person.pk}@invalid.example"
    assert person.nonce != nonce
    assert not BarNumber.objects.exists()
    assert not Certificate.objects.exists()
    assert not CodeTry.objects.exists()


def test_what_is_counted_stays(person):
    def counted():
        return (
            list(Attendance.objects.values_list("starts_at", "ends_at", "source")),
            list(Entry.objects.values_list("kind", "cents")),
            list(Pledge.objects.values_list("state", "due_on")),
            list(Registration.objects.values_list("state", "price_kind", "confirmed_at")),
        )

    before = counted()
    retention.anonymise(LATER)
    assert counted() == before


def test_twice_is_as_once(person):
    retention.anonymise(LATER)
    once = stored()
    retention.anonymise(LATER + timedelta(days=1))
    assert stored() == once


@pytest.mark.parametrize("state", ["canceled", "confirmed", "waitlisted"])
def test_so_are_those_who_never_came(training, state):
    for _ in range(2 if state == "canceled" else 1):
        making.person(training.offering, "Zebediah Quagga", state=state)
    retention.anonymise(at("2031-01-29 12:00"))
    assert found()
    retention.anonymise(LATER)
    assert found() == set()


def test_the_last_day_of_a_training_counts_for_all_of_it(training, user):
    making.activity(training.offering, "2027-02-05 09:00", "2027-02-05 17:00")
    came(training, "Zebediah Quagga", email=user.email, user=user)
    with travel(LATER):
        retention.anonymise(LATER)
        assert "of January 29, 2027 must be kept until February 5, 2031" in retention.why_kept(user)
    assert found()
    retention.anonymise(at("2031-02-06 12:00"))
    assert found() == set()


def test_without_a_day_the_time_runs_from_the_registration():
    with travel(at("2027-01-29 12:00")):
        making.person(making.offering(day=None), "Zebediah Quagga")
    retention.anonymise(at("2031-01-29 12:00"))
    assert found()
    retention.anonymise(LATER)
    assert found() == set()


def test_others_are_not_touched(person):
    later = making.offering(making.course("later"), day="2027-01-30")
    making.person(later, "Bob Stone", bar="123456", organization="Stone Law")
    before = [row for row in stored() if "Stone" in row[1] or "123456" in row[1]]
    retention.anonymise(LATER)
    assert len(before) >= 2
    assert set(before) <= set(stored())


def test_the_worker_does_it_daily():
    (work,) = [work for work in timed_work() if work.name == "trainings: anonymise"]
    assert (work.every, work.run) == (timedelta(days=1), retention.anonymise)


def test_no_paper_is_made_for_who_was_taken_out(person, training):
    retention.anonymise(LATER)
    with travel(LATER):
        report = certificates.issue(training, User.objects.get(email="boss@example.org"))
    assert report == certificates.Report()
    assert not Certificate.objects.exists()
