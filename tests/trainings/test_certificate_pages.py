"""The public page of a code, somebody's own page and file, the mails, the back office."""

import email
import email.policy
import re
import uuid
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hub import outbox
from hub.models import Mail, User
from tests.reading import filled, inline_code, text
from tests.trainings import making
from tests.trainings.certified import approve, came, held_day
from tests.trainings.making import address
from tests.trainings.test_registration_mails import written
from trainings import certifying
from trainings.mails.registration import link_for
from trainings.models import Certificate
from trainings.services import certificates, offerings

AFTER = datetime(2027, 1, 30, 20, tzinfo=UTC)
LIMIT = "certificate checks per network"


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def day():
    return held_day(status="approved")


@pytest.fixture
def alice():
    return User.objects.create_superuser("carol@example.org")


@pytest.fixture
def row(day, alice):
    bob = came(day)
    certificates.issue(day, alice)
    return bob.certificates.get()


def page(client, code):
    return client.get(f"/certificates/{code}/")


def writes(queries):
    """Statements that change a table, but for the count of a rate limit."""
    return [
        one["sql"]
        for one in queries
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", one["sql"]) and "hub_ratecount" not in one["sql"]
    ]


class TestPublicPage:
    def test_right_code_shows_name_activity_date_credits_status_bar_number_masked(
        self, client, row
    ):
        answer = page(client, row.code)
        assert answer.status_code == 200
        said = text(answer)
        for part in (
            "Status of " + certifying.dashed(row.code),
            "Valid",
            "Bob Stone",
            "Pro Bono Attorney Training: Day",
            "Friday, January 29, 2027",
            "Attendance: 6.00 hours",
            "General: 5.00",
            "Legal Ethics: 1.00",
            "State Bar of California, •••• 56",
        ):
            assert part in said
        assert b"123456" not in answer.content
        assert b"bob@" not in answer.content

    def test_no_login_noindex_no_store(self, client, row):
        answer = page(client, row.code)
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert b'<meta name="robots" content="noindex">' in answer.content
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
        assert inline_code(answer) == []

    @pytest.mark.parametrize(
        "typing",
        [
            lambda code: code.lower(),
            certifying.dashed,
            lambda code: f" {code[:4]} {code[4:8]}–{code[8:]} ",
        ],
        ids=["lower case", "dashes", "spaces"],
    )
    def test_however_the_code_is_typed(self, client, row, typing):
        assert page(client, typing(row.code)).status_code == 200
        found = client.get("/certificates/", {"code": typing(row.code)}, follow=True)
        assert "Bob Stone" in text(found)

    def test_wrong_code_404_with_the_same_bytes(self, client, row):
        wrong = [page(client, code) for code in ("AAAABBBBCCCC", "AAAA-BBBB-CCCD", "é", "x" * 300)]
        assert {one.status_code for one in wrong} == {404}
        assert len({one.content for one in wrong}) == 1
        assert len({str(sorted(one.headers.items())) for one in wrong}) == 1

    def test_wrong_code_is_looked_for_like_a_right_one(self, client, row):
        def lookups(code):
            with CaptureQueriesContext(
                connection,
            ) as caught:
                page(client, code)
            return sum("trainings_certificate" in one["sql"] for one in caught)

        assert lookups("AAAABBBBCCCC") == lookups("--") == 1

    def test_rate_limit_per_network(self, client, row, settings):
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, LIMIT: (2, 3600)}
        assert [page(client, "none").status_code for _ in range(2)] == [404, 404]
        answer = page(client, row.code)
        assert answer.status_code == 429
        assert "Try again in an hour" in text(answer)
        assert "Bob Stone" not in text(answer)

    def test_revoked_certificate_shows_revoked(self, client, row, alice):
        certificates.revoke(row, "Canary reason.", alice)
        said = text(page(client, row.code))
        assert "Revoked It was revoked on Saturday, January 30, 2027 and is not valid." in said
        assert "Canary" not in said
        assert "Valid" not in said

    def test_old_code_resolves_to_replaced_by(self, client, row):
        bob = row.registration
        for name in ("Robert Stone", "Robert Stone Jr."):
            bob.name = name
            bob.save()
            certificates.revise(bob)
        newest = certifying.dashed(bob.certificates.get(replaced_by=None).code)
        answer = page(client, row.code)
        assert "Replaced It was replaced by " + newest in text(answer)
        assert f'href="/certificates/{newest}/"' in answer.content.decode()
        assert "as revision 3" in text(page(client, newest))

    def test_a_letter_has_no_word_of_credit(self, client, day, alice):
        eve = came(day, "Eve Carol", is_attorney=False, bar="")
        certificates.issue(day, alice)
        said = text(page(client, eve.certificates.get().code))
        assert "Letter of attendance" in said
        assert "360 of 360 minutes of instruction" in said
        assert "MCLE" not in said
        assert "Credit" not in said

    def test_the_form_says_what_is_missing(self, client):
        assert "The code on the certificate" in text(client.get("/certificates/"))
        assert "Type the code" in text(client.get("/certificates/", {"code": ""}))
        assert "letters and digits" in text(client.get("/certificates/", {"code": "--"}))

    def test_nothing_is_posted(self, client, row):
        assert client.post(f"/certificates/{row.code}/").status_code == 405
        assert client.post("/certificates/").status_code == 405


class TestOwnPage:
    def path_of(self, person, code):
        return re.sub(r"^https?://[^/]+", "", link_for(person)) + f"certificates/{code}.pdf"

    def page_of(self, person):
        return re.sub(r"^https?://[^/]+", "", link_for(person))

    def test_the_paper_as_often_as_they_like(self, client, row):
        listed = client.get(self.page_of(row.registration))
        assert "Certificate of attendance (MCLE) (PDF)" in text(listed)
        (link,) = re.findall(r'href="([^"]+\.pdf)"', listed.content.decode())
        first, again = client.get(link), client.get(link)
        assert first.status_code == 200
        assert first.content == again.content
        assert first.content.startswith(b"%PDF")
        assert first.headers["Content-Type"] == "application/pdf"
        assert first.headers["Content-Disposition"] == (
            f'inline; filename="certificate-{certifying.dashed(row.code)}.pdf"'
        )
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        assert first.headers["Cache-Control"] == "no-store"

    def test_of_nobody_else(self, client, day, row):
        eve = came(day, "Eve Carol")
        assert client.get(self.path_of(eve, row.code)).status_code == 404
        unknown = f"/trainings/registration/unknown/certificates/{row.code}.pdf"
        assert client.get(unknown).status_code == 404

    def test_an_old_code_leads_to_the_newest_and_a_revoked_one_nowhere(self, client, row, alice):
        bob = row.registration
        bob.name = "Robert Stone"
        bob.save()
        (new,) = certificates.revise(bob)
        answer = client.get(self.path_of(bob, row.code))
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith(f"{new.code}.pdf")
        certificates.revoke(new, "Left.", alice)
        assert client.get(self.path_of(bob, new.code)).status_code == 404
        assert "revoked" in text(client.get(self.page_of(bob)))

    def test_pending_is_said_to_be_pending(self, client, day, alice):
        approve(day, "pending")
        bob = came(day)
        certificates.issue(day, alice)
        assert "credit is pending approval" in text(client.get(self.page_of(bob)))

    def test_attorney_without_bar_number_self_service_fix_then_issue(self, client, day, alice):
        bob = came(day, bar="")
        certificates.issue(day, alice)
        own = self.page_of(bob)
        assert "Add your bar number to receive your certificate." in text(client.get(own))
        sent = {
            "do": "licenses",
            "is_attorney": "yes",
            "bar_state_1": "CA",
            "bar_number_1": "#012 345",
        }
        answer = client.post(own, sent, follow=True)
        assert "Certificate of attendance (MCLE) (PDF)" in text(answer)
        assert bob.certificates.get().data["bar_numbers"][0]["number"] == "12345"

    def test_get_never_changes_state(self, client, row):
        bob = row.registration
        addresses = [
            "/certificates/",
            f"/certificates/{row.code}/",
            self.page_of(bob),
            self.path_of(bob, row.code),
        ]
        with CaptureQueriesContext(connection) as caught:
            for one in addresses:
                assert client.get(one).status_code == 200
        assert writes(caught) == []


class TestMails:
    @pytest.fixture
    def shown(self, mailoutbox, file_regression):
        def check(kind):
            Mail.objects.exclude(kind=kind).delete()
            Mail.objects.update(uuid=uuid.UUID(int=1))
            while outbox.send_due():
                pass
            assert not Mail.objects.exclude(last_error="")
            (sent,) = mailoutbox
            file_regression.check(written(parsed(sent)), extension=".eml.txt", encoding="utf-8")

        return check

    def set_code(self, person):
        """Codes are random: one that a snapshot can hold."""
        row = person.certificates.get(replaced_by=None)
        data = row.data | {"verify_url": "http://testserver/certificates/7KQ4-M2XD-9TBR/"}
        Certificate.objects.filter(pk=row.pk).update(code="7KQ4M2XD9TBR", data=data)

    def test_certificate(self, day, alice, shown):
        bob = came(day, pk=9001, nonce="bobs-nonce")
        certificates.issue(day, alice)
        self.set_code(bob)
        shown("trainings.certificate")

    def test_letter(self, day, alice, shown):
        day.offering.course.title = "Pro Bono Attorney Training (6 MCLE)"
        day.offering.course.save()
        eve = came(day, "Eve Carol", is_attorney=False, bar="", pk=9002, nonce="eves-nonce")
        certificates.issue(day, alice)
        self.set_code(eve)
        shown("trainings.certificate")

    def test_held(self, day, alice, shown):
        came(day, bar="", pk=9003, nonce="bobs-nonce")
        certificates.issue(day, alice)
        shown("trainings.certificate_held")

    def test_no_mail_of_what_was_revoked_or_no_longer_waits(self, day, alice, row, mailoutbox):
        certificates.revoke(row, "Left.", alice)
        carol = came(day, "Carol West", bar="")
        certificates.issue(day, alice)
        carol.bar_numbers.create(state="CA", number="111111")
        while outbox.send_due():
            pass
        assert mailoutbox == []


def parsed(sent):
    return email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)


class TestBackOffice:
    def test_issue_certificates_counts_then_a_button(self, back_office, day):
        came(day)
        came(day, "Carol West", bar="")
        came(day, "Dan Reyes", bar="", is_attorney=False)
        url = address("activity_certificates", day.pk)
        change = back_office.get(address("activity_change", day.pk))
        assert f'href="{url}"' in change.content.decode()
        said = text(back_office.get(url))
        assert "Certificates to issue 1 Bob Stone" in said
        assert "Letters of attendance to issue 1 Dan Reyes" in said
        assert "who is asked for it by email 1 Carol West" in said
        assert not Certificate.objects.exists()
        done = text(back_office.post(url, follow=True))
        assert "Issued: 1 certificate and 1 letter of attendance" in done
        assert "Without a bar number: 1." in done
        assert LogEntry.objects.filter(change_message__startswith="Certificates: 2").exists()
        assert "Issued already 2 Bob Stone, Dan Reyes" in text(back_office.get(url))

    def test_why_not_is_said(self, back_office, day, now):
        now.move_to(day.starts_at)
        url = address("activity_certificates", day.pk)
        for answer in (back_office.get(url), back_office.post(url)):
            assert "This day is not over yet" in text(answer)
            assert "Issue certificates</button>" not in answer.content.decode()

    def test_without_a_provider_number_staff_are_warned(self, back_office, day, settings):
        came(day)
        url = address("activity_certificates", day.pk)
        assert "no provider or approval number" not in text(back_office.get(url))
        approve(day, number="")
        assert "no provider or approval number" in text(back_office.get(url))
        settings.MCLE_PROVIDER_NUMBER = "12345"
        assert "no provider or approval number" not in text(back_office.get(url))

    def test_an_agenda_changed_since_approval_is_said(self, back_office, day):
        came(day)
        offerings.note_approved(day)
        url = address("activity_certificates", day.pk)
        assert "Substantive change" not in text(back_office.get(url))
        day.segments.filter(category="ethics").update(category="general")
        assert "Substantive change" in text(back_office.get(url))

    def test_revoke_asks_for_a_reason(self, back_office, row):
        url = address("certificate_revoke", row.pk)
        assert "Say why" in text(back_office.post(url, {"reason": ""}))
        assert "Revoked: Left early." in text(
            back_office.post(url, {"reason": "Left early."}, follow=True)
        )
        assert LogEntry.objects.filter(change_message="Revoked: Left early.").exists()
        assert url not in back_office.get(address("certificate_change", row.pk)).content.decode()

    def test_pdf_hash_mismatch_warns(self, back_office, row):
        url = address("certificate_change", row.pk)
        assert "byte for byte" in text(back_office.get(url))
        assert back_office.get(address("certificate_download", row.pk)).status_code == 200
        Certificate.objects.update(pdf_hash="0" * 64)
        assert "WARNING: the file differs" in text(back_office.get(url))
        Certificate.objects.update(data={})
        broken = back_office.get(address("certificate_download", row.pk), follow=True)
        assert "cannot be made" in text(broken)

    def test_who_may_only_look_revokes_nothing(self, client, row, settings):
        settings.STAFF_SECOND_FACTOR = False
        viewer = User.objects.create_user("dan@example.org")
        viewer.is_staff = True
        viewer.save()
        viewer.user_permissions.add(Permission.objects.get(codename="view_certificate"))
        client.force_login(viewer)
        assert client.get(address("certificate_change", row.pk)).status_code == 200
        url = address("certificate_revoke", row.pk)
        assert client.post(url, {"reason": "No."}).status_code == 403
        row.refresh_from_db()
        assert row.revoked_at is None

    def test_a_name_corrected_by_staff_is_a_new_revision(self, back_office, row):
        url = address("registration_change", row.registration_id)
        sent = filled(back_office.get(url)) | {"name": "Robert Stone"}
        answer = back_office.post(url, sent, follow=True)
        assert "Certificates issued anew: 1." in text(answer)
        row.refresh_from_db()
        assert row.replaced_by.data["attendee"] == "Robert Stone"
        assert (
            making.address("certificate_change", row.replaced_by_id)
            in back_office.get(address("certificate_change", row.pk)).content.decode()
        )


def test_the_names_of_the_addresses():
    assert reverse("certificate_check") == "/certificates/"
    assert reverse("certificate", args=["A"]) == "/certificates/A/"
