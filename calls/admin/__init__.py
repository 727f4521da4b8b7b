"""The back office of calls: forms and lists only; every change is a verb's."""

from calls.admin import call_dates, people, series

__all__ = ["call_dates", "people", "series"]
