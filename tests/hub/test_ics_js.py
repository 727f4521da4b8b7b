"""The same feeds read by ical.js, as many calendar programs do.

Needs Node and, once, `npm ci --prefix tests/hub/ical_js`.
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.hub.test_ics_readback import CASES, WEEKLY, feed, under_unknown_names

ICAL_JS = Path(__file__).parent / "ical_js"


def with_ical_js(data: bytes, begin: str, end: str) -> list[tuple[str, str]]:
    assert (ICAL_JS / "node_modules" / "ical.js").is_dir(), (
        "ical.js is not installed: run `npm ci --prefix tests/hub/ical_js`"
    )
    done = subprocess.run(
        ["node", ICAL_JS / "expand.mjs", f"{begin}T00:00:00Z", f"{end}T00:00:00Z"],
        input=data,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return sorted((start, summary) for start, summary in json.loads(done.stdout))


@pytest.mark.parametrize("case", CASES)
def test_takes_place_when_promised(case: str) -> None:
    events, begin, end, expected = CASES[case]
    assert with_ical_js(feed(events), begin, end) == sorted(expected)


def test_instants_come_from_the_vtimezone_of_the_file() -> None:
    """Guards the test above: another rule in the file gives other instants."""
    data = under_unknown_names(feed([WEEKLY]))
    data = data.replace(b"TZOFFSETTO:-0700", b"TZOFFSETTO:-0600")
    assert [start for start, _ in with_ical_js(data, "2026-03-01", "2026-03-15")] == [
        "2026-03-04T20:00:00Z",
        "2026-03-11T18:00:00Z",
    ]
