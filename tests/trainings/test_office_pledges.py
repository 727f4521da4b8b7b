"""What staff do with a pledge in the back office."""

from datetime import date, timedelta

import pytest

from tests.reading import filled, inline_code, text
from tests.trainings.cast import charged, make_person, pacific
from tests.trainings.making import address
from tests.trainings.paying import in_state, promised
from trainings.models import Pledge, PledgeText
from trainings.services import money, pledges


def do(verb, row):
    return address("pledge_verb", row.pk, verb)


@pytest.fixture
def alice(back_office, django_user_model):
    return django_user_model.objects.get(email="alice@example.org")


@pytest.fixture
def pledge(offering, alice):
    return in_state(make_person(offering, "bob").pledge, "eligible", alice)


def events(row):
    return list(row.events.values_list("what", "reason"))


ENDS = ["Release", "Waive", "Convert to the fee"]


@pytest.mark.parametrize(
    ("state", "tools"),
    [
        ("made", ["Waive"]),
        ("eligible", ["Match with a case", "Extend", *ENDS]),
        ("extended", ["Match with a case", "Extend", *ENDS]),
        ("matched", ["Case accepted", "Extend", "Attorney withdraws", "Client withdraws", *ENDS]),
        ("accepted", ["Fulfilled", "Attorney withdraws", "Client withdraws"]),
        ("fulfilled", []),
        ("waived", []),
        ("converted", []),
        ("released", []),
        ("void", []),
    ],
)
def test_the_page_offers_what_the_state_allows(back_office, offering, alice, state, tools):
    row = in_state(make_person(offering, "bob").pledge, state, alice)
    page = back_office.get(address("pledge_change", row.pk))
    assert [button for _, button in page.context["tools"]] == tools
    assert inline_code(page) == []
    assert row.get_state_display() in text(page)
    for where, _ in page.context["tools"]:
        asked = back_office.get(where)
        assert "Pledge of" not in text(asked)
        assert asked.status_code == 200
        assert inline_code(asked) == []


def test_from_a_case_to_a_kept_pledge(back_office, pledge):
    sent = {"reason": "Found by phone."}
    answer = back_office.post(do("match", pledge), sent, follow=True)
    assert "Matched with a case; the email says nothing about it." in text(answer)
    assert "Bob Brown is told by email." in text(answer)
    assert "Found by phone." in text(answer), "the history is on the page"
    answer = back_office.post(do("accept", pledge), {"day": ""}, follow=True)
    assert "The case is accepted." in text(answer)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.accepted_at) == ("accepted", pacific("2026-11-24T12:00"))
    answer = back_office.post(do("fulfil", pledge), {"reason": ""}, follow=True)
    assert "The pledge is kept." in text(answer)
    assert [what for what, _ in events(pledge)] == [
        "made",
        "eligible",
        "matched",
        "accepted",
        "fulfilled",
    ]
    assert {event.by.email for event in pledge.events.all()[2:]} == {"alice@example.org"}
    assert promised()[-3:] == ["pledge_changed"] * 3
    assert charged(pledge.registration) == 0


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-25", "A case cannot have been accepted in the future."),
        ("2026-11-23", "The pledge was not made yet on that day."),
        ("0001-01-01", "Enter a year from 2000 to 2099."),
        ("soon", "Enter a day, such as 2027-06-30."),
    ],
)
def test_a_day_of_acceptance_that_cannot_be_is_explained(back_office, pledge, alice, day, sentence):
    pledges.match(pledge, alice)
    answer = back_office.post(do("accept", pledge), {"day": day})
    assert sentence in text(answer)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.accepted_at) == ("matched", None)


def test_a_case_was_accepted_on_an_earlier_day(back_office, pledge, alice, clock):
    pledges.match(pledge, alice)
    clock.move_to(pacific("2026-12-24T09:00"))
    back_office.post(do("accept", pledge), {"day": "2026-12-01"})
    pledge.refresh_from_db()
    assert pledge.accepted_at == pacific("2026-12-01T12:00")


def test_the_pledge_due_first_is_matched_first(back_office, offering, pledge, alice):
    other = in_state(make_person(offering, "dan").pledge, "eligible", alice)
    other.registration.email = pledge.registration.email
    other.registration.offering_id = _another(offering).pk
    other.registration.save()
    Pledge.objects.filter(pk=other.pk).update(due_on=pledge.due_on + timedelta(days=1))
    answer = back_office.post(do("match", other), {"reason": ""})
    assert "a pledge that is due earlier: match that one first" in text(answer)
    other.refresh_from_db()
    assert other.state == "eligible"


def _another(offering):
    offering.pk, offering.slug = None, "another"
    offering.save()
    return offering


def test_more_time_needs_a_day_and_a_reason(back_office, pledge):
    was = pledge.due_on
    later = was + timedelta(days=90)
    sent = {"due_on": str(later), "reason": "A birth"}
    for wrong, sentence in (
        ({"due_on": ""}, "Choose the new day."),
        ({"due_on": "next year"}, "Enter a day, such as 2027-06-30."),
        ({"due_on": "9999-12-31"}, "Enter a year from 2000 to 2099."),
        ({"due_on": str(was)}, "Choose a later day than the one it is due"),
        ({"reason": " "}, "Say why"),
    ):
        assert sentence in text(back_office.post(do("extend", pledge), sent | wrong))
        pledge.refresh_from_db()
        assert (pledge.due_on, pledge.extended) == (was, 0)
    answer = back_office.post(do("extend", pledge), sent, follow=True)
    assert "Extended until" in text(answer)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.due_on, pledge.extended) == ("extended", later, 1)
    assert events(pledge)[-1] == ("extended", "A birth")


@pytest.mark.parametrize(
    ("verb", "before", "after", "what"),
    [
        ("waive", "eligible", "waived", "waived"),
        ("release", "extended", "released", "released"),
        ("attorney", "accepted", "matched", "attorney_withdrew"),
        ("attorney", "matched", "eligible", "attorney_withdrew"),
        ("client", "accepted", "fulfilled", "client_withdrew"),
        ("client", "matched", "eligible", "client_withdrew"),
    ],
)
def test_what_needs_a_reason(back_office, offering, alice, verb, before, after, what):
    row = in_state(make_person(offering, "bob").pledge, before, alice)
    assert "Say why" in text(back_office.post(do(verb, row), {"reason": ""}))
    row.refresh_from_db()
    assert row.state == before
    answer = back_office.post(do(verb, row), {"reason": "Told by phone"}, follow=True)
    assert "Bob Brown is told by email." in text(answer)
    row.refresh_from_db()
    assert row.state == after
    assert events(row)[-1] == (what, "Told by phone")
    assert charged(row.registration) == 0


def test_only_staff_converting_it_charges_the_fee(back_office, pledge):
    bob = pledge.registration
    answer = back_office.post(do("convert", pledge), {"reason": "Asked to pay"}, follow=True)
    assert "the fee is charged and the invoice is mailed" in text(answer)
    pledge.refresh_from_db()
    assert pledge.state == "converted"
    assert (charged(bob), money.balance(bob)) == (30000, 30000)
    back_office.post(do("convert", pledge), {"reason": "Asked to pay"})
    assert charged(bob) == 30000


def test_without_a_fee_there_is_nothing_to_convert_to(back_office, pledge, offering):
    offering.prices.filter(kind="fee").delete()
    answer = back_office.post(do("convert", pledge), {"reason": "x"})
    assert "This training has no fee to convert the pledge to." in text(answer)
    pledge.refresh_from_db()
    assert pledge.state == "eligible"


def test_a_move_that_is_not_in_the_table_is_refused(back_office, offering, alice):
    row = in_state(make_person(offering, "bob").pledge, "fulfilled", alice)
    answer = back_office.post(do("waive", row), {"reason": "x"})
    assert "A pledge that is fulfilled cannot become waived." in text(answer)
    answer = back_office.get(do("waive", row), follow=True)
    assert "“Waive” is not possible any more." in text(answer)


def test_the_list_by_what_is_due(back_office, offering, alice, clock):
    for who, due in (("bob", 0), ("carol", 30), ("dan", 31), ("eve", -1)):
        row = in_state(make_person(offering, who).pledge, "eligible", alice)
        row.due_on = date(2026, 11, 24) + timedelta(days=due)
        row.save()
    done = in_state(make_person(offering, "fay").pledge, "waived", alice)
    Pledge.objects.filter(pk=done.pk).update(due_on=date(2026, 11, 1))

    def found(query):
        said = text(back_office.get(address("pledge_changelist") + query))
        names = ("Bob", "Carol", "Dan", "Eve", "Fay")
        return [name for name in names if f"{name} Brown" in said]

    assert found("?due=soon") == ["Bob", "Carol"]
    assert found("?due=over") == ["Eve"]
    assert found("?due=open") == ["Bob", "Carol", "Dan", "Eve"]
    assert found("?state__exact=waived") == ["Fay"]


# The words


def test_a_newcomer_writes_version_1(back_office):
    page = address("pledgetext_add")
    sent = filled(back_office.get(page))
    sent |= {"text": "I pledge.", "in_force_from_0": "2026-01-01", "in_force_from_1": "00:00"}
    assert back_office.post(page, sent).status_code == 302
    assert list(PledgeText.objects.values_list("version", "text")) == [(1, "I pledge.")]


def test_words_somebody_typed_their_name_below_are_never_edited(back_office, offering):
    """Also before there is a pledge: on the waitlist, or with an email not yet confirmed."""
    make_person(offering, "wanda", "waitlisted")
    assert not Pledge.objects.exists()
    words = PledgeText.objects.get()
    page = address("pledgetext_change", words.pk)
    assert "I commit to one case" in text(back_office.get(page))
    assert back_office.post(page, {"text": "Other words."}).status_code == 403
    sent = {"post": "yes"}
    assert back_office.post(address("pledgetext_delete", words.pk), sent).status_code == 403
    words.refresh_from_db()
    assert words.text == "I commit to one case pro bono within the year."
