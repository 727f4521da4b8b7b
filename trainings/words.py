"""How a course's price and credit are said. Pure: plain values in, words out."""

from collections.abc import Iterable
from decimal import Decimal

UNSET = "Not yet set"

# First parts of our own addresses below /trainings/, which no course may have.
TAKEN = {"host", "news", "payments", "registration"}

# Where a training takes place, as people choose what to hear of.
REGIONS = {
    "southern-california": "Southern California",
    "northern-california": "Northern California",
    "west": "Other western states",
    "midwest": "Midwest",
    "south": "South",
    "northeast": "Northeast",
    "territories": "Puerto Rico and other territories",
}


def price(options: Iterable[tuple[str, int]]) -> str:
    """Free; Free with a pro bono pledge, or $300; Not yet set. Options are (kind, cents)."""
    cents = dict(options)
    said = []
    if "free" in cents:
        said.append("Free")
    if "pledge" in cents:
        said.append("Free with a pro bono pledge")
    if "fee" in cents:
        said.append(money(cents["fee"]))
    return ", or ".join(said) or UNSET


def credit(hours: Decimal | None, up_to: bool, special: str) -> str:
    """6; Up to 14, including Legal Ethics; Not yet set."""
    if hours is None:
        return UNSET
    return credit_figure(hours, up_to) + (f", including {special}" if special else "")


def credit_figure(hours: Decimal, up_to: bool) -> str:
    """Up to 14: a limit is never said as if it were the credit itself."""
    return f"Up to {number(hours)}" if up_to else number(hours)


def length(hours: Decimal, days: int | None) -> str:
    """8 hours; 16 hours over 2 days"""
    said = f"{number(hours)} {'hour' if hours == 1 else 'hours'}"
    return f"{said} over {days} days" if days and days > 1 else said


def money(cents: int) -> str:
    """$300, $1,250.50"""
    return f"${cents // 100:,}" + (f".{cents % 100:02}" if cents % 100 else "")


def signed_money(cents: int) -> str:
    """$300, -$50.10 (a credit), $0"""
    return f"-{money(-cents)}" if cents < 0 else money(cents)


def number(value: Decimal) -> str:
    """6, 1.5: no zeros after the point that nobody wrote"""
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
