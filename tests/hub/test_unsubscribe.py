"""One click in a mail program ends mail that is not about something booked (RFC 8058)."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail as django_mail
from django.test import Client
from django.utils import timezone

from calls.models import SignUp
from hub import outbox, unsubscribe
from hub.models import User
from tests.announcing import announce
from tests.calls.factories import SeriesFactory, SignUpFactory, words_of
from tests.mailbox import deliver, text_of
from tests.trainings import making
from trainings.models import NewsRequest
from trainings.services import interest

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def alice():
    return User.objects.create_superuser("alice@example.org")


@pytest.fixture
def bob():
    return SignUpFactory(series=SeriesFactory(), email="bob@example.org")


@pytest.fixture
def browser():
    """As a mail program's server: no cookie, and refused what lacks a token it should have."""
    return Client(enforce_csrf_checks=True)


def path_of(bob):
    return unsubscribe.address("calls.series", bob.pk, bob.nonce).removeprefix(settings.BASE_URL)


def is_wanted(bob):
    bob.refresh_from_db()
    return bob.state, bob.wants_announcements


class TestHeaders:
    def test_as_they_are_on_the_wire_and_what_they_do(self, bob, alice, browser):
        announce(bob.series.pk, alice)
        outbox.send_due()
        raw = django_mail.outbox[0].message().as_bytes().decode()
        head = raw.partition("\n\n")[0].replace("\r", "")
        # Whole, in one line: encoded or folded no mail program finds it.
        (address,) = re.findall(r"^List-Unsubscribe: <(http://testserver\S+)>$", head, re.MULTILINE)
        assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in head
        assert len(f"List-Unsubscribe: <{address}>") > 78
        answer = browser.post(address.removeprefix("http://testserver"), ONE_CLICK)
        assert answer.status_code == 200
        assert is_wanted(bob) == ("active", False)

    def test_the_longest_address_of_a_site_still_fits_a_line(self, bob):
        name = f"https://{'a' * 63}.{'b' * 63}.example.org"
        path = unsubscribe.address("trainings.news", 2**63 - 1, bob.nonce).removeprefix(
            settings.BASE_URL
        )
        assert len(f"List-Unsubscribe: <{name}{path}>") < 998

    def test_it_is_in_the_text_too(self, bob, alice):
        announce(bob.series.pk, alice)
        (message,) = deliver()
        assert "To get no more emails like this one:\n\nhttp://testserver/unsubscribe/" in text_of(
            message
        )

    def test_news_of_an_opened_training_has_them_and_its_confirmation_has_not(self, browser):
        offering = making.offering(status="open", published_at=timezone.now())
        wish = NewsRequest.objects.create(
            email="bob@example.org", asked_at=timezone.now() - timedelta(days=1)
        )
        interest.ask(wish.email, None, "")
        interest.join(wish.pk)
        interest.tell_published(offering)
        link, news = deliver()
        assert (link["List-Unsubscribe"], news["List-Unsubscribe-Post"]) == (
            None,
            "List-Unsubscribe=One-Click",
        )
        browser.post(news["List-Unsubscribe"].strip("<>").removeprefix(settings.BASE_URL))
        wish.refresh_from_db()
        assert wish.state == "left"

    def test_mail_about_what_somebody_booked_has_none(self, alice):
        offering = making.offering()
        making.person(offering)
        announce(offering.pk, alice, audience="trainings.offering", part="seated")
        (message,) = deliver()
        assert message["List-Unsubscribe"] is None
        assert message["List-Unsubscribe-Post"] is None
        assert "/unsubscribe/" not in text_of(message)


class TestPage:
    def test_looking_changes_nothing_and_the_button_does(self, bob, browser):
        for method in (browser.get, browser.head):
            assert method(path_of(bob)).status_code == 200
        assert "Stop announcements about this call?" in words_of(browser.get(path_of(bob)))
        assert is_wanted(bob) == ("active", True)
        done = browser.post(path_of(bob))
        assert "You get no more announcements about this call" in words_of(done)
        assert "You stay signed up for the call" in words_of(done)
        assert is_wanted(bob) == ("active", False)

    def test_again_and_after_the_person_is_deleted_the_answer_is_the_same(self, bob, browser):
        path = path_of(bob)
        first = browser.post(path, ONE_CLICK)
        again = browser.post(path, ONE_CLICK)
        bob.delete()
        gone = browser.post(path, ONE_CLICK)
        assert [answer.status_code for answer in (first, again, gone)] == [200] * 3
        assert first.content == again.content == gone.content

    def test_it_is_stored_and_indexed_nowhere_and_names_nobody(self, bob, browser):
        page = browser.get(path_of(bob))
        assert page["Cache-Control"] == "no-store"
        assert '<meta name="robots" content="noindex">' in page.content.decode()
        assert bob.name not in words_of(page)
        assert bob.email not in words_of(page)

    def test_links_that_are_not_good_end_nothing(self, bob, browser):
        path = path_of(bob)
        foreign = unsubscribe.address("trainings.news", bob.pk, bob.nonce)
        mixed = foreign.removeprefix(settings.BASE_URL).replace("trainings.news", "calls.series")
        own = path.replace("calls.series", "trainings.offering")
        for bad in (path[:-2] + "/", path.upper(), mixed, own, "/unsubscribe/none/x/"):
            assert browser.post(bad, ONE_CLICK).status_code == 404, bad
        with time_machine.travel(timezone.now() + timedelta(days=401)):
            assert browser.post(path, ONE_CLICK).status_code == 404
        assert is_wanted(bob) == ("active", True)

    def test_a_revoked_link_ends_nothing(self, bob, browser):
        path = path_of(bob)
        SignUp.objects.update(nonce="another")
        browser.post(path, ONE_CLICK)
        assert is_wanted(bob) == ("active", True)

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_no_other_method(self, bob, browser, method):
        assert getattr(browser, method)(path_of(bob)).status_code == 405


class TestNews:
    def test_all_wishes_of_the_address_end_and_no_other(self, browser):
        first = NewsRequest.objects.create(email="bob@example.org", state="active")
        NewsRequest.objects.create(email="bob@example.org", region="south", state="active")
        NewsRequest.objects.create(email="carol@example.org", state="active")
        address = unsubscribe.address("trainings.news", first.pk, first.nonce)
        done = browser.post(address.removeprefix(settings.BASE_URL), ONE_CLICK)
        assert "You get no more news of trainings" in words_of(done)
        active = NewsRequest.objects.filter(state="active").values_list("email", flat=True)
        assert list(active) == ["carol@example.org"]
