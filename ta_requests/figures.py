"""Counts that tell how the office does, and of no small group who is in it. Pure.

A count of 1 to 4 is never shown, nor can it be worked out from the others and their total:
where it could, further counts are not shown either, and the total where those do not suffice.
Zero is shown: it is nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ta_requests import cycles, turnaround
from ta_requests.turnaround import Closures

LEAST = 5
FEW = f"<{LEAST}"
HIDDEN = f"{LEAST} or more"
NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Shown:
    """Counts that add up to a total, as they may be shown."""

    cells: list[str]
    total: str


def shown(counts: Sequence[int]) -> Shown:
    """Parts of one whole, in their order. Raises ValueError for a count below zero."""
    if any(count < 0 for count in counts):
        raise ValueError("nothing is counted below zero")
    few = [count for count in counts if 0 < count < LEAST]
    if not few:
        return Shown([str(count) for count in counts], str(sum(counts)))
    hidden, is_enough = _hidden(counts, few)
    cells = [
        FEW if 0 < count < LEAST else HIDDEN if place in hidden else str(count)
        for place, count in enumerate(counts)
    ]
    if sum(counts) < LEAST:
        # Four of less than five are four times one.
        return Shown(cells, FEW if len(few) < LEAST - 1 else NOT_SHOWN)
    return Shown(cells, str(sum(counts)) if is_enough else NOT_SHOWN)


def _hidden(counts: Sequence[int], few: list[int]) -> tuple[set[int], bool]:
    """Places of what is hidden beside the few, smallest first, and whether that is enough to
    show the total.

    Whoever takes what is shown from the total knows the sum of what is not: each of the few
    is 1 to 4, each hidden one 5 or more. It is enough once that sum is above the least there
    can be: then each of the few may be one more than it would be at the least.
    """
    hidden: set[int] = set()
    beyond = sum(few) - len(few)
    for count, place in sorted((n, place) for place, n in enumerate(counts) if n >= LEAST):
        hidden.add(place)
        beyond += count - LEAST
        if beyond > 0:
            return hidden, True
    return hidden, False


def share(part: int, whole: int) -> str:
    """Which share of answers was on time: 94%; with 1 to 4 others, 88% or more; with 1 to 4 on
    time, 12% or less: what does not give those few away. "" under 5 in all."""
    if whole < LEAST:
        return ""
    if 0 < whole - part < LEAST:
        return f"{(whole - LEAST + 1) * 100 // whole}% or more"
    if 0 < part < LEAST:
        return f"{-(-(LEAST - 1) * 100 // whole)}% or less"
    return f"{part * 100 // whole}%"


def taken(cycle: cycles.Cycle, closures: Closures) -> timedelta | None:
    """Office time from the question to the answer, less what it waited for the requester;
    None while there is no answer. closures: as they are now, beside the cycle's own."""
    if cycle.answered_at is None:
        return None
    counted = turnaround.stricter(cycle.closures, closures)
    waited = timedelta(0)
    for pause in turnaround.united(cycle.pauses):
        end = min(pause.end or cycle.answered_at, cycle.answered_at)
        waited += turnaround.office_time(pause.start, end, cycle.policy, counted)
    whole = turnaround.office_time(cycle.started_at, cycle.answered_at, cycle.policy, counted)
    return whole - waited


def median(times: Iterable[timedelta]) -> timedelta | None:
    """The middle one, or the mean of the middle two; None of none."""
    found = sorted(times)
    half = len(found) // 2
    return (found[half] + found[~half]) / 2 if found else None
