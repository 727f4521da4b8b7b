"""What a finding means, and that nothing is called broken too soon."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.link_rules import (
    Finding,
    Health,
    Hop,
    Meaning,
    Trouble,
    meaning,
    moved_to,
    next_health,
    no_network,
    said,
    to_front_page,
)

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
URL = "https://example.org/guide.pdf"


@pytest.mark.parametrize(
    ("statuses", "means"),
    [
        ([200, 203, 204, 206, 299], Meaning.WORKS),
        ([404, 410], Meaning.FAILED),
        ([500, 501, 502, 503, 504, 520, 599], Meaning.FAILED),
        ([401, 402, 403, 405, 406, 407, 408, 409, 418, 423, 425, 429, 431, 451], Meaning.UNKNOWN),
        ([100, 300, 304, 400, 600, 999], Meaning.UNKNOWN),
    ],
)
def test_each_status_means_one_thing(statuses, means):
    for status in statuses:
        assert meaning(Finding(URL, status)) is means, status


FAILING = [
    Trouble.NO_SUCH_HOST,
    Trouble.NO_CONNECTION,
    Trouble.TIMEOUT,
    Trouble.BAD_CERTIFICATE,
    Trouble.NOT_HTTP,
    Trouble.ENDLESS,
    Trouble.NOWHERE,
]


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_means_one_thing(trouble):
    expected = Meaning.FAILED if trouble in FAILING else Meaning.UNKNOWN
    assert meaning(Finding(URL, trouble=trouble)) is expected


def test_what_a_machine_without_a_network_finds():
    assert {each for each in Trouble if no_network(Finding(URL, trouble=each))} == {
        Trouble.NO_SUCH_HOST,
        Trouble.NO_CONNECTION,
        Trouble.TIMEOUT,
    }
    assert not no_network(Finding(URL, 503))


@pytest.mark.parametrize(
    ("hops", "moved"),
    [
        ([], ""),
        ([(301, "https://new.org/guide")], "https://new.org/guide"),
        ([(308, "https://new.org/guide")], "https://new.org/guide"),
        ([(302, "https://new.org/guide")], ""),
        ([(307, "https://new.org/guide")], ""),
        (
            [(301, "https://a.org/guide"), (308, "https://b.org/guide")],
            "https://b.org/guide",
        ),
        ([(301, "https://a.org/guide"), (302, "https://a.org/sign-in")], "https://a.org/guide"),
        ([(302, "https://a.org/x"), (301, "https://b.org/x")], ""),
        # To the front page: a hint, no address to take over.
        ([(301, "https://new.org/")], ""),
        ([(301, "https://new.org/guide"), (302, "https://new.org")], ""),
        # Round and back to where it began.
        ([(301, "https://a.org/x"), (301, URL)], ""),
    ],
)
def test_where_a_link_has_moved_for_good(hops, moved):
    finding = Finding(URL, 200, hops=tuple(Hop(*hop) for hop in hops))
    assert moved_to(finding) == moved


def test_only_what_works_has_moved():
    hops = (Hop(301, "https://new.org/guide"),)
    assert moved_to(Finding(URL, 404, hops=hops)) == ""
    assert moved_to(Finding(URL, 403, hops=hops)) == ""
    assert moved_to(Finding(URL, trouble=Trouble.TIMEOUT, hops=hops)) == ""


@pytest.mark.parametrize(
    ("asked", "given", "front"),
    [
        (URL, "https://example.org/", True),
        (URL, "https://www.example.org", True),
        (URL, "https://example.org/?page=guide", False),
        (URL, "https://example.org/guides/", False),
        ("https://example.org/", "https://www.example.org/", False),
        ("http://example.org", "https://example.org/", False),
    ],
)
def test_a_front_page_in_place_of_a_page_is_a_hint(asked, given, front):
    finding = Finding(asked, 200, hops=(Hop(301, given),))
    assert to_front_page(finding) is front
    assert meaning(finding) is Meaning.WORKS


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding(URL, 200), "It works."),
        (Finding(URL, 403), "The site does not say (HTTP 403)."),
        (Finding(URL, 404), "The page is not there (HTTP 404)."),
        (Finding(URL, 503), "The site has a fault (HTTP 503)."),
        (Finding(URL, trouble=Trouble.TIMEOUT), "The site did not answer in time."),
        (
            Finding(URL, 200, hops=(Hop(301, "https://www.new.org/x"),)),
            "It has moved for good, to new.org.",
        ),
        (
            Finding(URL, 200, hops=(Hop(301, "https://example.org/"),)),
            "It leads to the front page of the site: look whether the work is still there.",
        ),
    ],
)
def test_staff_read_it_in_words(finding, words):
    assert said(finding) == words
    assert len(said(finding)) <= 200


def after(looks, health=Health(), number=1):  # noqa: B008 (frozen)
    for hours, finding in looks:
        health, due_at = next_health(health, finding, NOW + hours * HOUR, number)
    return health, due_at


GONE, FINE, SHUT = Finding(URL, 404), Finding(URL, 200), Finding(URL, 403)


@pytest.mark.parametrize(
    ("looks", "state", "failures"),
    [
        ([(0, FINE)], "works", 0),
        ([(0, SHUT)], "unknown", 0),
        ([(0, GONE)], "unknown", 1),
        ([(0, FINE), (24, GONE)], "works", 1),
        ([(0, GONE), (24, GONE)], "unknown", 2),
        ([(0, GONE), (24, GONE), (48, GONE)], "broken", 3),
        ([(0, FINE), (24, GONE), (48, GONE), (72, GONE)], "broken", 3),
        # Looked at again and again within a day: one failure.
        ([(0, GONE), (1, GONE), (2, GONE), (23, GONE)], "unknown", 1),
        # The day begins at the failure that was counted.
        ([(0, GONE), (23, GONE), (24, GONE), (47, GONE)], "unknown", 2),
        # One success begins anew.
        ([(0, GONE), (24, GONE), (30, FINE), (48, GONE)], "works", 1),
        ([(0, GONE), (24, GONE), (48, GONE), (49, FINE)], "works", 0),
        # What is not known adds nothing and takes nothing back.
        ([(0, GONE), (24, SHUT), (48, SHUT), (72, SHUT)], "unknown", 1),
        ([(0, GONE), (24, GONE), (48, SHUT), (72, GONE)], "broken", 3),
        ([(0, GONE), (24, GONE), (48, GONE), (72, SHUT)], "unknown", 3),
        ([(0, FINE), (24, SHUT)], "unknown", 0),
    ],
)
def test_what_a_row_of_looks_comes_to(looks, state, failures):
    health, _ = after(looks)
    assert (health.state, health.failures) == (state, failures)
    assert (health.failed_at is None) == (failures == 0)


@pytest.mark.parametrize(
    ("finding", "least", "most"),
    [
        (FINE, 6.5 * DAY, 7.5 * DAY),
        (SHUT, 3 * DAY, 3.5 * DAY),
        (GONE, DAY, 26 * HOUR),
    ],
)
def test_when_to_look_again(finding, least, most):
    dues = [next_health(Health(), finding, NOW, number)[1] - NOW for number in range(1, 101)]
    assert all(least <= due <= most for due in dues)
    # A hundred links first seen at once do not come again at once.
    assert len({due // (5 * timedelta(minutes=1)) for due in dues}) > 20


findings = st.one_of(
    st.integers(100, 999).map(lambda status: Finding(URL, status)),
    st.sampled_from(Trouble).map(lambda trouble: Finding(URL, trouble=trouble)),
)
looks = st.lists(
    st.tuples(findings, st.timedeltas(timedelta(0), timedelta(days=3))), min_size=1, max_size=30
)


@given(looks, st.integers(1, 10**9))
def test_never_broken_before_three_failures_two_days_apart(row, number):
    health, now = Health(), NOW
    failed: list[datetime] = []
    for finding, pause in row:
        now += pause
        health, due_at = next_health(health, finding, now, number)
        if meaning(finding) is Meaning.FAILED:
            failed.append(now)
        elif meaning(finding) is Meaning.WORKS:
            failed.clear()
        if health.state == "broken":
            assert len(failed) >= 3
            assert failed[-1] - failed[0] >= 2 * DAY
            assert health.failures >= 3
        assert health.failures <= len(failed)
        assert due_at > now


@given(looks, st.integers(1, 10**9))
def test_a_success_always_works_whatever_came_before(row, number):
    health, now = Health(), NOW
    for finding, pause in row:
        now += pause
        health, _ = next_health(health, finding, now, number)
    health, due_at = next_health(health, FINE, now, number)
    assert health == Health(state="works")
    assert timedelta(days=6) < due_at - now < timedelta(days=8)


@given(looks)
def test_what_is_not_known_never_breaks_a_link(row):
    health, now = Health(), NOW
    for finding, pause in row:
        now += pause
        if meaning(finding) is Meaning.UNKNOWN:
            health, _ = next_health(health, finding, now, 1)
    assert health == Health()
