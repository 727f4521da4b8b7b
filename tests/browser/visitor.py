"""A visitor in a real browser, who notices whatever a careful visitor would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TEXT_SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; "
    "word-spacing: .16em !important } p { margin-bottom: 2em !important }"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


class Visitor:
    """One browser profile with one page open.

    Everything that goes wrong on its way is kept in `problems`: what the console calls an
    error (a breach of the content security policy is one), an exception in a script, a
    request to anybody but the hub. `visit` and the end of the test fail when there are any.
    """

    def __init__(
        self,
        browser: Browser,
        home: str,
        *,
        width: int = 1280,
        scheme: str = "light",
        script: bool = True,
        zone: str = "America/Los_Angeles",
        **more: Any,
    ) -> None:
        self.home, self.script = home, script
        self.problems: list[str] = []
        self.expected = 200
        # Chromium reads the local time zone for this; the hub never does.
        self.context = browser.new_context(
            base_url=home,
            viewport={"width": width, "height": 844 if width < 700 else 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            timezone_id=zone,
            locale="en-US",
            reduced_motion="reduce",
            **more,
        )
        self.context.set_default_timeout(10_000)
        self.context.route("**/*", self._watch)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))

    def _watch(self, route: Route) -> None:
        url = route.request.url
        if urlsplit(url).netloc != urlsplit(self.home).netloc:
            self.problems.append(f"asked a third party: {url}")
            route.abort()
        else:
            route.continue_()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # Chromium calls a page that answers 404 an error, also where that is the right answer.
        if self.expected >= 400 and f"status of {self.expected}" in message.text:
            return
        self.problems.append(f"console: {message.text}")

    def visit(self, path: str, status: int = 200) -> Page:
        """Open a page of the hub; fails on any other answer than `status`, and on problems."""
        self.expected = status
        response = self.page.goto(path)
        assert response
        assert response.status == status, f"{path}: {response.status}"
        self.fine()
        return self.page

    def show(self, html: str) -> Page:
        """Show markup as if the hub had sent it, under the hub's own policy."""
        policy = self.context.request.get("/healthz").headers["content-security-policy"]
        self.context.route(
            "**/shown/",
            lambda route: route.fulfill(
                body=html,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": policy},
            ),
        )
        return self.visit("/shown/")

    def press(self, name: str) -> Page:
        """Press the button of a form, and wait for the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).click()
        self.fine()
        return self.page

    def fine(self) -> None:
        assert not self.problems, "\n".join(self.problems)

    def _settled(self) -> None:
        """A page that is measured while its style sheets still come is not the page people see."""
        self.page.wait_for_load_state("load")

    def axe(self) -> None:
        """No violation of WCAG 2.2 A or AA that a program can find.

        Evaluated by the browser's own debugger, which the page's policy does not bind. Only
        where script is on: with it off, what axe waits for never comes.
        """
        assert self.script
        self._settled()
        # A color on its way to another is neither.
        self.page.evaluate("() => document.getAnimations().forEach(one => one.finish())")
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],"
            # Else axe fetches style sheets by itself, and puts them into the page.
            " preload: false})",
            WCAG,
        )
        said = [
            f"{rule['id']}: {rule['help']}\n  "
            + "\n  ".join(
                f"{node['html'][:200]} ({node['failureSummary']})" for node in rule["nodes"]
            )
            for rule in found["violations"]
        ]
        assert not said, f"{self.page.url}\n" + "\n".join(said)

    def axe_in_light_and_dark(self) -> None:
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.axe()

    def read_by_everyone(self) -> None:
        """All that a program can say of whether a page is for everyone."""
        self.no_sideways()
        if self.script:
            self.axe_in_light_and_dark()

    def no_sideways(self) -> None:
        """Nothing to scroll to at the side, also with the widest text spacing of WCAG 1.4.12."""
        self._settled()
        for style in ("", TEXT_SPACING):
            if style:
                # By way of the object model, since the policy allows no style element.
                self.page.evaluate(
                    "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
                    " document.adoptedStyleSheets = [sheet]; }",
                    style,
                )
            over = self.page.evaluate(
                "() => { const wide = document.documentElement.clientWidth;"
                " if (document.documentElement.scrollWidth <= wide) return [];"
                " return [...document.querySelectorAll('body *')]"
                " .filter(e => e.getBoundingClientRect().right > wide + 1)"
                " .map(e => e.outerHTML.slice(0, 120)); }"
            )
            assert not over, f"{self.page.url} {style[:12]}\n" + "\n".join(over)
        self.page.evaluate("() => { document.adoptedStyleSheets = []; }")

    def tab_through(self, most: int = 80) -> list[str]:
        """Press Tab from the top to the end; each stop must be seen to have the focus."""
        names: list[str] = []
        self.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e),"
                " b = e.getBoundingClientRect();"
                " return {tag: e.tagName, style: s.outlineStyle, width: parseFloat(s.outlineWidth),"
                " seen: b.width > 0 && b.height > 0 && b.right > 0 && b.left < innerWidth"
                " && b.bottom > 0 && b.top < innerHeight,"
                " name: (e.innerText || e.name || e.id || '').trim()}; }"
            )
            if stop["tag"] == "BODY":
                return names
            assert stop["style"] != "none", stop
            assert stop["width"] >= 2, stop
            assert stop["seen"], stop
            names.append(stop["name"])
        raise AssertionError(f"the focus never came to the end: {names[-5:]}")

    def close(self) -> None:
        self.context.close()
