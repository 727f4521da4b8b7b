"""What visitors would add to the library, and what staff make of it."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from hub.models import User, normalize_email
from hub.offers import Data, Erase, Erasing
from hub.refusal import Refused
from library.models import Resource, Suggestion
from library.services import history

STATE = Suggestion.State

# The form sent twice in this time is one suggestion: a double click, an impatient reload.
SAME_WITHIN = timedelta(minutes=10)
# Who suggested it is forgotten this long after it was dealt with, or when it never was.
PERSON_KEPT_FOR = timedelta(days=90)
PERSON_KEPT_AT_MOST = timedelta(days=365)
_NOBODY = {"name": "", "email": "", "why": ""}


@transaction.atomic
def suggest(title: str, url: str, why: str, name: str = "", email: str = "") -> Suggestion:
    """Note what somebody suggests; the same one twice is one."""
    _take_turns()
    said = {
        "title": title,
        "url": url,
        "why": why,
        "name": name,
        "email": normalize_email(email),
    }
    now = timezone.now()
    same = Suggestion.objects.filter(received_at__gt=now - SAME_WITHIN, **said).first()
    return same or Suggestion.objects.create(received_at=now, **said)


@transaction.atomic
def take(suggestion_id: int, by: User) -> Resource:
    """Make a draft of a suggestion; returns the draft, the same one the second time.

    Raises Refused when it was declined, or when the draft was deleted since.
    """
    _take_turns()
    suggestion = Suggestion.objects.select_for_update().get(pk=suggestion_id)
    if suggestion.state == STATE.TAKEN:
        if suggestion.resource is None:
            raise Refused("It was taken into the library already, and deleted there since.")
        return suggestion.resource
    _check_is_new(suggestion)
    draft = Resource(
        slug=_free_slug(suggestion.title),
        title=suggestion.title,
        url=suggestion.url or None,
        published=False,
    )
    Resource.objects.bulk_create([draft])
    history.record([draft.pk], by, "Taken from a suggestion", kind="+")
    _deal_with(suggestion, STATE.TAKEN, by, draft)
    return draft


@transaction.atomic
def decline(suggestion_id: int, by: User) -> Suggestion:
    """Say no to a suggestion. Raises Refused when it was taken already."""
    suggestion = Suggestion.objects.select_for_update().get(pk=suggestion_id)
    if suggestion.state != STATE.DECLINED:
        _check_is_new(suggestion)
        _deal_with(suggestion, STATE.DECLINED, by)
    return suggestion


def forget(now: datetime) -> None:
    """Forget who made a suggestion and what they wrote of it, once its time is up.

    What they suggested stays: its title and link.
    """
    over = Q(dealt_with_at__lt=now - PERSON_KEPT_FOR) | Q(
        dealt_with_at=None, received_at__lt=now - PERSON_KEPT_AT_MOST
    )
    Suggestion.objects.filter(over).exclude(**_NOBODY).update(**_NOBODY)


def data(user: User) -> Data:
    """What somebody suggested, while it says that it was them."""
    rows = Suggestion.objects.filter(email=user.email).order_by("pk")
    return {
        "Suggestions for the library": [
            {
                "Title": row.title,
                "Link": row.url,
                "What it helps with": row.why,
                "Name": row.name,
                "Email": row.email,
                "State": row.get_state_display(),
                "Received": row.received_at,
            }
            for row in rows
        ]
    }


def _plan(user: User) -> Erasing:
    if not Suggestion.objects.filter(email=user.email).exists():
        return Erasing()
    return Erasing(
        goes=("That it was you who suggested a resource. Its title and link stay with us.",)
    )


def _erase(user: User) -> None:
    Suggestion.objects.filter(email=user.email).update(**_NOBODY)


ERASE = Erase(_plan, _erase)


def count_new() -> int:
    return Suggestion.objects.filter(state=STATE.NEW).count()


def _take_turns() -> None:
    """Two clicks at once would both find that nothing like it is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('library.suggestions'))")


def _check_is_new(suggestion: Suggestion) -> None:
    if suggestion.state != STATE.NEW:
        raise Refused(f"The suggestion is dealt with: {suggestion.get_state_display().lower()}.")


def _deal_with(
    suggestion: Suggestion, state: str, by: User, resource: Resource | None = None
) -> None:
    suggestion.state, suggestion.resource = state, resource
    suggestion.dealt_with_at, suggestion.dealt_with_by = timezone.now(), by
    suggestion.save(update_fields=["state", "resource", "dealt_with_at", "dealt_with_by"])


def _free_slug(title: str) -> str:
    """An address made of a title, with a number when somebody has it already."""
    base = slugify(title)[:60].strip("-") or "resource"
    taken = set(Resource.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= {"suggest", "reading-list"}
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
