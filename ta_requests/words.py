"""How the office's hours are said. Pure: plain values in, words out."""

from datetime import date, datetime, time

from hub import words

WEEKDAYS = {
    "MO": "Mondays",
    "TU": "Tuesdays",
    "WE": "Wednesdays",
    "TH": "Thursdays",
    "FR": "Fridays",
    "SA": "Saturdays",
    "SU": "Sundays",
}
_OFFICE_DAYS = {"MO", "TU", "WE", "TH", "FR"}


def hours(weekdays: list[str], opens: time, closes: time, timezone: str) -> str:
    """weekdays 9:00 am–5:00 pm Pacific; Mondays and Fridays 10:00 am–2:00 pm Pacific"""
    if set(weekdays) == _OFFICE_DAYS:
        days = "weekdays"
    else:
        days = words.listed([name for code, name in WEEKDAYS.items() if code in weekdays])
    some_day = date(2000, 1, 3)
    clocks = words.clocks(datetime.combine(some_day, opens), datetime.combine(some_day, closes))
    return f"{days} {clocks} {words.ZONES[timezone]}"
