"""One page for the person who has signed in: what concerns them and nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hub.models import User
from tests.calls.factories import ScheduleFactory, SeriesFactory
from tests.front.conftest import join, signed_in
from tests.mailbox import mailed_code
from tests.reading import inline_code, text
from tests.trainings import certified, making
from trainings.models import Entry, NewsRequest, Pledge, PledgeText, Registration
from trainings.services import certificates

pytestmark = pytest.mark.django_db


def after():
    """Three days after the training of January 29."""
    return time_machine.travel(making.at("2027-02-01 12:00"), tick=False)


@pytest.fixture
def certificate(bob):
    """Bob was at a training and holds its certificate."""
    day = certified.held_day(status="approved")
    certified.came(day, user=bob)
    with after():
        certificates.issue(day, User.objects.create_superuser("alice@example.org"))
    return Registration.objects.get().certificates.get()


def registered(user, state="confirmed", slug="first", **values):
    return making.person(
        making.offering(making.course(f"course-{slug}"), slug=slug),
        user.name,
        email=user.email,
        user=user,
        state=state,
        **values,
    )


class TestWayIn:
    def test_from_the_address_to_the_code_and_back(self, bob):
        client = Client()
        asked = client.get("/my/")
        assert asked.headers["Location"] == "/accounts/login/?next=/my/"
        client.post("/accounts/login/", {"login": bob.email, "next": "/my/"})
        answer = client.post(
            "/accounts/login/code/confirm/", {"code": mailed_code(), "next": "/my/"}
        )
        assert answer.headers["Location"] == "/my/"
        assert "What concerns bob@example.org" in text(client.get("/my/"))

    def test_the_masthead_leads_there(self):
        assert 'href="/accounts/login/?next=/my/"' in Client().get("/").content.decode()


class TestNext:
    def test_a_call_with_how_to_join(self, bob, call):
        join(bob, call)
        page = signed_in(bob).get("/my/")
        said = text(page)
        assert "Wednesday December 2, 2026 A call 12:00–1:00 pm Pacific" in said
        assert "canary-link" in said
        assert "canary-passcode" in said
        assert page.headers["Cache-Control"] == "no-store"
        assert inline_code(page) == []

    @pytest.mark.parametrize("state", ["awaiting", "unconfirmed", "left"])
    def test_how_to_join_is_for_the_active_only(self, bob, call, state):
        join(bob, call, state=state)
        page = signed_in(bob).get("/my/").content.decode()
        assert "canary" not in page
        assert ("waits for approval" in page) is (state == "awaiting")

    def test_soonest_first(self, bob, call):
        join(bob, call)
        registered(bob)
        page = text(signed_in(bob).get("/my/"))
        assert page.index("A call") < page.index("Course course-first")
        with time_machine.travel(making.at("2027-01-28 12:00"), tick=False):
            page = text(signed_in(bob).get("/my/"))
        assert page.index("Course course-first") < page.index("A call")

    def test_a_call_without_a_date_comes_last(self, bob):
        join(bob, SeriesFactory(name="Undated call"))
        registered(bob)
        page = text(signed_in(bob).get("/my/"))
        assert page.index("Course course-first") < page.index("No date yet Undated call")

    def test_somebody_else_sees_none_of_it(self, bob, call, carol):
        join(bob, call)
        registered(bob)
        NewsRequest.objects.create(email=bob.email, state="active")
        page = signed_in(carol).get("/my/").content.decode()
        for theirs in ("A call", "course-first", "canary", "bob@", "News of any"):
            assert theirs not in page

    def test_who_is_in_nothing_sees_where_to_begin(self, bob):
        page = signed_in(bob).get("/my/")
        assert "Here is where to begin" in text(page)
        for place in ("/calls/", "/trainings/", "/trainings/news/", "/library/"):
            assert f'<a href="{place}">' in page.content.decode()
        assert "bar number" not in text(page)


class TestTrainings:
    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("confirmed", "You have a seat."),
            ("waitlisted", "You are on the waitlist, place 2."),
            ("offered", "A seat is held for you until Tuesday, December 1, 2026, 12:00 pm"),
        ],
    )
    def test_where_one_stands(self, bob, state, words):
        row = registered(bob, state=state)
        if state == "waitlisted":
            first = making.person(row.offering, "Ann First", state="waitlisted")
            Registration.objects.filter(pk=first.pk).update(
                waitlisted_at=timezone.now() - timedelta(hours=1)
            )
        assert words in text(signed_in(bob).get("/my/"))

    @pytest.mark.parametrize("state", ["unconfirmed", "canceled"])
    def test_what_is_not_or_no_more_is_not_shown(self, bob, state):
        registered(bob, state=state)
        assert "course-first" not in text(signed_in(bob).get("/my/"))

    def test_the_address_is_for_who_has_a_seat(self, bob):
        row = registered(bob)
        type(row.offering).objects.update(address="1 Secret Street")
        assert "1 Secret Street" in text(signed_in(bob).get("/my/"))
        Registration.objects.update(state="waitlisted", waitlisted_at=timezone.now())
        assert "Secret" not in text(signed_in(bob).get("/my/"))

    def test_what_is_to_be_paid_and_what_was(self, bob):
        row = registered(bob)
        Registration.objects.update(price_kind="fee", price_cents=30000, method="invoice")
        Entry.objects.create(registration=row, kind="charge", cents=30000)
        page = signed_in(bob).get("/my/")
        assert "To pay: $300. How to pay" in text(page)
        path = page.content.decode().partition('/paid/"')[0].rpartition('"')[2] + "/paid/"
        assert "$300" in text(signed_in(bob).get(path))
        Entry.objects.create(registration=row, kind="payment", cents=-30000, method="check")
        assert "Paid: $300" in text(signed_in(bob).get("/my/"))

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("made", "You pledged one pro bono case by January 29, 2028; it counts once"),
            ("eligible", "by January 29, 2028: 11 months and 28 days are left."),
            ("matched", "We have found a case for your pledge; accept it by January 29, 2028"),
            ("fulfilled", "You kept your pledge."),
        ],
    )
    def test_the_pledge_and_what_is_left_of_its_year(self, bob, state, words):
        Pledge.objects.create(
            registration=registered(bob),
            text=PledgeText.objects.create(version=90, text="I promise."),
            signed_name="Bob",
            due_on=making.at("2028-01-29 12:00").date(),
            state=state,
            accepted_at=timezone.now() if state == "fulfilled" else None,
        )
        with after():
            assert words in text(signed_in(bob).get("/my/"))

    def test_a_certificate_as_often_as_one_likes(self, bob, certificate):
        ahead = making.offering(making.course("ahead"), day="2027-06-01")
        making.person(ahead, bob.name, email=bob.email, user=bob)
        with after():
            client = signed_in(bob)
            page = client.get("/my/")
            path = next(
                part.split('"')[0]
                for part in page.content.decode().split('href="')
                if certificate.code in part.split('"')[0]
            )
            first, second = client.get(path), client.get(path)
        said = text(page)
        coming, over = said.split("Trainings that are over")
        assert "Course ahead 9:00 am–5:00 pm Pacific" in coming
        assert "Change or cancel" in coming
        assert "Pro Bono Attorney Training Friday, January 29, 2027, Los Angeles" in over
        assert "Change or cancel" not in over
        assert first.headers["Content-Type"] == "application/pdf"
        assert first.content == second.content
        assert first.content.startswith(b"%PDF-")


def test_as_many_queries_for_thirty_as_for_one(bob):
    """Calls, trainings in every state, certificates held and pending, wishes, bar numbers."""
    alice = User.objects.create_superuser("alice@example.org")

    def one_more(number):
        series = SeriesFactory()
        ScheduleFactory(series=series)
        join(bob, series)
        NewsRequest.objects.create(
            email=bob.email, state="active", course=making.course(f"news-{number}")
        )
        ahead = making.course(f"ahead-{number}")
        row = making.person(
            making.offering(ahead, day="2027-06-01"),
            bob.name,
            email=bob.email,
            user=bob,
            state="waitlisted",
        )
        Entry.objects.create(registration=row, kind="charge", cents=100)
        for approval in ("approved", "pending"):
            day = making.offering(
                making.course(f"{approval}-{number}"), slug=approval
            ).activities.get()
            making.segment(day, "09:00", "12:00", "Topic")
            certified.approve(day, status=approval)
            certified.came(day, user=bob, email=bob.email)
            if approval == "approved":
                certificates.issue(day, alice)

    def queries():
        client = signed_in(bob)
        with CaptureQueriesContext(connection) as counted:
            page = client.get("/my/")
        return len(counted), text(page)

    with after():
        one_more(0)
        few, said = queries()
        assert said.count("(PDF)") == said.count("pending approval") == 1
        for number in range(1, 30):
            one_more(number)
        many, said = queries()
    assert said.count("(PDF)") == said.count("pending approval") == 30
    assert few == many
    assert few <= 25
