"""What waits for whoever looks after the hub itself: mail, closures, the worker."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from hub import closures, outbox, worker
from hub.models import Closure, Mail
from hub.offers import Urgency, Work, urgency
from hub.words import moment, several

AREA = "Hub"
# Older failures have been seen; their list stays.
FAILED_FOR = timedelta(days=14)
# From the third failed try on a mail is a quarter of an hour late.
STRUGGLING = 3
CONFIRM_AHEAD = timedelta(days=90)


def of_mail(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("hub.view_mail"):
        return []
    mails = reverse("admin:hub_mail_changelist")
    seen = worker.last_seen()
    found = []
    if seen is None or now - seen >= worker.SILENT_AFTER:
        since = f"has been silent since {moment(seen)}" if seen else "has never run"
        said = f"The worker {since}: no email goes out and nothing happens by itself"
        found.append(
            Work(area=AREA, said=said, url=f"{mails}?outcome=waiting", urgency=Urgency.LATE)
        )
    failed = outbox.failed().filter(dropped_at__gte=now - FAILED_FOR).count()
    if failed:
        said = several(failed, "email was", "emails were") + " given up after many tries"
        found.append(
            Work(
                area=AREA,
                said=said,
                url=f"{mails}?outcome=failed",
                urgency=Urgency.TODAY,
                count=failed,
            )
        )
    trying = Mail.objects.filter(sent_at=None, dropped_at=None, attempts__gte=STRUGGLING).count()
    if trying:
        said = several(trying, "email", "emails") + " could not be sent yet and will be tried again"
        found.append(Work(area=AREA, said=said, url=f"{mails}?outcome=waiting", count=trying))
    return found


def of_closures(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("hub.change_closure"):
        return []
    today = timezone.localdate(now)
    url = reverse("admin:hub_closure_changelist")
    if closures.none_confirmed(today):
        said = "No closure of the next 12 months is confirmed: dates and due times may be wrong"
        return [Work(area=AREA, said=said, url=url, urgency=Urgency.TODAY)]
    near = Closure.objects.filter(date__range=(today, today + CONFIRM_AHEAD), confirmed_at=None)
    ahead = near.aggregate(count=Count("pk"), first=Min("date"))
    if not ahead["count"]:
        return []
    said = several(ahead["count"], "closure", "closures") + " of the next 90 days to confirm"
    due = ahead["first"]
    return [
        Work(
            area=AREA,
            said=said,
            url=url,
            urgency=urgency(due, now),
            due=due,
            count=ahead["count"],
        )
    ]
