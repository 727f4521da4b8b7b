from datetime import time

import pytest

from ta_requests import words


@pytest.mark.parametrize(
    ("weekdays", "opens", "closes", "zone", "said"),
    [
        (
            ["MO", "TU", "WE", "TH", "FR"],
            time(9),
            time(17),
            "America/Los_Angeles",
            "weekdays 9:00 am–5:00 pm Pacific",
        ),
        (
            ["FR", "MO"],
            time(9),
            time(11, 30),
            "America/New_York",
            "Mondays and Fridays 9:00–11:30 am Eastern",
        ),
        (["SU"], time(13), time(14), "America/Chicago", "Sundays 1:00–2:00 pm Central"),
    ],
)
def test_hours(weekdays, opens, closes, zone, said):
    assert words.hours(weekdays, opens, closes, zone) == said
