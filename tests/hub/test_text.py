"""One visible line out of whatever was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.text import harmless, many_lines, single_line, unharmed

TRICKY = "aeq \t\n\u200b\u200c\u200d\u202e\u0301\u0316\u0344\u0338<\u0958\u1100\u1161\u11a8\u3164"
NASTY = st.one_of(
    st.text(st.sampled_from(TRICKY)),
    st.text(),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me", "Lo", "Zs", "Zl", "Zp"])),
)
TABLE = [
    ("Jane Roe", "Jane Roe"),
    ("  Jane \t\n Roe ", "Jane Roe"),
    ("Jane\r\nBcc: mallory@example.org", "Jane Bcc: mallory@example.org"),
    ("Jane\u2028Roe\u2029Esq\u0085Mx", "Jane Roe Esq Mx"),
    ("a\u00a0b\u3000c", "a b c"),
    ("Ja\x00ne\x07\x1b[31m", "Jane[31m"),
    ("\u202eenaJ\u202c \u2066x\u2069", "enaJ x"),
    ("A12\u200b34\u2060\ufeff56\u00ad789", "A123456789"),
    ("\ud800Jane\udfff", "Jane"),
    ("\ue000\uffff", ""),
    ("José", "José"),
    ("Jose\u0301", "José"),
    ("e\u200b\u0301", "é"),
    ("a" + "\u0316" * 40 + "b", "a" + "\u0316" * 4 + "b"),
    ("نامه\u200cای", "نامه\u200cای"),
    ("👩\u200d⚖️", "👩\u200d⚖️"),
    ("\u200d\u200c", ""),
    ("a\u200d\u200d\u200db", "a\u200db"),
    ("a \u200d b", "a b"),
    ("\u3164\u2800\u115f", ""),
    ("<script>{{7*7}}", "<script>{{7*7}}"),
    ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ("O’Brien — “x”", "O’Brien — “x”"),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "line"), TABLE)
def test_table(typed, line):
    assert single_line(typed) == line


@given(NASTY)
def test_cleaning_twice_changes_nothing(text):
    assert single_line(single_line(text)) == single_line(text)


@given(NASTY)
def test_nothing_hidden_or_broken_is_left(text):
    line = single_line(text)
    line.encode()
    assert line == line.strip()
    assert "  " not in line
    assert line.splitlines() in ([], [line])
    for char in line:
        assert char in "\u200c\u200d" or unicodedata.category(char)[0] != "C"
        assert not char.isspace() or char == " "
    assert unicodedata.is_normalized("NFC", line)


@given(NASTY)
def test_it_grows_no_longer_than_normalization_writes_it(text):
    """NFC writes a few letters, such as क़, as two; nothing else adds to the length."""
    assert len(single_line(text)) <= len(unicodedata.normalize("NFC", text))


@given(st.text(st.characters(max_codepoint=0x2000, categories=["L", "N", "P"])))
def test_plain_letters_stay_as_they_are(text):
    line = unicodedata.normalize("NFC", text)
    assert single_line(line) == line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One\r\ntwo\rthree\nfour", "One\ntwo\nthree\nfour"),
        ("One\u2028two\u2029three\x85four\x0bfive", "One\ntwo\nthree\nfour\nfive"),
        ("  (a)  one \t\n  (b)  two  ", "  (a)  one\n  (b)  two"),
        ("\n \r\n One\n\n\n\n\n\n\ntwo\n\n", " One\n\n\ntwo"),
        ("O\x00n\u202ee\u200b\ud800\ntwo", "One\ntwo"),
        ("a" + "\u0316" * 40 + "\nb", "a" + "\u0316" * 4 + "\nb"),
        ("<b>{{7*7}}</b>", "<b>{{7*7}}</b>"),
        (" \t\r\n\u3000\u200b", ""),
        ("", ""),
    ],
)
def test_many_lines(typed, kept):
    assert many_lines(typed) == kept


@given(NASTY)
def test_lines_are_those_of_one_and_stay_as_they_are(text):
    kept = many_lines(text)
    assert many_lines(kept) == kept
    assert single_line(kept) == single_line(text)
    kept.encode()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("'=1", "''=1"),
        ("A - B", "A - B"),
        ("'tis", "'tis"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(cell, said):
    assert harmless(cell) == said


@given(st.text(alphabet="'=+-@\t\r a"))
def test_a_harmless_cell_is_read_back_as_it_was(cell):
    assert unharmed(harmless(cell)) == cell
    assert harmless(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
