"""Everybody comes in the same moment: counts are exact, and nobody is answered by an error."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import httpx
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from calls.mails import link_for as link_to_call
from calls.models import SignUp
from hub.models import Mail
from tests.calls.conftest import weekly  # noqa: F401 (a fixture)
from tests.faults.web import Web, hidden, in_parallel, served
from tests.trainings import making
from trainings.mails.registration import token_for
from trainings.models import Registration

# `FAULT_CROWD=200 pytest tests/faults/test_crowd.py` for the whole crowd.
CROWD = int(os.environ.get("FAULT_CROWD", "20"))
SEATS = CROWD // 10

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(web: Web, visits: list[Callable[[httpx.Client], Callable[[], httpx.Response]]]):
    """Everybody opens a page, and when the last has it, all press its button."""
    ready = threading.Barrier(len(visits))

    def come(visit: Callable[[httpx.Client], Callable[[], httpx.Response]]) -> httpx.Response:
        with web.visitor() as client:
            press = visit(client)
            ready.wait(120)
            return press()

    answers = in_parallel([partial(come, visit) for visit in visits], threads=len(visits))
    assert Counter(answer.status_code for answer in answers) == {200: len(visits)}
    return answers


def fill_in(path: str, fields: dict[str, str]):
    def visit(client: httpx.Client) -> Callable[[], httpx.Response]:
        data = fields | hidden(client.get(path).text)
        return lambda: client.post(path, data=data)

    return visit


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def promised(kind: str) -> list[int]:
    return sorted(Mail.objects.filter(kind=kind).values_list("subject_id", flat=True))


def test_all_sign_up_for_one_call_and_then_race_for_a_tenth_of_the_seats(weekly, tmp_path):  # noqa: F811
    before = deadlocks()
    details = {"name": "Sam", "organization": "Aid", "role": "attorney", "website": ""}
    page = weekly.series.get_absolute_url()
    day = timezone.localdate() + timedelta(days=60)
    offering = making.offering(day=str(day), seats=SEATS, status="open")
    for number in range(CROWD):
        making.person(offering, "Bob", email=f"p{number}@example.org", state="unconfirmed")

    with served(tmp_path, workers=3) as web:
        people = [{"email": f"p{number}@example.org"} for number in range(CROWD)]
        # Half of them press twice, as if from two windows.
        twice = people + people[: CROWD // 2]
        all_at_once(web, [fill_in(page, details | each) for each in twice])
        rows = SignUp.objects.all()
        assert sorted(row.email for row in rows) == sorted(each["email"] for each in people)
        assert promised("calls.link") == sorted(row.pk for row in rows)

        links = [link_to_call(row).removeprefix("http://testserver") for row in rows]
        answers = all_at_once(web, [fill_in(link, {"do": "join"}) for link in links])
        assert all("You are signed up" in answer.text for answer in answers)
        assert set(SignUp.objects.values_list("state", "round")) == {("active", 1)}
        assert promised("calls.welcome") == sorted(row.pk for row in rows)

        links = [
            reverse("trainings:registration", args=[token_for(row)])
            for row in Registration.objects.all()
        ]
        all_at_once(web, [fill_in(link, {"do": "confirm"}) for link in links])
    states = Counter(Registration.objects.values_list("state", flat=True))
    assert states == {"confirmed": SEATS, "waitlisted": CROWD - SEATS}
    assert len(promised("trainings.confirmed")) == SEATS
    assert len(promised("trainings.waitlisted")) == CROWD - SEATS
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
    assert deadlocks() == before
