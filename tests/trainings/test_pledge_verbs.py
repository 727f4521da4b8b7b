"""What can happen to a pledge, case by case."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from hub.models import Mail
from hub.refusal import Refused
from tests.mailbox import deliver, text_of
from tests.trainings.paying import (
    TODAY,
    OfferingFactory,
    RegistrationFactory,
    UserFactory,
    in_state,
    pacific,
    pledge_text,
    promised,
    registered,
)
from trainings import pledges as heart
from trainings.models import OfferingPrice, Pledge, PledgeEvent, PledgeText
from trainings.services import money, payments, pledges

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def words(db):
    return pledge_text()


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", is_staff=True)


@pytest.fixture
def pledge():
    """Bob's pledge for January 29, 2027, as just made."""
    return pledges.make(registered(email="bob@example.org"), "Bob Brown")


def history(pledge):
    return list(pledge.events.values_list("what", flat=True))


# Made


def test_a_pledge_keeps_who_signed_what_and_when_it_is_due(pledge, words):
    assert (pledge.text, pledge.signed_name) == (words, "Bob Brown")
    assert (pledge.state, pledge.due_on) == ("made", date(2028, 1, 29))
    assert money.balance(pledge.registration) == 0
    assert history(pledge) == ["made"]
    assert promised() == ["pledge_made"]


def test_a_pledge_is_made_once(pledge):
    again = pledges.make(pledge.registration, "Another Name")
    assert (again.pk, again.signed_name) == (pledge.pk, "Bob Brown")
    assert history(pledge) == ["made"]


def test_what_was_signed_keeps_its_version(words):
    registration = registered(pledge_text=words)
    PledgeText.objects.create(version=2, text="Two cases.", in_force_from=timezone.now())
    assert pledges.make(registration, "Bob Brown").text == words
    assert pledges.make(registered(), "Carol Cruz").text.version == 2


def test_a_text_of_tomorrow_is_not_signed_today():
    PledgeText.objects.create(
        version=2, text="Two cases.", in_force_from=timezone.now() + timedelta(days=1)
    )
    assert pledges.make(registered(), "Bob Brown").text.version == 1


def test_a_pledge_is_signed():
    with pytest.raises(Refused, match="Type your name"):
        pledges.make(registered(), "  ")


def test_no_text_no_pledge():
    PledgeText.objects.all().delete()
    with pytest.raises(Refused, match="text is not published"):
        pledges.make(registered(), "Bob Brown")


def test_no_dates_no_pledge():
    registration = registered()
    registration.offering.activities.all().delete()
    with pytest.raises(Refused, match="no dates"):
        pledges.make(registration, "Bob Brown")


@pytest.mark.parametrize(
    ("policy", "due"), [("months", date(2029, 2, 28)), ("calendar_year", date(2028, 12, 31))]
)
def test_training_on_feb_29_2028(settings, policy, due):
    settings.PLEDGE_POLICY = policy
    registration = registered(offering=OfferingFactory(day="2028-02-29"))
    assert pledges.make(registration, "Bob Brown").due_on == due


def test_switch_pledge_to_pay_pledge_void_charge_and_back(pledge):
    registration = pledge.registration
    pledges.void(registration, "Changed to the fee")
    registration.price_kind, registration.price_cents = "fee", 30000
    registration.save()
    money.charge(registration)
    pledge.refresh_from_db()
    assert (pledge.state, money.balance(registration)) == ("void", 30000)
    again = pledges.make(registration, "Bob B. Brown")
    assert (again.pk, again.state, again.signed_name) == (pledge.pk, "made", "Bob B. Brown")
    assert history(pledge) == ["made", "void", "made"]


# After the training


def test_pledge_no_attendance_pledge_void_no_fee(pledge):
    pledges.after_training(pledge.registration, attended=0, scheduled=360)
    pledge.refresh_from_db()
    assert (pledge.state, money.balance(pledge.registration)) == ("void", 0)


@pytest.mark.parametrize(
    ("share", "attended", "state"),
    [(0, 1, "eligible"), (50, 180, "eligible"), (50, 179, "void")],
)
def test_attended_part_eligible_by_the_minimum_share(pledge, settings, share, attended, state):
    settings.PLEDGE_SHARE = share
    pledges.after_training(pledge.registration, attended, scheduled=360)
    pledge.refresh_from_db()
    assert pledge.state == state


def test_a_training_that_moved_moves_the_day_it_is_due(pledge):
    activity = pledge.registration.offering.activities.get()
    activity.starts_at += timedelta(days=10)
    activity.ends_at += timedelta(days=10)
    activity.save()
    pledges.mark_eligible(pledge.registration)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.due_on) == ("eligible", date(2028, 2, 8))


def test_attendance_seen_twice_is_one_event(pledge):
    pledges.mark_eligible(pledge.registration)
    pledges.mark_eligible(pledge.registration)
    assert history(pledge) == ["made", "eligible"]


def test_who_made_no_pledge_is_left_alone():
    registration = RegistrationFactory()
    pledges.mark_eligible(registration)
    pledges.after_training(registration, 0, 360)
    pledges.void(registration, "Canceled")
    assert not PledgeEvent.objects.exists()


# A case


def test_the_way_to_a_kept_pledge(pledge, alice):
    in_state(pledge, "fulfilled", alice)
    assert history(pledge) == ["made", "eligible", "matched", "accepted", "fulfilled"]
    assert [event.by for event in pledge.events.all()] == [None, None, alice, alice, alice]


@pytest.mark.parametrize(
    ("moment", "counts"),
    [("2028-01-29T23:59", "kept"), ("2028-01-30T00:00", "late")],
    ids=["accepted on the due date 23:59 Pacific: in time", "a minute later: not"],
)
def test_accepted_on_the_due_date(pledge, alice, clock, moment, counts):
    in_state(pledge, "matched", alice)
    clock.move_to(pacific(moment))
    pledges.accept(pledge, alice)
    pledge.refresh_from_db()
    assert heart.counted(pledge.state, pledge.due_on, pledge.accepted_at, timezone.now()) == counts


def test_a_case_accepted_before_staff_entered_it(pledge, alice, clock):
    in_state(pledge, "matched", alice)
    clock.move_to(pacific("2028-02-03T09:00"))
    pledges.accept(pledge, alice, at=pacific("2028-01-29T18:00"))
    pledge.refresh_from_db()
    assert pledge.accepted_at == pacific("2028-01-29T18:00")
    with pytest.raises(Refused, match="in the future"):
        pledges.accept(pledge, alice, at=pacific("2028-02-04T09:00"))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("accepted", "fulfilled"), ("fulfilled", "fulfilled"), ("matched", "eligible")],
)
def test_case_withdrawn_by_client(pledge, alice, was, becomes):
    in_state(pledge, was, alice)
    pledges.client_withdraws(pledge, alice, "The client moved away")
    pledge.refresh_from_db()
    assert pledge.state == becomes


def test_attorney_withdraws_back_to_matched_extension_offered(pledge, alice):
    in_state(pledge, "accepted", alice)
    Mail.objects.all().delete()
    pledges.attorney_withdraws(pledge, alice, "Conflict of interest")
    pledge.refresh_from_db()
    assert (pledge.state, pledge.accepted_at) == ("matched", None)
    assert history(pledge)[-1] == "attorney_withdrew"
    (message,) = deliver()
    assert "If you need more time, please call us: we can extend it." in text_of(message)
    pledges.extend(pledge, date(2028, 6, 30), alice, "Conflict of interest")
    pledge.refresh_from_db()
    assert (pledge.state, pledge.due_on, pledge.extended) == ("extended", date(2028, 6, 30), 1)


def test_no_case_to_withdraw_from(pledge, alice):
    in_state(pledge, "eligible", alice)
    with pytest.raises(Refused, match="no case to withdraw from"):
        pledges.attorney_withdraws(pledge, alice, "Why")


def two_pledges(alice):
    """By one attorney: the earlier training's pledge is made second."""
    later = pledges.make(registered(email="bob@example.org"), "Bob Brown")
    earlier = pledges.make(
        registered(email="bob@example.org", offering=OfferingFactory(day="2026-12-04")), "Bob Brown"
    )
    for one in (later, earlier):
        pledges.mark_eligible(one.registration)
    return earlier, later


def test_two_pledges_one_case_satisfies_exactly_one_the_oldest_due(alice):
    earlier, later = two_pledges(alice)
    assert pledges.match_attorney("bob@example.org", alice) == earlier
    pledges.accept(earlier, alice)
    pledges.fulfil(earlier, alice)
    states = set(Pledge.objects.values_list("pk", "state"))
    assert states == {(earlier.pk, "fulfilled"), (later.pk, "eligible")}


def test_the_later_pledge_does_not_take_the_case_of_the_earlier(alice):
    earlier, later = two_pledges(alice)
    with pytest.raises(Refused, match="a pledge that is due earlier"):
        pledges.match(later, alice)
    pledges.match(earlier, alice)
    pledges.match(earlier, alice)
    pledges.match(later, alice)
    assert history(earlier).count("matched") == history(later).count("matched") == 1


def test_nobody_waits_for_a_case(alice):
    with pytest.raises(Refused, match="no pledge that waits"):
        pledges.match_attorney("nobody@example.org", alice)


# Exits


def test_no_suitable_case_released_counts_neither_as_kept_nor_as_broken(pledge, alice, clock):
    in_state(pledge, "released", alice)
    clock.move_to(pacific("2029-01-01T00:00"))
    counts = heart.counted(pledge.state, pledge.due_on, pledge.accepted_at, timezone.now())
    assert counts == "neither"
    assert not pledges.overdue(timezone.now())


def test_convert_to_fee_invoice_30000_then_check(pledge, alice):
    in_state(pledge, "converted", alice)
    pledges.convert_to_fee(pledge, alice, "Asked to pay")
    assert money.balance(pledge.registration) == 30000
    assert promised().count("invoice") == 1
    line = payments.record_check(pledge.registration, 30000, "1001", alice)
    betty = UserFactory(email="betty@example.org", is_staff=True)
    money.void(line, betty, "Another attorney's")
    assert money.balance(pledge.registration) == 30000


def test_no_fee_to_convert_to(pledge, alice):
    in_state(pledge, "eligible", alice)
    OfferingPrice.objects.filter(kind="fee").delete()
    with pytest.raises(Refused, match="no fee"):
        pledges.convert_to_fee(pledge, alice, "Asked to pay")
    pledge.refresh_from_db()
    assert pledge.state == "eligible"


@pytest.mark.parametrize(
    "verb",
    [
        lambda pledge, by: pledges.waive(pledge, by, " "),
        lambda pledge, by: pledges.release(pledge, by, ""),
        lambda pledge, by: pledges.convert_to_fee(pledge, by, ""),
        lambda pledge, by: pledges.extend(pledge, date(2028, 6, 1), by, ""),
    ],
    ids=["waive", "release", "convert", "extend"],
)
def test_an_exit_has_a_reason(pledge, alice, verb):
    in_state(pledge, "eligible", alice)
    with pytest.raises(Refused, match="Say why"):
        verb(pledge, alice)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.due_on) == ("eligible", date(2028, 1, 29))


@pytest.mark.parametrize("due", [date(2028, 1, 29), date(2027, 12, 31)])
def test_an_extension_is_later(pledge, alice, due):
    in_state(pledge, "eligible", alice)
    with pytest.raises(Refused, match="later day"):
        pledges.extend(pledge, due, alice, "A birth")


def test_extended_again(pledge, alice):
    in_state(pledge, "extended", alice)
    pledges.extend(pledge, date(2028, 9, 1), alice, "Twins")
    pledge.refresh_from_db()
    assert (pledge.due_on, pledge.extended) == (date(2028, 9, 1), 2)
    assert history(pledge) == ["made", "eligible", "extended", "extended"]


VERBS = {
    "matched": lambda pledge, by: pledges.match(pledge, by),
    "accepted": lambda pledge, by: pledges.accept(pledge, by),
    "fulfilled": lambda pledge, by: pledges.fulfil(pledge, by),
    "extended": lambda pledge, by: pledges.extend(pledge, date(2029, 1, 1), by, "Why"),
    "waived": lambda pledge, by: pledges.waive(pledge, by, "Why"),
    "released": lambda pledge, by: pledges.release(pledge, by, "Why"),
    "converted": lambda pledge, by: pledges.convert_to_fee(pledge, by, "Why"),
}


@pytest.mark.parametrize("after", VERBS)
@pytest.mark.parametrize("before", Pledge.State.values)
def test_only_the_moves_of_the_table_are_made(pledge, alice, before, after):
    in_state(pledge, before, alice)
    was = history(pledge)
    # Back to matched leads only that the attorney withdraws.
    by_itself = (before, after) != ("accepted", "matched")
    if by_itself and "staff" in heart.PLEDGE.moves.get((before, after), ()):
        VERBS[after](pledge, alice)
        pledge.refresh_from_db()
        assert pledge.state == after
        assert len(history(pledge)) == len(was) + 1
        return
    if before != after:
        with pytest.raises(Refused, match="A pledge that is"):
            VERBS[after](pledge, alice)
    else:
        VERBS[after](pledge, alice)
    pledge.refresh_from_db()
    assert (pledge.state, history(pledge)) == (before, was)


@pytest.mark.parametrize("before", ["accepted", "fulfilled", "waived", "released", "converted"])
def test_canceling_leaves_what_is_kept_or_ended(pledge, alice, before):
    in_state(pledge, before, alice)
    pledges.void(pledge.registration, "Canceled", alice)
    pledge.refresh_from_db()
    assert pledge.state == before


def test_the_history_is_only_added_to(pledge):
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        PledgeEvent.objects.update(what="fulfilled")


def test_every_state_is_one_of_the_tables():
    assert set(Pledge.State.values) == set(heart.PLEDGE.states)
    assert set(Pledge.OPEN) == heart.OPEN | {"made"}


# Time


def test_overdue_goes_to_staff_and_nothing_is_charged_by_itself(pledge, alice, clock):
    in_state(pledge, "eligible", alice)
    clock.move_to(pacific("2028-01-29T23:59"))
    assert list(pledges.overdue(timezone.now())) == []
    clock.move_to(pacific("2028-01-30T00:00"))
    assert list(pledges.overdue(timezone.now())) == [pledge]
    pledges.remind(timezone.now())
    assert money.balance(pledge.registration) == 0
