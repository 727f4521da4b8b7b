"""What the tests of money and pledges are made of: a training in Los Angeles, people, mail."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone

from hub.models import Mail, User
from trainings.models import Activity, Course, Offering, OfferingPrice, PledgeText, Registration
from trainings.services import pledges

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific(text: str) -> datetime:
    """2026-12-02T12:00 by the clock of Los Angeles"""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


# Tuesday noon, two months before the training.
TODAY = pacific("2026-11-24T12:00")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Person {}".format)


class CourseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Course

    slug = factory.Sequence("course-{}".format)
    title = "Pro Bono Attorney Training"
    level = "comprehensive"
    hours = 8
    summary = "Eight hours."
    audience_text = "attorneys"


class OfferingFactory(factory.django.DjangoModelFactory):
    """One day, January 29, 2027, or another; for a pledge or $300."""

    class Meta:
        model = Offering
        exclude = ["last_day"]
        skip_postgeneration_save = True

    course = factory.SubFactory(CourseFactory)
    slug = factory.Sequence("los-angeles-{}".format)
    status = "open"
    city = "Los Angeles"
    seats = 20

    @factory.post_generation
    def day(self, create, extracted, **kwargs):
        start = pacific(f"{extracted or '2027-01-29'}T09:00")
        Activity.objects.create(
            offering=self, title="Day 1", starts_at=start, ends_at=start + timedelta(hours=9)
        )

    @factory.post_generation
    def fee(self, create, extracted, **kwargs):
        OfferingPrice.objects.create(offering=self, kind="pledge")
        OfferingPrice.objects.create(
            offering=self,
            kind="fee",
            amount_cents=extracted or 30000,
            covers="materials and training",
        )


class RegistrationFactory(factory.django.DjangoModelFactory):
    """Somebody who holds a seat and has a day to pay $300 by card."""

    class Meta:
        model = Registration

    offering = factory.SubFactory(OfferingFactory)
    email = factory.Sequence("attorney{}@example.org".format)
    name = factory.Sequence("Attorney {}".format)
    state = "awaiting_payment"
    price_kind = "fee"
    price_cents = factory.LazyAttribute(lambda made: 30000 if made.price_kind == "fee" else 0)
    method = factory.LazyAttribute(lambda made: "card" if made.price_kind == "fee" else "")
    pay_until = factory.LazyAttribute(
        lambda made: (
            timezone.now() + timedelta(hours=24) if made.state == "awaiting_payment" else None
        )
    )
    confirmed_at = factory.LazyAttribute(
        lambda made: timezone.now() if made.state == "confirmed" else None
    )


def pledge_text() -> PledgeText:
    return PledgeText.objects.create(
        version=1,
        text="I will represent one human trafficking case pro bono within the year.",
        in_force_from=pacific("2026-01-01T00:00"),
    )


def registered(**fields) -> Registration:
    """Somebody with a seat, who takes part for a pledge not made yet."""
    return RegistrationFactory(state="confirmed", price_kind="pledge", **fields)


def in_state(pledge, state, alice):
    """Bring a pledge that was just made to this state by the verbs, and return it."""
    ways = {
        "made": [],
        "eligible": ["eligible"],
        "matched": ["eligible", "match"],
        "accepted": ["eligible", "match", "accept"],
        "fulfilled": ["eligible", "match", "accept", "fulfil"],
        "extended": ["eligible", "extend"],
        "waived": ["eligible", "waive"],
        "released": ["eligible", "release"],
        "converted": ["eligible", "convert"],
        "void": ["void"],
    }
    verbs = {
        "eligible": lambda: pledges.mark_eligible(pledge.registration),
        "match": lambda: pledges.match(pledge, alice),
        "accept": lambda: pledges.accept(pledge, alice),
        "fulfil": lambda: pledges.fulfil(pledge, alice),
        "extend": lambda: pledges.extend(pledge, date(2028, 6, 1), alice, "A birth"),
        "waive": lambda: pledges.waive(pledge, alice, "Illness"),
        "release": lambda: pledges.release(pledge, alice, "No suitable case"),
        "convert": lambda: pledges.convert_to_fee(pledge, alice, "Asked to pay"),
        "void": lambda: pledges.void(pledge.registration, "Canceled"),
    }
    for verb in ways[state]:
        verbs[verb]()
    pledge.refresh_from_db()
    assert pledge.state == state
    return pledge


def promised() -> list[str]:
    """Kinds of the mail that waits, in order."""
    rows = Mail.objects.filter(sent_at=None, dropped_at=None).order_by("pk")
    return [kind.removeprefix("trainings.") for kind in rows.values_list("kind", flat=True)]
