"""A word to staff about a date they chose themselves."""

from django.contrib import messages
from django.http import HttpRequest

from calls.models import CallDate
from hub import words
from hub.models import Closure


def warn_of_closure(request: HttpRequest, row: CallDate) -> None:
    """Say that a day somebody just chose is one on which the office is closed."""
    day = row.local_start.date()
    for name in Closure.names_between(day, day).values():
        messages.warning(
            request, f"{words.day(day)} falls on {name}. The call takes place unless you cancel it."
        )
