"""Money and pledges. Money is integer cents in a ledger; a balance is a sum."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from hub.models import User
from trainings.models.offerings import Offering
from trainings.models.people import Registration


class Entry(models.Model):
    """One line of the ledger; rows are only ever added.

    Positive raises what is owed to us (charge, refund paid out), negative lowers it
    (payment, reversal of a charge). A bounced check is a positive `bounce`.
    """

    class Kind(models.TextChoices):
        CHARGE = "charge", "Charge"
        WAIVER = "waiver", "Charge waived"
        PAYMENT = "payment", "Payment"
        REFUND = "refund", "Refund"
        REFUND_FAILED = "refund_failed", "Refund failed"
        BOUNCE = "bounce", "Check bounced"
        VOID = "void", "Entry taken back"

    RAISES = ("charge", "refund", "bounce")

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=15, choices=Kind)
    cents = models.IntegerField()
    method = models.CharField(max_length=10, blank=True)
    reference = models.CharField(
        max_length=100, blank=True, help_text="Check number, or the payment service's own number."
    )
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    takes_back = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="taken_back_by"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "ledger"
        constraints = [
            models.CheckConstraint(condition=~Q(cents=0), name="entry_moves_money"),
            models.CheckConstraint(
                condition=Q(kind__in=["charge", "refund", "bounce"], cents__gt=0)
                | Q(kind__in=["payment", "waiver", "refund_failed"], cents__lt=0)
                | Q(kind="void", takes_back__isnull=False),
                name="entry_sign",
            ),
            models.UniqueConstraint(
                fields=["kind", "reference"],
                condition=~Q(reference="") & Q(method="card"),
                name="entry_card_once",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class CheckoutSession(models.Model):
    """A card payment begun with the payment service."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"
        # Amount or currency is not what was asked: nothing is confirmed, staff look.
        WRONG = "wrong", "Wrong amount or currency"

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="checkouts"
    )
    session_id = models.CharField(max_length=200, unique=True)
    payment_intent = models.CharField(max_length=200, blank=True, db_index=True)
    amount_cents = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # The cardholder's bank asks for the money back: staff decide what follows.
    disputed_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Checkout {self.pk}"


class Refund(models.Model):
    """Money to give back, or given back; what it does to the balance is its ledger line."""

    class State(models.TextChoices):
        WAITING = "waiting", "To be made"
        MADE = "made", "Made"
        FAILED = "failed", "Failed"

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="refund")
    # The card payment it goes back to; without one, staff send a check.
    checkout = models.ForeignKey(
        CheckoutSession, null=True, on_delete=models.PROTECT, related_name="refunds"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reference = models.CharField(max_length=100, blank=True)
    made_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(reference="") & Q(checkout__isnull=False),
                name="refund_by_card_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Refund {self.pk}"


class PaymentEvent(models.Model):
    """A message of the payment service that was dealt with, so that none is twice."""

    event_id = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.kind


class WaiverCode(models.Model):
    """A code with which one person does not pay; used once."""

    offering = models.ForeignKey(Offering, on_delete=models.CASCADE, related_name="waivers")
    code = models.CharField(max_length=20)
    expires_at = models.DateTimeField()
    used_by = models.OneToOneField(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="waiver"
    )
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offering", "code"], name="waiver_code_once"),
        ]

    def __str__(self) -> str:
        return f"Waiver {self.pk}"


class PledgeText(models.Model):
    """The words people pledge by; what was signed keeps its version."""

    version = models.PositiveSmallIntegerField(unique=True)
    text = models.TextField()
    in_force_from = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Version {self.version}"


class Pledge(models.Model):
    """A promise of one pro bono case. No facts of a client are ever kept here."""

    class State(models.TextChoices):
        MADE = "made", "Made"
        ELIGIBLE = "eligible", "Training attended"
        MATCHED = "matched", "Matched with a case"
        ACCEPTED = "accepted", "Case accepted"
        FULFILLED = "fulfilled", "Fulfilled"
        EXTENDED = "extended", "Extended"
        WAIVED = "waived", "Waived"
        CONVERTED = "converted", "Converted to the fee"
        RELEASED = "released", "Released: no suitable case"
        VOID = "void", "Void"

    # Neither kept nor ended.
    OPEN = ("made", "eligible", "matched", "extended")

    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, related_name="pledge"
    )
    text = models.ForeignKey(PledgeText, on_delete=models.PROTECT)
    signed_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.MADE)
    made_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text="In time until the end of this day, Pacific.")
    accepted_at = models.DateTimeField(null=True, editable=False)
    extended = models.PositiveSmallIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"Pledge {self.pk}"


class PledgeEvent(models.Model):
    """What became of a pledge, who did it and why; rows are only ever added."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=20)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.what
