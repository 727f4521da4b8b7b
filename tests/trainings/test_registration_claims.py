"""What may be said of credit: a table of what approvals say, and the words for it."""

from datetime import date

import pytest

from trainings.claims import Said, claims

DAY = date(2027, 1, 29)


def said(jurisdiction="CA", status="approved", **more):
    return Said(jurisdiction=jurisdiction, status=status, day=DAY, **({"total": 24} | more))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([[]], []),
        ([[said(status="denied")]], []),
        ([[said(status="something new")]], []),
        ([[said(expires_on=date(2027, 1, 28))]], []),
        ([[said(expires_on=DAY)]], ["California MCLE credit: 6 hours, approved"]),
        ([[said(status="pending", total=99)]], ["California MCLE credit: pending"]),
        (
            [[said("NY", total=28), said()]],
            [
                "California MCLE credit: 6 hours, approved",
                "New York CLE credit: 7 hours, approved",
            ],
        ),
        ([[said(status="denied"), said("NY")]], ["New York CLE credit: 6 hours, approved"]),
        (
            [[said(total=28)], [said(total=27, ethics=4)]],
            [
                "California MCLE credit: Up to 13.75 hours, approved, "
                "including 1 hour of Legal Ethics"
            ],
        ),
        (
            [[said()], [said(status="pending")]],
            ["California MCLE credit: Up to 6 hours, approved, pending for the other days"],
        ),
        ([[said()], []], ["California MCLE credit: Up to 6 hours, approved"]),
        (
            [[said(ethics=2, bias=3, competence=4)]],
            [
                "California MCLE credit: 6 hours, approved, including 0.5 hours of Legal Ethics, "
                "0.75 hours of Elimination of Bias and 1 hour of Competence"
            ],
        ),
    ],
)
def test_claims(days, words):
    assert [claim.sentence for claim in claims(days)] == words
