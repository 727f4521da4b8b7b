"""What the detector finds, what it leaves alone, and where it says it is."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ta_requests.identifiers import Kind, find

TODAY = date(2026, 11, 24)
A, SSN, RECEIPT = Kind.A_NUMBER, Kind.SSN, Kind.RECEIPT
PASSPORT, BIRTH, PHONE, EMAIL = Kind.PASSPORT, Kind.BIRTH, Kind.PHONE, Kind.EMAIL

# text → the kinds found in it
FOUND = [
    ("A123456789", A),
    ("Client (A 200 000 000) was told", A),
    ("A 123-456-789", A),
    ("A-123-456-789", A),
    ("A# 12345678", A),
    ("A#: 12345678", A),
    ("A# 123-456-789", A),
    ("A12345678.", A),
    ("A-12345678", A),
    ("a123456789", A),
    ("a 123 456 789", A),
    ("A-number 123456789", A),
    ("A-Number: 12345678", A),
    ("her A number is 123 456 789", A),
    ("A No. 087 654 321", A),
    ("alien number 123456789", A),
    ("Alien Registration Number: 123-456-789", A),
    ("A-file no. 1234567", A),
    ("A.123.456.789", A),
    ("A_123_456_789", A),
    ("A/123/456/789", A),
    ("the number 123-456-789 was given", A),
    ("A\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8\u200b9", A),
    ("A\u00a0123\u00a0456\u00a0789", A),
    ("A\u2011123\u2013456\u2014789", A),
    ("A 123\u2212456\u2212789", A),
    ("A１２３４５６７８９", A),
    ("Ａ123456789", A),
    ("\u0410123456789", A),
    ("A1\u00ad23\u00ad456789", A),
    ("A\u20601234\ufeff56789", A),
    ("A ٠١٢٣٤٥٦٧٨", A),
    ("A 123\n456\n789", A),
    ("A1\u03012\u03013456789", A),
    ("123-45-6789", SSN),
    ("SSN 123-45-6789", SSN),
    ("123 45 6789", SSN),
    ("123.45.6789", SSN),
    ("123/45/6789", SSN),
    ("social security number 123456789", SSN),
    ("SSN: 1234 56789", SSN),
    ("ITIN 912-70-1234", SSN),
    ("her number 123456789 was used", SSN),
    ("123\u201345\u20136789", SSN),
    ("1 2 3 4 5 6 7 8 9", SSN),
    ("123\u200b45\u200b6789", SSN),
    ("123\u00a045\u00a06789", SSN),
    ("１２３-４５-６７８９", SSN),
    ("IOE0912345678", RECEIPT),
    ("IOE 09 123 45678", RECEIPT),
    ("IOE-09-123-45678", RECEIPT),
    ("ioe0912345678", RECEIPT),
    ("WAC2190012345", RECEIPT),
    ("EAC-21-900-12345", RECEIPT),
    ("L I N 2 1 9 0 0 1 2 3 4 5", RECEIPT),
    ("receipt XYZ0912345678", RECEIPT),
    ("I\u200bO\u200bE\u200b0912345678", RECEIPT),
    ("IOE*0912345678", RECEIPT),
    ("passport C12345678", PASSPORT),
    ("passport number 123456789", PASSPORT),
    ("Passport No.: G 1234567", PASSPORT),
    ("her passport, 12 34 56 789, was taken", PASSPORT),
    ("C12345678", PASSPORT),
    ("document g12345678", PASSPORT),
    ("DOB 01/02/1990", BIRTH),
    ("DOB: 1/2/90", BIRTH),
    ("D.O.B. 1990-01-02", BIRTH),
    ("date of birth: January 2, 1990", BIRTH),
    ("born on 2 January 1990", BIRTH),
    ("born Jan. 2nd, 2015", BIRTH),
    ("She was born in Leon, Mexico, on May 5, 2001", BIRTH),
    ("01/02/1990 is her birthday", BIRTH),
    ("fecha de nacimiento 02-01-1990", BIRTH),
    ("dob\n01 02 1990", BIRTH),
    ("born 03/04/2025", BIRTH),
    ("Client, 01/02/1990, fled", BIRTH),
    ("1990-01-02", BIRTH),
    ("02.01.1990", BIRTH),
    ("０１/０２/１９９０", BIRTH),
    ("(213) 555-0100", PHONE),
    ("213-555-0100", PHONE),
    ("213.555.0100", PHONE),
    ("213 555 0100", PHONE),
    ("2135550100", PHONE),
    ("+1 213 555 0100", PHONE),
    ("1-213-555-0100", PHONE),
    ("213/555/0100", PHONE),
    ("+52 55 1234 5678", PHONE),
    ("+63 (917) 123-4567", PHONE),
    ("call her at 555-0100", PHONE),
    ("cell: 555 0100", PHONE),
    ("2 1 3 5 5 5 0 1 0 0", PHONE),
    ("(888) 507-0194", PHONE),
    ("213\u2013555\u20130100", PHONE),
    ("maria@example.org", EMAIL),
    ("maria.lopez+1@mail.example.co.uk", EMAIL),
    ("maria @ example.org", EMAIL),
    ("maria (at) example (dot) org", EMAIL),
    ("maria[at]example.org", EMAIL),
    ("maria\u200b@example.org", EMAIL),
    ("maria＠example．org", EMAIL),
]

LEFT_ALONE = [
    "22 CV 12345",
    "2:22-cv-01234-ABC-XYZ",
    "No. 22-cv-1234",
    "Case No. 2022123456",
    "BC123456",
    "19STCV01234",
    "8 U.S.C. § 1101(a)(15)(T)",
    "22 U.S.C. 7102",
    "22 U.S.C. § 7102(11)(A)",
    "INA 212(d)(13)",
    "INA § 101(a)(15)(U)(i)",
    "8 C.F.R. § 214.11(d)(5)",
    "8 CFR 214.204(b)(2)-(3)",
    "Pub. L. No. 106-386, 114 Stat. 1464 (2000)",
    "27 I&N Dec. 316 (A.G. 2018)",
    "Matter of A-B-, 27 I&N Dec. 316",
    "596 U.S. 123 (2022)",
    "123 F.3d 1234, 1238 (9th Cir. 2003)",
    "133 S. Ct. 1234, 1240",
    "54 A.2d 123, 130",
    "Cal. Penal Code § 236.1",
    "Cal. Civ. Code §§ 52.5, 1708.5",
    "34 U.S.C. 12291(b)(2)",
    "(888) 507-0193",
    "888-507-0193",
    "+1 888 507 0193",
    "1-888-373-7888",
    "$1,234,567.89",
    "$123456789",
    "$ 123,456,789",
    "USD 10,000",
    "123,456,789 people",
    "in 2019 and 2020",
    "from 2019-2020",
    "A 2020-2021 lease",
    "a 2020-2021 lease",
    "pages 101, 102, 103",
    "pp. 12-19",
    "A 10 page brief",
    "A 30-day notice and a 60-day notice",
    "A 2 000 word declaration",
    "I-914, I-914A and I-918 Supplement B",
    "Form I-765, G-28, EOIR-42B",
    "A-1 visa",
    "T-1 and T-2 status",
    "within 12 months of 48 hours",
    "hearing on 12/14/2026",
    "The hearing is A 12-14-2026 calendar call",
    "filed on 03/15/2024",
    "the RFE of 11/02/2023",
    "enacted October 28, 2000",
    "decided on May 4, 2009",
    "Her child was born in Los Angeles. She applied on January 5, 2024.",
    "born in 1990",
    "90017-1234",
    "Los Angeles, CA 90017-1234",
    "3700 Wilshire Blvd, Suite 600",
    "99.99 percent",
    "1.5 million",
    "version 3.14.15",
    "the T visa cap of 5,000 a year",
    "passport expired in 2019",
    "passport was taken on 01/02/2024",
    "a passport and an I-94",
    "@castla on social media",
    "at 9:00 am or 5:00 pm Pacific",
    "Room 1234, 5th floor",
    "call at 9:00, text at 10",
    "10-20-30",
    "the 4-1-1",
    "no dob given",
    "the birth of the movement in 2000",
    "",
    " ",
    "Can a T visa application go ahead without a U visa certification?",
]


@pytest.mark.parametrize(("text", "kind"), FOUND, ids=lambda value: str(value).strip() or "-")
def test_what_is_found(text, kind):
    assert [one.kind for one in find(text, TODAY)] == [kind]


@pytest.mark.parametrize("text", LEFT_ALONE, ids=lambda value: value.strip() or "nothing")
def test_what_is_left_alone(text):
    assert find(text, TODAY) == []


@pytest.mark.parametrize("text", LEFT_ALONE, ids=lambda value: value.strip() or "nothing")
def test_what_is_left_alone_hides_nothing(text):
    found = find(f"{text} and A123456789 {text}", TODAY)
    assert [one.kind for one in found] == [A]


def test_the_table_is_long_enough_to_mean_something():
    assert len(FOUND) >= 80
    assert len(LEFT_ALONE) >= 60


def test_where_it_is():
    text = "First line. No number.\r\n\r\nThird. Her SSN is 123-45-6789! And A123456789.\nx"
    ssn, a_number = find(text, TODAY)
    assert (ssn.line, ssn.sentence) == (3, 2)
    assert (a_number.line, a_number.sentence) == (3, 3)
    assert text[ssn.start : ssn.end] == "SSN is 123-45-6789"
    assert text[a_number.start : a_number.end] == "A123456789"


def test_the_place_is_that_in_the_text_as_it_was_typed():
    text = "½ ﬁ e\u0301\u200b A\u200b123\u200b456\u200b789 ende"
    (one,) = find(text, TODAY)
    assert text[one.start : one.end] == "A\u200b123\u200b456\u200b789"


def test_each_of_several_is_told_once():
    text = "A123456789 and 123-45-6789, IOE0912345678, m@example.org, (213) 555-0100"
    assert [one.kind for one in find(text, TODAY)] == [A, SSN, RECEIPT, EMAIL, PHONE]


@pytest.mark.parametrize(
    "text",
    ["A" + "." * 4999, "1 " * 2500, "a" * 5000, "(" * 5000, "passport " * 555, "@" * 5000],
    ids=["dots", "ones", "letters", "brackets", "passports", "at signs"],
)
def test_no_text_makes_a_search_run_away(text):
    """One that did would not be back within hours."""
    assert len(find(text, TODAY)) < 500


# Whatever a careful or an unlucky person puts between the digits of a number.
INVISIBLE = st.sampled_from(["", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u200d", "\u202e"])
SEPARATOR = st.sampled_from([" ", "-", ".", "\u00a0", "\u2011", "\u2013", "\u2212", "\u2009", "·"])
DIGITS = {str(n): [str(n), chr(0xFF10 + n), chr(0x0660 + n)] for n in range(10)}


@st.composite
def disguised(draw, groups):
    """The groups with one kind of separator between them, invisible characters anywhere."""
    between = draw(SEPARATOR)
    said = ""
    for char in between.join(groups):
        said += draw(st.sampled_from(DIGITS.get(char, [char]))) + draw(INVISIBLE)
    return said


def number(shape):
    """Groups of digits; each 2 to 9 so that a phone number is one wherever it is cut."""
    return st.tuples(*[st.text("23456789", min_size=n, max_size=n) for n in shape])


IDENTIFIERS = st.one_of(
    st.sampled_from([(3, 3, 3), (2, 3, 3), (9,), (8,)])
    .flatmap(number)
    .flatmap(lambda groups: disguised(["A", *groups])),
    number((3, 2, 4)).flatmap(disguised),
    number((9,)).flatmap(disguised),
    number((2, 3, 5)).flatmap(lambda groups: disguised(["IOE", *groups])),
    number((8,)).flatmap(lambda groups: disguised(["C" + groups[0]])),
    number((3, 3, 4)).flatmap(disguised),
    st.dates(date(1930, 1, 1), date(2021, 1, 1)).map(lambda day: f"{day:%m/%d/%Y}"),
    st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.(org|com)", fullmatch=True),
)
WORDS = st.lists(st.sampled_from([one for one in LEFT_ALONE if len(one) < 40]), max_size=4)


@settings(max_examples=400, deadline=None)
@given(WORDS, IDENTIFIERS, WORDS)
def test_an_identifier_is_found_however_it_is_written_and_wherever_it_stands(before, one, after):
    start = " ; ".join(before) + " ; "
    text = f"{start}{one} ; " + " ; ".join(after)
    assert any(
        found.start < len(start) + len(one) and found.end > len(start)
        for found in find(text, TODAY)
    )


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text):
    lines = len(re.split(r"\r\n|[\r\n\v\f\x85\u2028\u2029]", text))
    for one in find(text, TODAY):
        assert 0 <= one.start < one.end <= len(text)
        assert 1 <= one.line <= lines
