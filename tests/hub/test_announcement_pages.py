"""Staff write, see, test, send, take back, and see what became of it."""

import re
import smtplib

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.mails import link_for
from calls.models import SignUp
from hub import outbox
from hub.models import Announcement, Mail, User
from hub.outbox import RETRY_AFTER
from tests.announcing import announce, draft
from tests.calls.factories import SeriesFactory, SignUpFactory, words_of
from tests.mailbox import deliver
from tests.reading import inline_code
from tests.trainings import making
from trainings.models import NewsRequest

pytestmark = pytest.mark.django_db
ROOT = "/admin/hub/announcement"
WORDS = {"part": "all", "subject": "Bring cases", "text": "Please <do>.\n\nThank you."}


class Refusing(BaseEmailBackend):
    """Takes no mail to bob."""

    def send_messages(self, email_messages):
        for one in email_messages:
            if one.to[0].startswith("bob"):
                raise smtplib.SMTPRecipientsRefused({one.to[0]: (550, b"no such user")})
            django_mail.outbox.append(one)
        return len(email_messages)


@pytest.fixture
def alice(settings):
    settings.STAFF_SECOND_FACTOR = False
    return User.objects.create_superuser("alice@example.org", name="Alice Adams")


@pytest.fixture
def staff(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def series():
    return SeriesFactory(name="Legal Working Group")


@pytest.fixture
def bob(series):
    return SignUpFactory(series=series, email="bob@example.org", name="Bob Brown")


@pytest.fixture
def carol(series):
    return SignUpFactory(series=series, email="carol@example.org", name="Carol Cruz")


def write(staff, series, **changes):
    return staff.post(f"{ROOT}/write/calls.series/{series.pk}/", WORDS | changes, follow=True)


def page(pk):
    return f"{ROOT}/{pk}/change/"


def press(staff, pk, do):
    return staff.post(page(pk), {"do": do}, follow=True)


class TestTheWay:
    def test_from_the_words_to_everyones_mailbox(self, staff, series, bob, carol):
        seen = write(staff, series)
        said = words_of(seen)
        assert "2 people get it , each one for themselves" in said
        assert "Subject: Bring cases" in said
        assert "Hello Alice Adams, Please <do>. Thank you." in said
        assert "because you are signed up for the Legal Working Group" in said
        assert inline_code(seen) == []
        assert not Mail.objects.exists()
        pk = Announcement.objects.get().pk

        assert "A test is on its way to alice@example.org" in words_of(press(staff, pk, "test"))
        assert [message["To"] for message in deliver()] == ["alice@example.org"]

        for _ in range(2):
            done = press(staff, pk, "send")
        assert "The mail goes out to 2 people now" in words_of(done)
        assert "Waiting: 2" in words_of(done)
        assert sorted(message["To"] for message in deliver()) == [bob.email, carol.email]
        said = words_of(staff.get(page(pk)))
        assert "Sent: 2" in said
        assert re.search(r"bob@example.org Sent [A-Z]", said)
        assert "the answer comes as an email to hub@testserver" in said
        assert [one.change_message for one in LogEntry.objects.all()] == ["Sent to 2 people."]

    def test_words_are_changed_before_it_is_sent_and_not_after(self, staff, series, bob):
        write(staff, series)
        pk = Announcement.objects.get().pk
        assert 'value="Bring cases"' in staff.get(f"{ROOT}/{pk}/words/").content.decode()
        seen = staff.post(f"{ROOT}/{pk}/words/", WORDS | {"subject": "Bring one"}, follow=True)
        assert "Subject: Bring one" in words_of(seen)
        press(staff, pk, "send")
        staff.post(f"{ROOT}/{pk}/words/", WORDS | {"subject": "Too late"})
        assert Announcement.objects.get().subject == "Bring one"

    def test_a_mistake_is_taken_back_and_written_anew(self, staff, series, bob, carol):
        write(staff, series)
        old = Announcement.objects.get().pk
        press(staff, old, "send")
        outbox.send_due(most=1)
        assert "Stopped: 1 people do not get it" in words_of(press(staff, old, "take_back"))
        said = words_of(staff.get(page(old)))
        assert "1 person does not get it. What was sent before stays sent." in said
        anew = press(staff, old, "again")
        assert 'value="Bring cases"' in anew.content.decode()
        new = Announcement.objects.get(sent_at=None)
        press(staff, new.pk, "send")
        assert len(deliver()) == 2

    def test_a_draft_is_thrown_away(self, staff, series, bob):
        write(staff, series)
        press(staff, Announcement.objects.get().pk, "discard")
        assert not Announcement.objects.exists()

    def test_nobody_to_send_to_is_said(self, staff, series):
        write(staff, series)
        done = press(staff, Announcement.objects.get().pk, "send")
        assert "Nobody is in this group now" in words_of(done)

    @pytest.mark.parametrize("empty", ["subject", "text"])
    def test_a_mail_needs_its_words(self, staff, series, bob, empty):
        assert "This field is required" in words_of(write(staff, series, **{empty: " "}))
        assert not Announcement.objects.exists()

    def test_a_group_that_is_none_is_refused(self, staff, series, bob):
        write(staff, series, part="none")
        assert not Announcement.objects.exists()

    def test_an_unknown_button_does_nothing(self, staff, series, bob):
        write(staff, series)
        press(staff, Announcement.objects.get().pk, "x")
        assert Announcement.objects.get().sent_at is None
        assert not Mail.objects.exists()


class TestHowItReads:
    def test_as_an_email_program_draws_it(self, staff, series, bob):
        made = draft(series.pk, User.objects.get(email="alice@example.org"), text="<b>x</b>")
        shown = staff.get(f"{ROOT}/{made.pk}/as-mail/")
        policy = shown["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "style-src 'unsafe-inline'" in policy
        assert "&lt;b&gt;x&lt;/b&gt;" in shown.content.decode()
        assert "unsafe-inline" not in staff.get(page(made.pk))["Content-Security-Policy"]

    def test_what_it_was_about_may_be_gone(self, staff, alice):
        course = making.course()
        NewsRequest.objects.create(email="bob@example.org", state="active")
        made = draft(course.pk, alice, audience="trainings.news")
        course.delete()
        assert "There is news." in words_of(staff.get(page(made.pk)))
        assert "has been deleted since" in words_of(press(staff, made.pk, "send"))
        assert not Mail.objects.exists()


class TestWhatBecameOfIt:
    def test_who_could_not_be_reached_and_why(self, staff, series, alice, bob, carol, settings):
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"
        made = announce(series.pk, alice)
        outbox.send_due()
        said = words_of(staff.get(page(made.pk)))
        assert "Failed so far, tried again: 1" in said
        assert re.search(
            r"bob@example.org Failed so far, tried again The mail server does not take this", said
        )
        Mail.objects.filter(sent_at=None).update(attempts=len(RETRY_AFTER), due_at=made.created_at)
        outbox.send_due()
        said = words_of(staff.get(page(made.pk) + "?show=failed"))
        assert "Failed for good: 1" in said
        assert "bob@example.org Failed for good" in said
        assert "carol@example.org" not in said
        row = words_of(staff.get(f"{ROOT}/"))
        assert "1 of 2 sent 1 Alice Adams" in row.replace("alice@example.org", "Alice Adams")

    def test_one_whose_sign_up_is_deleted_is_nobody(self, staff, series, alice, bob):
        made = announce(series.pk, alice)
        bob.delete()
        assert "Deleted since Waiting" in words_of(staff.get(page(made.pk)))

    def test_many_are_shown_a_hundred_at_a_time(self, staff, series, alice):
        SignUpFactory.create_batch(101, series=series, user=None)
        made = announce(series.pk, alice)
        first = words_of(staff.get(page(made.pk)))
        assert "Page 1 of 2" in first
        assert len(re.findall(r"attorney\d+@", first)) == 100
        assert len(re.findall(r"attorney\d+@", words_of(staff.get(page(made.pk) + "?p=2")))) == 1
        for odd in ("?p=x", "?p=99", "?show=x"):
            assert staff.get(page(made.pk) + odd).status_code == 200

    @pytest.mark.parametrize("which", ["list", "page"])
    def test_it_costs_the_same_for_one_and_thirty(self, staff, series, alice, bob, which):
        made = announce(series.pk, alice)
        path = page(made.pk) if which == "page" else f"{ROOT}/"

        def count():
            with CaptureQueriesContext(connection) as queries:
                assert staff.get(path).status_code == 200
            return len(queries)

        count()
        one = count()
        if which == "list":
            for n in range(29):
                announce(series.pk, alice, subject=f"News {n}")
        else:
            for person in SignUpFactory.create_batch(29, series=series):
                outbox.promise("calls.announcement", person.pk, made.pk)
        assert count() == one


class TestWhoMay:
    """Whoever may change what it is about, and nobody else."""

    def helper(self, client, settings, *codes):
        settings.STAFF_SECOND_FACTOR = False
        user = User.objects.create_user("helen@example.org", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codes))
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @pytest.mark.parametrize("code", ["change_callseries", "change_offering", "view_callseries"])
    def test_each_audience_has_its_right(self, client, settings, series, bob, alice, code):
        offering = making.offering()
        made = announce(series.pk, alice)
        helen = self.helper(client, settings, code)
        may = code == "change_callseries"
        for path in (
            f"{ROOT}/write/calls.series/{series.pk}/",
            page(made.pk),
            f"{ROOT}/{made.pk}/as-mail/",
        ):
            assert helen.get(path).status_code == (200 if may else 403), path
        assert press(helen, made.pk, "take_back").status_code == (200 if may else 403)
        made.refresh_from_db()
        assert bool(made.taken_back_at) == may
        path = f"{ROOT}/write/trainings.offering/{offering.pk}/"
        assert helen.get(path).status_code == (200 if code == "change_offering" else 403)
        seen = helen.get(f"{ROOT}/")
        assert seen.status_code == (403 if code == "view_callseries" else 200)
        assert ("Legal Working Group" in words_of(seen)) == may

    def test_a_participant_is_sent_to_sign_in(self, client, series, bob):
        client.force_login(bob.user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.post(f"{ROOT}/write/calls.series/{series.pk}/", WORDS)
        assert answer.status_code == 302
        assert not Announcement.objects.exists()

    @pytest.mark.parametrize("pk", ["0", "x", "²", "99999999999999999999"])
    def test_what_is_not_there(self, staff, pk):
        assert staff.get(f"{ROOT}/{pk}/change/").status_code == 404
        assert staff.get(f"{ROOT}/write/calls.series/0/").status_code == 404


class TestTheirOwnPage:
    def test_announcements_stopped_come_back_by_the_button(self, client, series, bob):
        path = link_for(bob).removeprefix("http://testserver")
        assert "Now and then we write" in words_of(client.get(path))
        SignUp.objects.update(wants_announcements=False)
        assert "You stopped our announcements" in words_of(client.get(path))
        client.post(path, {"do": "announcements"})
        bob.refresh_from_db()
        assert bob.wants_announcements
