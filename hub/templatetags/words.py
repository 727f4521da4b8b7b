"""hub.words for templates; a builtin, so no page needs to load it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from hub import words

register = template.Library()
# Unlike Django's own `date`, these leave a moment in the zone it comes in.
for _filter in (
    words.day,
    words.weekday,
    words.month_day,
    words.month_day_year,
    words.month_year,
    words.weekday_month_day,
    words.clock,
    words.moment,
    words.listed,
    words.said,
):
    register.filter(_filter)


@register.filter
def iso(value: datetime) -> str:
    """2026-12-02T12:00:00-08:00, for a `datetime` attribute"""
    return value.isoformat()


@register.filter
def pacific(value: datetime) -> datetime:
    """The same moment on Pacific clocks, for `day` and `clock`"""
    return value.astimezone(ZoneInfo(words.PACIFIC))
