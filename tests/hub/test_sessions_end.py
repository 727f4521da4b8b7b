"""A sign-in ends 12 hours after it began at the latest, is said to, and costs nobody their text."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hub import own, retention
from hub.models import Organization, User
from tests.people import staff_client
from tests.reading import text

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 16, tzinfo=UTC)
BACKEND = "django.contrib.auth.backends.ModelBackend"
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=20)
ENDED = "Your sign-in has ended"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bob(clock):
    return User.objects.create_user("bob@example.org", name="Bob Attorney")


@pytest.fixture
def alice(clock):
    return User.objects.create_superuser("alice@example.org", name="Alice Staff")


def signed_in(user: User, **ways: object) -> Client:
    client = Client(**ways)
    client.force_login(user, backend=BACKEND)
    return client


def in_use(client: Client, clock, until: datetime) -> None:
    """Looked at every 20 minutes until then."""
    at = NOW
    while at + STEP < until:
        at += STEP
        clock.move_to(at)
        assert client.get("/my/").status_code == 200, at
    clock.move_to(until)


class TestTwelveHours:
    def test_one_that_is_used_all_day_ends(self, bob, clock):
        client = signed_in(bob)
        in_use(client, clock, NOW + 12 * HOUR - timedelta(seconds=1))
        assert client.get("/my/").status_code == 200
        clock.move_to(NOW + 12 * HOUR)
        answer = client.get("/my/")
        assert answer.headers["Location"] == "/accounts/login/?next=/my/"

    def test_staff_s_as_well(self, alice, clock):
        client = staff_client(alice)
        in_use(client, clock, NOW + 12 * HOUR)
        assert client.get("/admin/").status_code == 302

    def test_it_still_ends_after_half_an_hour_without_use(self, bob, clock):
        client = signed_in(bob)
        clock.move_to(NOW + timedelta(minutes=30, seconds=1))
        assert client.get("/my/").status_code == 302

    def test_to_sign_in_anew_begins_anew(self, bob, clock):
        client = signed_in(bob)
        in_use(client, clock, NOW + 11 * HOUR)
        client.post("/accounts/logout/")
        client.force_login(bob, backend=BACKEND)
        clock.move_to(NOW + 11 * HOUR + STEP)
        assert client.get("/my/").status_code == 200
        assert Session.objects.get().expire_date == NOW + 11 * HOUR + STEP + timedelta(minutes=30)

    def test_the_row_runs_out_with_it_and_is_deleted(self, bob, clock):
        client = signed_in(bob)
        in_use(client, clock, NOW + 12 * HOUR - timedelta(minutes=10))
        client.get("/my/")
        assert Session.objects.get().expire_date == NOW + 12 * HOUR
        retention.end_sessions(NOW + 12 * HOUR + timedelta(seconds=1))
        assert not Session.objects.exists()

    def test_people_see_when_theirs_began(self, bob, clock):
        signed_in(bob)
        [shown] = own.data(bob)["Where you are signed in"]
        assert shown == {"Since": NOW, "Ends by itself": NOW + timedelta(minutes=30)}


class TestSaid:
    @pytest.mark.parametrize("address", ["/my/", "/my/data/", "/staff/", "/admin/calls/"])
    def test_in_a_sentence_where_one_signs_in_again(self, alice, clock, address):
        client = staff_client(alice)
        clock.move_to(NOW + HOUR)
        page = client.get(address, follow=True)
        assert page.redirect_chain[-1][0].startswith("/accounts/login/?next=")
        assert ENDED in text(page)
        assert ENDED not in text(client.get("/accounts/login/")), "once"

    def test_not_to_whoever_was_never_signed_in_or_signed_out(self, bob):
        assert ENDED not in text(Client().get("/my/", follow=True))
        client = signed_in(bob)
        client.post("/accounts/logout/")
        assert ENDED not in text(client.get("/my/", follow=True))

    def test_not_on_the_way_in(self, bob, clock):
        client = Client()
        client.post("/accounts/login/", {"login": bob.email})
        assert ENDED not in text(client.get("/my/", follow=True))
        page = client.post("/accounts/logout/", {"next": "/accounts/login/"}, follow=True)
        assert ENDED not in text(page)

    def test_a_name_of_a_session_that_never_was_stores_none(self, client):
        for address in ("/calendar.ics", "/robots.txt", "/healthz", "/", "/my/"):
            client.cookies["session"] = "a" * 32
            client.get(address)
        assert not Session.objects.exists()


class TestNothingTypedIsLost:
    DETAILS = {"do": "details", "name": "Bob A. Stone", "organization": "Stone <b>Law</b>"}

    def test_on_one_s_own_page(self, bob, clock):
        client = signed_in(bob)
        clock.move_to(NOW + HOUR)
        page = client.post("/my/", self.DETAILS)
        assert page.status_code == 403
        assert "Your text is kept" in text(page)
        shown = page.content.decode()
        assert ">\nBob A. Stone</textarea>" in shown
        assert "Stone &lt;b&gt;Law&lt;/b&gt;</textarea>" in shown
        assert '<input type="hidden" name="do" value="details">' in shown
        assert 'href="/my/"' in shown
        bob.refresh_from_db()
        assert bob.name == "Bob Attorney"
        client.force_login(bob, backend=BACKEND)
        client.post("/my/", self.DETAILS)
        bob.refresh_from_db()
        assert bob.name == "Bob A. Stone"

    def test_in_the_back_office_and_again_with_the_token_of_before(self, alice, clock):
        """Signing in on another tab makes every token on an older page worthless."""
        office = Organization.objects.create(id=1, name="CAST", short_name="C", city="LA")
        address = f"/admin/hub/organization/{office.pk}/change/"
        form = {"name": "Coalition to Abolish", "short_name": "CAST", "city": "Los Angeles"}
        strict = staff_client(alice, Client(enforce_csrf_checks=True))
        strict.get(address)
        token = strict.cookies["csrf"].value
        clock.move_to(NOW + HOUR)
        pages = [strict.post(address, form | {"csrfmiddlewaretoken": token})]
        assert "you are no longer signed in" in text(pages[0])
        strict = _again(alice, strict)
        pages.append(strict.post(address, form | {"csrfmiddlewaretoken": "x" * 32}))
        assert "the page you wrote on was too old" in text(pages[1])
        for page in pages:
            assert page.status_code == 403
            assert ">\nCoalition to Abolish</textarea>" in page.content.decode()
        office.refresh_from_db()
        assert office.name == "CAST"
        strict.post(address, form | {"csrfmiddlewaretoken": strict.cookies["csrf"].value})
        office.refresh_from_db()
        assert office.name == "Coalition to Abolish"

    def test_a_file_is_said_not_to_be_kept_and_a_password_is_not(self, alice, clock):
        client = staff_client(alice)
        clock.move_to(NOW + HOUR)
        sent = {"title": "A guide", "file": SimpleUploadedFile("g.pdf", b"%PDF-1.7 canary")}
        page = client.post("/admin/library/resource/add/", sent)
        assert "The file you chose is not kept" in text(page)
        assert "canary" not in page.content.decode()
        page = client.post("/admin/password_change/", {"new_password1": "a secret canary"})
        assert "canary" not in page.content.decode()

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ],
    )
    @pytest.mark.parametrize(
        "address", ["/admin/hub/closure/add/", "/admin/ta_requests/tarequest/add/", "/my/"]
    )
    def test_another_site_s_form_is_not_given_back_to_be_sent(self, bob, headers, address):
        """One press of its button would do, signed in, what a stranger wrote into it."""
        client = Client(enforce_csrf_checks=True, headers=headers)
        page = client.post(address, {"name": "a stranger's canary"})
        assert page.status_code in {302, 403}
        assert "canary" not in page.content.decode()
        assert "Send again" not in page.content.decode()


def _again(user: User, client: Client) -> Client:
    """Signed in anew with the second step that is set up already."""
    user.authenticator_set.all().delete()
    return staff_client(user, client)


class TestEverywhereElse:
    def test_the_others_end_and_this_one_goes_on(self, bob, alice):
        here, there, phone, hers = (signed_in(user) for user in (bob, bob, bob, alice))
        assert "Sign out everywhere else" in text(here.get("/my/"))
        assert "Sign out everywhere else" in text(here.get("/accounts/logout/"))
        page = here.post("/my/", {"do": "elsewhere"}, follow=True)
        assert "You are signed out of 2 other browsers. Here you stay signed in." in text(page)
        for client, stays in ((here, True), (there, False), (phone, False), (hers, True)):
            assert (client.get("/my/").status_code == 200) is stays
        page = here.post("/my/", {"do": "elsewhere"}, follow=True)
        assert "You were signed in nowhere else." in text(page)

    def test_a_code_on_its_way_to_somebody_else_s_browser_is_worth_nothing(self, bob):
        thief = Client()
        thief.post("/accounts/login/", {"login": bob.email})
        page = signed_in(bob).post("/my/", {"do": "elsewhere"}, follow=True)
        assert "You are signed out of one other browser." in text(page)
        assert thief.get("/accounts/login/code/confirm/").status_code == 302

    def test_looking_ends_nothing(self, bob):
        there = signed_in(bob)
        signed_in(bob).get("/my/", {"do": "elsewhere"})
        assert there.get("/my/").status_code == 200

    def test_only_whoever_is_signed_in(self, bob):
        there = signed_in(bob)
        Client().post("/my/", {"do": "elsewhere"})
        assert there.get("/my/").status_code == 200
