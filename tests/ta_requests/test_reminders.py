"""What TA staff are mailed and when: the digest, the nudge, the warning of a purge (R13, R34)."""

from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine as machine
from django.utils import timezone

from hub import worker
from hub.models import Closure, Mail, TimedWork
from ta_requests.models import Cycle
from ta_requests.services import clock, reminders, retention, thread
from tests.mailbox import deliver, text_of
from tests.ta_requests.asking import pacific
from tests.ta_requests.desk import CANARY, make_request, make_ta_staff

STAFF_KINDS = ["ta_requests.digest", "ta_requests.nudge", "ta_requests.purge_soon"]


@pytest.fixture
def at(seeded, time_machine):
    def go(moment):
        time_machine.move_to(pacific(moment), tick=False)
        return timezone.now()

    return go


@pytest.fixture
def olga(db):
    return make_ta_staff("olga@example.org", name="Olga")


def waiting(kind):
    rows = Mail.objects.filter(kind=f"ta_requests.{kind}", sent_at=None, dropped_at=None)
    return sorted(rows.values_list("subject_id", "about_id"))


def mailed():
    """(to, subject) of what goes to staff now."""
    return sorted(
        (message["To"], message["Subject"])
        for message in deliver()
        if message["To"].startswith(("tanya", "olga"))
    )


def run(kind, moments):
    """The worker's minute, at each of these; the subjects that went out at each."""
    sent = {}
    for moment in moments:
        with machine.travel(pacific(moment), tick=False):
            getattr(reminders, kind)(timezone.now())
            if found := mailed():
                sent[moment] = found
    return sent


class TestDigest:
    def test_at_nine_on_an_office_day_and_once(self, at, tanya, olga):
        at("2026-11-02 10:00")
        row = make_request()
        moments = ["2026-11-03 08:59", "2026-11-03 09:00", "2026-11-03 09:01", "2026-11-03 16:00"]
        subject = "Requests today: 1 not taken"
        assert run("digest", moments) == {
            "2026-11-03 09:00": [("olga@example.org", subject), ("tanya@example.org", subject)]
        }
        assert row.reference

    @pytest.mark.parametrize("day", ["2026-11-07", "2026-11-08", "2026-11-11"])
    def test_not_on_a_closed_day(self, at, tanya, day):
        at("2026-11-06 10:00")
        Closure.objects.create(date=date(2026, 11, 11), name="Veterans Day")
        make_request()
        assert run("digest", [f"{day} 09:00", f"{day} 12:00"]) == {}

    def test_nothing_to_say_no_mail(self, at, tanya):
        at("2026-11-02 10:00")
        thread.reply(make_request().pk, uuid4(), "Yes.", tanya)
        assert run("digest", ["2026-11-03 09:00"]) == {}

    def test_missed_it_is_sent_the_same_day_in_open_hours_only(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        assert len(run("digest", ["2026-11-03 17:30"])) == 0
        assert list(run("digest", ["2026-11-04 16:59", "2026-11-05 09:00"])) == [
            "2026-11-04 16:59",
            "2026-11-05 09:00",
        ]

    def test_promised_and_not_sent_that_day_it_is_dropped(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        reminders.digest(at("2026-11-03 09:00"))
        for late in ("2026-11-03 17:01", "2026-11-04 09:00"):
            at(late)
            assert mailed() == []

    @pytest.mark.parametrize(
        ("day", "utc_hour"),
        [("2026-03-06", 17), ("2026-03-09", 16), ("2026-10-30", 16), ("2026-11-02", 17)],
    )
    def test_at_nine_by_the_wall_clock_on_both_sides_of_a_change(self, at, tanya, day, utc_hour):
        at(f"{day} 00:01")
        make_request()
        deliver()
        for minutes, expected in ((-1, 0), (0, 1)):
            moment = timezone.now().replace(hour=utc_hour, minute=0) + timedelta(minutes=minutes)
            with machine.travel(moment, tick=False):
                reminders.digest(moment)
                assert len(mailed()) == expected

    def test_it_counts_and_lists_late_due_waiting_and_untaken(self, at, tanya, file_regression):
        for number, moment in enumerate(
            ["2026-10-29 10:00", "2026-10-30 10:00", "2026-11-02 10:00", "2026-11-02 11:00"]
        ):
            at(moment)
            row = make_request()
            deliver()
            type(row).objects.filter(pk=row.pk).update(reference=f"AAAA-222{number + 2}")
            if number == 1:
                thread.assign(row.pk, tanya, tanya)
            if number == 3:
                thread.ask(row.pk, uuid4(), "Which court?", tanya)
        deliver()
        reminders.digest(at("2026-11-03 09:00"))
        Mail.objects.filter(kind="ta_requests.digest").update(uuid=UUID(int=1))
        (message,) = deliver()
        assert message["Subject"] == ("Requests today: 1 late, 1 due today, 1 waiting, 2 not taken")
        check(file_regression, message)

    def test_it_is_for_ta_staff_who_are_so_still(self, at, tanya, olga, alice):
        at("2026-11-02 10:00")
        make_request()
        reminders.digest(at("2026-11-03 09:00"))
        assert waiting("digest") == sorted([(tanya.pk, 0), (olga.pk, 0)])
        tanya.groups.clear()
        olga.is_active = False
        olga.save()
        assert mailed() == []

    def test_a_long_list_is_cut(self, at, tanya):
        at("2026-11-02 10:00")
        for _ in range(22):
            make_request()
        deliver()
        reminders.digest(at("2026-11-03 09:00"))
        (message,) = deliver()
        assert text_of(message).count("\n- ") == 21
        assert "and 2 more" in text_of(message)


class TestNudge:
    def test_at_four_office_hours_left_to_all_ta_staff_and_once(self, at, tanya, olga):
        at("2026-11-02 15:00")
        row = make_request()
        moments = ["2026-11-04 10:59", "2026-11-04 11:00", "2026-11-04 11:01", "2026-11-04 16:00"]
        subject = f"{row.reference} is due Wednesday, November 4, 2026, 3:00 pm Pacific"
        assert run("nudge", moments) == {
            "2026-11-04 11:00": [("olga@example.org", subject), ("tanya@example.org", subject)]
        }

    def test_to_who_has_it(self, at, tanya, olga):
        at("2026-11-02 15:00")
        thread.assign(make_request().pk, tanya, olga)
        (sent,) = run("nudge", ["2026-11-04 11:00"]).values()
        assert [to for to, _ in sent] == ["tanya@example.org"]

    def test_to_all_when_who_has_it_has_left(self, at, tanya, olga):
        at("2026-11-02 15:00")
        thread.assign(make_request().pk, tanya, olga)
        tanya.is_active = False
        tanya.save()
        (sent,) = run("nudge", ["2026-11-04 11:00"]).values()
        assert [to for to, _ in sent] == ["olga@example.org"]

    def test_before_closing_time_for_what_is_due_in_the_morning(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        moments = ["2026-11-03 13:59", "2026-11-03 14:00", "2026-11-03 23:00", "2026-11-04 09:00"]
        assert list(run("nudge", moments)) == ["2026-11-03 14:00"]

    def test_never_at_night_and_made_up_as_the_office_opens(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        moments = ["2026-11-03 17:01", "2026-11-04 03:00", "2026-11-04 08:59", "2026-11-04 09:00"]
        assert list(run("nudge", moments)) == ["2026-11-04 09:00"]

    def test_promised_before_and_sent_after_closing_it_waits_for_the_morning(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        deliver()
        reminders.nudge(at("2026-11-03 17:00"))
        assert len(waiting("nudge")) == 1
        at("2026-11-03 17:01")
        assert mailed() == []
        assert list(run("nudge", ["2026-11-04 08:00", "2026-11-04 09:00"])) == ["2026-11-04 09:00"]

    def test_not_after_it_is_due(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        assert run("nudge", ["2026-11-04 10:01"]) == {}

    def test_not_for_what_was_answered_meanwhile(self, at, tanya):
        at("2026-11-02 10:00")
        row = make_request()
        deliver()
        reminders.nudge(at("2026-11-03 14:00"))
        thread.reply(row.pk, uuid4(), "Yes.", tanya)
        assert mailed() == []

    def test_not_while_it_is_paused_and_again_for_a_new_due_moment(self, at, tanya):
        at("2026-11-02 10:00")
        row = make_request()
        assert len(run("nudge", ["2026-11-03 14:00"])) == 1
        at("2026-11-03 15:00")
        thread.ask(row.pk, uuid4(), "Which court?", tanya)
        assert run("nudge", ["2026-11-04 09:00"]) == {}
        at("2026-11-05 15:00")
        thread.resume(row.pk, tanya)
        assert Cycle.objects.get().due_at == pacific("2026-11-06 10:00")
        # Three office hours were left all the time, and are still.
        moments = ["2026-11-05 15:01", "2026-11-05 15:02", "2026-11-06 09:30"]
        assert list(run("nudge", moments)) == ["2026-11-05 15:01"]

    def test_again_when_a_closure_moves_it(self, at, tanya):
        at("2026-11-02 10:00")
        make_request()
        assert len(run("nudge", ["2026-11-03 14:00"])) == 1
        Closure.objects.create(date=date(2026, 11, 4), name="Flood")
        clock.closures_changed()
        moments = ["2026-11-03 15:00", "2026-11-05 09:30", "2026-11-05 10:00"]
        # Due on Thursday at 10 now: four office hours before is where it was.
        assert run("nudge", moments) == {}

    @pytest.mark.parametrize(
        ("asked", "nudged"),
        [("2026-03-05 15:00", "2026-03-09 11:00"), ("2026-10-29 15:00", "2026-11-02 11:00")],
    )
    def test_by_the_wall_clock_over_a_change_of_clocks(self, at, tanya, asked, nudged):
        at(asked)
        make_request()
        before = (pacific(nudged) - timedelta(minutes=1)).isoformat()[:16].replace("T", " ")
        assert list(run("nudge", [before, nudged])) == [nudged]

    def test_the_nudge(self, at, tanya, file_regression):
        at("2026-11-02 15:00")
        row = make_request()
        deliver()
        type(row).objects.update(reference="KQ7M-M4TX")
        reminders.nudge(at("2026-11-04 11:00"))
        Mail.objects.filter(kind="ta_requests.nudge").update(uuid=UUID(int=1))
        (message,) = deliver()
        check(file_regression, message, row)

    def test_after_downtime_there_is_no_flood(self, at, tanya):
        at("2026-11-02 10:00")
        for _ in range(5):
            make_request()
        deliver()
        at("2026-11-09 10:00")
        reminders.nudge(timezone.now())
        reminders.digest(timezone.now())
        assert [subject for _, subject in mailed()] == ["Requests today: 5 late, 5 not taken"]


class TestPurgeSoon:
    @pytest.fixture
    def closed(self, at, tanya):
        at("2026-01-05 10:00")
        row = make_request()
        thread.close(row.pk, "solved", tanya)
        deliver()
        at("2026-06-20 11:00")
        return row

    def test_r34_two_weeks_before_to_each_of_the_staff_once(self, closed, tanya, olga):
        for _ in range(2):
            retention.warn(timezone.now())
        assert [to for to, _ in mailed()] == ["olga@example.org", "tanya@example.org"]

    def test_r34_not_once_it_is_held(self, closed, tanya):
        retention.warn(timezone.now())
        thread.hold(closed.pk, True, tanya)
        assert mailed() == []

    def test_the_warning(self, closed, tanya, file_regression):
        type(closed).objects.update(reference="KQ7M-M4TX")
        retention.warn(timezone.now())
        Mail.objects.filter(kind="ta_requests.purge_soon").update(uuid=UUID(int=1))
        (message,) = deliver()
        check(file_regression, message, closed)


def check(file_regression, message, row=None):
    """R13: reference, times and a link; the rest is words of ours, seen in the snapshot."""
    lines = [f"{name}: {value}" for name, value in message.items() if name != "Content-Type"]
    for part in message.iter_parts():
        lines += ["", f"===== {part['Content-Type']}", part.get_content().replace("\r\n", "\n")]
    whole = "\n".join(lines)
    for never in (CANARY, "mmigration", "Civil", "California", "Example Legal Aid", "Sam"):
        assert never not in whole
    if row:
        whole = whole.replace(f"/tarequest/{row.pk}/", "/tarequest/1/")
    file_regression.check(whole, extension=".eml.txt", encoding="utf-8")


@pytest.mark.django_db
def test_the_worker_does_it_by_itself(at, tanya):
    at("2026-11-02 10:00")
    make_request()
    at("2026-11-03 14:00")
    worker.work_once()
    sent = Mail.objects.exclude(sent_at=None).values_list("kind", flat=True)
    assert set(sent) == {"ta_requests.received", "ta_requests.digest", "ta_requests.nudge"}
    names = set(TimedWork.objects.values_list("name", flat=True))
    assert {"ta_requests: purge", "ta_requests: warn of purge"} <= names


def test_an_office_that_opens_late_gets_its_digest_then(at, tanya):
    at("2026-11-02 10:00")
    make_request()
    clock_row = reminders.queries.policy()
    clock_row.opens = time(10)
    clock_row.save()
    assert list(run("digest", ["2026-11-03 09:30", "2026-11-03 10:00"])) == ["2026-11-03 10:00"]
