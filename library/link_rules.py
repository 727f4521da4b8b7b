"""What a look at a link means, and what follows from it. Pure.

The rule, from the hub's design: a server that will not say (401, 403, 429) tells nothing
of its link; broken is what has failed three times, at least a day apart each. All times
are instants; the names of hosts are as they stand in the address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from library import words

FAILURES_TO_BREAK = 3
APART = timedelta(hours=24)
AFTER_WORKING = timedelta(days=7)
AFTER_UNKNOWN = timedelta(days=3)
# Added by the row's number, so that links first seen together do not stay together.
SPREAD_WORKING = timedelta(hours=12)
SPREAD_FAILED = timedelta(hours=2)


class Trouble(StrEnum):
    """Why there was no answer to judge; the value is what staff read."""

    NO_SUCH_HOST = "The name of the site is not known any more"
    NO_CONNECTION = "The site took no connection"
    TIMEOUT = "The site did not answer in time"
    BAD_CERTIFICATE = "The site’s certificate is not valid"
    NOT_HTTP = "The answer was cut off or made no sense"
    ENDLESS = "It leads from address to address without end"
    NOWHERE = "It leads on, but does not say where"
    # What a browser may well cope with, or what we must not look at.
    UNPROVEN_CERTIFICATE = "The site does not send all of its certificates"
    TOO_MUCH = "The answer’s headers are too long for us"
    REFUSED = "It leads to an address that we do not open"


# All that a machine without a network would find of any link.
OF_THE_NETWORK = {Trouble.NO_SUCH_HOST, Trouble.NO_CONNECTION, Trouble.TIMEOUT}
_UNDECIDED = {Trouble.UNPROVEN_CERTIFICATE, Trouble.TOO_MUCH, Trouble.REFUSED}


class Meaning(StrEnum):
    WORKS = "works"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True)
class Hop:
    """One redirect that was followed: its status, and the address it led to."""

    status: int
    url: str


@dataclass(frozen=True)
class Finding:
    """What one look found: the last status, or the trouble; and the redirects before it."""

    url: str
    status: int | None = None
    trouble: Trouble | None = None
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True)
class Health:
    """What is kept of a link. `state` is one of works, broken, unknown."""

    state: str = "unknown"
    failures: int = 0
    failed_at: datetime | None = None


def meaning(finding: Finding) -> Meaning:
    """Works, failed, or not known.

    Failed is what a reader would see fail too: 404, 410, any 5xx, and every trouble but
    those a browser may cope with. All other statuses (401, 403, 405, 406, 429, 451, the
    999 of some networks) say that a program is not wanted, and nothing of the link.
    """
    if finding.trouble is not None:
        return Meaning.UNKNOWN if finding.trouble in _UNDECIDED else Meaning.FAILED
    status = finding.status or 0
    if 200 <= status < 300:
        return Meaning.WORKS
    return Meaning.FAILED if status in {404, 410} or 500 <= status < 600 else Meaning.UNKNOWN


def no_network(finding: Finding) -> bool:
    """Would a machine that is offline find the same?"""
    return finding.trouble in OF_THE_NETWORK


def next_health(
    health: Health, finding: Finding, now: datetime, number: int
) -> tuple[Health, datetime]:
    """What is kept after a look at `now`, and when to look again.

    A failure less than a day after the last one counted is the same one. What is not
    known takes no failure back and adds none. `number` is the row's own.
    """
    match meaning(finding):
        case Meaning.WORKS:
            spread = SPREAD_WORKING * (2 * _share(number) - 1)
            return Health(state="works"), now + AFTER_WORKING + spread
        case Meaning.UNKNOWN:
            kept = Health("unknown", health.failures, health.failed_at)
            return kept, now + AFTER_UNKNOWN + SPREAD_WORKING * _share(number)
    failures, failed_at = health.failures, health.failed_at
    if failed_at is None or now - failed_at >= APART:
        failures, failed_at = failures + 1, now
    state = "broken" if failures >= FAILURES_TO_BREAK else health.state
    again = failed_at + APART + SPREAD_FAILED * _share(number)
    return Health(state, failures, failed_at), again


def moved_to(finding: Finding) -> str:
    """Where a link that works has moved for good; "" if it has not.

    Only as far as every step said so for good (301, 308): what comes after a step for
    now, a page to sign in or a server of the day, is no address to keep. Neither is the
    front page of the site, see to_front_page.
    """
    if meaning(finding) is not Meaning.WORKS or to_front_page(finding):
        return ""
    url = finding.url
    for hop in finding.hops:
        if hop.status not in {301, 308}:
            break
        url = hop.url
    return url if url != finding.url else ""


def to_front_page(finding: Finding) -> bool:
    """Was a page of a site asked for, and its front page given? It is likely gone."""
    return (
        bool(finding.hops and _is_front(finding.hops[-1].url) and not _is_front(finding.url))
        and meaning(finding) is Meaning.WORKS
    )


def said(finding: Finding) -> str:
    """The finding in a few words for staff."""
    if finding.trouble is not None:
        return f"{finding.trouble}."
    if to_front_page(finding):
        return "It leads to the front page of the site: look whether the work is still there."
    if moved := moved_to(finding):
        return f"It has moved for good, to {words.host(moved)}."
    match meaning(finding):
        case Meaning.WORKS:
            return "It works."
        case Meaning.UNKNOWN:
            return f"The site does not say (HTTP {finding.status})."
        case Meaning.FAILED if finding.status in {404, 410}:
            return f"The page is not there (HTTP {finding.status})."
    return f"The site has a fault (HTTP {finding.status})."


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _share(number: int) -> float:
    """From 0 to 1, spread evenly over numbers that follow each other (golden ratio)."""
    return number * 0.6180339887 % 1
