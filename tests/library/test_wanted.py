from urllib.parse import parse_qs

import pytest

from library.wanted import LONGEST_SEARCH, Wanted


def read(**parameters):
    return Wanted.read({name: [value] for name, value in parameters.items()})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  t \t visa\n", "t visa"),
        ("a\x00b", "ab"),
        ("\u202evisa\u200b", "visa"),
        ("\ud800", ""),
        ("'; DROP TABLE x; --", "'; DROP TABLE x; --"),
        ("%_\\", "%_\\"),
    ],
)
def test_words_are_one_visible_line(typed, kept):
    assert read(q=typed).q == kept


def test_of_too_many_characters_the_first_are_kept_and_it_is_said():
    wanted = read(q="visa " * 2000)
    assert wanted.q == ("visa " * 40).rstrip()
    assert len(wanted.q) <= LONGEST_SEARCH
    assert wanted.shortened
    assert not read(q="x" * LONGEST_SEARCH).shortened


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("2", 2),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("", 1),
        ("٣", 1),
        ("9999999", 999_999),
        ("9" * 5000, 999_999),
    ],
)
def test_what_is_no_page_is_the_first(typed, page):
    assert read(page=typed).page == page


def test_the_address_is_one_whatever_the_order_of_its_parts():
    one = Wanted.read({"topic": ["b", "a", "b", ""], "q": ["x y"], "page": ["2"], "other": ["z"]})
    two = Wanted.read({"q": [" x  y"], "page": ["2"], "topic": ["a", "b"]})
    assert one == two
    assert one.query == two.query == "q=x+y&topic=a&topic=b&page=2"
    assert Wanted().query == ""


def test_an_address_reads_back_as_what_it_was_written_from():
    wanted = Wanted(q="a&b=c+d", organization=("R & D, Inc.",), type=("guide",), exact=True, page=3)
    assert Wanted.read(parse_qs(wanted.query)) == wanted


def test_a_change_begins_on_the_first_page():
    wanted = Wanted(q="x", topic=("a", "b"), page=4)
    assert wanted.but(exact=True).page == 1
    assert wanted.but(page=5).page == 5
    assert wanted.without("topic", "a") == Wanted(q="x", topic=("b",))
    assert wanted.widest == Wanted(q="x")
