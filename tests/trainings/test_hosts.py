import pytest
from django.core import mail as outgoing
from django.test import Client
from django.urls import reverse

from hub import outbox
from hub.refusal import Refused
from tests.reading import text
from tests.trainings.test_interest import written
from trainings import sample_agenda
from trainings.models import Course, HostOffer
from trainings.services import interest

OFFER = {
    "agency": "Legal Aid of  Fresno",
    "name": "Dana Cole",
    "email": "Dana@Example.org",
    "phone": "",
    "dates": "March 4–5 or 11–12, 2027",
    "city": "Fresno",
    "state": "CA",
    "room": "Seats 60, step-free, projector",
    "attorneys": "45",
    "licensed_in": "California",
    "note": "",
}


@pytest.fixture(autouse=True)
def _mailbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def course(seeded):
    return Course.objects.get(slug="attorney-16h")


@pytest.fixture
def offer(course):
    return interest.offer_to_host(course, **{**OFFER, "attorneys": 45, "email": "dana@example.org"})


def test_the_sample_agenda_holds_14_hours_on_two_days_of_eight():
    days = sample_agenda.days()
    assert [day.minutes for day in days] == [420, 420]
    assert sample_agenda.hours() == 14
    assert [sum(line.minutes for line in day.lines) for day in days] == [480, 480]
    assert [day.ends for day in days] == ["5:00 pm", "5:00 pm"]


def test_the_sample_agenda_speaks_only_of_the_pages_topics():
    topics = {
        line.title.partition(",")[0]
        for day in sample_agenda.days()
        for line in day.lines
        if not line.is_break
    }
    assert topics == {
        "Criminal victim witness advocacy",
        "Civil remedies",
        "Immigration benefits",
        "Legal ethics",
    }


def test_the_page_says_what_hosting_is_and_shows_the_sample_as_one(client, course):
    page = text(client.get("/trainings/host/"))
    assert "We are looking for Sponsor Agencies throughout the United States" in page
    assert "CAST stays the provider of record" in page
    assert "This is a sample" in page
    assert "9:00 am Immigration benefits, part 1 90 min" in page
    assert "Both days of the sample hold 14 hours of instruction." in page
    assert (
        'href="/trainings/host/?course=attorney-16h"'
        in client.get("/trainings/attorney-16h/").content.decode()
    )


def test_an_offer_is_kept_thanked_for_and_mailed(client, course):
    answer = client.post("/trainings/host/", OFFER | {"course": course.pk})
    assert answer.url == "/trainings/host/thank-you/"
    assert "A member of staff reads your offer and writes to you" in text(client.get(answer.url))
    offer = HostOffer.objects.get()
    assert (offer.agency, offer.email, offer.attorneys, offer.stage) == (
        "Legal Aid of Fresno",
        "dana@example.org",
        45,
        "new",
    )
    outbox.send_due()
    (letter,) = outgoing.outbox
    assert letter.to == ["dana@example.org"]


def test_the_same_offer_sent_twice_is_one(client, course):
    for _ in range(2):
        client.post("/trainings/host/", OFFER | {"course": course.pk})
    assert HostOffer.objects.count() == 1
    client.post("/trainings/host/", OFFER | {"course": course.pk, "city": "Merced"})
    assert HostOffer.objects.count() == 2


def test_the_mail_reads_as_it_should(offer, file_regression):
    outbox.send_due()
    (letter,) = outgoing.outbox
    file_regression.check(written(letter), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"agency": " \u200b "}, "Enter your agency’s name"),
        ({"email": "dana"}, "Enter an email address such as name@example.org"),
        ({"dates": ""}, "Enter the dates that would suit you"),
        ({"state": "Bavaria"}, "Choose the state"),
        ({"attorneys": "-3"}, "Enter 1 or more attorneys"),
        ({"attorneys": "9999999999"}, "Enter 2,000 attorneys or fewer"),
        ({"attorneys": "forty"}, "Enter a whole number, such as 40"),
        ({"course": ""}, "Choose the training you would like to host"),
        ({"course": "0"}, "Choose a training from the list"),
        ({"note": "x" * 2001}, "at most 2000 characters"),
        ({"website": "spam"}, "it is there to stop spam"),
    ],
)
def test_bad_input_is_explained_and_nothing_typed_is_lost(client, course, change, sentence):
    answer = client.post("/trainings/host/", {"course": course.pk} | OFFER | change)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert "March 4–5 or 11–12, 2027" in answer.content.decode() or "dates" in change
    assert not HostOffer.objects.exists()


def test_a_course_that_wants_no_host_is_not_offered(client, course):
    other = Course.objects.get(slug="aila-2h")
    answer = client.post("/trainings/host/", OFFER | {"course": other.pk})
    assert "Choose a training from the list" in text(answer)
    Course.objects.update(sponsors_wanted=False)
    page = client.get("/trainings/host/")
    assert "not looking for hosts at the moment" in text(page)
    assert b"Send the offer" not in page.content


def test_a_form_that_lost_its_token_comes_back_filled_in(course):
    answer = Client(enforce_csrf_checks=True).post("/trainings/host/", OFFER)
    assert answer.status_code == 403
    assert "Seats 60, step-free, projector" in answer.content.decode()


def test_past_the_limit_an_address_is_told_to_wait(client, course, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"host offer per address": (1, 86400)}
    client.post("/trainings/host/", OFFER | {"course": course.pk})
    answer = client.post("/trainings/host/", OFFER | {"course": course.pk, "city": "Merced"})
    assert answer.status_code == 429
    assert "several offers from this email address" in text(answer)
    assert "Merced" in answer.content.decode()


def test_stages_follow_one_another(offer):
    for stage in ("contacted", "scheduled", "held"):
        assert interest.move_offer(offer.pk, stage, f"Now {stage}.").stage == stage
    offer.refresh_from_db()
    assert offer.staff_note == "Now contacted.\nNow scheduled.\nNow held."
    with pytest.raises(Refused, match="An offer that is held does not become new"):
        interest.move_offer(offer.pk, "new", "")


def test_a_stage_cannot_be_skipped(offer):
    with pytest.raises(Refused, match="An offer that is new does not become held"):
        interest.move_offer(offer.pk, "held", "")


def test_staff_follow_an_offer_in_the_back_office(back_office, offer):
    page = text(back_office.get(reverse("admin:trainings_hostoffer_changelist")))
    assert "Legal Aid of  Fresno".replace("  ", " ") in page
    address = reverse("admin:trainings_hostoffer_stage", args=[offer.pk])
    form = back_office.get(address)
    assert "Contacted" in text(form)
    assert "Held" not in text(form).partition("New stage")[2]
    answer = back_office.post(address, {"stage": "contacted", "note": "Called Dana."})
    assert answer.status_code == 302
    offer.refresh_from_db()
    assert (offer.stage, offer.staff_note) == ("contacted", "Called Dana.")
    history = text(back_office.get(reverse("admin:trainings_hostoffer_history", args=[offer.pk])))
    assert "From New to Contacted. Called Dana." in history


def test_a_stage_that_does_not_follow_is_refused_at_the_form(back_office, offer):
    address = reverse("admin:trainings_hostoffer_stage", args=[offer.pk])
    answer = back_office.post(address, {"stage": "held", "note": ""})
    assert answer.status_code == 200
    assert "Choose one of the stages" in text(answer)
    offer.refresh_from_db()
    assert offer.stage == "new"
