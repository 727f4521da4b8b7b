"""Cancel offering: who is told, and that each is told once."""

import pytest
from django.core import mail as outgoing
from django.urls import reverse

from hub import outbox
from hub.models import Mail
from hub.refusal import Refused
from tests.reading import text
from tests.trainings.cast import charged, make_course, make_offering, make_person, pacific
from tests.trainings.test_interest import written
from trainings.models import HostOffer, NewsRequest, Offering, Pledge, Refund
from trainings.services import interest, publishing


@pytest.fixture(autouse=True)
def _mailbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def wish(who, state="active", **values):
    return NewsRequest.objects.create(
        email=f"{who}@example.org", state=state, nonce="nonce", **values
    )


def host(course, offering=None, who="dana", **values):
    return HostOffer.objects.create(
        course=course,
        offering=offering,
        agency="Legal Aid of <Fresno> & Merced",
        name="Dana Cole",
        email=f"{who}@example.org",
        dates="March",
        city="Fresno",
        state="CA",
        attorneys=45,
        **{"stage": "scheduled" if offering else "contacted"} | values,
    )


def send():
    """What goes out now: to whom and with what subject."""
    outgoing.outbox.clear()
    while outbox.send_due():
        pass
    assert not Mail.objects.exclude(last_error="").exists()
    return sorted(
        (one.to[0].partition("@")[0], one.message()["Subject"]) for one in outgoing.outbox
    )


def cancel(offering):
    return publishing.cancel_offering(offering.pk, reason="The roof leaks.")


NEWS = "Canceled: Pro Bono Attorney Training, Friday, January 29, 2027"
HOSTS = "Canceled: the training you host, Friday, January 29, 2027"


def test_payers_refunded_in_full_pledges_void_hosts_and_notify_me_people_told_once(offering):
    wish("nora")
    host(offering.course, offering)
    make_person(offering, "bob")
    carol = make_person(offering, "carol", choice="card")
    carol.entries.create(kind="payment", cents=-30000)
    interest.tell_published(offering)
    send()

    cancel(offering)
    cancel(offering)
    interest.tell_canceled(offering)
    assert [one.entry.cents for one in Refund.objects.all()] == [30000]
    assert charged(carol) == 0
    assert Pledge.objects.get().state == "void"
    went = [one for one in send() if one[1].startswith("Canceled: ")]
    assert [who for who, _ in went] == ["bob", "carol", "dana", "nora"]
    assert dict(went)["dana"] == HOSTS
    assert dict(went)["nora"] == NEWS
    interest.tell_canceled(offering)
    assert send() == []


def test_notify_me_people_whose_news_is_not_sent_yet_are_told_only_of_the_cancellation(offering):
    wish("nora")
    interest.tell_published(offering)
    cancel(offering)
    interest.tell_canceled(offering)
    assert not Mail.objects.filter(kind="trainings.news").exists()
    assert send() == [("nora", NEWS)]


def test_notify_me_people_who_were_not_told_of_it_are_not_told_it_is_canceled(offering):
    other = make_offering(days=("2027-03-05",))
    wish("far", region="south")
    wish("nora")
    interest.tell_published(other)
    send()
    cancel(offering)
    assert send() == []


def test_notify_me_people_who_left_since_are_not_told(offering):
    before, after = wish("before"), wish("after")
    interest.tell_published(offering)
    send()
    interest.leave(before.pk)
    cancel(offering)
    interest.leave(after.pk)
    assert send() == []


@pytest.mark.parametrize("state", ["confirmed", "waitlisted"])
def test_notify_me_people_who_registered_are_told_once_by_their_registrations_mail(offering, state):
    wish("bob")
    interest.tell_published(offering)
    send()
    make_person(offering, "bob", state)
    cancel(offering)
    interest.tell_canceled(offering)
    # That the pledge has ended is another mail's to say.
    assert [who for who, subject in send() if subject.startswith("Canceled: ")] == ["bob"]
    assert not Mail.objects.filter(kind="trainings.news_canceled").exists()


@pytest.mark.parametrize("state", ["unconfirmed", "canceled"])
def test_notify_me_people_whose_registration_gets_no_mail_are_told_once(offering, state):
    wish("bob")
    interest.tell_published(offering)
    send()
    make_person(offering, "bob", state)
    cancel(offering)
    assert send() == [("bob", NEWS)]


def test_hosts_who_asked_to_be_notified_too_are_told_once(offering):
    wish("dana")
    host(offering.course, offering)
    host(offering.course, offering)
    interest.tell_published(offering)
    send()
    cancel(offering)
    assert send() == [("dana", HOSTS)]


def test_hosts_of_another_offering_are_not_told(offering):
    host(offering.course)
    host(offering.course, make_offering(days=("2027-03-05",)))
    cancel(offering)
    assert send() == []


def test_what_is_not_canceled_is_told_to_nobody(offering):
    wish("nora")
    host(offering.course, offering)
    interest.tell_published(offering)
    send()
    interest.tell_canceled(offering)
    assert send() == []


@pytest.mark.parametrize("why", ["declined", "deleted", "over", "not canceled"])
def test_mails_no_longer_true_are_dropped(offering, clock, why):
    nora, dana = wish("nora"), host(offering.course, offering)
    interest.tell_published(offering)
    send()
    cancel(offering)
    if why == "declined":
        interest.leave(nora.pk)
        interest.move_offer(dana.pk, "declined", "")
    elif why == "deleted":
        nora.delete()
        dana.delete()
    elif why == "over":
        clock.move_to(pacific("2027-01-29T18:00"))
    else:
        Offering.objects.update(status="closed")
    assert send() == []
    assert Mail.objects.exclude(dropped_at=None).count() == 2


@pytest.mark.parametrize("kind", ["notify_me", "host"])
def test_the_mails_read_as_they_should(offering, kind, file_regression, monkeypatch):
    monkeypatch.setattr("hub.links.make", lambda *_: "TOKEN")
    if kind == "host":
        host(offering.course, offering)
    else:
        wish("nora")
    interest.tell_published(offering)
    publishing.cancel_offering(offering.pk, reason="The <roof> leaks & drips.")
    send()
    (letter,) = outgoing.outbox
    file_regression.check(written(letter), encoding="utf-8")


class TestSchedulingAHost:
    def test_staff_choose_among_the_offerings_that_are_not_over(self, back_office, offering):
        offer = host(offering.course)
        draft = make_offering(days=("2027-03-05", "2027-03-06"), status="draft")
        begun = make_offering(days=("2026-11-20", "2026-12-04"))
        no_day = make_offering(slug="no-day", days=("2027-05-05",))
        no_day.activities.all().delete()
        over = make_offering(days=("2026-11-02",))
        gone = make_offering(days=("2027-04-02",), status="canceled", cancel_reason="x")
        other = make_offering(make_course("other"), days=("2027-02-02",))
        address = reverse("admin:trainings_hostoffer_stage", args=[offer.pk])
        page = back_office.get(address).content.decode()
        for one in (offering, draft, begun, no_day):
            assert page.count(f'<option value="{one.pk}">') == 1
        for one in (over, gone, other):
            assert f'<option value="{one.pk}">' not in page
        sent = {"stage": "scheduled", "offering": over.pk, "note": ""}
        assert "Choose an offering from the list" in text(back_office.post(address, sent))
        answer = back_office.post(address, sent | {"stage": "declined", "offering": draft.pk})
        assert "Only an offer that becomes scheduled has an offering" in text(answer)
        assert back_office.post(address, sent | {"offering": draft.pk}).status_code == 302
        offer.refresh_from_db()
        assert (offer.stage, offer.offering) == ("scheduled", draft)
        history = reverse("admin:trainings_hostoffer_history", args=[offer.pk])
        assert "Offering: Pro Bono Attorney Training, Friday, March 5" in text(
            back_office.get(history)
        )
        change = reverse("admin:trainings_hostoffer_change", args=[offer.pk])
        assert "March 5, 2027 to Saturday" in text(back_office.get(change))

    def test_it_is_optional_and_asked_only_where_it_can_be_scheduled(self, back_office, offering):
        offer = host(offering.course)
        address = reverse("admin:trainings_hostoffer_stage", args=[offer.pk])
        assert back_office.post(address, {"stage": "scheduled", "note": ""}).status_code == 302
        assert 'name="offering"' not in back_office.get(address).content.decode()
        offer.refresh_from_db()
        assert (offer.stage, offer.offering) == ("scheduled", None)

    @pytest.mark.parametrize(
        ("stage", "kept"), [("held", True), ("contacted", False), ("declined", False)]
    )
    def test_it_stays_until_it_is_given_up(self, offering, stage, kept):
        offer = interest.move_offer(host(offering.course, offering).pk, stage, "")
        offer.refresh_from_db()
        assert (offer.offering == offering) == kept

    def test_what_was_canceled_meanwhile_or_is_another_course_is_refused(self, offering):
        offer = host(offering.course)
        other = make_offering(make_course("other"), days=("2027-02-02",))
        with pytest.raises(Refused, match="of another training"):
            interest.move_offer(offer.pk, "scheduled", "", other)
        cancel(offering)
        with pytest.raises(Refused, match="is canceled"):
            interest.move_offer(offer.pk, "scheduled", "", offering)
        offer.refresh_from_db()
        assert (offer.stage, offer.offering) == ("contacted", None)
