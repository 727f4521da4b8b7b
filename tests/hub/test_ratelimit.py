"""Limits: exact under parallel use, and nothing kept that says who it was."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory

from hub import ratelimit
from hub.models import RateCount
from tests.hub.conftest import in_threads

NOW = datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.RATE_LIMITS = {"one": (3, 3600), "other": (3, 3600), "many": (70, 86400)}


def count(limit: str, who: str, times: int) -> int:
    return sum(ratelimit.allowed(limit, who) for _ in range(times))


@pytest.mark.django_db(transaction=True)
def test_two_hundred_uses_from_eight_threads_allow_exactly_the_share():
    allowed = [0] * 8

    def use(number: int) -> None:
        allowed[number] = count("many", "somebody", 25)

    in_threads(8, use)
    assert sum(allowed) == 70
    assert RateCount.objects.get().hits == 200


class TestWindow:
    def test_each_limit_and_each_visitor_has_its_own(self):
        with time_machine.travel(NOW, tick=False):
            assert count("one", "a", 5) == 3
            assert count("other", "a", 5) == 3
            assert count("one", "b", 5) == 3

    def test_it_opens_again_with_the_next_hour_and_not_before(self):
        with time_machine.travel(NOW, tick=False) as clock:
            assert count("one", "a", 9) == 3
            clock.move_to(datetime(2026, 3, 4, 20, 59, 59, 999999, tzinfo=UTC))
            assert not ratelimit.allowed("one", "a")
            clock.move_to(datetime(2026, 3, 4, 21, 0, tzinfo=UTC))
            assert count("one", "a", 9) == 3

    def test_a_day_is_a_day_in_utc(self):
        with time_machine.travel(NOW, tick=False) as clock:
            assert count("many", "a", 80) == 70
            clock.move_to(datetime(2026, 3, 4, 23, 59, 59, tzinfo=UTC))
            assert not ratelimit.allowed("many", "a")
            clock.move_to(datetime(2026, 3, 5, 0, 0, tzinfo=UTC))
            assert ratelimit.allowed("many", "a")

    def test_an_unknown_limit_is_a_mistake_and_not_a_free_pass(self):
        with pytest.raises(KeyError):
            ratelimit.allowed("nothing", "a")


class TestKept:
    def test_a_row_is_a_keyed_hash_and_a_count(self):
        with time_machine.travel(NOW, tick=False):
            ratelimit.allowed("one", "192.0.2.7/32")
        row = RateCount.objects.values().get()
        key = bytes(row.pop("key"))
        row.pop("id")
        assert row == {"window": datetime(2026, 3, 4, 20, tzinfo=UTC), "hits": 1}
        assert len(key) == 32
        assert b"192.0.2" not in key

    def test_without_our_key_an_address_cannot_be_tried_against_it(self, settings):
        with time_machine.travel(NOW, tick=False):
            ratelimit.allowed("one", "a")
            settings.SECRET_KEY = "another" * 10
            ratelimit.allowed("one", "a")
        assert RateCount.objects.count() == 2

    def test_yesterdays_visitor_cannot_be_found_again_today(self):
        for day in (0, 1):
            with time_machine.travel(NOW + timedelta(days=day), tick=False):
                ratelimit.allowed("one", "a")
        assert len({bytes(key) for key in RateCount.objects.values_list("key", flat=True)}) == 2

    def test_counts_are_forgotten_after_a_day(self):
        for hours in (0, 2, 25):
            with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
                ratelimit.allowed("one", "a")
        ratelimit.forget(NOW + timedelta(hours=25))
        assert sorted(RateCount.objects.values_list("window", flat=True)) == [
            datetime(2026, 3, 4, 22, tzinfo=UTC),
            datetime(2026, 3, 5, 21, tzinfo=UTC),
        ]

    def test_a_window_that_is_open_is_never_forgotten(self):
        with time_machine.travel(datetime(2026, 3, 4, tzinfo=UTC), tick=False):
            ratelimit.allowed("many", "a")
        ratelimit.forget(datetime(2026, 3, 4, 23, 59, tzinfo=UTC))
        assert RateCount.objects.count() == 1


ADDRESSES = [
    ("192.0.2.7", "192.0.2.7/32"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::", "2001:db8:1:2::/64"),
    ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ("::ffff:192.0.2.7", "192.0.2.7/32"),
    ("fe80::1%eth0", "fe80::/64"),
    ("", "unknown"),
    ("unix:", "unknown"),
    ("192.0.2.7.5", "unknown"),
    ("192.0.2.0/24", "unknown"),
]


@pytest.mark.parametrize(("address", "network"), ADDRESSES)
def test_a_network_is_one_ipv4_address_or_an_ipv6_64(address, network):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    assert ratelimit.network_of(request) == network


FORWARDED = [
    # proxies, X-Forwarded-For, the network counted (the web process sees 10.0.0.1)
    (0, None, "10.0.0.1/32"),
    (0, "192.0.2.7", "10.0.0.1/32"),
    (1, None, "10.0.0.1/32"),
    (1, "192.0.2.7", "192.0.2.7/32"),
    (1, "203.0.113.9, 192.0.2.7", "192.0.2.7/32"),
    (1, "203.0.113.9,203.0.113.8,192.0.2.7", "192.0.2.7/32"),
    (1, "203.0.113.9, 2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    (2, "192.0.2.7, 10.0.0.2", "192.0.2.7/32"),
    (2, "203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7/32"),
    (2, "192.0.2.7", "10.0.0.1/32"),
    (1, "203.0.113.9, ", "unknown"),
    (1, "203.0.113.9, rubbish", "unknown"),
]


@pytest.mark.parametrize(("proxies", "forwarded", "network"), FORWARDED)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, network):
    settings.TRUSTED_PROXIES = proxies
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **more)
    assert ratelimit.network_of(request) == network


def test_rotating_through_one_64_is_one_visitor():
    allowed = 0
    for host in range(20):
        request = RequestFactory().get("/", REMOTE_ADDR=f"2001:db8::{host:x}:1")
        allowed += ratelimit.allowed("one", ratelimit.network_of(request))
    assert allowed == 3
