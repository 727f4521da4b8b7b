"""The verbs of a request, against the worked cases of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from hub.models import AuditEvent, Closure, Mail
from hub.refusal import Refused
from ta_requests.models import Area, Cycle, TaRequest
from ta_requests.services import asking, clock, links, retention, thread

CANARY = "the canary of the question"


def pacific(text: str) -> datetime:
    """2026-11-02 10:00, Pacific wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Los_Angeles"))


@pytest.fixture
def asked(seeded):
    return asking.Asked(
        role="attorney",
        us_state="CA",
        stage="filed",
        areas=[Area.objects.get(slug="civil")],
        question=CANARY,
        name="Bob",
        email="Bob@Example.org",
    )


@pytest.fixture
def at(time_machine):
    def go(text: str) -> datetime:
        time_machine.move_to(pacific(text), tick=False)
        return timezone.now()

    return go


def cycle(request: TaRequest) -> Cycle:
    return request.cycles.last()


def promised(kind: str) -> int:
    return Mail.objects.filter(kind=kind).count()


class TestSubmit:
    def test_it_promises_an_answer_and_a_mail(self, asked, at):
        at("2026-11-24 16:30")
        Closure.objects.create(date=date(2026, 11, 26), name="Thanksgiving Day")
        Closure.objects.create(date=date(2026, 11, 27), name="The day after")
        request = asking.submit(uuid4(), asked)
        assert cycle(request).due_at == pacific("2026-11-30 16:30")
        assert cycle(request).promised_at == cycle(request).due_at
        assert request.email == "bob@example.org"
        assert [area.slug for area in request.areas.all()] == ["civil"]
        assert promised("ta_requests.received") == 1

    def test_twice_from_one_form_is_one_request(self, asked):
        form = uuid4()
        assert asking.submit(form, asked) == asking.submit(form, asked)
        assert TaRequest.objects.count() == 1
        assert promised("ta_requests.received") == 1
        assert Cycle.objects.count() == 1

    def test_the_request_is_found_by_its_address_and_nothing_else_of_it(self, asked):
        request = asking.submit(uuid4(), asked)
        assert TaRequest.objects.get(email_index="BOB@example.org") == request

    def test_a_call_counts_from_its_own_time(self, asked, at, tanya):
        at("2026-11-02 11:00")
        request = asking.enter(uuid4(), asked, received_at=pacific("2026-11-02 10:00"), by=tanya)
        assert cycle(request).due_at == pacific("2026-11-04 10:00")
        assert AuditEvent.objects.get().action == "entered"

    @pytest.mark.parametrize("when", ["2026-11-02 11:01", "2019-12-31 10:00"])
    def test_a_call_is_neither_of_the_future_nor_of_long_ago(self, asked, at, tanya, when):
        at("2026-11-02 11:00")
        with pytest.raises(Refused):
            asking.enter(uuid4(), asked, received_at=pacific(when), by=tanya)
        assert not TaRequest.objects.exists()


class TestClock:
    @pytest.fixture
    def request_(self, asked, at):
        at("2026-11-02 10:00")
        return asking.submit(uuid4(), asked)

    def test_a_question_pauses_and_an_answer_resumes(self, request_, at, tanya):
        at("2026-11-02 15:00")
        thread.ask(request_.pk, uuid4(), "Which court?", tanya)
        request_.refresh_from_db()
        assert request_.status == "waiting"
        assert cycle(request_).due_at is None
        at("2026-11-05 13:00")
        thread.write(request_.pk, uuid4(), "The immigration court.")
        request_.refresh_from_db()
        assert request_.status == "open"
        assert cycle(request_).due_at == pacific("2026-11-06 16:00")
        assert cycle(request_).promised_at == pacific("2026-11-04 10:00")

    def test_a_late_answer_stays_late_whatever_is_asked(self, request_, at, tanya):
        at("2026-11-04 11:00")
        thread.ask(request_.pk, uuid4(), "Which court?", tanya)
        assert cycle(request_).due_at == pacific("2026-11-04 10:00")
        at("2026-11-05 11:00")
        thread.reply(request_.pk, uuid4(), "Yes.", tanya)
        assert cycle(request_).outcome == "late"

    def test_a_note_does_not_stop_the_clock_and_a_reply_does_once(self, request_, at, tanya):
        at("2026-11-03 10:00")
        thread.note(request_.pk, uuid4(), "Ask Alice.", tanya)
        assert cycle(request_).outcome == ""
        thread.reply(request_.pk, uuid4(), "Yes.", tanya)
        at("2026-11-10 10:00")
        thread.reply(request_.pk, uuid4(), "And another thing.", tanya)
        assert (cycle(request_).outcome, cycle(request_).ended_at) == (
            "on_time",
            pacific("2026-11-03 10:00"),
        )
        assert promised("ta_requests.reply") == 2

    def test_an_outcome_and_a_promise_are_never_written_again(self, request_, at, tanya):
        thread.reply(request_.pk, uuid4(), "Yes.", tanya)
        for change in ({"outcome": "late"}, {"promised_at": pacific("2026-11-09 10:00")}):
            with pytest.raises(DatabaseError, match="stay as they are"), transaction.atomic():
                Cycle.objects.update(**change)

    def test_a_follow_up_is_a_new_promise(self, request_, at, tanya):
        thread.reply(request_.pk, uuid4(), "Yes.", tanya)
        at("2026-11-09 10:00")
        thread.write(request_.pk, uuid4(), "And if the court says no?")
        assert [each.number for each in request_.cycles.all()] == [1, 2]
        assert cycle(request_).due_at == pacific("2026-11-11 10:00")
        assert promised("ta_requests.again") == 1

    def test_a_message_sent_twice_is_one(self, request_, tanya):
        form = uuid4()
        thread.write(request_.pk, form, "One more thing.")
        thread.write(request_.pk, form, "One more thing.")
        assert request_.messages.count() == 1

    @pytest.mark.parametrize("verb", ["write", "ask", "reply", "note"])
    def test_a_form_of_another_request_is_not_taken_for_sent(self, request_, asked, tanya, verb):
        other, form = asking.submit(uuid4(), asked), uuid4()
        thread.write(other.pk, form, "Said there.")
        by = [] if verb == "write" else [tanya]
        with pytest.raises(Refused, match="another request"):
            getattr(thread, verb)(request_.pk, form, "Said here.", *by)
        assert not request_.messages.exists()
        request_.refresh_from_db()
        assert request_.status == "open"

    def test_a_closed_request_takes_no_deadline(self, request_, tanya):
        thread.close(request_.pk, "solved", tanya)
        for by in (None, tanya):
            with pytest.raises(Refused, match="closed"):
                thread.set_deadline(request_.pk, "court", date(2026, 12, 1), by)
        request_.refresh_from_db()
        assert request_.deadline is None

    def test_a_new_closure_moves_open_promises_and_one_taken_back_does_not(self, request_, at):
        closure = Closure.objects.create(date=date(2026, 11, 3), name="Flood")
        [(moved, due)] = clock.moved_by({date(2026, 11, 3): None})
        assert (moved.request, due) == (request_, pacific("2026-11-05 10:00"))
        assert clock.closures_changed() == 1
        assert cycle(request_).due_at == pacific("2026-11-05 10:00")
        closure.delete()
        assert clock.closures_changed() == 0
        assert cycle(request_).due_at == pacific("2026-11-05 10:00")

    def test_an_early_close_shortens_the_day_but_it_counts(self, asked, at):
        at("2026-12-22 14:00")
        Closure.objects.create(date=date(2026, 12, 24), name="Christmas Eve", closes_at=time(12))
        request = asking.submit(uuid4(), asked)
        assert cycle(request).due_at == pacific("2026-12-24 12:00")

    @pytest.mark.parametrize(
        ("ending", "outcome"),
        [("withdrawn", "withdrawn"), ("solved", "withdrawn"), ("referred", "on_time")],
    )
    def test_closing_ends_the_promise(self, request_, tanya, ending, outcome):
        thread.close(request_.pk, ending, tanya)
        request_.refresh_from_db()
        assert (request_.status, request_.ending) == ("closed", ending)
        assert cycle(request_).outcome == outcome
        with pytest.raises(Refused):
            thread.ask(request_.pk, uuid4(), "Still there?", tanya)

    def test_after_closing_a_message_opens_it_again(self, request_, tanya):
        thread.close(request_.pk, "referred", tanya)
        request = thread.write(request_.pk, uuid4(), "They sent me back to you.")
        assert (request.status, request.closed_at, request.ending) == ("open", None, "")
        assert request.cycles.count() == 2


class TestLinks:
    def test_r19_a_token_is_random_long_and_only_its_hash_is_looked_up(self, asked):
        one, two = (asking.submit(uuid4(), asked) for _ in range(2))
        tokens = {links.token_of(one), links.token_of(one), links.token_of(two)}
        assert len(tokens) == 2
        assert {links.find(token) for token in tokens} == {one, two}
        assert all(len(token) == 43 for token in tokens)

    @pytest.mark.parametrize(
        "spoil",
        [str.upper, lambda token: token[:-1], lambda token: token + "A", lambda _: "é" * 43],
    )
    def test_abuse_32_nearly_a_token_opens_nothing(self, asked, spoil):
        assert links.find(spoil(links.token_of(asking.submit(uuid4(), asked)))) is None

    def test_r19_a_reply_ends_the_link_before_it(self, asked, tanya):
        request = asking.submit(uuid4(), asked)
        before = links.token_of(request)
        thread.reply(request.pk, uuid4(), "Yes.", tanya)
        assert links.find(before) is None
        assert links.find(links.token_of(request)) == request
        assert request.links.get(token_hash=links._hash(before)).token is None

    def test_r19_a_link_ends_thirty_days_after_closing(self, asked, tanya):
        request = asking.submit(uuid4(), asked)
        token = links.token_of(request)
        closed = thread.close(request.pk, "solved", tanya).closed_at
        assert links.find(token, closed + timedelta(days=30)) == request
        assert links.find(token, closed + timedelta(days=30, seconds=1)) is None


class TestPurge:
    @pytest.fixture
    def closed(self, asked, tanya, time_machine):
        time_machine.move_to(datetime(2026, 1, 5, 20, tzinfo=UTC), tick=False)
        request = asking.submit(uuid4(), asked)
        thread.write(request.pk, uuid4(), CANARY)
        thread.reply(request.pk, uuid4(), CANARY, tanya)
        return thread.close(request.pk, "solved", tanya)

    def run(self, request: TaRequest, *days: int) -> TaRequest:
        for day in days:
            now = request.closed_at + timedelta(days=day)
            retention.warn(now)
            retention.purge(now)
        return TaRequest.objects.get(pk=request.pk)

    def test_r34_it_is_emptied_180_days_after_closing_and_a_warning(self, closed):
        assert self.run(closed, 165).purge_warned_at is None
        assert self.run(closed, 166).purge_warned_at
        assert self.run(closed, 179).purged_at is None
        assert promised("ta_requests.purge_soon") == 1
        left = self.run(closed, 180)
        assert left.purged_at
        assert (left.question, left.name, left.email, left.email_index) == (None,) * 4
        assert not left.messages.exists()
        assert not left.links.exists()
        assert not Mail.objects.filter(kind__startswith="ta_requests").exists()
        assert [area.slug for area in left.areas.all()] == ["civil"]
        assert (left.us_state, left.ending, cycle(left).outcome) == ("CA", "solved", "on_time")

    def test_r34_nothing_is_purged_without_two_weeks_of_warning(self, closed):
        assert self.run(closed, 300).purged_at is None
        assert self.run(closed, 313).purged_at is None
        assert self.run(closed, 314).purged_at

    def test_r34_a_hold_stops_it(self, closed, tanya):
        thread.hold(closed.pk, True, tanya)
        assert self.run(closed, 166, 180, 400).purged_at is None

    def test_r34_activity_extends_it(self, closed, tanya, time_machine):
        self.run(closed, 166)
        time_machine.move_to(closed.closed_at + timedelta(days=170), tick=False)
        thread.note(closed.pk, uuid4(), "Cited in a training.", tanya)
        assert self.run(closed, 180, 340).purged_at is None

    def test_a_purged_request_takes_no_more(self, closed, tanya):
        self.run(closed, 166, 180)
        with pytest.raises(Refused):
            thread.write(closed.pk, uuid4(), "Hello?")
        with pytest.raises(DatabaseError, match="request_purged_is_empty"):
            TaRequest.objects.update(question="back again")
