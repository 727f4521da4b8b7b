"""What requests have for TA staff to do today. Nothing of what was asked is read."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from hub import months
from hub.offers import Urgency, Work, urgency
from hub.words import several
from ta_requests import figures, queries, queue
from ta_requests.models import Cycle

AREA = "Technical assistance"


def requests(user: Any, now: datetime) -> list[Work]:
    """Each reply that is late or due today, and how many are open beside those.

    Due is the promised time or the court or filing date, whichever presses more. What waits for
    the requester, with no such date, is nothing to do.
    """
    if not queries.is_ta_staff(user):
        return []
    found, later = [], []
    for row in queue.open_rows():
        dates: list[date | datetime] = [each for each in (row.due_at, row.deadline) if each]
        if not dates:
            continue
        presses, due = min(((urgency(each, now), each) for each in dates), key=lambda each: each[0])
        if presses > Urgency.TODAY:
            later.append((presses, due))
            continue
        what = "Reply to" if isinstance(due, datetime) else "Court or filing date of"
        whose = row.assigned_to.get_short_name() if row.assigned_to else "nobody yet"
        found.append(
            Work(
                area=AREA,
                said=f"{what} {row.reference}, with {whose}",
                url=reverse("admin:ta_requests_tarequest_change", args=[row.pk]),
                urgency=presses,
                due=due,
            )
        )
    if later:
        # The first of them by what is due first.
        presses, due = later[0]
        said = several(len(later), "request is", "requests are") + " open and due later"
        url = reverse("admin:ta_requests_tarequest_changelist")
        found.append(
            Work(area=AREA, said=said, url=url, urgency=presses, due=due, count=len(later))
        )
    return found


def on_time(user: Any, now: datetime) -> list[tuple[date, str]]:
    """The share of answers that were on time, of the promises each of the last twelve months
    settled; "" where they are too few to be shown (R36). Empty for who may not see the report.
    """
    if not (queries.is_ta_staff(user) or queries.is_manager(user)):
        return []
    settled = Cycle.objects.filter(outcome__in=[Cycle.Outcome.ON_TIME, Cycle.Outcome.LATE])
    whole = months.counted(settled, "ended_at", now)
    kept = months.counted(settled.filter(outcome=Cycle.Outcome.ON_TIME), "ended_at", now)
    return [
        (month, figures.share(int(part), int(number)))
        for (month, number), (_, part) in zip(whole, kept, strict=True)
    ]
