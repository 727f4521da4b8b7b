import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outgoing
from django.test import Client

from hub import outbox
from hub.models import Mail
from tests.reading import inline_code, text
from tests.trainings import making
from trainings.mails.interest import link_for
from trainings.models import NewsRequest, Offering
from trainings.services import interest

ASKED = {"email": " Bob@Example.org", "course": "", "region": "southern-california"}
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mailbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def wish(db):
    return NewsRequest.objects.create(email="bob@example.org", state="active")


def own_page(wish):
    return link_for(wish).removeprefix("http://testserver")


def letters():
    outbox.send_due()
    return outgoing.outbox


def as_text(message):
    return message.message().get_body(("plain",)).get_content()


def opened(offering):
    Offering.objects.filter(pk=offering.pk).update(status="open")
    offering.refresh_from_db()
    return offering


def test_the_form_asks_and_the_mailed_link_confirms(client, seeded):
    assert b"Any training" in client.get("/trainings/news/").content
    answer = client.post("/trainings/news/", ASKED)
    assert answer.url == "/trainings/news/check-your-email/"
    assert "press Confirm" in text(client.get(answer.url))
    wish = NewsRequest.objects.get()
    assert (wish.email, wish.state, wish.course) == ("bob@example.org", "unconfirmed", None)

    (letter,) = letters()
    assert letter.to == ["bob@example.org"]
    (address,) = re.findall(r"http://testserver(/trainings/news/\S+)", as_text(letter))
    page = text(client.get(address))
    assert "Any training Region Southern California" in page
    wish.refresh_from_db()
    assert wish.state == "unconfirmed", "opening a link must not confirm: mail scanners do"

    assert "We will tell you" in text(client.post(address, {"do": "join"}, follow=True))
    wish.refresh_from_db()
    assert wish.state == "active"
    assert "We no longer tell you" in text(client.post(address, {"do": "leave"}, follow=True))
    wish.refresh_from_db()
    assert wish.state == "left"
    client.post(address, {"do": "join"})
    wish.refresh_from_db()
    assert wish.state == "active"


def test_a_course_can_be_chosen_by_the_address(client, seeded):
    page = client.get("/trainings/news/?course=socal-pro-bono-8h").content.decode()
    assert re.search(r"selected>\s*8 hour Southern California", page)
    assert client.get("/trainings/news/?course=%00nope").status_code == 200


def test_one_address_course_and_region_is_one_wish_and_one_mail(client, seeded):
    for _ in range(3):
        client.post("/trainings/news/", ASKED)
    client.post("/trainings/news/", ASKED | {"email": "BOB@example.ORG"})
    assert NewsRequest.objects.count() == 1
    assert len(letters()) == 1
    client.post("/trainings/news/", ASKED | {"region": ""})
    assert NewsRequest.objects.count() == 2


def test_a_known_address_gets_the_same_answer_and_a_mail_that_says_so(client, seeded, wish):
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        new = client.post("/trainings/news/", {"email": "new@example.org"})
        known = client.post("/trainings/news/", {"email": "bob@example.org"})
        assert (new.status_code, new.url) == (known.status_code, known.url)
        subjects = {letter.to[0]: letter.message()["Subject"] for letter in letters()}
    assert subjects["bob@example.org"] == "You already hear of trainings"
    assert subjects["new@example.org"] == "Confirm: news of trainings"
    wish.refresh_from_db()
    assert wish.state == "active"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": ""}, "Enter your email address"),
        ({"email": "bob@"}, "Enter an email address such as name@example.org"),
        ({"email": "b" * 255 + "@example.org"}, "Ensure this value has at most 254 characters"),
        ({"course": "99999"}, "Choose a training from the list, or any"),
        ({"region": "the moon"}, "Choose a region from the list, or anywhere"),
        ({"website": "http://spam.example"}, "it is there to stop spam"),
    ],
)
def test_bad_input_is_explained_and_nothing_typed_is_lost(client, seeded, change, sentence):
    answer = client.post("/trainings/news/", ASKED | change)
    assert answer.status_code == 200
    assert sentence in text(answer)
    if "email" not in change:
        assert 'value="bob@example.org"' in answer.content.decode().replace(" Bob@E", "bob@e")
    assert not NewsRequest.objects.exists()


def test_a_form_that_lost_its_token_comes_back_filled_in(seeded):
    answer = Client(enforce_csrf_checks=True).post("/trainings/news/", ASKED)
    assert answer.status_code == 403
    assert "What you typed is still here" in text(answer)
    assert "Bob@Example.org" in answer.content.decode()


def test_past_the_limits_nothing_more_is_noted(client, seeded, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "news per network": (2, 3600),
        "news per address": (1, 3600),
    }
    for region in ("", "south"):
        answer = client.post("/trainings/news/", ASKED | {"region": region})
        assert answer.status_code == 302
    assert NewsRequest.objects.count() == 1
    answer = client.post("/trainings/news/", ASKED | {"region": "west"})
    assert answer.status_code == 429
    assert "Nothing is lost" in text(answer)


@pytest.mark.parametrize("token", ["nope", "x.y.z", "%00"])
def test_a_wrong_link_is_not_found(client, db, token):
    assert client.get(f"/trainings/news/{token}/").status_code == 404
    assert client.post(f"/trainings/news/{token}/", {"do": "join"}).status_code == 404


def test_deleting_the_address_deletes_each_of_its_wishes(client, wish):
    NewsRequest.objects.create(email="bob@example.org", region="south")
    other = NewsRequest.objects.create(email="carol@example.org")
    address = own_page(wish)
    assert "Your address is deleted" in text(client.post(address, {"do": "delete"}))
    assert list(NewsRequest.objects.all()) == [other]
    assert client.get(address).status_code == 404


def test_wishes_not_confirmed_or_ended_are_deleted_after_14_days(db):
    old, young = NOW - timedelta(days=14, seconds=1), NOW - timedelta(days=13, hours=23)
    for number, (state, asked) in enumerate(
        [("unconfirmed", old), ("left", old), ("active", old), ("unconfirmed", young)]
    ):
        NewsRequest.objects.create(email=f"p{number}@example.org", state=state, asked_at=asked)
    interest.forget(NOW)
    kept = NewsRequest.objects.order_by("pk").values_list("email", flat=True)
    assert list(kept) == ["p2@example.org", "p3@example.org"]


def test_those_who_asked_for_the_course_and_region_are_told_once(seeded):
    offering = opened(making.offering())
    other = making.course("other")
    hears = [
        ("any@example.org", None, ""),
        ("course@example.org", offering.course, ""),
        ("region@example.org", None, "southern-california"),
        ("twice@example.org", None, ""),
        ("twice@example.org", offering.course, "southern-california"),
    ]
    deaf = [("other@example.org", other, ""), ("far@example.org", offering.course, "south")]
    for email, course, region in hears + deaf:
        NewsRequest.objects.create(email=email, course=course, region=region, state="active")
    for state in ("unconfirmed", "left"):
        NewsRequest.objects.create(email=f"{state}@example.org", state=state)

    assert interest.tell_published(offering) == 4
    assert interest.tell_published(offering) == 0
    with time_machine.travel(NOW, tick=False):
        Mail.objects.update(due_at=NOW)
        told = sorted(letter.to[0] for letter in letters())
    assert told == [f"{who}@example.org" for who in ("any", "course", "region", "twice")]


def test_an_online_offering_is_told_to_every_region(seeded, wish):
    NewsRequest.objects.create(email="far@example.org", region="south", state="active")
    assert interest.tell_published(opened(making.offering(is_online=True, region=""))) == 2


def test_a_draft_is_told_to_nobody(seeded, wish):
    offering = making.offering()
    assert interest.tell_published(offering) == 0
    assert interest.tell_published(opened(offering)) == 1


def test_no_news_goes_out_of_what_is_canceled_or_after_one_left(seeded, wish):
    offering = opened(making.offering())
    interest.tell_published(offering)
    interest.leave(wish.pk)
    assert letters() == []


@pytest.mark.parametrize("kind", ["news_link", "news_link_again", "news"])
def test_the_mails_read_as_they_should(seeded, kind, file_regression, monkeypatch):
    monkeypatch.setattr("hub.links.make", lambda *_: "TOKEN")
    with time_machine.travel(NOW, tick=False):
        if kind == "news":
            course = making.course(title="8 hour <Pro Bono> & Training")
            offering = opened(making.offering(course))
            making.activity(offering, "2027-01-30 09:00", "2027-01-30 12:00")
            NewsRequest.objects.create(email="bob@example.org", course=course, state="active")
            interest.tell_published(offering)
        else:
            state = "active" if kind.endswith("again") else "unconfirmed"
            wish = NewsRequest.objects.create(
                email="bob@example.org", region="south", state=state, asked_at=NOW - timedelta(1)
            )
            interest.ask(wish.email, None, "south")
        (letter,) = letters()
    file_regression.check(written(letter), encoding="utf-8")


def written(letter):
    message = letter.message()
    parts = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    return "\n=====\n".join([f"To: {message['To']}\nSubject: {message['Subject']}", *parts])


def test_the_pages_hold_no_inline_style_or_script(client, seeded, wish):
    for address in (
        "/trainings/news/",
        "/trainings/news/check-your-email/",
        own_page(wish),
        "/trainings/host/",
        "/trainings/host/thank-you/",
    ):
        assert inline_code(client.get(address)) == []


def test_nothing_typed_is_shown_as_markup(client, seeded):
    answer = client.post("/trainings/news/", ASKED | {"email": "<script>alert(1)</script>"})
    assert b"<script>alert" not in answer.content
