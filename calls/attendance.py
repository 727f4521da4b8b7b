"""Who was on a call: from a tick-list or Zoom's participants file, for counts and nothing else.

Of a file only which sign-ups and how many guests were there is kept.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calls.models import CallAttendance, CallDate, SignUp
from hub import zoom
from hub.models import normalize_email
from hub.refusal import Refused
from hub.text import single_line

# More guests than this on one date is a slip of the keys.
MOST_GUESTS = 999
# More strangers than this is the file of another meeting.
MOST_STRANGERS = 300


@dataclass(frozen=True)
class Stranger:
    """Somebody in the file whose email fits no sign-up; `rows` is how often they joined.

    `like` is the one sign-up of that very name, if there is one: for staff to say.
    """

    name: str
    email: str
    rows: int
    like: SignUp | None = None


@dataclass(frozen=True)
class Sheet:
    """What a participants file says of one date; nothing of it is stored."""

    known: list[SignUp]
    strangers: list[Stranger]


def expected(date: CallDate) -> QuerySet[SignUp]:
    """Who may have been there: everyone who is in the call or was."""
    return SignUp.objects.filter(
        series=date.schedule.series_id, state__in=[SignUp.State.ACTIVE, SignUp.State.LEFT]
    )


def there(date: CallDate) -> tuple[set[int], int]:
    """The sign-ups noted for a date, and the number of guests."""
    rows = CallAttendance.objects.filter(date=date).values_list("sign_up", "is_guest")
    found = list(rows)
    return {pk for pk, _ in found if pk}, sum(is_guest for _, is_guest in found)


def check(date: CallDate) -> None:
    """Raises Refused for a date on which nobody can have been yet, or at all."""
    if date.status != CallDate.Status.ON:
        raise Refused("This date does not take place, so nobody attends it.")
    if date.starts_at > timezone.now():
        raise Refused("This date has not begun. Attendance can be noted from its start on.")


@transaction.atomic
def note(
    date: CallDate, sign_up_ids: Iterable[int], guests: int, *, was: Iterable[int] | None = None
) -> tuple[int, int]:
    """Note who was there; returns how many people were added and taken away.

    was: who was ticked on the page as it was shown, so that of two people with the list in
    hand neither undoes the other's ticks; None: nobody is taken away. `guests` is how many
    were there beside, in all. Raises Refused.
    """
    date = CallDate.objects.select_for_update().get(pk=date.pk)
    check(date)
    if not 0 <= guests <= MOST_GUESTS:
        raise Refused(f"The number of guests is 0 to {MOST_GUESTS}.")
    here, guests_before = there(date)
    wanted, before = set(sign_up_ids), set(was or ())
    add, remove = wanted - before - here, (before - wanted) & here
    if add - set(expected(date).values_list("pk", flat=True)):
        raise Refused("Somebody on the list is not signed up for this call. Reload the list.")
    rows = CallAttendance.objects.filter(date=date)
    rows.filter(sign_up__in=remove).delete()
    guest = [CallAttendance(date=date, is_guest=True) for _ in range(guests - guests_before)]
    CallAttendance.objects.bulk_create(
        [*(CallAttendance(date=date, sign_up_id=pk) for pk in sorted(add)), *guest]
    )
    if guests < guests_before:
        extra = rows.filter(is_guest=True).order_by("-pk")[: guests_before - guests]
        rows.filter(pk__in=list(extra.values_list("pk", flat=True))).delete()
    return len(add), len(remove)


def read(date: CallDate, data: bytes) -> Sheet:
    """Match a participants file to the sign-ups of a date's call, by email.

    Raises zoom.BadFile with a sentence.
    """
    rows = [row for row in zoom.read(data, times=False) if not row.waiting]
    people = list(expected(date).order_by("name", "pk"))
    by_email = {one.email: one for one in people}
    by_name = Counter(_name(one.name) for one in people)
    alone = {_name(one.name): one for one in people if by_name[_name(one.name)] == 1}
    known: dict[int, SignUp] = {}
    others: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found = by_email.get(normalize_email(row.email))
        if found:
            known[found.pk] = found
        else:
            others[single_line(row.name), single_line(row.email)] += 1
    if len(others) > MOST_STRANGERS:
        raise zoom.BadFile(
            f"More than {MOST_STRANGERS} people in the file are not signed up for this call. "
            "Is it the file of this call?"
        )
    strangers = [
        Stranger(name, email, count, alone.get(_name(name)))
        for (name, email), count in others.items()
    ]
    return Sheet(sorted(known.values(), key=lambda one: one.name), strangers)


def _name(text: str) -> str:
    return single_line(text).casefold()
