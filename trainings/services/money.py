"""The ledger of a registration: cents in, cents out, and what is owed as their sum."""

from django.db.models import Sum
from django.utils import timezone

from hub.models import User
from hub.refusal import Refused
from trainings.models import Entry, Registration, WaiverCode


def card_enabled() -> bool:
    """Whether people can pay by card."""
    return False


def balance(registration: Registration) -> int:
    """Cents still owed; below 0 what is owed to the person."""
    return registration.entries.aggregate(cents=Sum("cents"))["cents"] or 0


def charge(registration: Registration) -> None:
    """Charge the fee once; again only after the charge was taken back."""
    if registration.price_kind == "fee" and not _standing(registration, Entry.Kind.CHARGE):
        Entry.objects.create(
            registration=registration, kind=Entry.Kind.CHARGE, cents=registration.price_cents
        )


def release(registration: Registration, reason: str, by: User | None = None) -> None:
    """Take back what is charged; what was paid is then owed to the person in full."""
    for entry in _standing(registration, Entry.Kind.CHARGE, Entry.Kind.WAIVER):
        Entry.objects.create(
            registration=registration,
            kind=Entry.Kind.VOID,
            cents=-entry.cents,
            takes_back=entry,
            reason=reason,
            by=by,
        )


def use_waiver(registration: Registration, code: str) -> None:
    """Use up a waiver code instead of paying. Raises Refused."""
    waiver = (
        WaiverCode.objects.select_for_update()
        .filter(offering=registration.offering_id, code=code)
        .first()
    )
    if waiver is None or waiver.used_by_id not in {None, registration.pk}:
        raise Refused("This waiver code is not one we gave out for this training, or it was used.")
    if waiver.expires_at <= timezone.now():
        raise Refused("This waiver code has expired. Write to us for a new one.")
    waiver.used_by, waiver.used_at = registration, timezone.now()
    waiver.save(update_fields=["used_by", "used_at"])
    charge(registration)
    if owed := balance(registration):
        Entry.objects.create(registration=registration, kind=Entry.Kind.WAIVER, cents=-owed)


def _standing(registration: Registration, *kinds: str) -> list[Entry]:
    return list(registration.entries.filter(kind__in=kinds, taken_back_by=None))
