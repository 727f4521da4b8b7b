"""Days on which the office is closed."""

from datetime import date, timedelta

from hub.models import Closure


def none_confirmed(today: date) -> bool:
    """Whether no confirmed closure lies within the next 12 months: then nobody has looked,
    and what is promised for the days around a holiday is wrong."""
    ahead = Closure.objects.filter(date__range=(today, today + timedelta(days=365)))
    return not ahead.exclude(confirmed_at=None).exists()
