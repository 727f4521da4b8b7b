"""tests/audit: a hole fails it, no answer does not, and is never taken for "no holes"."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def audited(tmp_path: Path, script: str | None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run it where pip-audit is this script, or is not there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cat", "grep", "mktemp", "rm", "timeout", "dirname"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    if script is not None:
        (programs / "pip-audit").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "pip-audit").chmod(0o755)
    return subprocess.run(
        [str(programs / "sh"), str(ROOT / "tests/audit")],
        env={"PATH": str(programs)} | more,
        capture_output=True,
        text=True,
        check=False,
    )


HOLE = 'echo "Found 1 known vulnerability in 1 package"; exit 1'
# Seen where a mirror has packages and knows of no holes.
SKIPPED = (
    'echo "No known vulnerabilities found"; '
    'echo "django  Dependency not found and could not be audited: django (5.2.19)"'
)
AWAY = 'echo "requests.exceptions.ConnectionError: no route to host" >&2; exit 1'


def test_no_hole_is_good(tmp_path):
    done = audited(tmp_path, 'echo "No known vulnerabilities found"; echo "$@" >&2')
    assert (done.returncode, done.stderr) == (0, "")
    assert "--require-hashes --disable-pip" in done.stdout
    assert "requirements/base.txt" in done.stdout


def test_a_hole_fails(tmp_path):
    done = audited(tmp_path, HOLE)
    assert done.returncode == 1
    assert "Found 1 known vulnerability" in done.stdout


@pytest.mark.parametrize("script", [None, AWAY, SKIPPED, "exit 0"])
@pytest.mark.parametrize(("demand", "ended"), [("", 0), ("required", 1)])
def test_no_answer_is_said_loudly_and_fails_only_where_one_is_demanded(
    tmp_path, script, demand, ended
):
    done = audited(tmp_path, script, AUDIT=demand)
    assert done.returncode == ended
    assert "NOT AUDITED" in done.stderr
