"""The pages of calls, as a visitor without script reads them."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from calls import dates, mails, queries
from calls.models import CallSeries, SignUp
from hub import links
from hub.models import Closure, Mail
from tests.calls.factories import (
    SECRETS,
    ScheduleFactory,
    SeriesFactory,
    SignUpFactory,
    day,
    pacific,
    promised,
    thanksgiving,
    words_of,
)
from tests.mailbox import deliver

PAGE = "/calls/working-group/"
FORM = {
    "name": "Eve Ely",
    "email": "eve@example.org",
    "organization": "Legal Aid",
    "role": "attorney",
    "website": "",
}


def main(response):
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main>")]


def docket(response):
    """The lines of the list of dates."""
    page = response.content.decode()
    lines = re.findall(r"<li[^>]*>\s*<time.*?</li>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in lines]


class TestDates:
    def test_the_next_call_and_those_after_it_in_pacific_and_eastern(self, client, weekly):
        page = client.get(PAGE)
        assert (
            "Next call Wednesday, November 25, 2026 12:00–1:00 pm Pacific 3:00–4:00 pm Eastern"
        ) in words_of(page)
        lines = docket(page)
        assert len(lines) == 6
        assert lines[1] == ("Wednesday December 2 12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern")
        assert "Every Wednesday, 12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern" in words_of(page)

    def test_never_the_name_of_half_a_year(self, client, weekly, monthly):
        for path in ("/calls/", PAGE, f"{PAGE}dates/", "/calls/providers/"):
            assert not re.search(r"\b[PEM][SD]T\b", words_of(client.get(path)))

    def test_a_machine_reads_the_instant(self, client, weekly):
        assert 'datetime="2026-12-02T12:00:00-08:00"' in client.get(PAGE).content.decode()

    def test_a_canceled_date_says_so_and_why_and_is_not_the_next(self, client, weekly):
        dates.cancel(day(weekly, "2026-11-25"), "Staff retreat")
        page = client.get(PAGE)
        assert docket(page)[0].startswith("Wednesday November 25 Canceled Staff retreat")
        assert "Next call Wednesday, December 2, 2026" in words_of(page)
        assert "<s>" in main(page)

    def test_a_moved_date_says_from_when(self, client, weekly):
        dates.move(day(weekly, "2026-12-09"), pacific("2026-12-10T09:30"), "Room taken")
        lines = docket(client.get(PAGE))
        assert lines[2] == (
            "Thursday December 10 9:30–10:30 am Pacific · 12:30–1:30 pm Eastern "
            "Moved from Wednesday, December 9 . Room taken"
        ).replace(" .", ".")
        assert not [line for line in lines if "December 9 12:00" in line]

    def test_a_date_on_a_closure_is_to_be_confirmed_until_staff_decide(self, client, monthly):
        thanksgiving()
        for path in ("/calls/", "/calls/providers/", "/calls/providers/dates/"):
            assert "To be confirmed Our office is closed that day (Thanksgiving Day)" in words_of(
                client.get(path)
            ), path
        dates.keep(day(monthly, "2026-11-26"))
        for path in ("/calls/", "/calls/providers/", "/calls/providers/dates/"):
            assert "To be confirmed" not in words_of(client.get(path))

    def test_topic_speaker_and_extra_date(self, client, weekly):
        dates.annotate(day(weekly, "2026-11-25"), topic="T visas", speaker="Dana Diaz")
        dates.add(weekly, pacific("2026-11-27T10:00"))
        page = client.get(PAGE)
        assert "Topic: T visas, with Dana Diaz" in words_of(page)
        assert docket(page)[1] == (
            "Friday November 27 10:00–11:00 am Pacific · 1:00–2:00 pm Eastern Extra date"
        )

    def test_what_is_removed_or_over_is_gone(self, client, weekly, clock):
        dates.remove(day(weekly, "2026-12-02"))
        clock.move_to(pacific("2026-11-25T13:00"))
        assert docket(client.get(PAGE))[0].startswith("Wednesday December 9")

    def test_a_call_going_on_is_still_shown(self, client, weekly, clock):
        clock.move_to(pacific("2026-11-25T12:59"))
        assert docket(client.get(PAGE))[0].startswith("Wednesday November 25")

    def test_all_dates_by_year(self, client, weekly):
        page = client.get(f"{PAGE}dates/")
        assert len(docket(page)) == 79
        assert re.findall(r"<h2[^>]*>(\d{4})</h2>", page.content.decode()) == ["2027", "2028"]
        assert page.content.decode().count("<ol") == page.content.decode().count("</ol>") == 3

    def test_a_call_without_times_says_so(self, client, db):
        SeriesFactory(slug="soon", name="Soon")
        page = words_of(client.get("/calls/soon/"))
        assert "Next call Not yet set" in page
        assert "No date is set at the moment. Sign up, and we write to you" in page
        assert "No date is set at the moment" in words_of(client.get("/calls/"))

    def test_the_zone_of_the_venue_comes_first(self, client, db):
        ScheduleFactory(series=SeriesFactory(slug="az"), zone="America/Phoenix")
        assert docket(client.get("/calls/az/"))[0].endswith(
            "12:00–1:00 pm Arizona · 11:00 am–12:00 pm Pacific · 2:00–3:00 pm Eastern"
        )


class TestIndex:
    def test_every_public_call_in_order_with_its_next_date(self, client, weekly, monthly):
        SeriesFactory(name="Hidden", published=False)
        page = client.get("/calls/")
        headings = re.findall(r"<h2 id=.*?<a[^>]*>(.*?)</a>", page.content.decode())
        assert [unescape(one) for one in headings] == ["Legal Working Group", "Providers' Call"]
        assert [line[:21] for line in docket(page)] == [
            "Wednesday November 25",
            "Thursday November 26 ",
        ]

    def test_without_calls_it_says_what_else_there_is(self, client, db):
        assert "There are no calls at the moment" in words_of(client.get("/calls/"))


class TestQueries:
    def count(self, client, path):
        client.get(path)
        with CaptureQueriesContext(connection) as queries_made:
            assert client.get(path).status_code == 200
        return len(queries_made)

    def test_constant_for_one_date_and_for_all(self, client, weekly):
        paths = ["/calls/", PAGE, f"{PAGE}dates/", "/"]
        everything = [self.count(client, path) for path in paths]
        kept = list(weekly.dates.values_list("pk", flat=True)[:8])
        weekly.dates.exclude(pk__in=kept).delete()
        assert [self.count(client, path) for path in paths] == everything
        # Without more dates than are shown, the page need not ask for the last of them.
        weekly.dates.exclude(pk=kept[0]).delete()
        one = [self.count(client, path) for path in paths]
        assert one == [everything[0], everything[1] - 1, *everything[2:]]

    def test_constant_for_one_call_and_for_thirty(self, client, weekly):
        thanksgiving()
        paths = ["/calls/", "/"]
        one = [self.count(client, path) for path in paths]
        for _ in range(29):
            ScheduleFactory()
        assert [self.count(client, path) for path in paths] == one


class TestForm:
    def test_one_mail_and_a_page_that_says_what_next(self, client, weekly):
        answer = client.post(PAGE, FORM, follow=True)
        assert answer.redirect_chain == [(f"{PAGE}check-your-email/", 302)]
        assert "Check your email" in words_of(answer)
        assert "press Confirm" in words_of(answer)
        assert "eve@example.org" not in words_of(answer)
        (message,) = deliver()
        assert message["To"] == "eve@example.org"

    def test_the_answer_is_the_same_for_known_and_unknown(self, client, weekly, bob):
        answers = [client.post(PAGE, FORM | {"email": who}) for who in (bob.email, "new@x.org")]
        assert {answer.status_code for answer in answers} == {302}
        assert len({answer["Location"] for answer in answers}) == 1
        assert len({answer.content for answer in answers}) == 1
        assert not any(answer.cookies.get("session") for answer in answers)

    ERRORS = {
        "name": "Enter your name",
        "email": "Enter your email address",
        "organization": "Enter your organization",
        "role": "Choose your role",
    }

    @pytest.mark.parametrize("field", ERRORS)
    def test_what_is_missing_is_said_at_the_field_and_in_the_summary(self, client, weekly, field):
        typed = {**FORM, field: ""}
        page = client.post(PAGE, typed)
        html = page.content.decode()
        assert page.status_code == 200
        # The list of roles begins with the same words.
        assert html.count(self.ERRORS[field]) == (3 if field == "role" else 2)
        assert f'href="#id_{field}"' in html
        (control,) = re.findall(rf'<(?:input|select)[^>]*id="id_{field}"[^>]*>', html)
        assert 'aria-invalid="true"' in control
        assert "<title>Error: Legal Working Group" in html
        for name, value in typed.items():
            if name not in {"role", "website"} and value:
                assert f'value="{value}"' in html
        if field != "role":
            assert re.search(r'<option value="attorney" selected', html)
        assert (SignUp.objects.count(), Mail.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        "email", ["eve", "eve@", "@x.org", "eve@x", "a b@x.org", "eve@x.org,bob@x.org"]
    )
    def test_a_wrong_address_is_kept_and_shown_how(self, client, weekly, email):
        html = client.post(PAGE, FORM | {"email": email}).content.decode()
        assert "Enter an email address such as name@example.org" in html
        assert f'value="{email}"' in html
        assert not SignUp.objects.exists()

    def test_past_the_limit_of_a_network_the_text_is_kept_and_the_phone_named(
        self, client, weekly, settings
    ):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-up per network": (1, 3600)}
        client.post(PAGE, FORM)
        page = client.post(PAGE, FORM | {"email": "second@example.org"})
        assert page.status_code == 429
        assert 'value="second@example.org"' in page.content.decode()
        assert "press “Sign up” again in an hour, or call (888) 507-0193" in words_of(page)
        assert SignUp.objects.count() == 1

    def test_past_the_limit_of_an_address_the_answer_is_the_same(
        self, client, weekly, settings, clock
    ):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-up per address": (2, 3600)}
        answers = []
        for _ in range(4):
            answers.append(client.post(PAGE, FORM)["Location"])
            deliver()
            clock.shift(timedelta(minutes=11))
        assert len(set(answers)) == 1
        assert Mail.objects.count() == 2

    def test_without_its_token_the_text_is_kept(self, weekly):
        strict = Client(enforce_csrf_checks=True)
        page = strict.post(PAGE, FORM)
        assert page.status_code == 403
        html = page.content.decode()
        assert "What you typed is still here" in words_of(page)
        for field in ("name", "email", "organization"):
            assert f'value="{FORM[field]}"' in html
        assert not SignUp.objects.exists()
        # What the page now holds goes through.
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html).group(1)
        again = strict.post(PAGE, FORM | {"csrfmiddlewaretoken": token})
        assert again.status_code == 302
        assert SignUp.objects.count() == 1

    @pytest.mark.parametrize("slug", ["never-was", "hidden"])
    def test_no_call_no_form(self, client, db, slug):
        SeriesFactory(slug="hidden", published=False)
        for path in (
            f"/calls/{slug}/",
            f"/calls/{slug}/dates/",
            f"/calls/{slug}/check-your-email/",
        ):
            assert client.get(path).status_code == 404
        assert client.post(f"/calls/{slug}/", FORM).status_code == 404

    def test_where_approval_is_needed_it_is_said_before_and_after(self, client, weekly):
        CallSeries.objects.update(needs_approval=True)
        assert "once you confirm your sign-up and we have approved it" in words_of(client.get(PAGE))
        assert "A member of staff then approves" in words_of(client.post(PAGE, FORM, follow=True))


def link_of(person):
    return mails.link_for(person).removeprefix("http://testserver")


class TestLink:
    @pytest.fixture
    def eve(self, weekly):
        return SignUpFactory(series=weekly.series, state="unconfirmed", name="Eve")

    def state(self, person):
        person.refresh_from_db()
        return person.state

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "active", "left"])
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_reading_changes_nothing(self, client, weekly, state, method):
        """Mail scanners open every link, also with what buttons would send."""
        person = SignUpFactory(series=weekly.series, state=state)
        before = SignUp.objects.values().get(pk=person.pk)
        for query in ("", "?do=join", "?do=leave", "?do=calendar"):
            assert getattr(client, method)(link_of(person) + query).status_code == 200
        assert SignUp.objects.values().get(pk=person.pk) == before
        assert promised() == []

    def test_confirming_by_the_button_shows_how_to_join(self, client, eve):
        page = client.get(link_of(eve))
        assert "Confirm your sign-up" in words_of(page)
        for secret in SECRETS.values():
            assert secret not in page.content.decode()
        done = client.post(link_of(eve), {"do": "join"}, follow=True)
        assert self.state(eve) == "active"
        assert "You are signed up" in words_of(done)
        assert "What happens next" in words_of(done)
        for secret in SECRETS.values():
            assert secret in done.content.decode()
        (message,) = deliver()
        assert message["Subject"] == "You are signed up: Legal Working Group"

    def test_where_approval_is_needed_it_shows_no_details(self, client, eve):
        CallSeries.objects.update(needs_approval=True)
        done = client.post(link_of(eve), {"do": "join"}, follow=True)
        assert self.state(eve) == "awaiting"
        assert "As soon as it is approved we email you" in words_of(done)
        for secret in SECRETS.values():
            assert secret not in done.content.decode()

    def test_leaving_and_coming_back(self, client, bob):
        path = link_of(bob)
        left = client.post(path, {"do": "leave"}, follow=True)
        assert self.state(bob) == "left"
        assert "You have left the call" in words_of(left)
        assert SECRETS["joining_passcode"] not in left.content.decode()
        back = client.post(path, {"do": "join"}, follow=True)
        assert self.state(bob) == "active"
        assert SECRETS["joining_passcode"] in back.content.decode()

    def test_the_private_calendar_is_shown_once(self, client, bob):
        path = link_of(bob)
        shown = client.post(path, {"do": "calendar"})
        address = re.search(
            r"http://testserver(/my/calendar/[\w-]{43}\.ics)", shown.content.decode()
        )
        assert client.get(address.group(1)).status_code == 200
        later = client.get(path)
        assert "/my/calendar/" not in later.content.decode()
        assert "You have one already" in words_of(later)

    @pytest.mark.parametrize("state", ["unconfirmed", "awaiting", "left"])
    def test_no_private_calendar_for_others(self, client, weekly, state):
        person = SignUpFactory(series=weekly.series, state=state)
        answer = client.post(link_of(person), {"do": "calendar"}, follow=True)
        assert "/my/calendar/" not in answer.content.decode()
        assert self.state(person) == state

    @pytest.mark.parametrize("what", [{}, {"do": "approve"}, {"do": ""}, {"do": "\x00"}])
    def test_a_button_that_is_not_there_does_nothing(self, client, eve, what):
        assert client.post(link_of(eve), what).status_code == 302
        assert self.state(eve) == "unconfirmed"

    def test_without_its_token_the_button_does_nothing(self, eve):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(link_of(eve), {"do": "join"}).status_code == 403
        assert self.state(eve) == "unconfirmed"

    def test_it_is_kept_nowhere_and_found_by_no_robot(self, client, bob):
        for answer in (client.get(link_of(bob)), client.post(link_of(bob), {"do": "calendar"})):
            assert answer["Cache-Control"] == "no-store"
            assert answer["Referrer-Policy"] == "same-origin"
            assert '<meta name="robots" content="noindex">' in answer.content.decode()

    def test_every_link_that_is_not_good_gets_the_same_bytes(self, client, eve, clock):
        good = link_of(eve).split("/")[-2]
        stale = SignUpFactory(series=eve.series)
        gone = link_of(stale).split("/")[-2]
        stale.delete()
        changed = SignUpFactory(series=eve.series)
        revoked = link_of(changed).split("/")[-2]
        SignUp.objects.filter(pk=changed.pk).update(nonce="another")
        clock.shift(-mails.LINK_AGE - timedelta(seconds=1))
        expired = link_of(eve).split("/")[-2]
        clock.shift(mails.LINK_AGE + timedelta(seconds=1))
        bad = {
            "malformed": "x",
            "upper-cased": good.upper(),
            "truncated": good[:-1],
            "lengthened": good + "A",
            "another purpose": links.make("calls.other", eve.pk, eve.nonce),
            "another row's signature": good.split(".")[0] + "." + revoked.split(".", 1)[1],
            "deleted": gone,
            "revoked": revoked,
            "expired": expired,
            "unicode": "%F0%9F%98%80",
            "NUL": "%00",
            "surrogate": "%ED%A0%80",
            "very long": "A" * 6000,
        }
        answers = {name: client.get(f"/calls/sign-up/{token}/") for name, token in bad.items()}
        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
            bad, 404
        )
        assert len({answer.content for answer in answers.values()}) == 1
        for token in bad.values():
            assert client.post(f"/calls/sign-up/{token}/", {"do": "join"}).status_code == 404
        assert client.get(f"/calls/sign-up/{good}/").status_code == 200
        assert self.state(eve) == "unconfirmed"

    def test_a_sign_up_that_goes_while_the_button_is_pressed(self, client, eve, monkeypatch):
        """Purged between the look and the change: as if it had been gone before."""
        path = link_of(eve)
        found = mails.by_link(path.split("/")[-2])
        eve.delete()
        monkeypatch.setattr(mails, "by_link", lambda token: found)
        assert client.post(path, {"do": "join"}).status_code == 404


class TestFlyer:
    @pytest.fixture
    def flyer(self, weekly, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        weekly.series.flyer.save("Über uns.pdf", ContentFile(b"%PDF-1.7 flyer"))

    def test_is_a_download_under_a_plain_name(self, client, flyer):
        answer = client.get(f"{PAGE}flyer.pdf")
        assert b"".join(answer) == b"%PDF-1.7 flyer"
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="working-group.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "Download flyer" in words_of(client.get(PAGE))

    def test_there_is_none_without_one(self, client, weekly):
        assert client.get(f"{PAGE}flyer.pdf").status_code == 404
        assert "flyer" not in words_of(client.get(PAGE))

    def test_nor_for_a_call_not_on_the_site(self, client, flyer):
        CallSeries.objects.update(published=False)
        assert client.get(f"{PAGE}flyer.pdf").status_code == 404


class TestCurrentTimes:
    def test_the_schedule_in_force_else_the_next_else_the_last(self, weekly, clock):
        dates.end_schedule(weekly, datetime(2026, 12, 31, tzinfo=UTC).date())
        later = ScheduleFactory(
            series=weekly.series, first_date=datetime(2027, 2, 3, tzinfo=UTC).date()
        )
        series = CallSeries.objects.get()
        assert queries.current_schedule(series) == weekly
        clock.move_to(pacific("2027-01-15T12:00"))
        assert queries.current_schedule(series) == later
        later.delete()
        assert queries.current_schedule(CallSeries.objects.get()) == weekly

    def test_none_without_any(self, db):
        assert queries.current_schedule(SeriesFactory()) is None


def test_a_closure_of_part_of_the_day_asks_nobody(client, monthly):
    Closure.objects.create(
        date=day(monthly, "2026-11-26").original_date, name="x", closes_at="15:00"
    )
    assert "To be confirmed" not in words_of(client.get("/calls/providers/"))
