"""Erasing a person at their own wish, in every app at once."""

from collections.abc import Iterable

from django.db import transaction

from hub import people, retention
from hub.models import AuditEvent, User
from hub.offers import Erasing, erasers
from hub.refusal import Refused

STAFF = (
    "This is a staff account. Another member of staff closes it in the back office, so that "
    "nobody does it by mistake or in your name."
)

WAS_STAFF = (
    "This was a staff account. The record of which member of staff signed in and opened "
    "confidential requests is never changed, and so the account it names is kept. "
    "Call (888) 507-0193."
)


def plan(user: User) -> Erasing:
    """What erasing this person comes to, and what stands in its way."""
    if user.is_staff or user.is_superuser:
        return Erasing(hindered=(STAFF,))
    if AuditEvent.objects.filter(actor=user).exists():
        return Erasing(hindered=(WAS_STAFF,))
    plans = [each.plan(user) for each in erasers()]
    return Erasing(
        _all(one.goes for one in plans),
        _all(one.stays for one in plans),
        _all(one.hindered for one in plans),
    )


@transaction.atomic
def erase(user: User) -> Erasing:
    """Do it, and return what was planned. Raises Refused while something stands in its way.

    The account goes last: who holds another row of theirs meanwhile may yet need to name it.
    """
    planned = plan(user)
    if planned.hindered:
        raise Refused(planned.hindered[0])
    for each in erasers():
        each.run(user)
    retention.forget_log_of(User, [user.pk])
    people.end_sessions(user)
    User.objects.filter(pk=user.pk).delete()
    return planned


def _all(sentences: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sentence for some in sentences for sentence in some)
