"""R36: counts only, none of 1 to 4 shown, and none to be worked out."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ta_requests import cycles, figures
from ta_requests.turnaround import Pause, Policy

UP_TO = 9


@pytest.mark.parametrize(
    ("counts", "cells", "total"),
    [
        ([], [], "0"),
        ([0, 7, 12], ["0", "7", "12"], "19"),
        # One alone would be the total less the others.
        ([3, 20, 7], ["<5", "20", "5 or more"], "30"),
        ([2, 3, 20], ["<5", "<5", "5 or more"], "25"),
        ([1, 1, 20, 30], ["<5", "<5", "5 or more", "30"], "52"),
        # Fives hide nothing.
        ([1, 5, 9], ["<5", "5 or more", "5 or more"], "15"),
        ([1, 5], ["<5", "5 or more"], "not shown"),
        ([1, 6], ["<5", "5 or more"], "7"),
        ([2, 6], ["<5", "5 or more"], "8"),
        ([3], ["<5"], "<5"),
        ([4, 4], ["<5", "<5"], "not shown"),
        ([1, 1, 1, 1], ["<5", "<5", "<5", "<5"], "not shown"),
        ([0, 0], ["0", "0"], "0"),
    ],
)
def test_r36_small_counts_are_not_shown(counts, cells, total):
    assert figures.shown(counts) == figures.Shown(cells, total)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_r36_no_small_count_can_be_worked_out(number):
    """Of all counts that agree with what is shown, each small one has two values or more."""
    every = list(product(range(UP_TO + 4), repeat=number))
    by_total = {}
    for counts in every:
        by_total.setdefault(sum(counts), []).append(counts)
    for counts in product(range(UP_TO + 1), repeat=number):
        shown = figures.shown(counts)
        may_be = by_total[sum(counts)] if shown.total == str(sum(counts)) else every
        agree = [
            each for each in may_be if all(map(agrees, each, shown.cells)) and below(each, shown)
        ]
        for place in range(number):
            if shown.cells[place] == "<5":
                assert len({each[place] for each in agree}) > 1, counts


def agrees(count, cell):
    return {"<5": 0 < count < 5, "5 or more": count >= 5}.get(cell, str(count) == cell)


def below(counts, shown):
    return shown.total != "<5" or sum(counts) < 5


def test_r36_what_is_shown_is_right():
    for counts in product(range(UP_TO + 1), repeat=3):
        shown = figures.shown(counts)
        for count, cell in zip(counts, shown.cells, strict=True):
            assert cell in {str(count), "<5", "5 or more"}
            assert (cell == "<5") == (0 < count < 5)
        assert shown.total in {str(sum(counts)), "<5", "not shown"}


def test_a_count_below_zero_is_a_mistake():
    with pytest.raises(ValueError, match="below zero"):
        figures.shown([-1])


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 4, ""),
        (5, 5, "100%"),
        (0, 5, "0%"),
        (33, 34, "88% or more"),
        (30, 34, "88% or more"),
        (29, 34, "85%"),
        (1, 34, "12% or less"),
        (4, 34, "12% or less"),
    ],
)
def test_r36_a_share_gives_no_small_count_away(part, whole, said):
    assert figures.share(part, whole) == said


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestTaken:
    def cycle(self, answered=None, pauses=()):
        # Monday, November 2, 10:00 Pacific.
        begun = cycles.begin(at("2026-11-02 18:00"), Policy(), {})
        return cycles.replace(begun, answered_at=answered, pauses=pauses)

    def test_nights_do_not_count(self):
        answered = self.cycle(at("2026-11-03 19:00"))
        assert figures.taken(answered, {}) == timedelta(hours=9)

    def test_waiting_for_the_requester_does_not_count(self):
        pause = Pause(start=at("2026-11-02 20:00"), end=at("2026-11-03 18:00"))
        answered = self.cycle(at("2026-11-03 19:00"), (pause,))
        assert figures.taken(answered, {}) == timedelta(hours=3)

    def test_an_answer_in_a_pause_ends_it(self):
        pause = Pause(start=at("2026-11-02 20:00"))
        answered = self.cycle(at("2026-11-03 19:00"), (pause,))
        assert figures.taken(answered, {}) == timedelta(hours=2)

    def test_closures_since_then_count(self):
        answered = self.cycle(at("2026-11-04 19:00"))
        closed = {at("2026-11-03 12:00").date(): None}
        assert figures.taken(answered, closed) == timedelta(hours=9)

    def test_no_answer_no_time(self):
        assert figures.taken(self.cycle(), {}) is None


@pytest.mark.parametrize(
    ("hours", "middle"), [([], None), ([3], 3), ([9, 1, 2], 2), ([1, 2, 4, 9], 3)]
)
def test_the_median(hours, middle):
    found = figures.median(timedelta(hours=hour) for hour in hours)
    assert found == (None if middle is None else timedelta(hours=middle))
