"""A small fixed cast, and what the tests of registrations are made of."""

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from hub.models import Mail, User
from tests import mailbox
from trainings.mails.registration import link_for
from trainings.models import (
    Activity,
    Approval,
    BarNumber,
    Course,
    Offering,
    OfferingPrice,
    PledgeText,
    Registration,
    Segment,
)
from trainings.services import registration as services

PACIFIC = ZoneInfo("America/Los_Angeles")
# Tuesday noon, before the training of January 29.
TODAY = datetime(2026, 11, 24, 12, tzinfo=PACIFIC)
SECRETS = {"address": "1 Canary Street", "joining_note": "Ring for canary-note."}
LINK = "https://meet.example.org/j/canary-link"
PRICES = {"free": 0, "pledge": 0, "fee": 30000}


def pacific(text: str) -> datetime:
    """2027-01-29T09:00 by the clock of Los Angeles"""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


def make_course(slug: str = "pro-bono", **more) -> Course:
    values = {
        "title": "Pro Bono Attorney Training",
        "level": "comprehensive",
        "hours": 8,
        "summary": "T and U visas, and civil remedies.",
        "audience_text": "attorneys",
        "mcle_text": "6 MCLE credits are available.",
        "mcle_max_hours": 6,
    }
    return Course.objects.create(slug=slug, **(values | more))


def make_offering(
    course: Course | None = None,
    *,
    kinds=("pledge", "fee"),
    days=("2027-01-29",),
    seats: int = 40,
    **more,
) -> Offering:
    """An open offering, 9 to 5 Pacific on each day, in Los Angeles."""
    course = course or Course.objects.filter(slug="pro-bono").first() or make_course()
    values = {
        "slug": f"los-angeles-{days[0]}",
        "status": "open",
        "city": "Los Angeles",
        "region": "southern-california",
        "published_at": TODAY - timedelta(days=30),
        **SECRETS,
    }
    offering = Offering.objects.create(course=course, seats=seats, **(values | more))
    for number, day in enumerate(days, start=1):
        Activity.objects.create(
            offering=offering,
            title=f"Day {number}",
            starts_at=pacific(f"{day}T09:00").astimezone(UTC),
            ends_at=pacific(f"{day}T17:00").astimezone(UTC),
            uid=f"{offering.slug}-{number}@testserver",
            changed_at=datetime(2026, 10, 2, 3, 4, 5, tzinfo=UTC),
        )
    for kind in kinds:
        condition = {
            "pledge": "you commit to one case pro bono within the year",
            "fee": "you are unable to take on a case",
        }
        OfferingPrice.objects.create(
            offering=offering,
            kind=kind,
            amount_cents=PRICES[kind],
            condition=condition.get(kind, ""),
            covers="materials and training" if kind == "fee" else "",
        )
    if "pledge" in kinds:
        PledgeText.objects.get_or_create(
            version=1, defaults={"text": "I commit to one case pro bono within the year."}
        )
    return offering


def make_agenda(offering: Offering) -> None:
    """Introduction 9:00, a session 9:15, a break 10:45, a session 11:00 to 12:00."""
    (day,) = offering.activities.all()
    for begins, ends, kind, title in [
        ("09:00", "09:15", "intro", "Welcome"),
        ("09:15", "10:45", "instruction", "Immigration benefits"),
        ("10:45", "11:00", "break", "Break"),
        ("11:00", "12:00", "instruction", "Civil remedies"),
    ]:
        Segment.objects.create(
            activity=day,
            starts_at=pacific(f"2027-01-29T{begins}"),
            ends_at=pacific(f"2027-01-29T{ends}"),
            kind=kind,
            title=title,
        )


def approve(day: Activity, status: str = "approved", jurisdiction: str = "CA", **more) -> Approval:
    values = {"total": 24, "decided_on": date(2026, 10, 1)} if status == "approved" else {}
    return Approval.objects.create(
        activity=day, jurisdiction=jurisdiction, status=status, **(values | more)
    )


def make_person(
    offering: Offering, who: str, state: str = "confirmed", choice: str = "pledge", **more
) -> Registration:
    """Somebody in this state since last week, with all that goes with it but mail."""
    is_fee = choice in {"card", "invoice", "waiver"}
    kind = "fee" if is_fee else choice
    since = datetime(2026, 11, 17, 20, tzinfo=UTC)
    address = f"{who}@example.org"
    values = {
        "name": f"{who.title()} Brown",
        "organization": "Legal Aid",
        "state": state,
        "price_kind": kind,
        "price_cents": PRICES[kind],
        "method": choice if is_fee else "",
        "pledge_name": f"{who.title()} Brown" if kind == "pledge" else "",
        "pledge_text": PledgeText.objects.first() if kind == "pledge" else None,
        "nonce": f"{who}s-nonce",
        "asked_at": since,
        "waitlisted_at": since if state in {"waitlisted", "offered"} else None,
        "offered_until": TODAY + timedelta(hours=20) if state == "offered" else None,
        "pay_until": TODAY + timedelta(hours=20) if state == "awaiting_payment" else None,
        "confirmed_at": since if state == "confirmed" else None,
        "canceled_at": since if state == "canceled" else None,
        "round": 0 if state == "unconfirmed" else 1,
    }
    if state != "unconfirmed":
        user, _ = User.objects.get_or_create(email=address, defaults={"password": "!"})
        values["user"] = user
    made = Registration.objects.create(offering=offering, email=address, **(values | more))
    BarNumber.objects.create(registration=made, state="CA", number="123456")
    if state in {"confirmed", "awaiting_payment"} and choice in {"card", "invoice"}:
        services.money.charge(made)
    if state == "confirmed" and choice == "pledge":
        services.pledges.make(made, made.pledge_name)
    return made


def charged(registration: Registration) -> int:
    """Cents of the charges that stand."""
    standing = registration.entries.filter(kind="charge", taken_back_by=None)
    return sum(standing.values_list("cents", flat=True))


# The mails these tests are about; those on money and pledges have tests of their own.
KINDS = [
    f"trainings.{name}"
    for name in (
        "link",
        "confirmed",
        "waitlisted",
        "offered",
        "lapsed",
        "awaiting_payment",
        "canceled",
        "changed",
        "offering_canceled",
        "reminder",
    )
]


def promised(kind: str | None = None) -> list[tuple[str, int, int, int]]:
    """(kind, subject, about, version) of the mail about registrations that waits."""
    rows = Mail.objects.filter(kind__in=KINDS, sent_at=None, dropped_at=None).order_by("pk")
    rows = rows.filter(kind=kind) if kind else rows
    return list(rows.values_list("kind", "subject_id", "about_id", "version"))


def kinds() -> list[str]:
    return [kind for kind, *_ in promised()]


def deliver() -> list[EmailMessage]:
    """tests.mailbox.deliver, of the trainings' own kinds alone."""
    Mail.objects.exclude(kind__in=KINDS).delete()
    return mailbox.deliver()


def history(registration: Registration) -> list[str]:
    return list(registration.events.values_list("state", flat=True))


def states(offering: Offering) -> dict[str, str]:
    """name before the @ → state"""
    rows = offering.registrations.order_by("pk").values_list("email", "state")
    return {address.partition("@")[0]: state for address, state in rows}


def own(registration: Registration) -> str:
    """The address of a person's own page of their registration."""
    return link_for(registration).removeprefix("http://testserver")
