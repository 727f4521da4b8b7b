"""One page for the person who has signed in: what concerns them and nobody else."""

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from calls.models import CallSeries, SignUp
from hub.models import User
from tests.reading import inline_code, text
from tests.trainings import certified, making
from trainings.models import Registration
from trainings.services import certificates

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def bob():
    """Bob holds a certificate and is in a call whose joining details are set."""
    bob = User.objects.create_user("bob@example.org", name="Bob Stone")
    day = certified.held_day(status="approved")
    certified.came(day, user=bob)
    with time_machine.travel(making.at("2027-02-01 12:00"), tick=False):
        certificates.issue(day, User.objects.create_superuser("alice@example.org"))
    series = CallSeries.objects.create(slug="a-call", name="A call", joining_passcode="4711")
    SignUp.objects.create(
        series=series,
        user=bob,
        email=bob.email,
        name=bob.name,
        organization="Law",
        role="attorney",
        state="active",
        joined_at=timezone.now(),
    )
    return bob


def after():
    return time_machine.travel(making.at("2027-02-01 12:00"), tick=False)


def test_the_certificate_is_there_as_often_as_one_likes(bob):
    with after():
        client = signed_in(bob)
        page = client.get("/my/")
        code = Registration.objects.get().certificates.get().code
        path = next(
            part.split('"')[0]
            for part in page.content.decode().split('href="')
            if part.startswith("/trainings/registration/") and code in part.split('"')[0]
        )
        first, second = client.get(path), client.get(path)
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-")


def test_it_shows_trainings_and_calls_of_the_person(bob):
    with after():
        page = signed_in(bob).get("/my/")
    said = text(page)
    assert "Confirmed Pro Bono Attorney Training Friday, January 29, 2027, Los Angeles" in said
    assert "A call" in said
    assert page.headers["Cache-Control"] == "no-store"
    assert inline_code(page) == []


def test_somebody_else_sees_none_of_it(bob):
    carol = User.objects.create_user("carol@example.org")
    with after():
        said = text(signed_in(carol).get("/my/"))
    assert "Pro Bono" not in said
    assert "A call" not in said
    assert "You are registered for no training." in said


def test_what_was_canceled_or_left_is_gone(bob):
    Registration.objects.update(state="canceled", confirmed_at=None)
    SignUp.objects.update(state="left")
    said = text(signed_in(bob).get("/my/"))
    assert "You are registered for no training." in said
    assert "You are in no call." in said
