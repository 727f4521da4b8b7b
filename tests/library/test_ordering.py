import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.ordering import arranged, merged, stepped


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({}, "abcde"),
        ({"d": 1}, "dabce"),
        ({"b": 5}, "acdeb"),
        ({"b": 4}, "acdbe"),
        ({"a": 99}, "bcdea"),
        ({"e": 0}, "eabcd"),
        ({"a": 2, "b": 1}, "bacde"),
        ({"d": 1, "e": 1}, "edabc"),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "abcde"),
        ({"z": 1}, "abcde"),
    ],
)
def test_a_number_puts_a_line_at_that_place_and_leaves_the_others_in_order(places, order):
    assert "".join(arranged("abcde", places)) == order


@given(st.permutations(range(8)))
def test_any_order_can_be_written_down_in_numbers(order):
    places = {line: number for number, line in enumerate(order, start=1)}
    assert arranged(range(8), places) == list(order)


@given(st.dictionaries(st.integers(0, 9), st.integers(-3, 99)))
def test_no_line_is_lost_or_doubled(places):
    assert sorted(arranged(range(8), places)) == list(range(8))


@pytest.mark.parametrize(
    ("line", "step", "order"),
    [("a", -1, "abc"), ("a", 1, "bac"), ("b", -1, "bac"), ("c", 1, "abc"), ("c", -1, "acb")],
)
def test_a_step(line, step, order):
    assert "".join(stepped("abc", line, step)) == order


def test_what_is_new_in_a_list_comes_after_the_order_somebody_wanted():
    assert "".join(merged("cba", "abxd")) == "baxd"
