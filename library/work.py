"""What the library has for its curators to do."""

from datetime import datetime
from typing import Any

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from hub.offers import Work
from hub.words import month_day, several
from library.models import LinkState, Resource, Suggestion
from library.services import curation

AREA = "Library"


def of_resources(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("library.change_resource"):
        return []
    found = []
    broken = Resource.objects.filter(link_state=LinkState.BROKEN, health__isnull=False).count()
    if broken:
        links = reverse("admin:library_linkhealth_changelist")
        said = several(broken, "link is", "links are") + " broken"
        found.append(Work(area=AREA, said=said, url=f"{links}?state=broken", count=broken))
    due = curation.not_reviewed_since(timezone.localdate(now)).count()
    if due:
        said = several(due, "resource", "resources")
        said += f" nobody looked through for {curation.REVIEW_EVERY_MONTHS} months"
        review = reverse("admin:library_resource_review")
        found.append(Work(area=AREA, said=said, url=review, count=due))
    return found


def of_suggestions(user: Any, now: datetime) -> list[Work]:
    if not user.has_perm("library.change_suggestion"):
        return []
    new = Suggestion.objects.filter(state=Suggestion.State.NEW)
    oldest = new.aggregate(oldest=Min("received_at"))["oldest"]
    if oldest is None:
        return []
    count = new.count()
    since = month_day(timezone.localdate(oldest))
    said = f"{several(count, 'suggestion', 'suggestions')} to answer, the oldest of {since}"
    inbox = reverse("admin:library_suggestion_changelist")
    return [Work(area=AREA, said=said, url=f"{inbox}?state__exact=new", count=count)]
