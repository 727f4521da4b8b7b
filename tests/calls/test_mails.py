"""What each mail about calls looks like, header to calendar.

The snapshots are read as a person would read them; renew them with --force-regen.
"""

import uuid
from datetime import UTC, date, datetime, time

import pytest

from calls import dates, services
from calls.for_hub import MAILS
from calls.models import CallDate, SignUp
from calls.schedule import Rule
from hub import announcements
from hub.models import Closure, Mail
from tests.calls.factories import (
    SignUpFactory,
    day,
    pacific,
)
from tests.mailbox import deliver


def written(message):
    """A whole message as text: its headers, then each part's headers and content decoded."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    lines += [f"Content-Type: {message.get_content_type()}"]
    for part in message.iter_parts():
        lines += ["", f"===== {part['Content-Type']}", part.get_content().replace("\r\n", "\n")]
    return "\n".join(lines)


@pytest.fixture
def shown(file_regression):
    """Deliver the one mail that waits and compare all of it with the snapshot."""

    def check():
        (mail,) = Mail.objects.filter(sent_at=None, dropped_at=None)
        Mail.objects.filter(pk=mail.pk).update(uuid=uuid.UUID(int=1))
        (message,) = deliver()
        file_regression.check(written(message), extension=".eml.txt", encoding="utf-8")

    return check


@pytest.fixture
def dan(weekly):
    """A social worker who has just filled in the form."""
    return SignUpFactory(
        pk=7003,
        series=weekly.series,
        email="dan@example.org",
        name="Dan Diaz",
        role="social",
        state="unconfirmed",
        nonce="dans-nonce",
    )


def ask_again(person):
    services.sign_up(
        person.series, name="Mallory", email=person.email, organization="Elsewhere", role="other"
    )


def test_confirm(dan, shown):
    ask_again(dan)
    SignUp.objects.update(name="Dan Diaz")
    shown()


def test_confirm_where_approval_is_needed(dan, shown):
    dan.series.needs_approval = True
    dan.series.save()
    ask_again(dan)
    SignUp.objects.update(name="Dan Diaz")
    shown()


@pytest.mark.parametrize("state", ["awaiting", "active", "left"])
def test_already(bob, shown, state):
    SignUp.objects.update(state=state)
    ask_again(bob)
    shown()


def test_welcome(dan, shown):
    dates.cancel(day(dan.series.schedules.get(), "2026-11-25"), "Staff retreat")
    services.join(dan.pk)
    shown()


def test_welcome_with_a_next_date_to_be_decided(dan, shown):
    Closure.objects.create(date=date(2026, 11, 25), name="Day before Thanksgiving")
    services.join(dan.pk)
    shown()


def test_welcome_without_times_or_joining_details(dan, shown):
    dan.series.schedules.all().delete()
    dan.series.joining_url = dan.series.joining_phone = dan.series.joining_passcode = ""
    dan.series.save()
    services.join(dan.pk)
    shown()


def test_goodbye(bob, shown):
    services.leave(bob.pk)
    shown()


def test_goodbye_to_an_extra_date(bob, weekly, shown):
    extra = dates.add(weekly, pacific("2026-12-11T10:00"))
    CallDate.objects.filter(pk=extra.pk).update(uid="33333333@testserver")
    services.leave(bob.pk)
    Mail.objects.exclude(kind="calls.extra").delete()
    shown()


def test_date_canceled(bob, weekly, shown):
    dates.cancel(day(weekly, "2026-12-09"), "Our staff retreat is that day.")
    shown()


def test_date_removed(bob, weekly, shown):
    dates.remove(day(weekly, "2026-12-09"))
    shown()


def test_date_moved(bob, weekly, shown):
    row = day(weekly, "2026-12-09")
    dates.annotate(row, topic="T visas", speaker="Dana Diaz")
    dates.move(row, pacific("2026-12-10T09:30"), "Our staff retreat is on Wednesday.")
    shown()


def test_date_moved_within_the_day(bob, weekly, shown):
    dates.move(day(weekly, "2026-12-09"), pacific("2026-12-09T11:30"), "")
    shown()


def test_date_restored(bob, weekly, shown):
    row = day(weekly, "2026-12-09")
    dates.cancel(row, "Retreat")
    deliver()
    dates.restore(row)
    shown()


def test_date_extra(bob, weekly, shown):
    extra = dates.add(weekly, pacific("2026-12-11T10:00"), topic="Trauma", speaker="Dana Diaz")
    CallDate.objects.filter(pk=extra.pk).update(uid="33333333@testserver")
    shown()


def test_date_extra_moved(bob, weekly, shown):
    extra = dates.add(weekly, pacific("2026-12-11T10:00"))
    CallDate.objects.filter(pk=extra.pk).update(uid="33333333@testserver")
    extra.refresh_from_db()
    dates.move(extra, pacific("2026-12-11T15:00"), "")
    shown()


def test_reminder(bob, weekly, clock, shown):
    dates.annotate(day(weekly, "2026-12-02"), topic="T visas", speaker="Dana Diaz")
    clock.move_to(pacific("2026-12-01T09:00"))
    services.remind(datetime.now(UTC))
    shown()


def test_joining(bob, shown):
    bob.series.joining_passcode = "new-passcode"
    bob.series.save()
    dates.series_changed(bob.series)
    services.tell_joining_details(bob.series)
    shown()


def test_joining_taken_back(bob, shown):
    bob.series.joining_url = bob.series.joining_phone = bob.series.joining_passcode = ""
    bob.series.save()
    services.tell_joining_details(bob.series)
    shown()


@pytest.mark.parametrize("kind", ["new_times", "old_times"])
def test_times(bob, weekly, shown, kind):
    new = dates.set_schedule(
        weekly.series,
        rule=Rule(freq="MONTHLY", weekdays=("TU",), nth=1),
        begins=date(2027, 1, 1),
        start_time=time(11, 30),
        minutes=90,
        zone="America/Phoenix",
    )
    type(new).objects.filter(pk=new.pk).update(uid="44444444@testserver")
    Mail.objects.exclude(kind=f"calls.{kind}").delete()
    shown()


def test_every_kind_of_mail_has_a_snapshot(request):
    """A new kind of mail fails here until it is shown above."""
    stems = {path.name for path in request.path.parent.joinpath("test_mails").iterdir()}
    names = {"calls.link": "confirm", "calls.extra": "goodbye_to_an_extra_date"}
    for kind, write in MAILS.items():
        if write is announcements.letter:
            continue  # in tests/hub/test_announcement_mails
        name = names.get(kind, kind.removeprefix("calls."))
        assert any(f"test_{name}" in stem or f"times_{name}_" in stem for stem in stems), kind
