"""What of people in calls is forgotten in time."""

from datetime import datetime, timedelta

from calls.models import SignUp

# As long as the link in our last mail brings somebody back.
LEFT_FOR = timedelta(days=180)
AWAITING_FOR = timedelta(days=365)


def forget_left(now: datetime) -> None:
    """Delete sign-ups of people who left, and those that staff never decided on."""
    SignUp.objects.filter(state=SignUp.State.LEFT, left_at__lt=now - LEFT_FOR).delete()
    SignUp.objects.filter(state=SignUp.State.AWAITING, asked_at__lt=now - AWAITING_FOR).delete()
