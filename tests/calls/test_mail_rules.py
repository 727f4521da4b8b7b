"""What holds for every mail about calls, and which mails are never sent."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail

from calls import dates, feeds, mails, services
from calls.models import CallDate, SignUp
from hub import ics, outbox
from hub.models import Mail
from tests.announcing import announce
from tests.calls.factories import (
    SECRETS,
    SignUpFactory,
    calendar_of,
    day,
    pacific,
    promised,
    thanksgiving,
)
from tests.mailbox import deliver, text_of


def now():
    return datetime.now(UTC)


def one_of_each(series):
    """Everything a person can be mailed, in the order of a stay; the messages by kind."""
    schedule = series.schedules.get()
    services.sign_up(
        series, name="Eve Ely", email="eve@example.org", organization="Legal Aid", role="attorney"
    )
    person = SignUp.objects.get(email="eve@example.org")
    found = {"link": deliver()}
    services.join(person.pk)
    found["welcome"] = deliver()
    row, other = day(schedule, "2026-12-09"), day(schedule, "2026-12-16")
    dates.cancel(row, "Staff retreat")
    found["canceled"] = deliver()
    dates.move(other, pacific("2026-12-17T12:00"), "")
    found["moved"] = deliver()
    dates.add(schedule, pacific("2026-12-11T10:00"))
    found["extra"] = deliver()
    services.tell_joining_details(series)
    found["joining"] = deliver()
    services.leave(person.pk)
    found["goodbye"] = [message for message in deliver() if "RRULE" in calendar_of(message)]
    return {kind: messages[0] for kind, messages in found.items()}


@pytest.fixture
def messages(weekly):
    return one_of_each(weekly.series)


def methods(message):
    return re.findall(r"^METHOD:(.*)$", calendar_of(message), re.MULTILINE)


def events(message):
    return calendar_of(message).split("BEGIN:VEVENT")[1:]


def test_parts_come_plain_first_and_the_calendar_last(messages):
    for kind, message in messages.items():
        assert message.get_content_type() == "multipart/alternative"
        types = [part.get_content_type() for part in message.iter_parts()]
        calendar = [] if kind == "link" else ["text/calendar"]
        assert types == ["text/plain", "text/html", *calendar], kind


def test_the_method_is_said_alike_in_header_and_calendar(messages):
    expected = {
        "welcome": "REQUEST",
        "moved": "REQUEST",
        "extra": "REQUEST",
        "joining": "REQUEST",
        "canceled": "CANCEL",
        "goodbye": "CANCEL",
    }
    for kind, method in expected.items():
        part = list(messages[kind].iter_parts())[-1]
        assert part.get_param("method") == method, kind
        assert part.get_content_charset() == "utf-8"
        assert methods(messages[kind]) == [method], kind


def test_each_goes_to_one_person_and_names_no_other(messages):
    for message in messages.values():
        assert message["To"] == "eve@example.org"
        assert [message["Cc"], message["Bcc"]] == [None, None]
    for message in list(messages.values())[1:]:
        for event in events(message):
            assert re.findall(r"ATTENDEE.*:(mailto:.*)", event) == ["mailto:eve@example.org"]


def test_the_organizer_is_the_sender(messages, settings):
    for message in list(messages.values())[1:]:
        assert message["From"] == f"{settings.MAIL_SENDER} <{settings.MAIL_ADDRESS}>"
        for event in events(message):
            found = re.findall(r"^ORGANIZER;CN=\"?(.*?)\"?:mailto:(.*)$", event, re.MULTILINE)
            assert found == [(settings.MAIL_SENDER, settings.MAIL_ADDRESS)]


def test_its_uids_are_those_of_the_feed(messages, weekly, client):
    feed = client.get(f"/calls/{weekly.series.slug}.ics").content.decode()
    known = set(re.findall(r"^UID:(.*?)\r$", feed, re.MULTILINE))
    assert len(known) == 2
    for message in list(messages.values())[1:]:
        uids = set(re.findall(r"^UID:(.*)$", calendar_of(message), re.MULTILINE))
        assert len(uids) == 1
        assert uids <= known


def test_a_changed_date_is_the_one_component_of_that_date(messages):
    for kind, original in (("canceled", "20261209T120000"), ("moved", "20261216T120000")):
        (event,) = events(messages[kind])
        assert f"RECURRENCE-ID;TZID=America/Los_Angeles:{original}" in event
        assert "RRULE" not in event
    assert "STATUS:CANCELLED" in events(messages["canceled"])[0]
    assert "DTSTART;TZID=America/Los_Angeles:20261217T120000" in events(messages["moved"])[0]


def test_leaving_takes_out_the_series_and_each_changed_date(messages):
    assert len(events(messages["goodbye"])) == 3
    assert all("STATUS:CANCELLED" in event for event in events(messages["goodbye"]))


def test_joining_details_are_in_what_the_active_get_and_only_there(messages):
    for kind, message in messages.items():
        whole = "".join(part.get_content() for part in message.iter_parts())
        whole += calendar_of(message).replace("\\n", "\n") if kind != "link" else ""
        is_told = kind in {"welcome", "moved", "extra", "joining"}
        for secret in SECRETS.values():
            assert (secret in whole) is is_told, (kind, secret)
        assert is_told == ("Passcode: canary-passcode" in text_of(message))


def test_the_words_are_american_and_never_name_a_half_year_zone(messages):
    for message in messages.values():
        whole = str(message["Subject"]) + "".join(
            part.get_content() for part in list(message.iter_parts())[:2]
        )
        assert not re.search(r"\bP[SD]T\b|\bE[SD]T\b|cancell|organis|e-mail", whole, re.IGNORECASE)


def test_every_link_in_the_text_has_a_line_of_its_own(messages):
    for message in messages.values():
        for line in text_of(message).splitlines():
            if "/calls/sign-up/" in line:
                assert re.fullmatch(r"http://testserver/calls/sign-up/\S+/", line)


def test_a_sentence_begins_with_a_capital(messages):
    for message in messages.values():
        paragraphs = text_of(message).split("\n\n")[1:]
        assert all(
            not paragraph.lstrip()[:1].islower() or "http" in paragraph[:4]
            for paragraph in paragraphs
        )


def test_a_retried_mail_has_the_same_calendar_and_message_id(bob, weekly, clock):
    dates.cancel(day(weekly, "2026-12-09"), "Retreat")
    (first,) = deliver()
    clock.shift(timedelta(hours=1))
    Mail.objects.update(sent_at=None)
    (second,) = deliver()
    assert calendar_of(first) == calendar_of(second)
    assert first["Message-ID"] == second["Message-ID"]


EVIL = "Eve\r\nBcc: all@example.org\r\nBEGIN:VEVENT\r\n <b>x</b> & \u202eevE"


@pytest.mark.parametrize("where", ["name", "series", "subject", "reason"])
def test_line_breaks_reach_no_header_and_no_calendar_line(bob, weekly, alice, where):
    """Even when a row holds what no form lets through."""
    if where == "name":
        SignUp.objects.update(name=EVIL)
    if where == "series":
        type(weekly.series).objects.update(name=EVIL)
    row = day(weekly, "2026-12-09")
    row.schedule.series.refresh_from_db()
    dates.cancel(row, EVIL if where == "reason" else "Retreat")
    if where == "subject":
        Mail.objects.all().delete()
        announce(bob.series.pk, alice, subject=EVIL)
    outbox.send_due()
    for sent in django_mail.outbox:
        message = sent.message()
        assert message["Bcc"] is None
        raw = message.as_bytes()
        head = raw.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in raw else raw.partition(b"\n\n")[0]
        assert not re.search(rb"^Bcc:", head, re.MULTILINE)
        html = message.get_body(("html",)).get_content()
        assert "<b>x</b>" not in html
        if where != "subject":
            part = list(message.iter_parts())[-1].get_content()
            assert len(re.findall(r"^BEGIN:VEVENT", part, re.MULTILINE)) == 1
            assert not re.search(r"^Bcc", part, re.MULTILINE)


# what happens between promise and sending → the mail is dropped
def left(bob, row, clock):
    services.leave(bob.pk)
    Mail.objects.filter(kind="calls.goodbye").delete()


def past(bob, row, clock):
    clock.move_to(pacific("2026-12-09T13:00"))


def gone(bob, row, clock):
    bob.delete()


def date_gone(bob, row, clock):
    CallDate.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize("change", [left, past, gone, date_gone])
def test_news_of_a_date_no_longer_true_is_dropped(bob, weekly, clock, change):
    row = day(weekly, "2026-12-09")
    dates.cancel(row, "Retreat")
    change(bob, row, clock)
    assert deliver() == []
    assert Mail.objects.get(kind="calls.date").dropped_at


@pytest.mark.parametrize("then", [services.leave, services.join])
def test_a_welcome_or_goodbye_overtaken_is_dropped(bob, then):
    if then is services.leave:
        services.leave(bob.pk)
        services.join(bob.pk)
    services.leave(bob.pk)
    if then is services.join:
        services.join(bob.pk)
    subjects = [message["Subject"].partition(":")[0] for message in deliver()]
    expected = "No longer signed up" if then is services.leave else "You are signed up"
    assert subjects == [expected]


@pytest.mark.parametrize("kind", ["joining", "new_times", "old_times"])
def test_other_mail_to_one_who_left_is_dropped(bob, weekly, kind):
    SignUp.objects.update(state="left")
    outbox.promise(f"calls.{kind}", bob.pk, weekly.pk)
    assert deliver() == []
    assert Mail.objects.get().dropped_at


def test_a_link_no_longer_asked_for_is_dropped(weekly):
    services.sign_up(weekly.series, name="E", email="e@example.org", organization="o", role="other")
    SignUp.objects.all().delete()
    assert deliver() == []


class TestReminder:
    """At 9 am Pacific on the day before, once a date and person."""

    DUE = pacific("2026-12-01T09:00")

    def remind_at(self, clock, moment):
        clock.move_to(moment)
        services.remind(now())

    def test_not_before_it_is_due(self, bob, clock):
        self.remind_at(clock, self.DUE - timedelta(seconds=1))
        assert promised() == []

    def test_when_due_with_details_and_the_way_out(self, bob, weekly, clock):
        self.remind_at(clock, self.DUE)
        (message,) = deliver()
        assert message["Subject"] == "Tomorrow: Legal Working Group"
        assert "Wednesday, December 2, 2026" in text_of(message)
        assert "Passcode: canary-passcode" in text_of(message)
        assert mails.link_for(bob) in text_of(message)

    def test_once_however_often_the_worker_looks(self, bob, carol, clock):
        for minute in range(3):
            self.remind_at(clock, self.DUE + timedelta(minutes=minute))
            deliver()
        assert len(django_mail.outbox) == 2

    def test_a_worker_killed_after_promising_sends_it_once(self, bob, clock):
        self.remind_at(clock, self.DUE)
        self.remind_at(clock, self.DUE + timedelta(hours=2))
        assert len(promised()) == 1
        assert len(deliver()) == 1

    @pytest.mark.parametrize(("joined", "count"), [(-1, 1), (0, 0), (1, 0)])
    def test_only_those_who_joined_before_it_was_due(self, bob, clock, joined, count):
        SignUp.objects.update(joined_at=self.DUE + timedelta(seconds=joined))
        self.remind_at(clock, self.DUE + timedelta(minutes=1))
        assert len(deliver()) == count

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "left"])
    def test_only_those_who_are_in(self, weekly, clock, state):
        SignUpFactory(series=weekly.series, state=state)
        self.remind_at(clock, self.DUE)
        assert promised() == []

    def test_not_one_who_left_meanwhile(self, bob, clock):
        self.remind_at(clock, self.DUE)
        SignUp.objects.update(state="left")
        assert deliver() == []

    @pytest.mark.parametrize("verb", ["cancel", "remove", "move"])
    def test_not_of_a_date_that_no_longer_is(self, bob, weekly, clock, verb):
        row = day(weekly, "2026-12-02")
        more = {"cancel": ["Retreat"], "move": [pacific("2026-12-04T12:00"), ""]}.get(verb, [])
        getattr(dates, verb)(row, *more)
        deliver()
        self.remind_at(clock, self.DUE)
        assert promised() == []

    def test_on_a_closure_only_once_staff_decided(self, monthly, clock):
        thanksgiving()
        SignUpFactory(series=monthly.series)
        self.remind_at(clock, pacific("2026-11-25T09:00"))
        assert promised() == []
        dates.keep(day(monthly, "2026-11-26"))
        self.remind_at(clock, pacific("2026-11-25T11:00"))
        assert len(deliver()) == 1

    def test_a_closure_added_after_the_promise_holds_it_back(self, monthly, clock):
        SignUpFactory(series=monthly.series)
        self.remind_at(clock, pacific("2026-11-25T09:00"))
        thanksgiving()
        assert deliver() == []

    def test_a_worker_that_slept_till_morning_says_today(self, bob, clock):
        self.remind_at(clock, pacific("2026-12-02T10:00"))
        (message,) = deliver()
        assert message["Subject"] == "Today: Legal Working Group"
        assert "is today:" in text_of(message)
        assert "omorrow" not in message.as_string()

    def test_nothing_of_what_is_past_after_a_day_asleep(self, bob, clock):
        self.remind_at(clock, pacific("2026-12-02T12:00"))
        assert promised() == []

    def test_one_promised_before_the_sleep_is_dropped_after_it(self, bob, clock):
        self.remind_at(clock, self.DUE)
        clock.move_to(pacific("2026-12-02T12:00"))
        assert deliver() == []
        assert Mail.objects.get().dropped_at

    def test_both_edges_of_the_clocks(self, bob, weekly, clock):
        """Nine on the wall, whatever the offset."""
        for wall in ("2027-03-09T09:00", "2027-03-16T09:00", "2027-11-02T09:00"):
            self.remind_at(clock, pacific(wall) - timedelta(seconds=1))
            assert promised() == []
            self.remind_at(clock, pacific(wall))
            assert len(deliver()) == 1


def test_an_invitation_to_a_name_with_a_quote_or_accent(bob, weekly):
    bob.name = 'José "Pepe" Núñez; Esq., <b>'
    data = feeds.invitation(bob, weekly, "REQUEST", now())
    line = data.decode().replace("\r\n ", "")
    assert "ATTENDEE;CN=\"José 'Pepe' Núñez; Esq., <b>\"" in line
    assert ics.PRODID in line
