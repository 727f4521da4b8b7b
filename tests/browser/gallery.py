"""Pictures of pages at two widths, in light and dark, for people to look at.

    python -m tests.browser.gallery http://127.0.0.1:8000 var/gallery / /calls/ /privacy/

A path may be written path=name; a sign-in address of a local hub (/dev/sign-in/…/) among
the paths signs in for those after it. An index.html beside the pictures shows them all.
"""

import re
import sys
from html import escape
from pathlib import Path

from tests.browser.visitor import SCHEMES, WIDTHS, Visitor, chromium


def shoot(home: str, folder: Path, paths: list[str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with chromium() as browser:
        for width in WIDTHS:
            for scheme in SCHEMES:
                one = Visitor(browser, home, width=width, scheme=scheme)
                for entry in paths:
                    path, _, name = entry.partition("=")
                    one.page.goto(path)
                    if path.startswith("/dev/sign-in/"):
                        continue
                    name = name or re.sub(r"\W+", "-", path).strip("-") or "home"
                    made.append(folder / f"{name}-{width}-{scheme}.png")
                    one.page.screenshot(path=made[-1], full_page=True)
                one.close()
    pictures = sorted(made)
    shown = [f'<h2>{escape(p.stem)}</h2><img src="{escape(p.name)}" alt="">' for p in pictures]
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Gallery</title>" + "".join(shown)
    )
    return pictures


if __name__ == "__main__":
    home, folder, *paths = sys.argv[1:]
    sys.stdout.write(f"{len(shoot(home, Path(folder), paths))} pictures in {folder}\n")
