from decimal import Decimal

import pytest

from trainings import words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Not yet set"),
        ([("free", 0)], "Free"),
        ([("pledge", 0), ("fee", 30000)], "Free with a pro bono pledge, or $300"),
        ([("fee", 30000), ("pledge", 0)], "Free with a pro bono pledge, or $300"),
        ([("pledge", 0)], "Free with a pro bono pledge"),
        ([("fee", 125050)], "$1,250.50"),
        ([("fee", 105)], "$1.05"),
    ],
)
def test_price(options, said):
    assert words.price(options) == said


@pytest.mark.parametrize(
    ("hours", "up_to", "special", "said"),
    [
        (None, False, "", "Not yet set"),
        (None, False, "Legal Ethics", "Not yet set"),
        (Decimal("2.00"), False, "", "2"),
        (Decimal("1.50"), False, "", "1.5"),
        (Decimal(10), False, "", "10"),
        (Decimal("14.00"), True, "", "Up to 14"),
        (Decimal("14.00"), True, "Legal Ethics", "Up to 14, including Legal Ethics"),
        (Decimal(3), False, "Legal Ethics", "3, including Legal Ethics"),
    ],
)
def test_credit(hours, up_to, special, said):
    assert words.credit(hours, up_to, special) == said


@pytest.mark.parametrize(
    ("hours", "days", "said"),
    [
        (Decimal("8.00"), None, "8 hours"),
        (Decimal(8), 1, "8 hours"),
        (Decimal("16.00"), 2, "16 hours over 2 days"),
        (Decimal("1.00"), None, "1 hour"),
        (Decimal("1.25"), None, "1.25 hours"),
    ],
)
def test_length(hours, days, said):
    assert words.length(hours, days) == said
