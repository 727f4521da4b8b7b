"""A visitor suggests a resource; staff take it or decline; who it was is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from hub.models import User
from hub.refusal import Refused
from library.for_hub import TIMED
from library.models import Resource, Suggestion
from library.services import history, suggestions
from tests.reading import inline_code, text

ADDRESS = "/library/suggest/"
NOW = datetime(2026, 12, 1, 20, tzinfo=UTC)
FORM = {
    "title": " A  guide to\tT visas ",
    "url": "www.example.org/guide.pdf",
    "why": "It helped us with a T visa.\n\nTwice.",
    "name": "Bob Stone",
    "email": " Bob@Example.org ",
    "website": "",
}


@pytest.fixture
def alice(back_office):
    return User.objects.get(email="alice@example.org")


def made(**changes):
    said = {"title": "A guide", "url": "https://example.org/", "why": "It helps."} | changes
    return suggestions.suggest(**said)


def do(staff, suggestion, verb):
    address = reverse(f"admin:library_suggestion_{verb}", args=[suggestion.pk])
    return staff.post(address, follow=True)


class TestForm:
    def test_what_is_sent_is_kept_and_thanked_for(self, client, db):
        page = client.get(ADDRESS)
        assert "no-store" in page["Cache-Control"]
        assert inline_code(page) == []
        answer = client.post(ADDRESS, FORM)
        assert (answer.status_code, answer["Location"]) == (302, "/library/suggest/thank-you/")
        row = Suggestion.objects.get()
        assert (row.title, row.url) == ("A guide to T visas", "https://www.example.org/guide.pdf")
        assert row.why == "It helped us with a T visa.\n\nTwice."
        assert (row.name, row.email, row.state) == ("Bob Stone", "bob@example.org", "new")
        assert "We have your suggestion" in text(client.get(answer["Location"]))

    def test_only_title_and_why_are_needed(self, client, db):
        client.post(ADDRESS, {"title": "A guide", "why": "It helps."})
        assert Suggestion.objects.get().url == ""

    def test_what_was_looked_for_can_be_the_title(self, client, db):
        page = client.get(ADDRESS, {"title": 'Housing "now" <i>'})
        assert page.context["form"]["title"].value() == 'Housing "now" <i>'
        assert b"<i>" not in page.content

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"title": "  "}, "Enter the title"),
            ({"title": "x" * 301}, "The title must be 300 characters or fewer"),
            ({"title": "a\0b"}, None),
            ({"why": " \n"}, "Write what it helps with, in a sentence"),
            ({"why": "\u200b"}, "Write what it helps with, in a sentence"),
            ({"why": "x" * 1001}, "must be 1,000 characters or fewer"),
            ({"url": "javascript:alert(1)"}, "begins with https:// or http://"),
            ({"url": "java\tscript:alert(1)"}, "begins with https:// or http://"),
            ({"url": "file:///etc/passwd"}, "begins with https:// or http://"),
            ({"url": "ftp://example.org/"}, "begins with https:// or http://"),
            ({"url": "mailto:a@example.org"}, "begins with https:// or http://"),
            ({"url": "https://example.org/" + "x" * 500}, "must be 500 characters or fewer"),
            ({"email": "bob"}, "Enter an email address such as"),
            ({"website": "http://spam.example"}, "it is there to stop spam"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(self, client, db, wrong, said):
        answer = client.post(ADDRESS, FORM | wrong)
        if said is None:
            assert Suggestion.objects.get().title == "ab"
            return
        assert answer.status_code == 200
        assert said in text(answer)
        assert not Suggestion.objects.exists()
        for name, value in (FORM | wrong).items():
            if name not in wrong and value:
                assert answer.context["form"][name].value() == value
                assert value.split()[0] in answer.content.decode()

    def test_a_second_click_is_no_second_suggestion(self, client, db):
        for _ in range(2):
            client.post(ADDRESS, FORM)
        assert Suggestion.objects.count() == 1
        client.post(ADDRESS, FORM | {"why": "Something else."})
        assert Suggestion.objects.count() == 2

    def test_past_the_limit_nothing_is_lost(self, client, db, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"suggestions per network": (1, 3600)}
        client.post(ADDRESS, FORM)
        answer = client.post(ADDRESS, FORM | {"title": "Another"})
        assert answer.status_code == 429
        assert "Nothing is lost" in text(answer)
        assert answer.context["form"]["title"].value() == "Another"
        assert Suggestion.objects.count() == 1

    def test_a_form_without_its_token_keeps_what_was_typed(self, db):
        answer = Client(enforce_csrf_checks=True).post(ADDRESS, FORM)
        assert "Bob Stone" in answer.content.decode()
        assert "press the button again" in text(answer)
        assert not Suggestion.objects.exists()


class TestInbox:
    def test_the_list_says_what_is_new_from_whom(self, back_office):
        made(name="Bob Stone")
        made(title="Other", url="")
        page = back_office.get(reverse("admin:library_suggestion_changelist"))
        said = text(page)
        assert "A guide" in said
        assert "Bob Stone" in said
        assert "Not said" in said
        assert "None given" in said
        assert b'href="https://example.org/" rel="noopener noreferrer"' in page.content
        assert inline_code(page) == []
        assert "2 new suggestions" in text(back_office.get("/admin/library/"))

    def test_taking_makes_one_draft_and_opens_it(self, back_office, alice):
        suggestion = made(name="Bob Stone")
        page = back_office.get(reverse("admin:library_suggestion_change", args=[suggestion.pk]))
        assert "Take into the library" in text(page)
        assert inline_code(page) == []
        page = do(back_office, suggestion, "take")
        draft = Resource.objects.get()
        assert page.redirect_chain[-1][0] == f"/admin/library/resource/{draft.pk}/change/"
        assert "“A guide” is a draft" in text(page)
        assert (draft.slug, draft.title, draft.url) == (
            "a-guide",
            "A guide",
            "https://example.org/",
        )
        assert draft.published is False
        assert back_office.get("/library/a-guide/").status_code == 404
        suggestion.refresh_from_db()
        assert (suggestion.state, suggestion.resource) == ("taken", draft)
        assert suggestion.dealt_with_by == alice
        assert suggestion.dealt_with_at is not None
        (row,) = history.versions(draft.pk)
        assert (row.history_user, row.history_type) == (alice, "+")
        assert suggestions.take(suggestion.pk, alice) == draft
        assert Resource.objects.count() == 1
        page = back_office.get(reverse("admin:library_suggestion_change", args=[suggestion.pk]))
        assert "Take into the library" not in text(page)
        assert "No new suggestions." in text(back_office.get("/admin/library/"))

    @pytest.mark.parametrize(
        ("title", "slug"),
        [
            ("A guide", "a-guide-2"),
            ("Suggest", "suggest-2"),
            ("Reading list", "reading-list-2"),
            ("指南", "resource"),
            ("Long " * 60, ("long-" * 12).strip("-")),
        ],
    )
    def test_its_address_is_free(self, alice, title, slug):
        Resource.objects.create(slug="a-guide", title="Another")
        assert suggestions.take(made(title=title.strip()).pk, alice).slug == slug

    def test_declining_makes_nothing(self, back_office, alice):
        suggestion = made()
        assert "is declined" in text(do(back_office, suggestion, "decline"))
        suggestion.refresh_from_db()
        assert (suggestion.state, suggestion.dealt_with_by) == ("declined", alice)
        before = suggestion.dealt_with_at
        assert suggestions.decline(suggestion.pk, alice).dealt_with_at == before
        assert not Resource.objects.exists()

    def test_what_is_dealt_with_is_not_dealt_with_otherwise(self, back_office, alice):
        declined, taken = made(), made(title="Other")
        suggestions.decline(declined.pk, alice)
        draft = suggestions.take(taken.pk, alice)
        page = text(do(back_office, declined, "take"))
        assert "The suggestion is dealt with: declined." in page
        page = text(do(back_office, taken, "decline"))
        assert "is dealt with: taken into the library." in page
        draft.delete()
        with pytest.raises(Refused, match="deleted there since"):
            suggestions.take(taken.pk, alice)

    def test_only_a_button_answers_and_only_for_those_who_may(self, client, back_office, settings):
        suggestion = made()
        for verb in ("take", "decline"):
            address = reverse(f"admin:library_suggestion_{verb}", args=[suggestion.pk])
            assert back_office.get(address).status_code == 405
            client.force_login(User.objects.create_user(f"{verb}@example.org", is_staff=True))
            assert client.post(address).status_code == 403
        suggestion.refresh_from_db()
        assert suggestion.state == "new"

    def test_nothing_a_visitor_said_is_changed_by_hand(self, back_office):
        suggestion = made()
        address = reverse("admin:library_suggestion_change", args=[suggestion.pk])
        assert back_office.post(address, {"title": "Other"}).status_code == 403
        assert back_office.get(reverse("admin:library_suggestion_add")).status_code == 403


class TestForgetting:
    def kept(self, suggestion):
        suggestion.refresh_from_db()
        return (suggestion.name, suggestion.email)

    def test_who_it_was_goes_90_days_after_it_was_dealt_with(self, alice):
        with time_machine.travel(NOW, tick=False):
            one, two = (made(title=t, name="Bob", email="b@example.org") for t in ("1", "2"))
        with time_machine.travel(NOW + timedelta(days=10), tick=False):
            suggestions.decline(one.pk, alice)
            suggestions.take(two.pk, alice)
        (forget,) = [work.run for work in TIMED if work.run is suggestions.forget]
        forget(NOW + timedelta(days=100))
        assert self.kept(one) == self.kept(two) == ("Bob", "b@example.org")
        forget(NOW + timedelta(days=100, seconds=1))
        assert self.kept(one) == self.kept(two) == ("", "")
        assert (one.title, one.why, one.state) == ("1", "", "declined")

    def test_or_a_year_after_it_came_when_it_never_was(self, db):
        with time_machine.travel(NOW, tick=False):
            one = made(name="Bob")
        suggestions.forget(NOW + timedelta(days=365))
        assert self.kept(one) == ("Bob", "")
        suggestions.forget(NOW + timedelta(days=365, seconds=1))
        assert self.kept(one) == ("", "")
