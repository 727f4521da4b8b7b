"""Promised mail: once a promise, text made at sending, every failure put off or dropped."""

import logging
import smtplib
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from hub import outbox
from hub.models import Mail
from hub.outbox import RETRY_AFTER, Letter
from tests.hub.conftest import in_threads

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


class Backend(BaseEmailBackend):
    """Keeps each message; raises what `errors` says for a recipient."""

    sent: list[str] = []
    errors: dict[str, Exception] = {}
    closing: Exception | None = None
    takes = True

    def send_messages(self, email_messages):
        for email in email_messages:
            [to] = email.to
            if to in self.errors:
                raise self.errors[to]
            if self.takes:
                self.sent.append(to)
        return len(email_messages) if self.takes else 0

    def close(self):
        if self.closing:
            raise self.closing


@pytest.fixture
def backend(settings):
    Backend.sent, Backend.errors, Backend.closing, Backend.takes = [], {}, None, True
    settings.EMAIL_BACKEND = f"{__name__}.Backend"
    return Backend


def states() -> dict[int, str]:
    said = {}
    for row in Mail.objects.all():
        said[row.subject_id] = "sent" if row.sent_at else "dropped" if row.dropped_at else "waiting"
    return said


def word(text: str):
    return lambda mail: Letter(
        to="carol@example.org", template="test_mail/note", context={"word": text}
    )


def headers(raw: bytes) -> str:
    return raw.partition(b"\r\n\r\n")[0].decode()


class TestPromise:
    def test_the_same_promise_twice_is_one_mail(self):
        outbox.promise("note", 1, 2, 3)
        [first] = Mail.objects.values_list("uuid", flat=True)
        outbox.promise("note", 1, 2, 3, due_at=NOW)
        assert Mail.objects.get().uuid == first

    @pytest.mark.parametrize(
        "other", [("memo", 1, 2, 3), ("note", 9, 2, 3), ("note", 1, 9, 3), ("note", 1, 2, 9)]
    )
    def test_each_part_of_the_key_makes_another_mail(self, other):
        outbox.promise("note", 1, 2, 3)
        outbox.promise(*other)
        assert Mail.objects.count() == 2

    def test_a_sent_promise_is_not_made_again(self, writers):
        outbox.promise("note", 1)
        outbox.send_due()
        outbox.promise("note", 1)
        assert outbox.send_due() == 0
        assert len(django_mail.outbox) == 1

    def test_many_at_once_skip_those_already_promised(self):
        outbox.promise("note", 2)
        outbox.promise_all("note", ((number, 0, 0) for number in range(2500)))
        assert Mail.objects.count() == 2500

    def test_it_goes_with_the_transaction_that_made_it(self):
        class Regret(Exception):
            pass

        def change_my_mind():
            with transaction.atomic():
                outbox.promise("note", 1)
                raise Regret

        with pytest.raises(Regret):
            change_my_mind()
        assert not Mail.objects.exists()

    def test_not_before_it_is_due(self, writers):
        outbox.promise("note", 1, due_at=NOW)
        with time_machine.travel(NOW - timedelta(seconds=1), tick=False):
            assert outbox.send_due() == 0
        with time_machine.travel(NOW, tick=False):
            assert outbox.send_due() == 1

    def test_oldest_first_and_no_more_than_asked(self, writers, backend):
        for hours in (2, 3, 1):
            outbox.promise("note", hours, due_at=NOW + timedelta(hours=hours))
        assert outbox.send_due(most=2) == 2
        assert backend.sent == ["p1@example.org", "p2@example.org"]

    def test_the_row_holds_no_word_of_the_mail(self, writers):
        secret = "token-0123456789"
        writers["note"] = word(secret)
        outbox.promise("note", 7, 8, 9)
        outbox.send_due()
        assert secret in str(django_mail.outbox[0].message())
        row = Mail.objects.values().get()
        for moment in ("created_at", "due_at", "sent_at"):
            assert isinstance(row.pop(moment), datetime)
        assert row.pop("uuid").version == 4
        row.pop("id")
        assert row == {
            "kind": "note",
            "subject_id": 7,
            "about_id": 8,
            "version": 9,
            "dropped_at": None,
            "attempts": 0,
            "last_error": "",
        }


class TestLetter:
    def test_it_is_written_when_it_is_sent(self, writers):
        writers["note"] = word("old")
        outbox.promise("note", 1)
        writers["note"] = word("new")
        outbox.send_due()
        message = django_mail.outbox[0].message()
        assert message["Subject"] == "About new"
        assert "Word: new" in message.get_body(["plain"]).get_content()

    def test_no_letter_means_no_longer_needed(self, writers):
        writers["note"] = lambda mail: None
        outbox.promise("note", 1)
        assert outbox.send_due() == 1
        assert states() == {1: "dropped"}
        assert Mail.objects.get().last_error == ""
        assert django_mail.outbox == []

    def test_its_headers(self, writers, settings):
        outbox.promise("note", 1)
        with time_machine.travel(NOW, tick=False):
            Mail.objects.update(due_at=NOW)
            outbox.send_due()
            message = django_mail.outbox[0].message()
        assert message["From"] == "CAST Resources & Training <hub@testserver>"
        assert message["To"] == "p1@example.org"
        assert message["Message-ID"] == f"<{Mail.objects.get().uuid}@testserver>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Date"] == "Wed, 04 Mar 2026 20:00:00 +0000"
        assert message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        text = message.get_body(["plain"]).get_content()
        assert text == "Word: word 1. Site: http://testserver. From: CAST Resources & Training.\n"

    def test_an_invitation_comes_last_with_its_method(self, writers):
        calendar = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
        writers["note"] = lambda mail: Letter(
            to="a@b.org", template="test_mail/note", calendar=calendar, method="REQUEST"
        )
        outbox.promise("note", 1)
        outbox.send_due()
        last = list(django_mail.outbox[0].message().iter_parts())[-1]
        assert last.get_content_type() == "text/calendar"
        assert last.get_param("method") == "REQUEST"
        assert last.get_content_charset() == "utf-8"
        assert last.get_content().encode() == calendar.replace(b"\r\n", b"\n")

    @pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
    @pytest.mark.parametrize("place", ["to", "subject"])
    def test_a_line_break_in_a_header_is_refused(self, writers, to_sink, place, ending):
        evil = f"x{ending}Bcc: mallory@example.org"
        writers["note"] = lambda mail: Letter(
            to=f"carol@example.org{ending}Bcc: mallory@example.org" if place == "to" else "a@b.org",
            template="test_mail/note",
            context={"word": evil if place == "subject" else "fine"},
        )
        outbox.promise("note", 1)
        outbox.send_due()
        assert to_sink.taken == []
        assert states() == {1: "waiting"}
        assert Mail.objects.get().last_error == "ValueError"

    @pytest.mark.parametrize("to", ["", "a@b.org, m@b.org", "a@exämple.org"])
    def test_an_address_that_is_not_one_plain_address_is_not_written_to(self, writers, to_sink, to):
        writers["note"] = lambda mail: Letter(to=to, template="test_mail/note")
        outbox.promise("note", 1)
        outbox.send_due()
        assert to_sink.taken == []
        assert states() == {1: "waiting"}

    def test_what_the_server_gets_is_what_was_composed(self, writers, to_sink):
        writers["note"] = word("naïve — “quoted” " + "long " * 400)
        outbox.promise("note", 1)
        outbox.send_due()
        [(to, message)] = to_sink.taken
        assert to == ["carol@example.org"]
        assert str(message["Subject"]).startswith("About naïve — “quoted” long")
        assert "naïve — “quoted” long" in message.get_body(["plain"]).get_content()


class TestFailure:
    def test_it_waits_longer_each_time_and_is_dropped_in_the_end(self, writers, backend):
        backend.errors["p1@example.org"] = smtplib.SMTPServerDisconnected("gone")
        now = NOW
        outbox.promise("note", 1, due_at=now)
        for attempt, wait in enumerate(RETRY_AFTER, start=1):
            with time_machine.travel(now, tick=False):
                assert outbox.send_due() == 1
                row = Mail.objects.get()
                assert (row.attempts, row.due_at - now) == (attempt, wait)
                assert outbox.send_due() == 0
            assert states() == {1: "waiting"}
            now = row.due_at
        with time_machine.travel(now, tick=False):
            outbox.send_due()
            assert states() == {1: "dropped"}
            assert outbox.send_due() == 0
        assert Mail.objects.get().last_error == "SMTPServerDisconnected"
        assert sum(RETRY_AFTER, timedelta()) > timedelta(days=3)

    def test_after_a_failure_it_is_sent_and_the_error_is_gone(self, writers, backend):
        backend.errors["p1@example.org"] = ConnectionRefusedError()
        outbox.promise("note", 1)
        outbox.send_due()
        backend.errors.clear()
        Mail.objects.update(due_at=NOW - timedelta(days=1))
        outbox.send_due()
        row = Mail.objects.get()
        assert (states(), row.last_error, row.attempts) == ({1: "sent"}, "", 1)

    def test_an_error_is_kept_and_logged_by_its_type_only(self, writers, backend, caplog):
        canary = "canary@example.org said 4F7A"
        backend.errors["p1@example.org"] = smtplib.SMTPDataError(554, canary)
        outbox.promise("note", 1)
        with caplog.at_level(logging.DEBUG):
            outbox.send_due()
        assert Mail.objects.get().last_error == "SMTPDataError"
        assert [record.getMessage() for record in caplog.records] == [
            f"mail {Mail.objects.get().pk} of kind note was not sent"
        ]

    def test_a_bad_mail_does_not_stop_the_next(self, writers, backend):
        def broken(mail):
            Mail.objects.create(kind="leaves no trace", subject_id=0)
            Mail.objects.raw("SELECT nonsense")[0]

        writers["broken"] = broken
        outbox.promise("broken", 1, due_at=NOW - timedelta(hours=3))
        outbox.promise("unknown kind", 2, due_at=NOW - timedelta(hours=2))
        outbox.promise("note", 3, due_at=NOW - timedelta(hours=1))
        with time_machine.travel(NOW, tick=False):
            assert outbox.send_due() == 3
        assert states() == {1: "waiting", 2: "waiting", 3: "sent"}
        assert Mail.objects.get(subject_id=1).last_error == "ProgrammingError"
        assert Mail.objects.get(subject_id=2).last_error == "KeyError"

    def test_one_refused_recipient_does_not_cost_the_others_theirs(self, writers, to_sink):
        to_sink.refuse["p2@example.org"] = "550 No such user"
        outbox.promise_all("note", [(number, 0, 0) for number in (1, 2, 3)])
        assert outbox.send_due() == 3
        assert [to for to, _ in to_sink.taken] == [["p1@example.org"], ["p3@example.org"]]
        assert states() == {1: "sent", 2: "waiting", 3: "sent"}
        assert Mail.objects.get(subject_id=2).last_error == "SMTPRecipientsRefused"

    def test_every_try_has_the_same_message_id(self, writers, to_sink):
        outbox.promise("note", 1)
        outbox.send_due()
        # As after a crash between the server's yes and the commit.
        Mail.objects.update(sent_at=None)
        outbox.send_due()
        assert to_sink.message_ids == [f"<{Mail.objects.get().uuid}@testserver>"] * 2

    def test_a_server_that_is_not_there(self, writers, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        outbox.promise_all("note", [(1, 0, 0), (2, 0, 0)])
        assert outbox.send_due() == 2
        assert states() == {1: "waiting", 2: "waiting"}

    def test_a_connection_that_cannot_be_closed_is_no_reason_to_stop(self, writers, backend):
        backend.closing = smtplib.SMTPResponseException(500, "Line too long")
        backend.errors["p1@example.org"] = smtplib.SMTPServerDisconnected()
        outbox.promise_all("note", [(1, 0, 0), (2, 0, 0)])
        assert outbox.send_due() == 2
        assert states() == {1: "waiting", 2: "sent"}

    def test_a_mail_the_backend_did_not_take_is_not_called_sent(self, writers, backend):
        backend.takes = False
        outbox.promise("note", 1)
        outbox.send_due()
        assert states() == {1: "waiting"}

    def test_a_slow_server_does_not_keep_the_worker_from_its_other_work(self, writers, backend):
        outbox.promise_all("note", [(number, 0, 0) for number in range(9)], due_at=NOW)
        with time_machine.travel(NOW, tick=False) as clock:
            writers["note"] = lambda mail: clock.shift(outbox.LONGEST / 2)
            assert outbox.send_due() == 2


class TestSupersede:
    def test_it_takes_back_what_waits_and_no_more(self, writers):
        outbox.promise("note", 1, 5)
        outbox.send_due()
        outbox.promise("note", 2, 5)
        outbox.promise("note", 3, 6)
        outbox.promise("memo", 4, 5)
        outbox.supersede("note", 5)
        assert states() == {1: "sent", 3: "waiting", 4: "waiting"}

    def test_the_newer_news_can_be_promised_under_the_same_key(self):
        outbox.promise("note", 2, 5)
        outbox.supersede("note", 5)
        outbox.promise("note", 2, 5)
        assert states() == {2: "waiting"}

    def test_of_rows_that_go_what_waits_is_taken_back(self, writers):
        outbox.promise("note", 1)
        outbox.send_due()
        outbox.promise("note", 1, version=1)
        outbox.promise("note", 2)
        outbox.promise("memo", 1)
        outbox.take_back(["note"], [1])
        assert [row.kind for row in outbox.about(["note", "memo"], [1])] == ["note", "memo"]
        assert states() == {1: "waiting", 2: "waiting"}

    def test_to_an_address_that_was_taken_out_nothing_is_sent(self, writers, backend):
        writers["note"] = lambda mail: Letter(to=f"removed-1{outbox.NOWHERE}", template="x")
        outbox.promise("note", 1)
        assert outbox.send_due() == 1
        assert states() == {1: "dropped"}
        assert backend.sent == []

    @committed
    def test_a_mail_that_is_being_sent_stays_sent(self, writers):
        """It waits for the sender, and then finds nothing to take back."""
        taken_back = threading.Event()

        def write(mail):
            writing.set()
            assert not taken_back.wait(0.3)
            return word("x")(mail)

        def act(number: int) -> None:
            if number == 0:
                outbox.send_due()
            else:
                assert writing.wait(10)
                outbox.supersede("note", 0)
                taken_back.set()

        writing = threading.Event()
        writers["note"] = write
        outbox.promise("note", 1)
        in_threads(2, act)
        assert states() == {1: "sent"}


@committed
class TestTogether:
    def test_two_workers_send_each_mail_once(self, writers, to_sink):
        outbox.promise_all("note", [(number, 0, 0) for number in range(50)])
        counts = [0, 0]

        def work(number: int) -> None:
            counts[number] = outbox.send_due()

        in_threads(2, work)
        to = sorted(to for [to], _ in to_sink.taken)
        assert to == sorted(f"p{number}@example.org" for number in range(50))
        assert sum(counts) == 50
        assert set(states().values()) == {"sent"}

    def test_neither_waits_for_the_other(self, writers, backend):
        """Both are in the middle of a mail at the same time."""
        both = threading.Barrier(2)

        def write(mail):
            both.wait(10)
            return word("x")(mail)

        writers["note"] = write
        outbox.promise_all("note", [(1, 0, 0), (2, 0, 0)])
        in_threads(2, lambda number: outbox.send_due())
        assert states() == {1: "sent", 2: "sent"}

    def test_two_promises_at_once_are_one(self):
        in_threads(4, lambda number: outbox.promise("note", 1))
        assert Mail.objects.count() == 1
