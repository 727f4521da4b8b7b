"""What may be claimed, by whom and in which words; bar numbers."""

from dataclasses import replace
from datetime import date

import pytest

from tests.trainings.agendas import (
    CA,
    DAY,
    HOUR,
    NY,
    agenda,
    there,
)
from trainings import credits as mcle
from trainings.credits import Approval, Credit, Hours

LINES = agenda((300, "general"), (60, "ethics"))
NONE = ("none", None, "")
APPROVED = Approval(state="approved", hours=Hours(total=24), until=date(2027, 5, 4))


@pytest.mark.parametrize(
    ("approval", "day", "expected", "note"),
    [
        pytest.param(
            APPROVED,
            DAY,
            (
                "approved",
                24,
                "6.00 hours of California MCLE credit, including 1.00 hour of Legal Ethics.",
            ),
            "Approved for California MCLE credit.",
            id="approved, to its last day",
        ),
        pytest.param(
            replace(APPROVED, until=None, hours=Hours(total=8, parts={})),
            DAY,
            ("approved", 8, "2.00 hours of California MCLE credit."),
            "Approved for California MCLE credit.",
            id="never more than approved",
        ),
        pytest.param(
            APPROVED,
            date(2027, 5, 5),
            NONE,
            "Approval for California MCLE credit expired after May 4, 2027.",
            id="approval expired → cannot publish credit",
        ),
        pytest.param(
            Approval(state="pending"),
            DAY,
            ("pending", None, "California MCLE credit is pending approval."),
            "California MCLE credit is pending approval.",
            id="pending as pending, no number",
        ),
        pytest.param(
            Approval(state="denied"),
            DAY,
            NONE,
            "Approval for California MCLE credit was denied.",
            id="denied → MCLE text gone",
        ),
        pytest.param(
            None, DAY, NONE, "No approval for California MCLE credit is recorded.", id="no row"
        ),
    ],
)
def test_claim(
    approval: Approval | None, day: date, expected: tuple[str, int | None, str], note: str
) -> None:
    got = mcle.claim(LINES, approval, CA, day)
    assert (got.standing, got.credit and got.credit.total, got.words) == expected
    assert got.note == note


def test_an_approval_without_hours_is_none() -> None:
    with pytest.raises(ValueError, match="how many hours"):
        Approval(state="approved")


@pytest.mark.parametrize(
    ("granted", "until"),
    [
        (date(2026, 6, 1), date(2028, 5, 31)),
        (date(2028, 2, 29), date(2030, 2, 28)),
        (date(2026, 3, 1), date(2028, 2, 28)),
        (date(2028, 3, 1), date(2030, 2, 28)),
    ],
)
def test_approval_holds_two_years(granted: date, until: date) -> None:
    assert mcle.approved_until(granted) == until


def test_a_claim_above_agenda_and_approval_is_refused() -> None:
    supported = mcle.scheduled(LINES, CA, Hours(total=20))
    assert mcle.refused(20, supported) == ""
    assert (
        mcle.refused(24, supported)
        == "6.00 hours cannot be claimed: agenda and approval support 5.00."
    )


WHOLE = mcle.scheduled(HOUR, CA)
NOTHING = mcle.credit(HOUR, [], CA)
BRIEF = mcle.credit(HOUR, there((0, 7)), CA)


@pytest.mark.parametrize(
    ("standing", "earned", "attorney", "number", "kind", "said"),
    [
        pytest.param(
            "approved", WHOLE, True, "123456", "certificate", "1.00 hour of", id="certificate"
        ),
        pytest.param(
            "pending", WHOLE, True, "123456", "held", "pending", id="pending → no certificate"
        ),
        pytest.param("none", WHOLE, True, "123456", "letter", "60 of 60", id="denied → letter"),
        pytest.param(
            "approved", WHOLE, False, "", "letter", "60 of 60", id="non-attorney → letter"
        ),
        pytest.param("pending", WHOLE, False, "", "letter", "60 of 60", id="letter waits for none"),
        pytest.param(
            "approved", WHOLE, True, "", "held", "Add your bar number", id="no number → held"
        ),
        pytest.param("approved", BRIEF, True, "1", "letter", "7 of 60", id="too short for credit"),
        pytest.param("approved", NOTHING, True, "1", "none", "No attendance", id="absent"),
    ],
)
def test_document(
    standing: mcle.Standing, earned: Credit, attorney: bool, number: str, kind: str, said: str
) -> None:
    got, sentence = mcle.document(standing, earned, CA, attorney=attorney, bar_number=number)
    assert got == kind
    assert said in sentence
    if kind == "letter":
        assert "MCLE" not in sentence
        assert "credit" not in sentence


def test_rules_are_dated() -> None:
    old = replace(CA, minutes=50, valid_from=date(2000, 1, 1), valid_until=date(2007, 12, 31))
    rules = [CA, old]
    assert mcle.rule_for("CA", date(2007, 12, 31), rules) is old
    assert mcle.rule_for("CA", date(2008, 1, 1), rules) is CA
    assert mcle.rule_for("CA", date(1999, 12, 31), rules) is None
    assert mcle.rule_for("NY", DAY) is NY
    assert mcle.rule_for("TX", DAY) is None
    assert mcle.statement(52, 60) == "Attended 52 of 60 minutes of instruction."


@pytest.mark.parametrize(
    ("units", "steps", "text"),
    [
        (0, 4, "0.00"),
        (1, 4, "0.25"),
        (3, 4, "0.75"),
        (24, 4, "6.00"),
        (57, 4, "14.25"),
        (1, 2, "0.5"),
        (14, 2, "7.0"),
        (3, 1, "3"),
    ],
)
def test_hours(units: int, steps: int, text: str) -> None:
    assert mcle.hours(units, steps) == text


@pytest.mark.parametrize(
    ("typed", "state", "kept"),
    [
        ("  123 456 ", "CA", "123456"),
        ("#123456", "CA", "123456"),
        ("# 123-456", "CA", "123456"),
        ("00012345", "CA", "12345"),
        ("12345", "CA", "12345"),
        ("１２３４５６", "CA", "123456"),
        ("\u00a0123456", "CA", "123456"),
        ("1234567", "NY", "1234567"),
        ("24012345", "TX", "24012345"),
        ("", "CA", ""),
        (" # ", "CA", ""),
    ],
)
def test_bar_number(typed: str, state: str, kept: str) -> None:
    assert mcle.bar_number(typed, state) == kept
    assert mcle.bar_number(kept, state) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12A456", "digits only"),
        ("SBN 123456", "digits only"),
        ("123456?", "digits only"),
        ("12#456", "digits only"),
        ("١٢٣٤٥٦", "digits only"),
        ("000", "not zero"),
        ("1234567", "at most 6 digits"),
    ],
)
def test_bad_bar_number(typed: str, sentence: str) -> None:
    with pytest.raises(mcle.BadBarNumber, match=sentence):
        mcle.bar_number(typed)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("123456", "•••• 56"), ("12345", "•••• 45"), ("1234", "••••"), ("7", "••••"), ("", "••••")],
)
def test_masked(number: str, shown: str) -> None:
    assert mcle.masked(number) == shown
