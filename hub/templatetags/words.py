"""hub.words for templates; a builtin, so no page needs to load it."""

from datetime import datetime

from django import template

from hub import words

register = template.Library()
for _filter in (words.day, words.month_day, words.clock, words.moment, words.listed):
    register.filter(_filter)


@register.simple_tag
def times(start: datetime, end: datetime, zone: str) -> list[tuple[str, str]]:
    return words.times(start, end, zone)


@register.simple_tag
def times_text(start: datetime, end: datetime, zone: str) -> str:
    return words.times_text(start, end, zone)
