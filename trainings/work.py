"""What trainings have for staff to do: seats, days that were held, pledges, money, hosts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone

from hub.models import Mail
from hub.offers import Urgency, Work, urgency
from hub.words import several
from trainings import agenda, words
from trainings.models import (
    Activity,
    Approval,
    Attendance,
    Certificate,
    CodeTry,
    HostOffer,
    Offering,
    Pledge,
    Registration,
)
from trainings.services import certificates, money, payments

AREA = "Trainings"
STATE = Registration.State
HELD = Offering.Status.OPEN, Offering.Status.CLOSED
# Days of credit without an answer are asked for again this long before they are held.
APPROVAL_BEFORE = timedelta(days=60)
PLEDGES_AHEAD = timedelta(days=30)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def of_seats(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("trainings.change_registration"):
        return []
    offered = Registration.objects.filter(state=STATE.OFFERED).aggregate(
        count=Count("pk"), first=Min("offered_until")
    )
    if not offered["count"]:
        return []
    said = several(offered["count"], "freed seat is", "freed seats are")
    return [
        Work(
            area=AREA,
            said=f"{said} offered to the waitlist; unanswered, a seat passes on by itself",
            url=_list("registration", "state__exact=offered"),
            urgency=urgency(offered["first"], now),
            due=offered["first"],
            count=offered["count"],
        )
    ]


def of_days(user: Any, now: datetime) -> list[Work]:
    """Days held or near: approvals, late codes and open ends, certificates, the State Bar."""
    if not user.has_perm("trainings.change_activity"):
        return []
    days = Activity.objects.filter(offering__status__in=HELD).select_related("offering__course")
    found = [
        *_approvals(days, now),
        *_certificates(days.filter(ends_at__lte=now)),
        *_uploads(days.filter(ends_at__lte=now, uploaded_at=None), now),
    ]
    open_ends = Attendance.objects.filter(ends_at=None, activity__ends_at__lte=now).count()
    if open_ends:
        said = several(open_ends, "time of attendance has", "times of attendance have")
        said += " no end and give no credit yet"
        url = _list("attendance", "ends_at__isempty=1")
        found.append(Work(area=AREA, said=said, url=url, count=open_ends))
    return found


def _approvals(days: QuerySet[Activity], now: datetime) -> Iterator[Work]:
    answered = Approval.objects.filter(activity=OuterRef("pk")).exclude(status="pending")
    waiting = days.filter(
        # Of a course without credit nothing is asked.
        ~Exists(answered),
        offering__course__mcle_max_hours__isnull=False,
        starts_at__lte=now + APPROVAL_BEFORE,
    ).annotate(pending=Count("approvals"))
    for day in waiting.order_by("starts_at"):
        asked = "credit is pending approval" if day.pending else "no approval of credit is entered"
        yield Work(
            area=AREA,
            said=f"{_named(day)}: {asked}",
            url=reverse("admin:trainings_activity_change", args=[day.pk]),
            # It was held without one: nobody gets a certificate.
            urgency=urgency(day.starts_at, now),
            due=day.starts_at,
        )


def _certificates(days: QuerySet[Activity]) -> Iterator[Work]:
    """Days with attendance that came in since certificates were last issued, if ever.

    Of a day with credit pending approval nothing is asked, and the page behind the link says
    exactly who gets what.
    """
    given = Certificate.objects.filter(activity=OuterRef("activity"))
    given = given.filter(registration=OuterRef("registration"), replaced_by=None)
    attended = Attendance.objects.filter(
        ~Exists(given),
        activity=OuterRef("pk"),
        ends_at__isnull=False,
        registration__state=STATE.CONFIRMED,
        created_at__gt=OuterRef("issued"),
    )
    people = attended.order_by().values("activity").annotate(n=Count("registration", distinct=True))
    issued = Certificate.objects.filter(activity=OuterRef("pk")).order_by().values("activity")
    asked = Mail.objects.filter(kind=certificates.HELD, about_id=OuterRef("pk")).order_by()
    held = asked.values("about_id")
    waiting = (
        days.exclude(approvals__status=Approval.Status.PENDING)
        .annotate(
            issued=Coalesce(
                Greatest(
                    Subquery(issued.annotate(last=Max("issued_at")).values("last")),
                    Subquery(held.annotate(last=Max("created_at")).values("last")),
                ),
                LONG_AGO,
                output_field=DateTimeField(),
            )
        )
        .annotate(people=Subquery(people.values("n")))
        .filter(people__gt=0)
    )
    for day in waiting.order_by("ends_at"):
        yield Work(
            area=AREA,
            said=f"{_named(day)}: certificates of {several(day.people, 'person', 'people')}"
            " to issue",
            url=reverse("admin:trainings_activity_certificates", args=[day.pk]),
            urgency=Urgency.TODAY,
            count=day.people,
        )


def _uploads(days: QuerySet[Activity], now: datetime) -> Iterator[Work]:
    for day in days.order_by("ends_at"):
        due = agenda.upload_due(day.ends_at)
        yield Work(
            area=AREA,
            said=f"{_named(day)}: attendance to the State Bar",
            url=reverse("admin:trainings_activity_report", args=[day.pk]),
            urgency=urgency(due, now),
            due=due,
        )


def of_codes(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("trainings.change_codetry"):
        return []
    late = CodeTry.objects.filter(outcome=CodeTry.Outcome.LATE, decided_at=None).count()
    said = several(late, "code was", "codes were") + " typed too late: say whether they count"
    return _one(late, said, _list("codetry", "late=undecided"))


def of_pledges(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("trainings.change_pledge"):
        return []
    today = timezone.localdate(now)
    soon = Q(due_on__range=(today, today + PLEDGES_AHEAD))
    counts = Pledge.objects.filter(state__in=Pledge.OPEN).aggregate(
        over=Count("pk", filter=Q(due_on__lt=today)),
        oldest=Min("due_on", filter=Q(due_on__lt=today)),
        soon=Count("pk", filter=soon),
        next=Min("due_on", filter=soon),
    )
    found = []
    for name, first, said in [
        ("over", counts["oldest"], several(counts["over"], "pledge is", "pledges are")),
        ("soon", counts["next"], several(counts["soon"], "pledge is", "pledges are")),
    ]:
        if not counts[name]:
            continue
        found.append(
            Work(
                area=AREA,
                said=f"{said} overdue" if name == "over" else f"{said} due within 30 days",
                url=_list("pledge", f"due={name}"),
                urgency=urgency(first, now),
                due=first,
                count=counts[name],
            )
        )
    return found


def of_money(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("trainings.change_entry"):
        return []
    owing = Registration.objects.filter(state=STATE.CONFIRMED).annotate(owed=Sum("entries__cents"))
    owed = owing.filter(owed__gt=0).aggregate(people=Count("pk"), cents=Sum("owed"))
    wrong, disputed = payments.wrong().count(), payments.disputed().count()
    to_send, failed = money.refunds_to_send().count(), money.refunds_failed().count()
    payment = ("card payment", "card payments")
    return [
        *_one(
            wrong,
            several(wrong, *payment) + " of a wrong amount or currency: nothing is confirmed",
            _list("checkoutsession", "look=wrong"),
            Urgency.TODAY,
        ),
        *_one(
            disputed,
            several(disputed, *payment) + " the cardholder’s bank asks back",
            _list("checkoutsession", "look=disputed"),
            Urgency.TODAY,
        ),
        *_one(
            failed,
            several(failed, "refund", "refunds") + " failed: refund anew",
            _list("refund", "queue=failed"),
            Urgency.TODAY,
        ),
        *_one(
            to_send,
            several(to_send, "refund", "refunds") + " to send by check",
            _list("refund", "queue=send"),
        ),
        *_one(
            owed["people"],
            several(owed["people"], "person with a seat owes", "people with a seat owe")
            + f" {words.money(owed['cents'] or 0)}",
            _list("registration", "money=owed"),
        ),
    ]


def of_hosts(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("trainings.change_hostoffer"):
        return []
    new = HostOffer.objects.filter(stage=HostOffer.Stage.NEW).count()
    said = several(new, "agency offers", "agencies offer") + " to host a training"
    return _one(new, said, _list("hostoffer", "stage__exact=new"))


def _one(count: int, said: str, url: str, urgency: Urgency = Urgency.ANY_TIME) -> list[Work]:
    return [Work(area=AREA, said=said, url=url, urgency=urgency, count=count)] if count else []


def _list(model: str, query: str) -> str:
    return f"{reverse(f'admin:trainings_{model}_changelist')}?{query}"


def _named(day: Activity) -> str:
    """Pro Bono Attorney Training, Day 1, Fri, Jan 29, 2027"""
    course = day.offering.course.title
    return str(day) if course in day.title else f"{course}, {day}"
