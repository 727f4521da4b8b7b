"""The form to register, and one's own page of a registration."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from tests.reading import inline_code, text
from tests.trainings.cast import (
    LINK,
    make_offering,
    make_person,
    own,
    pacific,
    promised,
)
from trainings.models import (
    Offering,
    Registration,
    RegistrationEvent,
    WaiverCode,
)
from trainings.services import registration as services

ADDRESS = "/trainings/pro-bono/los-angeles-2027-01-29/"
FORM = {
    "choice": "pledge",
    "pledge_name": "Bob Brown",
    "name": "Bob Brown",
    "email": "bob@example.org",
    "organization": "Legal Aid",
    "is_attorney": "yes",
    "bar_state_1": "CA",
    "bar_number_1": "123456",
}
STATES = ["unconfirmed", "waitlisted", "offered", "awaiting_payment", "confirmed", "canceled"]


def errors(response):
    """What the summary at the top asks to fix, and where each line leads."""
    html = response.content.decode()
    summary = re.search(r'id="errors".*?</div>', html, re.DOTALL)
    assert summary, "no error summary"
    found = {
        target: unescape(said)
        for target, said in re.findall(r'<a href="#([^"]+)">([^<]*)</a>', summary.group())
    }
    for target in found:
        assert f'id="{target}"' in html, f"nothing to go to at #{target}"
    assert "<title>Error: " in html
    return found


def everything():
    """All rows that a visit could change."""
    models = [Registration, RegistrationEvent, Offering]
    return [list(model.objects.order_by("pk").values()) for model in models] + promised()


class TestForm:
    def test_next_is_the_mail_whoever_it_is(self, client, offering):
        make_person(offering, "carol")
        answers = [
            client.post(ADDRESS, {**FORM, "email": f"{who}@example.org"})
            for who in ("bob", "carol")
        ]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert {answer["Location"] for answer in answers} == {ADDRESS + "check-your-email/"}
        assert [answer.content for answer in answers] == [b"", b""]
        page = text(client.get(ADDRESS + "check-your-email/"))
        assert "Open the link and press Confirm" in page

    def test_all_of_it_is_kept(self, client, offering):
        client.post(ADDRESS, {**FORM, "bar_state_2": "NY", "bar_number_2": "7654321"})
        bob = Registration.objects.get()
        assert (bob.name, bob.organization, bob.pledge_name) == (
            "Bob Brown",
            "Legal Aid",
            "Bob Brown",
        )
        assert dict(bob.bar_numbers.values_list("state", "number")) == {
            "CA": "123456",
            "NY": "7654321",
        }

    def test_sent_twice_is_one_mail(self, client, offering):
        client.post(ADDRESS, FORM)
        client.post(ADDRESS, FORM)
        assert len(promised()) == 1

    def test_empty_says_what_to_fill_in(self, client, offering):
        response = client.post(ADDRESS, {})
        assert errors(response) == {
            "id_choice_0": "Choose how you will attend.",
            "id_name": "Enter your name.",
            "id_email": "Enter your email address.",
            "id_is_attorney_0": "Say whether you are an attorney.",
        }
        assert not Registration.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "where", "sentence"),
        [
            ({"choice": "free"}, "id_choice_0", "Choose one of the ways listed here."),
            ({"choice": "card"}, "id_choice_0", "Choose one of the ways listed here."),
            (
                {"pledge_name": ""},
                "id_pledge_name",
                "Type your full name to sign the pledge.",
            ),
            ({"choice": "waiver"}, "id_waiver_code", "Enter your waiver code."),
            (
                {"choice": "waiver", "waiver_code": "GUESS"},
                "id_waiver_code",
                "This code does not work for this training: it may be mistyped, used or expired.",
            ),
            (
                {"email": "bob@@example"},
                "id_email",
                "Enter an email address such as name@example.org",
            ),
            ({"bar_state_1": ""}, "id_bar_state_1", "Choose the state of this bar number."),
            ({"bar_state_1": "XX"}, "id_bar_state_1", "Choose a state from the list."),
            (
                {"bar_state_2": "CA", "bar_number_2": "5"},
                "id_bar_number_2",
                "There are two numbers for California: keep one.",
            ),
            ({"bar_state_2": "NY"}, "id_bar_number_2", "Enter the number for New York."),
        ],
    )
    def test_each_mistake_has_its_sentence_and_nothing_typed_is_lost(
        self, client, offering, wrong, where, sentence
    ):
        response = client.post(ADDRESS, FORM | wrong)
        assert errors(response) == {where: sentence}
        form = response.context["form"]
        for name, value in (FORM | wrong).items():
            assert form[name].value() == value
        assert not Registration.objects.exists()

    @pytest.mark.parametrize(
        "typed",
        [
            "12A456",
            "-123456",
            "0",
            "١٢٣",
            "123456\r\nBcc: x@example.org",
            "\u202e654321",
            "12\u200b3456",
            "12\x003456",
            "<script>alert(1)</script>",
            "=1+1",
            "1.5",
            "{{7*7}}",
        ],
    )
    def test_a_bar_number_is_digits(self, client, offering, typed):
        response = client.post(ADDRESS, FORM | {"bar_number_1": typed})
        assert errors(response) == {
            "id_bar_number_1": "Enter the bar number in digits only, such as 123456."
        }
        assert b"<script>alert" not in response.content

    def test_a_bar_number_has_eight_digits_at_most(self, client, offering):
        response = client.post(ADDRESS, FORM | {"bar_number_1": "1234567890"})
        assert errors(response) == {
            "id_bar_number_1": "A bar number has 8 digits at most. Check what you typed."
        }

    @pytest.mark.parametrize("typed", ["  123 456 ", "#123456", "00123456", " # 123456"])
    def test_a_bar_number_is_read_kindly(self, client, offering, typed):
        client.post(ADDRESS, FORM | {"bar_number_1": typed})
        assert Registration.objects.get().bar_numbers.get().number == "123456"

    def test_a_line_break_in_a_name_is_a_space(self, client, offering):
        client.post(
            ADDRESS,
            FORM | {"name": "Bob\r\nBcc: x@example.org", "pledge_name": "\u202eBob\x00 Brown"},
        )
        bob = Registration.objects.get()
        assert (bob.name, bob.pledge_name) == ("Bob Bcc: x@example.org", "Bob Brown")

    @pytest.mark.parametrize("typed", ["", " \t", "\u202e\u200b"])
    def test_a_name_is_more_than_white_space(self, client, offering, typed):
        response = client.post(ADDRESS, FORM | {"name": typed})
        assert errors(response) == {"id_name": "Enter your name."}

    def test_a_field_people_never_see_stops_programs(self, client, offering):
        response = client.post(ADDRESS, FORM | {"website": "http://spam.example"})
        assert "to stop spam" in text(response)
        assert not Registration.objects.exists()

    def test_hidden_state_cannot_be_sent(self, client, offering):
        client.post(ADDRESS, FORM | {"state": "confirmed", "price_cents": "1", "user": "1"})
        bob = Registration.objects.get()
        assert (bob.state, bob.price_cents, bob.user) == ("unconfirmed", 0, None)

    def test_a_waiver_code_is_found_however_it_is_typed(self, client, offering):
        WaiverCode.objects.create(
            offering=offering, code="KIND-1", expires_at=timezone.now() + timedelta(days=1)
        )
        client.post(ADDRESS, FORM | {"choice": "waiver", "waiver_code": " kind-1 "})
        assert Registration.objects.get().waiver_code == "KIND-1"

    def test_waiver_codes_cannot_be_guessed_by_trying(self, client, offering, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"waiver codes per network": (1, 3600)}
        guess = FORM | {"choice": "waiver", "waiver_code": "GUESS"}
        client.post(ADDRESS, guess)
        response = client.post(ADDRESS, guess)
        assert "Many waiver codes were tried" in errors(response)["id_waiver_code"]

    def test_past_the_limit_the_text_stays_and_the_phone_is_shown(self, client, offering, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"registration per network": (1, 3600)}
        client.post(ADDRESS, FORM)
        response = client.post(ADDRESS, FORM | {"email": "carol@example.org"})
        assert response.status_code == 429
        assert "(888) 507-0193" in errors(response)["form_errors"]
        assert response.context["form"]["email"].value() == "carol@example.org"
        assert Registration.objects.count() == 1

    def test_past_the_limit_of_an_address_the_answer_is_the_same(self, client, offering, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"registration per address": (0, 3600)}
        response = client.post(ADDRESS, FORM)
        assert (response.status_code, response["Location"]) == (
            302,
            ADDRESS + "check-your-email/",
        )
        assert not Registration.objects.exists()

    def test_without_the_token_of_the_form_what_was_typed_comes_back(self, offering):
        response = Client(enforce_csrf_checks=True).post(ADDRESS, FORM)
        assert response.status_code == 403
        assert response.context["form"]["name"].value() == "Bob Brown"
        assert "press the button again" in errors(response)["form_errors"]


class TestOwnPage:
    @pytest.mark.parametrize("state", STATES)
    def test_only_a_seat_shows_where_it_is(self, client, offering, state):
        Offering.objects.update(joining_url=LINK)
        bob = make_person(offering, "bob", state)
        page = client.get(own(bob))
        assert ("1 Canary Street" in text(page)) == (state == "confirmed")
        assert (LINK in text(page)) == (state == "confirmed")
        assert inline_code(page) == []
        assert page["Cache-Control"] == "no-store"
        assert b'content="noindex"' in page.content

    @pytest.mark.parametrize(
        ("state", "choice", "said"),
        [
            ("unconfirmed", "pledge", "Confirm your registration"),
            ("waitlisted", "pledge", "Your place on the waitlist 1"),
            ("offered", "pledge", "hold it for you until Wednesday, November 25, 2026, 8:00 am"),
            (
                "awaiting_payment",
                "card",
                "To pay: $300, by Wednesday, November 25, 2026, 8:00 am Pacific",
            ),
            ("confirmed", "invoice", "$300 is to be paid by check."),
            ("confirmed", "pledge", "pro bono case runs until Saturday, January 29, 2028"),
            ("canceled", "pledge", "Your registration is canceled"),
        ],
    )
    def test_says_where_one_stands_and_what_is_next(self, client, offering, state, choice, said):
        assert said in text(client.get(own(make_person(offering, "bob", state, choice))))

    @pytest.mark.parametrize("state", STATES)
    def test_looking_never_changes_anything(self, client, offering, state):
        bob = make_person(offering, "bob", state)
        before = everything()
        for address in (own(bob), ADDRESS, "/trainings/", ADDRESS + "check-your-email/"):
            for look in (client.get, client.head):
                assert look(address, {"do": "confirm"}).status_code == 200
        assert everything() == before

    def test_every_wrong_link_is_the_same_404(self, client, offering):
        bob = make_person(offering, "bob")
        carol = make_person(offering, "carol")
        address = own(bob)
        token = address.split("/")[-2]
        Registration.objects.filter(pk=carol.pk).update(nonce="changed")
        wrong = [
            address.replace(token, token[:-1]),
            address.replace(token, token.upper()),
            address.replace(token, "nonsense"),
            own(carol),
        ]
        answers = [
            verb(one) for one in wrong for verb in (client.get, lambda at: client.post(at, {}))
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1

    def test_a_link_ends_after_400_days(self, client, offering, clock):
        address = own(make_person(offering, "bob"))
        clock.shift(timedelta(days=400))
        assert client.get(address).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize(
        ("state", "do", "after"),
        [
            ("unconfirmed", "confirm", "confirmed"),
            ("offered", "accept", "confirmed"),
            ("offered", "decline", "canceled"),
            ("waitlisted", "cancel", "canceled"),
            ("confirmed", "cancel", "canceled"),
            ("confirmed", "nonsense", "confirmed"),
        ],
    )
    def test_each_button_does_its_verb_once(self, client, offering, state, do, after):
        bob = make_person(offering, "bob", state)
        for _ in range(2):
            response = client.post(own(bob), {"do": do})
            assert (response.status_code, response["Location"]) == (302, own(bob))
        bob.refresh_from_db()
        assert bob.state == after
        assert bob.events.count() == (state != after)

    def test_a_refusal_is_said_on_the_page(self, client, offering, clock):
        bob = make_person(offering, "bob", "offered")
        clock.shift(timedelta(hours=21))
        response = client.post(own(bob), {"do": "accept"})
        assert response.status_code == 409
        assert "The time to accept this seat has ended" in text(response)

    def test_change_how_one_takes_part(self, client, offering):
        bob = make_person(offering, "bob", choice="invoice")
        response = client.post(own(bob), {"do": "switch", "choice": "pledge"})
        assert errors(response) == {"id_pledge_name": "Type your full name to sign the pledge."}
        client.post(own(bob), {"do": "switch", "choice": "pledge", "pledge_name": "Bob Brown"})
        bob.refresh_from_db()
        assert (bob.price_kind, bob.pledge.signed_name) == ("pledge", "Bob Brown")
        assert "Free, with a pledge signed “Bob Brown”" in text(client.get(own(bob)))

    @pytest.mark.parametrize(
        ("kinds", "choice", "state", "can"),
        [
            (["pledge", "fee"], "pledge", "confirmed", True),
            (["pledge", "fee"], "invoice", "waitlisted", True),
            (["pledge", "fee"], "pledge", "unconfirmed", False),
            (["pledge", "fee"], "pledge", "canceled", False),
            (["pledge", "fee"], "waiver", "confirmed", False),
            (["pledge"], "pledge", "confirmed", False),
            (["free"], "free", "confirmed", False),
        ],
    )
    def test_a_change_is_offered_where_there_is_one(
        self, client, db, clock, kinds, choice, state, can
    ):
        bob = make_person(make_offering(kinds=kinds), "bob", state, choice)
        assert (b'value="switch"' in client.get(own(bob)).content) == can

    def test_nobody_changes_it_once_it_has_begun(self, client, offering, clock):
        bob = make_person(offering, "bob", choice="invoice")
        clock.move_to(pacific("2027-01-29T09:00"))
        page = client.get(own(bob))
        assert b'value="switch"' not in page.content
        assert b'value="cancel"' not in page.content

    def test_bar_numbers_can_be_added_and_mended(self, client, offering):
        bob = make_person(offering, "bob")
        sent = {"do": "licenses", "is_attorney": "yes", "bar_state_1": "NY", "bar_number_1": "x"}
        response = client.post(own(bob), sent)
        assert list(errors(response)) == ["id_bar_number_1"]
        client.post(own(bob), sent | {"bar_number_1": "7654321"})
        assert list(bob.bar_numbers.values_list("state", "number")) == [("NY", "7654321")]
        assert b'value="7654321"' in client.get(own(bob)).content

    def test_the_whole_way_without_script(self, client, offering):
        client.post(ADDRESS, FORM)
        bob = Registration.objects.get()
        assert client.get(own(bob)).status_code == 200
        page = client.post(own(bob), {"do": "confirm"}, follow=True)
        assert "You have a seat" in text(page)
        page = client.post(own(bob), {"do": "cancel"}, follow=True)
        assert "Your registration is canceled" in text(page)
        assert "Register again" in text(page)
        client.post(ADDRESS, FORM)
        again = Registration.objects.get(state="unconfirmed")
        assert services.confirm(again.pk).state == "confirmed"
