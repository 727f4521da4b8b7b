"""The back office of calls: the series and who is signed up for them."""

import csv
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from calls.models import CallSeries
from tests.calls.factories import (
    SeriesFactory,
    SignUpFactory,
    promised,
    words_of,
)
from tests.mailbox import deliver

ROOT = "/admin/calls"


class TestSeries:
    def fields(self, series, **changes):
        names = ["name", "audience", "summary", "topics", "cost", "position"]
        names += ["joining_url", "joining_phone", "joining_passcode"]
        values = {name: getattr(series, name) for name in names}
        return values | {"published": "on"} | changes

    def save(self, staff, series, **changes):
        answer = staff.post(
            f"{ROOT}/callseries/{series.pk}/change/", self.fields(series, **changes)
        )
        series.refresh_from_db()
        return answer

    def test_a_new_call_leads_to_its_times(self, staff, db):
        series = SeriesFactory.build(slug="new")
        answer = staff.post(f"{ROOT}/callseries/add/", self.fields(series, slug="new"))
        made = CallSeries.objects.get(slug="new")
        assert answer["Location"] == f"{ROOT}/callseries/{made.pk}/schedule/"

    def test_changed_joining_details_are_mailed_once(self, staff, weekly, bob, carol):
        for _ in range(2):
            self.save(staff, weekly.series, joining_passcode="new-passcode")
        assert len(deliver()) == 2
        weekly.refresh_from_db()
        assert weekly.sequence == 1

    def test_other_changes_are_mailed_to_nobody(self, staff, weekly, bob):
        self.save(staff, weekly.series, audience="all", cost="", topics="x")
        assert promised() == []
        weekly.refresh_from_db()
        assert weekly.sequence == 0

    @pytest.mark.parametrize("field", ["name", "summary"])
    def test_words_seen_in_calendars_raise_the_sequence(self, staff, weekly, bob, field):
        self.save(staff, weekly.series, **{field: "Other words"})
        weekly.refresh_from_db()
        assert weekly.sequence == 1
        assert promised() == []

    def test_the_address_stays(self, staff, weekly):
        self.save(staff, weekly.series, slug="another")
        assert weekly.series.slug == "working-group"

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "nonsense here", "//x"])
    def test_a_link_to_join_is_a_web_address(self, staff, weekly, url):
        page = self.save(staff, weekly.series, joining_url=url)
        assert "Enter a valid URL" in words_of(page)
        assert weekly.series.joining_url == "https://meet.example.org/j/canary-link"

    def test_a_flyer_is_kept_and_offered(self, staff, client, weekly, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        pdf = SimpleUploadedFile("f.pdf", b"%PDF-1.7 x", "application/pdf")
        assert self.save(staff, weekly.series, flyer=pdf).status_code == 302
        answer = Client().get("/calls/working-group/flyer.pdf")
        assert b"".join(answer) == b"%PDF-1.7 x"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"<html><script>alert(1)</script>", "must be a PDF file"),
            (b" %PDF-1.7", "must be a PDF file"),
            (b"%PDF-" + b"x" * (25 * 1024 * 1024), "larger than 25 MB"),
        ],
        ids=["page", "not at its start", "too large"],
    )
    def test_what_is_no_flyer_is_refused(self, staff, weekly, settings, tmp_path, content, said):
        settings.MEDIA_ROOT = tmp_path
        page = self.save(staff, weekly.series, flyer=SimpleUploadedFile("f.pdf", content))
        assert said in words_of(page)
        assert not weekly.series.flyer
        assert not list(tmp_path.rglob("*.pdf"))

    def test_a_call_is_not_deleted(self, staff, weekly):
        path = f"{ROOT}/callseries/{weekly.series.pk}/delete/"
        assert staff.post(path, {"post": "yes"}).status_code == 403
        assert CallSeries.objects.exists()

    @pytest.mark.parametrize("pk", ["x", "²", "99999999999999999999", "%00"])
    def test_an_address_that_is_none(self, staff, db, pk):
        for model in ("callseries", "calldate", "signup"):
            assert staff.get(f"{ROOT}/{model}/{pk}/change/").status_code in {302, 404}


class TestSignUps:
    def act(self, staff, action, *people):
        return staff.post(
            f"{ROOT}/signup/",
            {"action": action, "_selected_action": [one.pk for one in people]},
            follow=True,
        )

    def test_approving_mails_how_to_join(self, staff, weekly, bob):
        waiting = SignUpFactory(series=weekly.series, state="awaiting")
        new = SignUpFactory(series=weekly.series, state="unconfirmed")
        page = self.act(staff, "approve", waiting, new, bob)
        assert "Approved: 1." in words_of(page)
        waiting.refresh_from_db()
        new.refresh_from_db()
        assert (waiting.state, new.state) == ("active", "unconfirmed")
        (message,) = deliver()
        assert message["To"] == waiting.email
        assert "canary-passcode" in message.as_string()

    def test_taking_out_tells_those_who_were_in(self, staff, weekly, bob):
        gone = SignUpFactory(series=weekly.series, state="left")
        self.act(staff, "take_out", bob, gone)
        bob.refresh_from_db()
        assert bob.state == "left"
        assert [message["To"] for message in deliver()] == [bob.email]

    def test_nothing_of_a_person_is_changed_by_hand(self, staff, bob):
        path = f"{ROOT}/signup/{bob.pk}/change/"
        staff.post(path, {"name": "Mallory", "email": "m@example.org", "state": "left"})
        bob.refresh_from_db()
        assert (bob.name, bob.email, bob.state) == ("Bob Brown", "bob@example.org", "active")
        assert staff.get(f"{ROOT}/signup/add/").status_code == 403
        assert staff.post(f"{ROOT}/signup/{bob.pk}/delete/", {"post": "yes"}).status_code == 403

    FORMULAS = ['=HYPERLINK("http://x.org","y")', "+1+1", "-1+1", "@SUM(1)", "\t=1+1"]

    def export(self, staff, kind):
        page = staff.get(f"{ROOT}/signup/export/")
        formats = re.findall(r'<option value="(\d+)"[^>]*>(\w+)</option>', page.content.decode())
        number = next(value for value, name in formats if name == kind)
        fields = re.findall(r'name="(signupresource_\w+)"', page.content.decode())
        data = {"format": number, "resource": "0", **dict.fromkeys(fields, "on")}
        answer = staff.post(f"{ROOT}/signup/export/", data)
        assert "attachment" in answer["Content-Disposition"]
        return answer.content

    @pytest.mark.parametrize("formula", FORMULAS)
    def test_12_formulas_are_harmless_in_csv(self, staff, weekly, formula):
        SignUpFactory(series=weekly.series, name=formula, organization=formula)
        data = self.export(staff, "csv").decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(data))
        for field in ("name", "organization"):
            assert row[field].strip()[:1] not in {"=", "+", "-", "@"}
        assert row["call"] == "Legal Working Group"
        assert (row["role"], row["state"]) == ("Attorney", "Active")

    @pytest.mark.parametrize("formula", FORMULAS)
    def test_12_formulas_are_harmless_in_excel(self, staff, weekly, formula):
        SignUpFactory(series=weekly.series, name=formula)
        book = openpyxl.load_workbook(io.BytesIO(self.export(staff, "xlsx")))
        cells = [cell for row in book.active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        name = book.active.cell(row=2, column=2).value
        assert name.strip()[:1] not in {"=", "+", "-", "@"}

    def test_names_with_accents_open_well_in_a_spreadsheet(self, staff, weekly):
        SignUpFactory(series=weekly.series, name="José Núñez")
        data = self.export(staff, "csv")
        assert data.startswith(b"\xef\xbb\xbf")
        assert "José Núñez" in data.decode("utf-8-sig")

    def test_the_export_holds_what_was_filtered_and_no_secret(self, staff, weekly, bob):
        data = self.export(staff, "csv").decode()
        assert bob.email in data
        assert bob.nonce not in data
        assert "canary" not in data
