"""What hub.js adds, and that nothing is missing without it."""

import pytest
from django.template import engines

pytestmark = pytest.mark.django_db(transaction=True)

WHEN = '<p><span id="{id}" data-local-time data-start="{start}" data-end="{end}" hidden></span></p>'
NOON = WHEN.format(id="noon", start="2026-12-02T20:00:00Z", end="2026-12-02T21:00:00Z")
EDGE = WHEN.format(id="edge", start="2026-12-02T19:30:00Z", end="2026-12-02T20:30:00Z")
LATE = WHEN.format(id="late", start="2026-12-03T02:00:00Z", end="2026-12-03T03:00:00Z")
JULY = WHEN.format(id="july", start="2026-07-01T19:00:00Z", end="2026-07-01T20:00:00Z")


def page_with(body: str) -> str:
    html = '{% extends "base.html" %}{% block title %}x{% endblock %}{% block main %}<h1>x</h1>'
    return engines["django"].from_string(html + body + "{% endblock %}").render({"plain": True})


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (
            "America/Denver",
            [
                "Your time: 1:00–2:00 pm",
                "Your time: 12:30–1:30 pm",
                "Your time: 7:00–8:00 pm",
                "Your time: 1:00–2:00 pm",
            ],
        ),
        (
            "Pacific/Honolulu",
            [
                "Your time: 10:00–11:00 am",
                "Your time: 9:30–10:30 am",
                "Your time: 4:00–5:00 pm",
                "Your time: 9:00–10:00 am",
            ],
        ),
        (
            "Asia/Manila",
            [
                "Your time: Thursday, 4:00–5:00 am",
                "Your time: Thursday, 3:30–4:30 am",
                "Your time: Thursday, 10:00–11:00 am",
                "Your time: Thursday, 3:00–4:00 am",
            ],
        ),
        (
            "Europe/London",
            [
                "Your time: 8:00–9:00 pm",
                "Your time: 7:30–8:30 pm",
                "Your time: Thursday, 2:00–3:00 am",
                "Your time: 8:00–9:00 pm",
            ],
        ),
        # In summer Arizona has the clock of Los Angeles.
        (
            "America/Phoenix",
            ["Your time: 1:00–2:00 pm", "Your time: 12:30–1:30 pm", "Your time: 7:00–8:00 pm", ""],
        ),
        ("America/Los_Angeles", ["", "", "", ""]),
        ("America/New_York", ["", "", "", ""]),
    ],
)
def test_the_visitors_own_clock_is_told_where_it_differs(visitor, zone, said):
    one = visitor(zone=zone)
    page = one.show(page_with(NOON + EDGE + LATE + JULY))

    spans = [page.locator(f"#{name}") for name in ("noon", "edge", "late", "july")]
    assert [span.inner_text() for span in spans] == said
    assert [span.is_visible() for span in spans] == [bool(words) for words in said]


def test_halves_of_the_day_are_said_once_or_twice(visitor):
    one = visitor(zone="Pacific/Honolulu")
    over_noon = WHEN.format(id="x", start="2026-12-02T21:30:00Z", end="2026-12-02T22:30:00Z")
    page = one.show(page_with(over_noon))
    assert page.locator("#x").inner_text() == "Your time: 11:30 am–12:30 pm"


COPY = (
    '<p id="cite">T. Rivera, <i>Visas</i> (2026).</p>'
    '<button type="button" class="btn btn-secondary" data-copy="#cite" hidden>Copy</button>'
)


def test_a_copy_button_copies_and_says_so(visitor):
    one = visitor(permissions=["clipboard-read", "clipboard-write"])
    page = one.show(page_with(COPY))

    page.get_by_role("button", name="Copy").click()

    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "T. Rivera, Visas (2026)."
    one.axe()


def test_without_script_no_button_promises_what_it_cannot_do(visitor):
    one = visitor(script=False)
    page = one.show(page_with(COPY + NOON))
    assert not page.get_by_role("button", name="Copy").is_visible()
    assert not page.locator("#noon").is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_leaving_the_site_takes_one_press(visitor, script):
    one = visitor(script=script)
    referers = []

    def weather(route):
        referers.append(route.request.headers.get("referer"))
        route.fulfill(body="<title>Weather</title>", content_type="text/html")

    one.context.route("https://www.weather.gov/**", weather)
    one.visit("/privacy/")
    page = one.visit("/accessibility/")
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("https://www.weather.gov/")
    page.go_back(wait_until="load")

    assert referers == [None] * len(referers)
    # With script, Back does not lead to the page that was left.
    assert page.url == one.home + ("/privacy/" if script else "/accessibility/")
