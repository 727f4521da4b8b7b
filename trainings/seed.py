"""The trainings of the content file."""

from decimal import Decimal
from typing import Any

from hub import seeding
from trainings.models import Course, PledgeText, PriceOption

_KINDS = {"free": "free", "pledge": "pledge", "pay": "fee"}
# The file's conditions begin with their verb or adjective.
_YOU = {"pledge": "you", "pay": "you are"}
_SPECIAL = {"legal_ethics": "Legal Ethics"}

# The page's own words, what they come to in time, and what does not hang on it.
PLEDGE_WORDS = (
    "I {condition}: within 12 months of the last session of this training.\n\n"
    "Nothing is charged by itself if I do not. My certificate does not wait for this pledge."
)


def load(content: dict[str, Any]) -> None:
    """The page's trainings with their price options, and the first words of the pledge."""
    _pledge_text(content)
    for position, entry in enumerate(content["trainings"], start=1):
        key = f"trainings:{entry['key']}"
        course = seeding.sync(Course, key, _values(entry, position), slug=entry["key"])
        if course is None:
            continue
        for option in entry["price"]["options"]:
            kind = _KINDS[option["code"]]
            values = {
                "amount_cents": option["amount_cents"],
                "condition": _condition(option),
                "covers": option.get("covers", ""),
            }
            seeding.sync(PriceOption, f"{key}:{kind}", values, course=course, kind=kind)


def _pledge_text(content: dict[str, Any]) -> None:
    """Version 1, while there is no other: what people sign is never changed from here."""
    conditions = [
        option["condition"]
        for entry in content["trainings"]
        for option in entry["price"]["options"]
        if option["code"] == "pledge" and option["condition"]
    ]
    if conditions and not PledgeText.objects.exists():
        values = {"text": PLEDGE_WORDS.format(condition=conditions[0])}
        seeding.sync(PledgeText, "trainings:pledge", values, version=1)


def _values(entry: dict[str, Any], position: int) -> dict[str, Any]:
    mcle, sponsors = entry["mcle"], entry["sponsorship"] or {}
    return {
        "title": entry["title"],
        "level": entry["level"],
        "hours": _hours(entry["duration_hours"]),
        "days": entry["days"],
        "summary": entry["summary"],
        "audience_text": entry["audience_text"],
        "region": entry.get("region", ""),
        "practice_areas": entry.get("practice_areas", []),
        "topics": [slug.replace("-", " ").capitalize() for slug in entry["topics"]],
        "mcle_text": mcle["text"],
        "mcle_max_hours": _hours(mcle["max_hours"]),
        "mcle_up_to": mcle["up_to"],
        "mcle_condition": mcle.get("condition", ""),
        "mcle_special": ", ".join(_SPECIAL[each["code"]] for each in mcle["categories"] or []),
        "price_text": entry["price"]["text"] or "",
        "sponsors_wanted": sponsors.get("seeking", False),
        "sponsor_role": sponsors.get("role", ""),
        "sponsor_where": sponsors.get("where", ""),
        "sponsor_what": sponsors.get("what", ""),
        "sponsor_how": sponsors.get("call_to_action", ""),
        "position": position,
    }


def _condition(option: dict[str, Any]) -> str:
    """you are unable to take on a case"""
    return f"{_YOU[option['code']]} {option['condition']}" if option["condition"] else ""


def _hours(value: int | float) -> Decimal:
    """As the database gives it back: an edit by staff is told by comparing with it."""
    return Decimal(str(value)).quantize(Decimal("0.01"))
