"""A small fixed cast and what the tests of calls are made of."""

import re
from datetime import UTC, date, datetime, time
from email.message import EmailMessage
from html import unescape
from zoneinfo import ZoneInfo

import factory
from django.http import HttpResponse
from django.utils import timezone

from calls import dates, schedule
from calls.models import CallDate, CallSeries, Schedule, SignUp
from hub.models import Closure, Mail, User

PACIFIC = ZoneInfo("America/Los_Angeles")
WEDNESDAYS = schedule.Rule(freq="WEEKLY", weekdays=("WE",))
FOURTH_THURSDAYS = schedule.Rule(freq="MONTHLY", weekdays=("TH",), nth=4)
# Tuesday noon, two days before Thanksgiving.
TODAY = datetime(2026, 11, 24, 12, tzinfo=PACIFIC)
THANKSGIVING = date(2026, 11, 26)
SECRETS = {
    "joining_url": "https://meet.example.org/j/canary-link",
    "joining_phone": "(213) 555-0117",
    "joining_passcode": "canary-passcode",
}


def pacific(text: str) -> datetime:
    """2026-12-02T12:00 by the clock of Los Angeles"""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Person {}".format)


class SeriesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CallSeries

    slug = factory.Sequence("call-{}".format)
    name = factory.Sequence("Call {}".format)
    summary = "We discuss cases."


class ScheduleFactory(factory.django.DjangoModelFactory):
    """A schedule in force since January, its dates ahead proposed, nobody told."""

    class Meta:
        model = Schedule
        exclude = ["rule"]
        skip_postgeneration_save = True

    series = factory.SubFactory(SeriesFactory)
    rule = WEDNESDAYS
    recurrence = factory.LazyAttribute(lambda made: schedule.to_recurrence(made.rule))
    first_date = date(2026, 1, 7)
    start_time = time(12)
    minutes = 60
    zone = "America/Los_Angeles"
    uid = factory.Sequence("00000000-0000-4000-8000-{:012d}@testserver".format)
    changed_at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    @factory.post_generation
    def proposed(self, create, extracted, **kwargs):
        if extracted is not False:
            dates.propose(self, timezone.now())


class SignUpFactory(factory.django.DjangoModelFactory):
    """Somebody active since last week."""

    class Meta:
        model = SignUp

    series = factory.SubFactory(SeriesFactory)
    email = factory.Sequence("attorney{}@example.org".format)
    name = factory.Sequence("Attorney {}".format)
    organization = "Legal Aid"
    role = "attorney"
    state = "active"
    created_at = asked_at = datetime(2026, 11, 17, 20, tzinfo=UTC)
    joined_at = factory.LazyAttribute(
        lambda made: None if made.state in {"unconfirmed", "awaiting"} else made.asked_at
    )
    left_at = factory.LazyAttribute(lambda made: made.asked_at if made.state == "left" else None)
    round = factory.LazyAttribute(lambda made: {"active": 1, "left": 2}.get(made.state, 0))
    user = factory.Maybe(
        factory.LazyAttribute(lambda made: made.state == "unconfirmed"),
        None,
        factory.SubFactory(UserFactory, email=factory.SelfAttribute("..email")),
    )


def day(of: Schedule, text: str) -> CallDate:
    """The row the rule wrote for this day."""
    return CallDate.objects.get(schedule=of, original_date=date.fromisoformat(text))


def thanksgiving() -> Closure:
    return Closure.objects.create(date=THANKSGIVING, name="Thanksgiving Day")


def promised(kind: str | None = None) -> list[tuple[str, int, int, int]]:
    """(kind, subject, about, version) of the mail that waits."""
    rows = Mail.objects.filter(sent_at=None, dropped_at=None).order_by("pk")
    rows = rows.filter(kind=kind) if kind else rows
    return list(rows.values_list("kind", "subject_id", "about_id", "version"))


def calendar_of(message: EmailMessage) -> str:
    """The text/calendar part, unfolded, one property a line."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1, f"{len(parts)} calendars in one mail"
    return parts[0].get_content().replace("\r\n", "\n").replace("\n ", "")


def words_of(response: HttpResponse) -> str:
    """What a page says, without its tags."""
    html = re.sub(r"<(style|script|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def get(client, path, **headers):
    """The answer to a calendar program, which must be a feed."""
    response = client.get(path, headers=headers)
    assert response.status_code == 200, (path, response.status_code)
    return response


def unfolded(data: bytes) -> str:
    """A calendar with each property on one line."""
    return data.decode().replace("\r\n ", "")
