"""The watcher and its rows: what is due, what readers see of it, two workers, no network."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from hub import version
from hub.models import ContentVersion, User
from hub.refusal import Refused
from hub.worker import LONGEST_WAIT
from library import links
from library.for_hub import TIMED
from library.link_rules import Finding, Hop, Trouble
from library.models import LinkHealth, Resource
from tests.hub.conftest import in_threads

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def resource(number: int = 1, url: str | None = "", **values) -> Resource:
    url = f"https://site{number}.org/guide" if url == "" else url
    return Resource.objects.create(slug=f"r{number}", title=f"R{number}", url=url, **values)


class Web:
    """What each address answers; what is not said works. Keeps what was looked at."""

    def __init__(self, **by_host):
        self.by_host, self.seen = by_host, []

    def __call__(self, url, limits):
        self.seen.append(url)
        assert not connection.in_atomic_block or self.in_test_transaction()
        answer = self.by_host.get(url.split("/")[2].split(".")[0], 200)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Trouble):
            return Finding(url, trouble=answer)
        return answer if isinstance(answer, Finding) else Finding(url, answer)

    def in_test_transaction(self):
        # The test's own transaction and savepoint; none of the watcher's beside them.
        return len(connection.savepoint_ids) == 0


def state(number: int = 1) -> str:
    return Resource.objects.get(slug=f"r{number}").link_state


def health(number: int = 1) -> LinkHealth:
    return LinkHealth.objects.get(resource__slug=f"r{number}")


class TestKeepInStep:
    def test_each_resource_with_a_link_has_a_row_drafts_too(self):
        resource(1), resource(2, None), resource(3, published=False)
        links.keep_in_step(NOW)
        links.keep_in_step(NOW)
        rows = LinkHealth.objects.order_by("pk").values_list("url", "due_at", "failures")
        assert list(rows) == [
            ("https://site1.org/guide", NOW, 0),
            ("https://site3.org/guide", NOW, 0),
        ]

    def test_a_new_link_is_not_known_whatever_the_old_one_was(self):
        resource()
        for hours in (0, 27, 54):
            links.watch(NOW + hours * HOUR, Web(site1=404))
        assert (state(), health().failures) == ("broken", 3)
        Resource.objects.update(url="https://new.org/guide")
        links.keep_in_step(NOW + 55 * HOUR)
        row = health()
        assert (row.url, row.failures, row.failed_at) == ("https://new.org/guide", 0, None)
        assert (row.finding, row.status, row.goes_to) == ("", None, "")
        assert (row.checked_at, row.due_at) == (None, NOW + 55 * HOUR)
        assert state() == "unknown"

    def test_a_link_taken_away_leaves_nothing(self):
        resource()
        links.watch(NOW, Web())
        assert state() == "works"
        Resource.objects.update(url=None)
        links.keep_in_step(NOW)
        assert not LinkHealth.objects.exists()
        assert state() == "unknown"

    def test_it_costs_the_same_for_one_and_thirty(self, django_assert_num_queries):
        resource(0)
        links.keep_in_step(NOW)
        with django_assert_num_queries(4):
            links.keep_in_step(NOW)
        for number in range(1, 30):
            resource(number)
        links.keep_in_step(NOW)
        with django_assert_num_queries(4):
            links.keep_in_step(NOW)


class TestWatch:
    def test_what_was_found_is_kept_and_shown(self):
        resource(1), resource(2), resource(3)
        web = Web(
            site2=403,
            site3=Finding(
                "https://site3.org/guide", 200, hops=(Hop(301, "https://new.org/guide"),)
            ),
        )
        links.watch(NOW, web)
        assert [state(number) for number in (1, 2, 3)] == ["works", "unknown", "works"]
        first, second, third = health(1), health(2), health(3)
        assert (first.status, first.finding, first.checked_at) == (200, "It works.", NOW)
        assert (second.status, second.failures) == (403, 0)
        assert third.goes_to == "https://new.org/guide"
        assert third.finding == "It has moved for good, to new.org."
        assert first.due_at > NOW + 6 * DAY
        assert NOW + 3 * DAY <= second.due_at <= NOW + 4 * DAY

    def test_three_failures_a_day_apart_break_it_and_one_success_mends_it(self):
        resource()
        web = Web(site1=404)
        for hours, expected in [(0, "unknown"), (26, "unknown"), (52, "broken")]:
            links.watch(NOW + hours * HOUR, web)
            assert state() == expected
        web.by_host["site1"] = 200
        links.watch(NOW + 78 * HOUR, web)
        assert (state(), health().failures) == ("works", 0)

    def test_staff_who_look_again_and_again_do_not_break_it(self):
        resource()
        for minutes in range(0, 100, 10):
            with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
                links.look_again(LinkHealth.objects.all())
                links.watch(NOW + timedelta(minutes=minutes), Web(site1=404))
        assert (state(), health().failures) == ("unknown", 1)

    def test_only_what_is_due_is_looked_at_the_longest_due_first(self):
        for number in (1, 2, 3):
            resource(number)
        links.keep_in_step(NOW)
        for number, days in [(1, -1), (2, 1), (3, -2)]:
            LinkHealth.objects.filter(resource__slug=f"r{number}").update(due_at=NOW + days * DAY)
        web = Web()
        links.watch(NOW, web)
        assert web.seen == ["https://site3.org/guide", "https://site1.org/guide"]

    def test_a_site_is_asked_once_a_run_also_where_another_leads_to_it(self):
        resource(1, "https://www.one.org/a"), resource(2, "https://one.org/b")
        resource(3, "https://two.org/"), resource(4, "https://three.org/")
        web = Web(two=Finding("https://two.org/", 200, hops=(Hop(302, "https://three.org/x"),)))
        links.watch(NOW, web)
        assert web.seen == ["https://www.one.org/a", "https://two.org/"]
        links.watch(NOW + timedelta(minutes=5), web)
        assert web.seen[2:] == ["https://one.org/b", "https://three.org/"]

    def test_after_its_time_none_is_begun_and_the_rest_stays_due(self):
        for number in range(1, 6):
            resource(number)
        times = iter([0, 0, 6, 12, 18, 24])
        web = Web()
        links.watch(NOW, web, clock=lambda: next(times))
        assert len(web.seen) == 2
        assert LinkHealth.objects.filter(due_at=NOW).count() == 3
        links.watch(NOW + timedelta(minutes=5), web)
        assert len(set(web.seen)) == 5

    def test_it_keeps_the_worker_no_longer_than_agreed(self):
        longest = links.BEGIN_SECONDS + links.LINK.seconds + links.CONTROL.seconds
        assert longest < LONGEST_WAIT.total_seconds()
        [work] = [work for work in TIMED if work.run is links.watch]
        assert work.waits

    def test_a_link_changed_while_it_was_looked_at_keeps_nothing_of_it(self):
        resource()

        def changed():
            Resource.objects.update(url="https://new.org/guide")
            return 404

        links.watch(NOW, Web(site1=changed))
        assert health().failures == 0
        links.watch(NOW + timedelta(minutes=15), Web())
        assert (health().url, health().finding, state()) == (
            "https://new.org/guide",
            "It works.",
            "works",
        )

    def test_a_resource_deleted_while_it_was_looked_at_is_no_trouble(self):
        resource()

        def deleted():
            Resource.objects.all().delete()
            return 200

        links.watch(NOW, Web(site1=deleted))
        assert not LinkHealth.objects.exists()

    def test_a_mistake_of_ours_over_one_link_is_none_of_the_others(self, caplog):
        resource(1), resource(2)

        def mistake():
            raise ZeroDivisionError

        with time_machine.travel(NOW, tick=False):
            links.watch(NOW, Web(site1=mistake))
        assert [state(1), state(2)] == ["unknown", "works"]
        assert health(1).failures == 0
        assert health(1).due_at == NOW + HOUR
        assert len(caplog.records) == 1
        assert "site1" not in caplog.records[0].getMessage()


class TestWhatReadersSee:
    def test_a_look_that_changes_nothing_for_them_raises_no_version_and_writes_no_history(self):
        resource()
        links.watch(NOW, Web())
        ContentVersion.objects.update(transaction="")
        before, history = version.current(), Resource.history.count()
        for days in (10, 20, 30):
            links.watch(NOW + days * DAY, Web())
        links.watch(NOW + 40 * DAY, Web(site1=404))
        assert health().failures == 1
        assert version.current() == before
        links.watch(NOW + 42 * DAY, Web(site1=404))
        links.watch(NOW + 44 * DAY, Web(site1=404))
        assert state() == "broken"
        assert version.current()[0] == before[0] + 1
        assert Resource.history.count() == history


OFFLINE = Trouble.NO_SUCH_HOST


class TestNoNetwork:
    @pytest.mark.parametrize("one", [OFFLINE, Trouble.NO_CONNECTION, Trouble.TIMEOUT])
    def test_where_no_link_answers_none_has_failed(self, one):
        resource(1), resource(2)
        for hours in (0, 30, 60, 90):
            links.watch(NOW + hours * HOUR, Web(site1=one, site2=OFFLINE))
        assert [state(1), state(2)] == ["unknown", "unknown"]
        assert [health(1).failures, health(2).failures] == [0, 0]
        assert health(1).due_at == NOW + 91 * HOUR

    def test_one_answer_is_a_network(self):
        resource(1), resource(2)
        links.watch(NOW, Web(site1=OFFLINE, site2=500))
        assert [health(1).failures, health(2).failures] == [1, 1]

    def test_the_one_link_that_is_due_is_held_against_one_that_worked(self):
        """A site that is gone for good comes to be known as broken."""
        resource(1), resource(2)
        web = Web()
        links.watch(NOW, web)
        web.by_host["site1"] = OFFLINE
        for days in (8, 10, 12):
            LinkHealth.objects.filter(resource__slug="r2").update(due_at=NOW + 90 * DAY)
            links.watch(NOW + days * DAY, web)
        assert [state(1), state(2)] == ["broken", "works"]
        assert web.seen.count("https://site2.org/guide") == 4

    def test_where_that_one_does_not_answer_either_nothing_is_counted(self):
        resource(1), resource(2)
        links.watch(NOW, Web())
        LinkHealth.objects.filter(resource__slug="r2").update(due_at=NOW + 90 * DAY)
        for days in (8, 10, 12):
            links.watch(NOW + days * DAY, Web(site1=OFFLINE, site2=OFFLINE))
        assert [state(1), state(2)] == ["works", "works"]
        assert health(1).failures == 0


@committed
class TestTwoWorkers:
    def test_no_link_is_looked_at_twice(self):
        for number in range(12):
            resource(number)
        links.keep_in_step(NOW)
        web, both = Web(), threading.Barrier(2)

        def work(number):
            rows = links._take(NOW) if number else []
            both.wait(10)
            links.watch(NOW, web)
            assert number == 0 or len(rows) == 12

        # One has taken all and is still looking when the other begins.
        in_threads(2, work)
        assert web.seen == []
        links.watch(NOW + links.LEASE, web)
        assert sorted(web.seen) == sorted(set(web.seen))
        assert len(web.seen) == 12

    def test_at_once(self):
        for number in range(40):
            resource(number)
        links.keep_in_step(NOW)
        web = Web()
        in_threads(4, lambda number: links.watch(NOW, web))
        assert len(web.seen) == len(set(web.seen)) == 40


class TestTakeOver:
    @pytest.fixture
    def alice(self):
        return User.objects.create_superuser("alice@example.org")

    @pytest.fixture
    def moved(self):
        resource()
        found = Finding("https://site1.org/guide", 200, hops=(Hop(301, "https://new.org/guide"),))
        links.watch(NOW, Web(site1=found))
        return health()

    def test_the_new_address_is_the_link_and_its_history_says_who(self, moved, alice):
        with time_machine.travel(NOW + HOUR, tick=False):
            links.take_over(moved, alice)
        changed = Resource.objects.get()
        assert changed.url == "https://new.org/guide"
        latest = changed.history.order_by("-history_id").first()
        assert (latest.url, latest.history_user, latest.history_type) == (changed.url, alice, "~")
        row = health()
        assert (row.url, row.goes_to, row.due_at) == (changed.url, "", NOW + HOUR)
        assert state() == "unknown"

    def test_a_second_time_it_is_refused(self, moved, alice):
        links.take_over(moved, alice)
        with pytest.raises(Refused, match="has not moved"):
            links.take_over(moved, alice)

    def test_not_where_staff_wrote_another_link_meanwhile(self, moved, alice):
        Resource.objects.update(url="https://staff.org/")
        with pytest.raises(Refused, match="another link by now"):
            links.take_over(moved, alice)
        assert Resource.objects.get().url == "https://staff.org/"

    @pytest.mark.parametrize("url", ["https://new.org/" + "x" * 500, "javascript:alert(1)"])
    def test_not_an_address_that_cannot_be_a_link(self, moved, alice, url):
        LinkHealth.objects.update(goes_to=url)
        with pytest.raises(Refused):
            links.take_over(moved, alice)
        assert Resource.objects.get().url == "https://site1.org/guide"
