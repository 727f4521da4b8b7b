"""The table of what is kept of people: whole, done by the worker, and true to the end."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.test import Client

from calls import services as calls
from calls.models import SignUp
from hub import offers, personal_feeds, worker
from hub.models import Announcement, Mail, User
from library.models import Suggestion
from library.services import suggestions
from tests.announcing import announce
from tests.calls.factories import ScheduleFactory, SeriesFactory
from tests.mailbox import deliver, mailed_code
from tests.reading import text
from tests.trainings import certified, making
from trainings.models import HostOffer, NewsRequest, Pledge, PledgeText, Registration
from trainings.services import certificates, interest
from trainings.services import registration as registrations

pytestmark = pytest.mark.django_db

PERSONAL = re.compile(
    r"e?mail$|^name$|organi[sz]ation|agency|phone|signed|speaker|author|attributed|^nonce$"
    r"|^note$|_note$|reason$|^why$|password|waiver_code|pledge_name|license|_hash$"
)
# Fields that look so and say nothing of a person, of models that hold people too.
HARMLESS = {
    "library.Resource": {"organizations"},
    "trainings.Certificate": {"input_hash", "pdf_hash"},
    "calls.CallDate": {"reason"},
}
# And of models that hold none: words of the organization's own.
OWN_WORDS = {
    "auth.Group": {"name"},
    "auth.Permission": {"name"},
    "calls.CallSeries": {"name", "joining_phone"},
    "front.Reading": {"note"},
    "hub.Closure": {"name"},
    "hub.Organization": {"name", "short_name"},
    "hub.TimedWork": {"name"},
    "library.Audience": {"name"},
    "library.Topic": {"name"},
    "ta_requests.Area": {"name"},
    "ta_requests.Service": {"name", "phone", "phone_e164"},
    "trainings.Offering": {"cancel_reason", "joining_note"},
}


def models_of_all():
    return {model._meta.label: model for model in apps.get_models()}


def in_the_table():
    found: dict[str, set[str]] = {}
    for row in offers.privacy():
        for label, fields in row.where.items():
            found.setdefault(label, set()).update(fields)
    return found


def looks_personal(model: type[models.Model]) -> set[str]:
    """Its fields that name a person: by their name, kind, or by leading to an account."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if (isinstance(field, models.ForeignKey) and field.related_model is User)
        or isinstance(field, models.EmailField)
        or PERSONAL.search(field.name)
    }


class TestTable:
    def test_every_model_is_in_it_or_holds_nothing_of_persons(self):
        undeclared = models_of_all().keys() - in_the_table().keys() - offers.impersonal()
        assert undeclared == set(), "say in the app's privacy.py what these keep of people"

    def test_none_is_both(self):
        assert in_the_table().keys() & offers.impersonal() == set()

    def test_it_names_nothing_that_is_not_there(self):
        there = models_of_all()
        assert (in_the_table().keys() | offers.impersonal()) - there.keys() == set()
        for label, fields in in_the_table().items():
            known = {field.name for field in there[label]._meta.get_fields()}
            known |= {field.attname for field in there[label]._meta.concrete_fields}
            assert fields - known == set(), label

    def test_every_field_that_looks_personal_is_in_it(self):
        for label, fields in in_the_table().items():
            missing = looks_personal(models_of_all()[label]) - fields - HARMLESS.get(label, set())
            assert missing == set(), label

    def test_what_is_said_to_hold_nothing_has_no_such_field(self):
        for label in offers.impersonal():
            found = looks_personal(models_of_all()[label]) - OWN_WORDS.get(label, set())
            assert found == set(), label

    def test_the_worker_does_what_it_says(self):
        timed = {work.name: work for work in offers.timed_work()}
        for row in offers.privacy():
            assert set(row.done_by) <= timed.keys(), row.kind
            if not row.done_by:
                assert row.how_long.startswith("As long as"), row.kind
            for name in row.done_by:
                assert timed[name].every <= timedelta(days=1)

    def test_a_field_added_later_fails(self):
        class Stranger(models.Model):
            email = models.EmailField()
            friend = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
            title = models.CharField(max_length=9)

            class Meta:
                app_label = "hub"

        try:
            assert looks_personal(Stranger) == {"email", "friend"}
            assert "hub.Stranger" in models_of_all().keys() - offers.impersonal()
        finally:
            del apps.all_models["hub"]["stranger"]
            apps.clear_cache()

    def test_the_page_is_made_from_it(self):
        page = text(Client().get("/privacy/"))
        for row in offers.privacy():
            for said in (row.kind, row.what, row.why, row.how_long, row.then):
                assert re.sub(r"\s+", " ", said) in page


# Whatever of these is found anywhere after the time is up is somebody who was not forgotten.
CANARIES = ["zebediah", "quagga", "987654321", "555-0199"]
NAME, EMAIL = "Zebediah Quagga", "zebediah.quagga@example.net"


def found() -> set[str]:
    """Tables in which a row says who it was, and "sessions" for what those hold."""
    with connection.cursor() as cursor:
        tables = set()
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT lower(t::text) FROM "{table}" t')  # noqa: S608
            rows = [row[0] for row in cursor.fetchall()]
            if any(canary in row for row in rows for canary in CANARIES):
                tables.add(table)
    held = " ".join(str(one.get_decoded()) for one in Session.objects.all()).lower()
    return tables | ({"sessions"} if any(canary in held for canary in CANARIES) else set())


def pass_time(clock, days: int) -> None:
    """Let the worker do its nightly work, now and on some days after."""
    clock.shift(timedelta(days=days))
    for _ in range(3):
        worker.work_once()
        clock.shift(timedelta(days=1))


@pytest.fixture
def clock():
    with time_machine.travel(making.at("2026-11-30 12:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def life(clock):
    """Somebody in everything there is, and in what staff noted of them."""
    alice = User.objects.create_superuser("alice@example.org", name="Alice Staff")
    series = SeriesFactory(slug="a-call")
    ScheduleFactory(series=series)
    calls.sign_up(series, name=NAME, email=EMAIL, organization="Quagga Law", role="attorney")
    calls.join(SignUp.objects.get().pk)
    announce(series.pk, alice, text="Quagga speaks on Wednesday.")
    user = User.objects.get(email=EMAIL)
    personal_feeds.new_token(user)
    EmailAddress.objects.create(user=user, email=EMAIL)
    client = Client()
    client.post("/accounts/login/", {"login": EMAIL})
    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})

    day = certified.held_day(status="approved")
    offering = day.offering
    type(offering).objects.update(status="open", published_at=making.at("2026-11-01 12:00"))
    offering.refresh_from_db()
    PledgeText.objects.create(version=90, text="I promise.")
    type(offering.prices.get()).objects.update(kind="pledge")
    registrations.register(
        offering,
        EMAIL,
        registrations.Details(
            name=NAME, organization="Quagga Legal", bar_numbers=(("CA", "987654321"),)
        ),
        registrations.Terms(choice="pledge", pledge_name=NAME),
    )
    row = registrations.confirm(Registration.objects.get().pk)
    interest.ask(EMAIL, None, "")
    interest.join(NewsRequest.objects.get().pk)
    interest.offer_to_host(
        offering.course,
        agency="Quagga Agency",
        name=NAME,
        email=EMAIL,
        phone="(213) 555-0199",
        attorneys=12,
        note="Ask for Zebediah.",
    )
    suggestions.suggest("A guide", "https://example.org/", "Quagga uses it.", NAME, EMAIL)
    suggestions.decline(Suggestion.objects.get().pk, alice)
    LogEntry.objects.log_actions(alice.pk, [user], CHANGE, f"Was {NAME}.", single_object=True)
    deliver()

    clock.move_to(making.at("2027-02-01 12:00"))
    making.attended(row, day)
    certificates.issue(day, alice)
    LogEntry.objects.log_actions(
        alice.pk, [Registration.objects.get()], CHANGE, f"Is {NAME}.", single_object=True
    )
    deliver()
    return user


def test_a_life_leaves_nothing_when_its_time_is_up(life, clock):
    assert found() >= {
        "calls_signup",
        "hub_announcement",
        "hub_user",
        "account_emailaddress",
        "sessions",
        "trainings_registration",
        "trainings_barnumber",
        "trainings_certificate",
        "trainings_pledge",
        "trainings_newsrequest",
        "trainings_hostoffer",
        "library_suggestion",
        "django_admin_log",
    }
    assert Pledge.objects.get().signed_name == NAME
    calls.leave(SignUp.objects.get().pk)
    interest.leave(NewsRequest.objects.get().pk)
    deliver()

    pass_time(clock, 1)
    assert "sessions" not in found()
    pass_time(clock, 90)
    assert "library_suggestion" not in found()
    assert "trainings_newsrequest" not in found()
    assert "calls_signup" in found()
    pass_time(clock, 90)
    assert "calls_signup" not in found()
    pass_time(clock, 730)
    assert found() == {
        "hub_user",
        "account_emailaddress",
        "trainings_registration",
        "trainings_barnumber",
        "trainings_certificate",
        "trainings_pledge",
    }
    assert not Mail.objects.filter(kind__startswith="calls.").exists()
    assert not HostOffer.objects.exists()
    assert not Announcement.objects.exists()

    clock.move_to(making.at("2031-01-29 12:00"))
    pass_time(clock, 0)
    assert found() == set()
    assert not User.objects.filter(pk=life.pk).exists()
    assert Registration.objects.count() == 1


def test_who_never_came_back_and_left_nothing_is_forgotten(clock):
    user = User.objects.create_user(EMAIL, name=NAME)
    clock.shift(timedelta(days=364))
    worker.work_once()
    assert User.objects.filter(pk=user.pk).exists()
    pass_time(clock, 2)
    assert found() == set()
