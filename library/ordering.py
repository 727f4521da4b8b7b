"""Putting a list in order by numbers typed beside its lines. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def arranged(lines: Sequence[T], places: Mapping[T, int]) -> list[T]:
    """The lines in the order that somebody wants who wrote another number beside some.

    `places` counts from 1. A line whose number is new stands at just that place, the first or
    last one where there is none such; the others stay in their order around it.
    """
    moved = {
        line: places[line]
        for number, line in enumerate(lines, start=1)
        if places.get(line, number) != number
    }
    order = [line for line in lines if line not in moved]
    for line in sorted(moved, key=moved.__getitem__):
        order.insert(max(moved[line] - 1, 0), line)
    return order


def stepped(lines: Sequence[T], line: T, step: int) -> list[T]:
    """The lines with one of them a step up (-1) or down (+1), where there is one to take."""
    order = list(lines)
    here = order.index(line)
    there = min(max(here + step, 0), len(order) - 1)
    order.insert(there, order.pop(here))
    return order


def merged(wanted: Sequence[T], now: Sequence[T]) -> list[T]:
    """The order somebody wanted of a list that has changed: what is new comes last."""
    kept = [line for line in wanted if line in set(now)]
    return kept + [line for line in now if line not in set(kept)]
