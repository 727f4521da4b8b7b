"""What holds for every file of the project."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
# "About 500": past this a file is split.
LONGEST = 520


def files(*endings: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [ROOT / name for name in listed.stdout.splitlines() if name.endswith(endings)]
    assert found
    return [path for path in found if path.exists()]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def said(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.django_db
def test_no_model_differs_from_its_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_file_is_longer_than_about_500_lines():
    long = {said(path): len(text(path).splitlines()) for path in files(".py", ".html", ".js")}
    long = {
        name: lines
        for name, lines in long.items()
        if lines > LONGEST and "/migrations/" not in name
    }
    assert long == {}


def pages() -> list[Path]:
    """Templates that browsers draw; mail programs need styles inline."""
    return [
        path
        for path in files(".html")
        if (ROOT / "templates") in path.parents
        and not {"mail", "email"} & set(path.relative_to(ROOT).parts)
    ]


def test_no_page_has_an_inline_style_or_script():
    for path in pages():
        page = re.sub(r"{% comment %}.*?{% endcomment %}", "", text(path), flags=re.DOTALL)
        assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|javascript:", page), said(
            path
        )
        for script in re.findall(r"<script\b([^>]*)>", page):
            # Data is not run.
            assert "src=" in script or "application/json" in script, said(path)


LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*(?:src|data)\s*=\s*["'](?:https?:)?//"""
    r"""|<link\b[^>]*href\s*=\s*["'](?:https?:)?//""",
    re.IGNORECASE,
)


def test_no_page_or_sheet_loads_anything_from_elsewhere():
    for path in files(".html"):
        assert not LOADED.search(text(path)), said(path)
    for path in files(".css", ".js", ".svg"):
        if ROOT / "static" not in path.parents:
            continue
        loads = re.findall(
            r"""(?:url\(|@import|import|fetch\(|src=)\s*["']?(?:https?:)?//""", text(path)
        )
        assert loads == [], said(path)


@pytest.mark.parametrize("name", ["base", "local", "test"])
class TestRequirements:
    def lines(self, name: str) -> list[str]:
        return text(ROOT / "requirements" / f"{name}.txt").replace("\\\n", " ").splitlines()

    def test_each_is_pinned_by_version_and_hash(self, name):
        wanted = [line for line in self.lines(name) if line.strip() and line.lstrip()[0] != "#"]
        assert len(wanted) > 10
        for line in wanted:
            assert re.match(r"[a-z0-9._-]+==\S+\s+(--hash=sha256:[0-9a-f]{64}\s*)+$", line), line

    def test_no_host_is_named(self, name):
        assert not re.search(r"://|--index|--find-links|--extra-index", "\n".join(self.lines(name)))

    def test_the_short_lists_hold_what_the_tests_run(self, name):
        tested = dict(self.pins("test"))
        assert {pin for pin in self.pins(name) if tested.get(pin[0]) != pin[1]} == set()

    def pins(self, name: str) -> set[tuple[str, str]]:
        found = re.findall(r"^([a-z0-9._-]+)==(\S+)", "\n".join(self.lines(name)), re.MULTILINE)
        return set(found)


def test_nothing_reads_what_lies_beside_the_project():
    outside = "shared"
    for path in files(".py", ".toml", ".txt", ".html", "Makefile", ".yaml"):
        assert f"../{outside}" not in text(path), said(path)


def test_no_debugger_is_left_in():
    for path in files(".py"):
        if path != Path(__file__):
            assert not re.search(r"\bbreakpoint\(\)|\bpdb\b", text(path)), said(path)


def test_no_test_is_left_out():
    """`make test` runs everything; what cannot run somewhere says so by failing."""
    for path in files(".py"):
        if ROOT / "tests" in path.parents and path != Path(__file__):
            assert not re.search(r"pytest\.(skip|mark\.(skip|xfail)|importorskip)", text(path))
