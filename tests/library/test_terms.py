import pytest

from library.terms import nearest, pieces, slips, split, terms

ALIASES = [["T visa", "T nonimmigrant status"], ["WHO", "World Health Organization"]]


def test_punctuation_parts_words():
    assert split("T-Visa, “children’s” 2007-47 :*&|!<->") == [
        "T",
        "Visa",
        "children",
        "s",
        "2007",
        "47",
    ]
    assert split("🙂 %_\\ ()") == []


def test_the_longest_alias_at_a_place_is_one_term():
    found = terms(split("fraud and t-visa who"), ALIASES)
    assert [term.typed for term in found] == [("fraud",), ("and",), ("t", "visa"), ("who",)]
    assert [term.is_alias for term in found] == [False, False, True, True]
    assert found[2].ways == (("T", "visa"), ("T", "nonimmigrant", "status"))
    assert [term.typed for term in terms(["visa"], ALIASES)] == [("visa",)]


def test_an_alias_that_is_the_same_words_twice_is_still_a_term():
    (term,) = terms(["t", "visa"], [["T visa", "T-visa"]])
    assert term.is_alias
    assert term.ways == (("T", "visa"),)


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("slavry", "slavery", 1),
        ("polarsi", "polaris", 1),
        ("klein", "klain", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_slips(a, b, count):
    assert slips(a, b) == slips(b, a) == count


def test_the_nearest_word_is_taken_unless_it_is_far():
    assert nearest("klein", ["kloer", "klain"]) == "klain"
    assert nearest("visas", ["vista", "visa"]) == "visa"
    assert nearest("xyz", ["abc"]) is None
    assert nearest("abc", []) is None


def test_words_are_marked_whole_and_nothing_is_lost():
    text = "Child trafficking, re-trafficking <b>"
    parts = pieces(text, {"trafficking", "b"})
    assert "".join(part for part, _ in parts) == text
    assert [part for part, is_marked in parts if is_marked] == ["trafficking", "trafficking", "b"]
    assert pieces("trafficked", {"traffick"}) == [("trafficked", False)]
