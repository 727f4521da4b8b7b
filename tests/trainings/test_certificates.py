"""Who gets a certificate, what it says, and that it is made once; cases by their words."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from hub.models import Mail, User
from hub.refusal import Refused
from tests.trainings import making
from tests.trainings.cast import make_offering, make_person
from tests.trainings.certified import approve, came, held_day
from trainings import certifying
from trainings.models import Attendance, BarNumber, Certificate, Pledge, Segment
from trainings.services import certificates
from trainings.services import registration as registrations
from trainings.services.registration import Details

# The morning after.
AFTER = datetime(2027, 1, 30, 20, tzinfo=UTC)


@pytest.fixture
def now():
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(db, now):
    return User.objects.create_superuser("alice@example.org")


def the_certificate(person):
    return person.certificates.get(replaced_by=None)


def credit(row):
    ((line,),) = [one["credit"] for one in row.data["activities"]]
    return line["total"], dict(line["parts"])


def mails(kind="trainings.certificate"):
    return list(Mail.objects.filter(kind=kind).values_list("subject_id", "about_id"))


def test_a_certificate_says_who_what_when_and_how_much(alice):
    day = held_day(status="approved")
    bob = came(day)
    report = certificates.issue(day, alice)
    assert (report.issued, report.letters, report.held) == (["Bob Stone"], [], [])
    row = the_certificate(bob)
    assert row.kind == "mcle"
    assert row.data["attendee"] == "Bob Stone"
    assert row.data["bar_numbers"] == [{"state": "State Bar of California", "number": "123456"}]
    (activity,) = row.data["activities"]
    assert activity["title"] == "Pro Bono Attorney Training: Day"
    assert activity["when"] == "Friday, January 29, 2027"
    assert activity["place"] == "Los Angeles"
    assert activity["participation"] == "Participatory"
    assert credit(row) == ("6.00", {"General": "5.00", "Legal Ethics": "1.00"})
    assert row.data["verify_url"].endswith(f"/certificates/{certifying.dashed(row.code)}/")
    assert mails() == [(bob.pk, row.pk)]


def test_the_provider_is_named_with_its_number_and_who_signs(alice, settings):
    first = the_certificate_of(held_day(status="approved"), alice)
    assert first.data["provider_name"] == "Coalition to Abolish Slavery & Trafficking"
    assert first.data["provider_number"] == "CA-1"
    settings.MCLE_PROVIDER_NUMBER = "12345"
    settings.CERTIFICATE_SIGNER, settings.CERTIFICATE_SIGNER_ROLE = "Alice Adams", "Director"
    certificates.issue(first.activity, alice)
    assert certificates.revise(first.registration) == []
    carol = came(first.activity, "Carol West")
    certificates.issue(first.activity, alice)
    data = the_certificate(carol).data
    assert (data["provider_number"], data["signer"], data["signer_role"]) == (
        "12345",
        "Alice Adams",
        "Director",
    )


def test_the_file_is_the_same_whenever_it_is_downloaded(alice, now):
    day = held_day(status="approved")
    row = the_certificate_of(day, alice)
    first = certificates.pdf(row)
    now.shift(timedelta(days=400))
    day.offering.course.title = "Renamed"
    day.offering.course.save()
    row.refresh_from_db()
    assert certificates.pdf(row) == first
    assert certificates.check(row) == "The file is the same, byte for byte, as when it was issued."


def the_certificate_of(day, alice):
    bob = came(day)
    certificates.issue(day, alice)
    return the_certificate(bob)


def test_pdf_hash_mismatch_warns(alice, caplog):
    row = the_certificate_of(held_day(status="approved"), alice)
    row.pdf_hash = "0" * 64
    assert certificates.check(row) == "WARNING: the file differs from the one that was issued."
    assert certificates.pdf(row).startswith(b"%PDF")
    assert "not the same file" in caplog.text
    row.template_version = "older"
    assert "Its layout has changed since" in certificates.check(row)


def test_what_is_stored_was_tampered_with_warns(alice):
    row = the_certificate_of(held_day(status="approved"), alice)
    row.data["activities"][0]["credit"][0]["total"] = "9.00"
    assert "the hashes differ" in certificates.check(row)
    row.data = {}
    assert "cannot be made" in certificates.check(row)


def test_approval_pending_no_certificate_notice_shown_approved_later_certificates_issue_once(alice):
    day = held_day(status="pending")
    bob = came(day)
    assert certificates.issue(day, alice).pending == ["Bob Stone"]
    assert not bob.certificates.exists()
    (waits,) = certificates.held_by(bob)
    assert waits.sentence == (
        "California MCLE credit is pending approval. Certificates follow once granted."
    )
    approve(day)
    assert certificates.issue(day, alice).issued == ["Bob Stone"]
    assert certificates.issue(day, alice).already == ["Bob Stone"]
    assert bob.certificates.count() == len(mails()) == 1


@pytest.mark.parametrize("status", ["denied", None])
def test_denied_or_no_approval_no_credit_but_a_statement_of_minutes(alice, status):
    day = held_day(**({"status": status} if status else {}))
    row = the_certificate_of(day, alice)
    assert row.kind == "letter"
    assert "MCLE" not in str(row.data)
    assert [one["attended"] for one in row.data["sessions"]] == [
        "360 of 360 minutes of instruction"
    ]


@pytest.mark.parametrize(
    ("decided", "kind"), [(date(2025, 1, 30), "mcle"), (date(2025, 1, 29), "letter")]
)
def test_approval_expired_two_years_after_it_was_granted(alice, decided, kind):
    day = held_day(status="approved", decided_on=decided)
    assert the_certificate_of(day, alice).kind == kind


def test_non_attorney_attendance_letter_never_mcle_wording(alice):
    day = held_day(status="approved")
    day.offering.course.title = "Pro Bono Training (6 MCLE credits)"
    day.offering.course.save()
    eve = came(day, "Eve Carol", is_attorney=False, bar="", organization="Harbor Shelter")
    assert certificates.issue(day, alice).letters == ["Eve Carol"]
    row = the_certificate(eve)
    assert row.kind == "letter"
    assert row.data["organization"] == "Harbor Shelter"
    assert row.data["sessions"][0]["title"] == "Pro Bono Training: Day"
    assert not {"MCLE", "credit"} & set(str(row.data).split())


def test_attorney_without_bar_number_held_self_service_fix_then_issue(alice):
    day = held_day(status="approved")
    bob = came(day, bar="")
    assert certificates.issue(day, alice).held == ["Bob Stone"]
    assert certificates.issue(day, alice).held == ["Bob Stone"]
    assert not bob.certificates.exists()
    assert mails("trainings.certificate_held") == [(bob.pk, day.pk)]
    saved = registrations.set_bar_numbers(
        bob.pk, Details(name=bob.name, bar_numbers=(("CA", "234567"),))
    )
    (made,) = certificates.issue_held(saved)
    assert made.data["bar_numbers"][0]["number"] == "234567"
    assert certificates.issue_held(saved) == []
    assert mails() == [(bob.pk, made.pk)]


def test_a_bar_number_alone_issues_nothing_before_staff_did(alice):
    bob = came(held_day(status="approved"))
    assert certificates.issue_held(bob) == []


def test_an_attorney_of_another_state_gets_a_statement_of_minutes(alice):
    day = held_day(status="approved")
    bob = came(day, bar="")
    BarNumber.objects.create(registration=bob, state="TX", number="24000001")
    certificates.issue(day, alice)
    assert the_certificate(bob).kind == "letter"


def test_a_letter_becomes_a_certificate_once_credit_is_approved(alice):
    day = held_day(status="denied")
    letter = the_certificate_of(day, alice)
    approve(day)
    assert certificates.issue(day, alice).renewed == ["Bob Stone"]
    row = the_certificate(letter.registration)
    assert (row.kind, row.revision) == ("mcle", 2)


def test_name_change_after_issue_revision_2_old_code_resolves_to_replaced_by(alice):
    old = the_certificate_of(held_day(status="approved"), alice)
    bob = old.registration
    bob.name = "Robert Stone"
    bob.save()
    (new,) = certificates.revise(bob)
    old.refresh_from_db()
    assert (new.revision, new.data["revision"], new.data["attendee"]) == (2, 2, "Robert Stone")
    assert (old.replaced_by, old.data["attendee"]) == (new, "Bob Stone")
    assert new.data["number"] == old.data["number"]
    assert new.code != old.code
    assert certificates.newest(old) == new
    assert certificates.revise(bob) == []
    assert mails() == [(bob.pk, old.pk), (bob.pk, new.pk)]
    bob.bar_numbers.update(number="654321")
    (third,) = certificates.revise(bob)
    assert (third.revision, certificates.newest(old)) == (3, third)


def test_attendance_corrected_to_less_is_said_in_a_new_revision(alice):
    day = held_day(status="approved")
    row = the_certificate_of(day, alice)
    Attendance.objects.update(ends_at=making.at("2027-01-29 12:00"))
    assert certificates.preview(day).renewed == ["Bob Stone"]
    assert certificates.issue(day, alice).renewed == ["Bob Stone"]
    assert credit(the_certificate(row.registration)) == ("3.00", {"General": "3.00"})
    Attendance.objects.all().delete()
    assert certificates.issue(day, alice).doubtful == ["Bob Stone"]
    assert row.registration.certificates.count() == 2


def test_credit_is_never_above_what_is_approved(alice):
    day = held_day(status="approved", total=16, ethics=2)
    row = the_certificate_of(day, alice)
    assert credit(row) == ("4.00", {"General": "3.50", "Legal Ethics": "0.50"})


def test_speaker_lines_are_left_out(alice):
    day = held_day(status="approved")
    assert Segment.objects.filter(speaker="Alice Stone").exists()
    speaker = came(day, "Alice Stone")
    certificates.issue(day, alice)
    (line,) = the_certificate(speaker).data["activities"][0]["credit"]
    assert (line["label"], line["total"]) == ("Attendance", "6.00")


def test_sign_in_without_sign_out_not_credited_until_staff_set_a_time(alice):
    day = held_day(status="approved")
    bob = came(day)
    Attendance.objects.update(ends_at=None)
    report = certificates.issue(day, alice)
    assert (report.absent, report.no_end) == (["Bob Stone"], ["Bob Stone"])
    assert not bob.certificates.exists()


@pytest.mark.parametrize(("until", "kind"), [("16:00", "mcle"), ("15:50", "letter")])
def test_new_york_gives_nothing_for_part_attendance(alice, until, kind):
    day = held_day(status="approved", jurisdiction="NY", total=28, ethics=4)
    bob = came(day, until=until, bar="")
    BarNumber.objects.create(registration=bob, state="NY", number="5567788")
    certificates.issue(day, alice)
    row = the_certificate(bob)
    assert row.kind == kind
    if kind == "mcle":
        assert credit(row)[0] == "7.0"
        assert row.data["program"] == "New York Continuing Legal Education (CLE)"
        assert row.data["bar_numbers"] == [{"state": "New York", "number": "5567788"}]


def test_admitted_in_two_states_one_certificate_with_a_line_for_each(alice):
    day = held_day(status="approved")
    approve(day, jurisdiction="NY", total=28)
    bob = came(day)
    BarNumber.objects.create(registration=bob, state="NY", number="5567788")
    certificates.issue(day, alice)
    row = the_certificate(bob)
    lines = row.data["activities"][0]["credit"]
    assert [(one["label"], one["total"]) for one in lines] == [
        ("Attendance, California MCLE", "6.00"),
        ("Attendance, New York CLE", "7.0"),
    ]
    assert row.data["total"] == ""
    assert certificates.check(row).startswith("The file is the same")


def test_16_h_offering_both_full_days_day_1_only_no_14_hours_claimed(alice):
    day = held_day(status="approved", total=28)
    day.offering.course.mcle_condition = "for those who attend both full days"
    day.offering.course.save()
    second = making.activity(day.offering, "2027-01-30 09:00", "2027-01-30 11:00", "Day 2")
    making.segment(second, "09:00", "11:00", "More")
    approve(second, total=28)
    bob = came(day)
    certificates.issue(day, alice)
    assert certificates.issue(second, alice).absent == ["Bob Stone"]
    row = the_certificate(bob)
    assert [one["when"] for one in row.data["activities"]] == ["Friday, January 29, 2027"]
    assert credit(row)[0] == "6.00"


def test_only_who_has_a_confirmed_place(alice):
    day = held_day(status="approved")
    came(day, state="canceled")
    certificates.issue(day, alice)
    assert not Certificate.objects.exists()


def test_not_before_the_day_is_over_nor_without_an_agenda(alice, now):
    day = held_day(status="approved")
    now.move_to(day.starts_at)
    with pytest.raises(Refused, match="not over yet"):
        certificates.issue(day, alice)
    now.move_to(AFTER)
    Segment.objects.all().delete()
    with pytest.raises(Refused, match="no agenda"):
        certificates.issue(day, alice)


def test_a_preview_counts_and_changes_nothing(alice):
    day = held_day(status="approved")
    came(day)
    came(day, "Carol West", bar="")
    came(day, "Dan Reyes", bar="", is_attorney=False)
    report = certificates.preview(day)
    assert (report.issued, report.held, report.letters) == (
        ["Bob Stone"],
        ["Carol West"],
        ["Dan Reyes"],
    )
    assert not Certificate.objects.exists()
    assert not Mail.objects.exists()


def test_a_name_no_font_has_is_issued_and_staff_are_told(alice):
    day = held_day(status="approved")
    came(day, "Bob \U00013000")
    report = certificates.issue(day, alice)
    assert report.unsupported == report.issued == ["Bob \U00013000"]


def test_revoked_needs_a_reason_and_stays_revoked(alice):
    day = held_day(status="approved")
    row = the_certificate_of(day, alice)
    with pytest.raises(Refused, match="Say why"):
        certificates.revoke(row, " ", alice)
    certificates.revoke(row, "Left early.", alice)
    certificates.revoke(row, "Again.", alice)
    row.refresh_from_db()
    assert (row.revoke_reason, row.revoked_at) == ("Left early.", AFTER)
    assert certificates.issue(day, alice).already == ["Bob Stone"]
    assert certificates.revise(row.registration) == []


class TestPledges:
    def pledger(self, offering, who):
        return make_person(offering, who, choice="pledge")

    def state(self, person):
        return Pledge.objects.get(registration=person).state

    def test_attended_makes_it_eligible_absent_makes_it_void(self, alice):
        offering = make_offering()
        day = offering.activities.get()
        making.segment(day, "09:00", "12:00")
        bob, carol = self.pledger(offering, "bob"), self.pledger(offering, "carol")
        making.attended(bob, day)
        certificates.issue(day, alice)
        certificates.issue(day, alice)
        assert (self.state(bob), self.state(carol)) == ("eligible", "void")

    def test_nobody_loses_one_before_each_days_attendance_is_in(self, alice, now):
        offering = make_offering(days=("2027-01-28", "2027-01-29"))
        first, second = offering.days
        for day in (first, second):
            making.segment(day, "09:00", "12:00")
        bob, carol = self.pledger(offering, "bob"), self.pledger(offering, "carol")
        making.attended(bob, second)
        certificates.issue(second, alice)
        assert (self.state(bob), self.state(carol)) == ("made", "made")
        Attendance.objects.create(
            registration=bob,
            activity=first,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            source="tick",
        )
        certificates.issue(first, alice)
        assert (self.state(bob), self.state(carol)) == ("eligible", "void")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_one_certificate():
    with time_machine.travel(AFTER):
        alice = User.objects.create_superuser("alice@example.org")
        day = held_day(status="approved")
        people = [came(day, name) for name in ("Bob Stone", "Carol West", "Dan Reyes")]
        start, reports, errors = threading.Barrier(4), [], []

        def click():
            try:
                start.wait(30)
                reports.append(certificates.issue(day, alice))
            except Exception as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        assert errors == []
        assert sum(one.new for one in reports) == 3
        assert sum(len(one.already) for one in reports) == 9
        assert [one.certificates.count() for one in people] == [1, 1, 1]
        assert len(mails()) == 3
