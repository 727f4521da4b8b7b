"""Mail of staff to many: the verbs, whatever the audience."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.models import SignUp
from calls.services import leave
from hub import announcements, outbox
from hub.models import Announcement, Mail, User
from hub.offers import audiences
from hub.refusal import Refused
from tests.announcing import announce, draft
from tests.calls.factories import SeriesFactory, SignUpFactory
from tests.hub.conftest import in_threads
from tests.mailbox import deliver, text_of

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org", name="Alice Adams")


@pytest.fixture
def series():
    return SeriesFactory(name="Legal Working Group")


@pytest.fixture
def people(series):
    return SignUpFactory.create_batch(3, series=series)


def many(series, count):
    """Rows of sign-ups made at once."""
    now = timezone.now()
    SignUp.objects.bulk_create(
        SignUp(
            series=series,
            email=f"p{n}@example.org",
            name="P",
            organization="o",
            role="other",
            state="active",
            joined_at=now,
        )
        for n in range(count)
    )


class TestDraft:
    def test_the_same_twice_is_one_and_nothing_is_promised(self, series, people, alice):
        assert draft(series.pk, alice) == draft(series.pk, alice)
        assert Announcement.objects.get().to == "Everyone signed up: Legal Working Group"
        assert not Mail.objects.exists()

    def test_it_is_reworded_and_thrown_away(self, series, alice):
        made = draft(series.pk, alice)
        about = audiences()["calls.series"].about(series.pk)
        announcements.reword(made.pk, about, part="all", subject="Other", text="Words")
        made.refresh_from_db()
        assert (made.subject, made.text) == ("Other", "Words")
        announcements.discard(made.pk)
        assert not Announcement.objects.exists()

    def test_what_is_sent_is_neither(self, series, people, alice):
        made = announce(series.pk, alice)
        about = audiences()["calls.series"].about(series.pk)
        with pytest.raises(Refused, match="take it back"):
            announcements.reword(made.pk, about, part="all", subject="x", text="y")
        with pytest.raises(Refused, match="take it back"):
            announcements.discard(made.pk)
        made.refresh_from_db()
        assert made.subject == "News"

    def test_the_database_takes_nothing_back_that_was_not_sent(self, series, alice):
        draft(series.pk, alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            Announcement.objects.update(taken_back_at=timezone.now())


class TestTest:
    def test_it_goes_to_who_asked_only_and_says_what_it_is(self, series, people, alice):
        made = draft(series.pk, alice, subject="Bring cases")
        announcements.send_test(made.pk, alice)
        announcements.send_test(made.pk, alice)
        (message,) = deliver()
        assert (message["To"], message["Subject"]) == (alice.email, "Test: Bring cases")
        assert "This is a test to yourself" in text_of(message)
        assert message["List-Unsubscribe"] is None
        assert "/sign-up/" not in text_of(message)
        assert "/unsubscribe/" not in text_of(message)

    def test_a_later_one_is_another(self, series, alice):
        made = draft(series.pk, alice)
        announcements.send_test(made.pk, alice)
        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            announcements.send_test(made.pk, alice)
            assert len(deliver()) == 2

    def test_a_draft_thrown_away_or_staff_no_longer_is_not_written_to(self, series, alice):
        made = draft(series.pk, alice)
        announcements.send_test(made.pk, alice)
        User.objects.update(is_staff=False)
        assert deliver() == []
        User.objects.update(is_staff=True)
        Mail.objects.all().delete()
        announcements.send_test(made.pk, alice)
        announcements.discard(made.pk)
        assert deliver() == []


class TestSend:
    def test_everyone_once_however_often_it_is_pressed(self, series, people, alice):
        made = announce(series.pk, alice)
        assert announcements.send(made.pk, alice).recipients == 3
        assert sorted(message["To"] for message in deliver()) == sorted(one.email for one in people)
        announcements.send(made.pk, alice)
        assert deliver() == []
        made.refresh_from_db()
        assert (made.sent_by, made.recipients) == (alice, 3)

    @committed
    def test_two_at_once_are_one(self, series, people, alice):
        made = draft(series.pk, alice)
        in_threads(4, lambda _: announcements.send(made.pk, alice))
        assert Mail.objects.count() == 3

    def test_to_nobody_is_refused(self, series, alice):
        made = draft(series.pk, alice)
        with pytest.raises(Refused, match="Nobody is in this group"):
            announcements.send(made.pk, alice)
        made.refresh_from_db()
        assert made.sent_at is None

    def test_who_left_or_stopped_meanwhile_gets_none(self, series, people, alice):
        announce(series.pk, alice)
        leave(people[0].pk)
        Mail.objects.filter(kind="calls.goodbye").delete()
        SignUp.objects.filter(pk=people[1].pk).update(wants_announcements=False)
        assert [message["To"] for message in deliver()] == [people[2].email]

    def test_the_same_words_another_time_are_another_mail(self, series, people, alice):
        announce(series.pk, alice)
        announce(series.pk, alice)
        assert len(deliver()) == 6

    def test_ten_thousand_are_promised_as_fast_as_one(self, series, alice):
        def queries():
            made = draft(series.pk, alice)
            with CaptureQueriesContext(connection) as captured:
                announcements.send(made.pk, alice)
            return len(captured)

        many(series, 1)
        one = queries()
        SignUp.objects.all().delete()
        many(series, 10_000)
        assert queries() == one
        assert Mail.objects.filter(due_at__lte=timezone.now()).count() <= 101

    def test_others_do_not_wait_behind_all_of_it(self, series, alice):
        many(series, 250)
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            announce(series.pk, alice)
        due = Mail.objects.order_by("pk").values_list("due_at", flat=True)
        assert [(each - now).total_seconds() for each in due] == [0] * 100 + [20] * 100 + [40] * 50


class TestTakeBack:
    def test_what_is_not_sent_is_stopped_and_the_rest_stays(self, series, people, alice):
        made = announce(series.pk, alice)
        outbox.send_due(most=1)
        assert announcements.take_back(made.pk) == 2
        assert announcements.take_back(made.pk) == 0
        assert len(django_mail.outbox) == 1
        assert deliver() == []
        made.refresh_from_db()
        assert made.taken_back_at
        assert announcements.fates([made.pk])[made.pk]["sent"] == 1

    def test_a_draft_has_nothing_to_take_back(self, series, alice):
        with pytest.raises(Refused, match="not sent yet"):
            announcements.take_back(draft(series.pk, alice).pk)

    def test_the_correction_goes_to_everyone(self, series, people, alice):
        made = announce(series.pk, alice)
        outbox.send_due(most=1)
        announcements.take_back(made.pk)
        announce(series.pk, alice, subject="News, corrected")
        assert [message["Subject"] for message in deliver()] == ["News, corrected"] * 3


class TestFates:
    def test_each_mail_has_one_and_they_are_counted_in_one_query(
        self, series, people, alice, django_assert_num_queries
    ):
        made = announce(series.pk, alice)
        (first, second, third) = Mail.objects.order_by("pk").values_list("pk", flat=True)
        now = timezone.now()
        for pk, values in [
            (first, {"dropped_at": now, "last_error": "SMTPRecipientsRefused", "attempts": 10}),
            (second, {"attempts": 1, "last_error": "TimeoutError"}),
            (third, {"dropped_at": now, "last_error": ""}),
        ]:
            Mail.objects.filter(pk=pk).update(**values)
        other = announce(series.pk, alice)
        with django_assert_num_queries(1):
            counted = announcements.fates([made.pk, other.pk])
        assert counted[made.pk] == {"failed": 1, "tried": 1, "waiting": 0, "sent": 0, "left": 1}
        assert counted[other.pk]["waiting"] == 3

    def test_addresses_are_known_of_who_left_and_not_of_who_is_deleted(self, series, people, alice):
        made = announce(series.pk, alice)
        leave(people[0].pk)
        people[1].delete()
        ids = [one.pk for one in people[:1]] + list(
            Mail.objects.filter(kind="calls.announcement").values_list("subject_id", flat=True)
        )
        assert people[0].email in announcements.addresses(made, ids).values()
        assert len(announcements.addresses(made, ids)) == 2
