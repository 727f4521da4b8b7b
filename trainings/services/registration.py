"""What a person does with a registration."""

from django.db import transaction
from django.utils import timezone

from trainings.models import Registration, RegistrationEvent
from trainings.services import money


@transaction.atomic
def paid(registration_id: int) -> Registration:
    """A payment came in: with nothing left to pay, a seat that was held is theirs."""
    registration = Registration.objects.select_for_update(of=["self"]).get(pk=registration_id)
    awaiting = registration.state == Registration.State.AWAITING_PAYMENT
    if awaiting and money.balance(registration) <= 0:
        registration.state = Registration.State.CONFIRMED
        registration.confirmed_at = timezone.now()
        registration.round += 1
        registration.save()
        RegistrationEvent.objects.create(registration=registration, state=registration.state)
    return registration
