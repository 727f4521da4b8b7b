"""Numbers as columns: their heights, what stands on what, what is written where."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import charts

NAMES = ["Jan", "Feb", "Mar"]


def test_the_highest_column_fills_the_plot_and_the_others_are_in_proportion():
    chart = charts.columns(NAMES, [4, 2, 0])
    assert [(bar.height, bar.y + bar.height) for bar in chart.bars] == [
        (charts.PLOT, chart.base),
        (charts.PLOT / 2, chart.base),
    ]
    assert [label.text for label in chart.numbers] == ["4", "2"]


def test_the_second_series_stands_on_the_first_with_their_sum_above():
    chart = charts.columns(NAMES, [3, 0, 0], [1, 2, 0])
    first, on_top, alone = chart.bars
    assert (first.series, on_top.series, alone.series) == (1, 2, 2)
    assert on_top.y + on_top.height == pytest.approx(first.y)
    assert alone.y + alone.height == chart.base
    assert [label.text for label in chart.numbers] == ["4", "2"]
    assert chart.numbers[0].y < on_top.y


def test_little_beside_much_is_still_seen():
    chart = charts.columns(NAMES, [1, 100_000, 0])
    assert chart.bars[0].height == charts.LEAST


def test_the_last_column_has_its_name_and_every_second_before_it():
    chart = charts.columns(["Oct", "Nov", "Dec", "Jan"], [1, 1, 1, 1])
    assert [label.text for label in chart.names] == ["Nov", "Jan"]


def test_nothing_at_all_has_no_columns():
    assert charts.columns(NAMES, [0, 0, 0]).bars == ()
    assert charts.columns([], []).bars == ()


@pytest.mark.parametrize("wrong", [([1, -1, 0],), ([1, 2],), ([1, 2, 3], [1])])
def test_what_is_no_column_is_refused(wrong):
    with pytest.raises(ValueError, match=r"please|begins"):
        charts.columns(NAMES, *wrong)


@pytest.mark.parametrize(
    ("number", "said"),
    [(7, "7"), (1248, "1,248"), (9999, "9,999"), (12_900, "12k"), (Decimal("6.25"), "6")],
)
def test_numbers_over_columns_are_short(number, said):
    assert charts.said(number) == said


numbers = st.lists(st.integers(0, 10_000), min_size=12, max_size=12)


@given(numbers, numbers)
def test_nothing_leaves_the_drawing(first, second):
    chart = charts.columns(["Jan"] * 12, first, second)
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= chart.width
        assert bar.height > 0
        # Of two columns drawn higher than they are, each by the least there is.
        assert bar.y >= charts.TOP - 2 * charts.LEAST - 0.2
        assert bar.y + bar.height <= chart.base + 0.2
    assert all(label.y > 8 for label in chart.numbers)
