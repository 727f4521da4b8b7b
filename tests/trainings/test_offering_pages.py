"""The pages of courses with offerings, of an offering, and of one's own registration."""

import re
from datetime import date

import pytest

from tests.reading import inline_code, text
from tests.trainings.cast import (
    LINK,
    approve,
    make_agenda,
    make_course,
    make_offering,
    make_person,
    own,
    pacific,
)
from trainings.models import (
    Course,
    Offering,
    PledgeText,
    Registration,
)
from trainings.services import money, publishing

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


class TestLists:
    def test_courses_with_their_next_dates(self, client, offering):
        make_course("other", title="Another course")
        page = text(client.get("/trainings/"))
        assert "Friday, January 29, 2027 , Pro Bono Attorney Training , Los Angeles" in page
        assert "Another course 6 Not yet set Not yet set" in page
        assert "No dates are set yet" not in page

    def test_a_course_with_place_seats_and_price_of_each(self, client, offering):
        make_person(offering, "carol")
        online = make_offering(
            days=("2027-03-05",), slug="online", is_online=True, kinds=["free"], seats=1
        )
        make_person(online, "dan", choice="free")
        page = text(client.get("/trainings/pro-bono/"))
        assert "Friday, January 29, 2027, Los Angeles 9:00 am–5:00 pm Pacific · " in page
        assert "Seats: 39 of 40 open Price: Free with a pro bono pledge, or $300" in page
        assert "Online Full, waitlist open" in page
        assert "Seats: Full Price: Free" in page

    def test_a_canceled_date_stays_until_past_with_its_reason(self, client, offering, clock):
        publishing.cancel_offering(offering.pk, reason="The roof leaks.")
        assert "Canceled The roof leaks." in text(client.get("/trainings/pro-bono/"))
        clock.move_to(pacific("2027-01-29T17:00"))
        assert "roof" not in text(client.get("/trainings/pro-bono/"))

    def test_drafts_are_nowhere(self, client, db, clock):
        draft = make_offering(status="draft", published_at=None)
        assert client.get(draft.get_absolute_url()).status_code == 404
        assert "January" not in text(client.get("/trainings/pro-bono/"))
        assert "January" not in text(client.get("/trainings/"))

    def test_one_offering_and_thirty_cost_the_same(
        self, client, offering, django_assert_max_num_queries, django_assert_num_queries
    ):
        make_person(offering, "p0")
        approve(offering.days[0])
        # Organization; courses, options; offerings, days, approvals, prices; seats. Of one
        # course also what is read for it.
        costs = {"/trainings/": 8, "/trainings/pro-bono/": 9}
        for address, cost in costs.items():
            with django_assert_num_queries(cost):
                client.get(address)
        for number in range(1, 30):
            more = make_offering(days=(f"2027-02-{number % 28 + 1:02}",), slug=f"n{number}")
            make_person(more, f"p{number}")
            approve(more.days[0])
        for address, cost in costs.items():
            with django_assert_num_queries(cost):
                page = text(client.get(address))
            assert page.count("2027") >= 30

    def test_a_person_and_forty_cost_the_offerings_page_the_same(
        self, client, offering, django_assert_num_queries
    ):
        make_agenda(offering)
        make_person(offering, "p0")
        with django_assert_num_queries(8):
            client.get(ADDRESS)
        for number in range(1, 40):
            make_person(offering, f"p{number}")
        with django_assert_num_queries(8):
            assert "Full" in text(client.get(ADDRESS))


class TestOffering:
    def test_the_facts(self, client, offering):
        make_agenda(offering)
        page = text(client.get(ADDRESS))
        assert "Price, with a pledge Free If you commit to one case pro bono" in page
        assert "Fee $300 If you are unable to take on a case. Covers materials and" in page
        assert "Friday, January 29, 2027 9:00 am–5:00 pm Pacific · 12:00–8:00 pm Eastern" in page
        assert "Place Los Angeles. The street address comes with your confirmation." in page
        assert "Seats 40 of 40 open" in page

    def test_the_agenda_counts_no_breaks(self, client, offering):
        make_agenda(offering)
        page = text(client.get(ADDRESS))
        assert "All times are Pacific. Breaks are not counted." in page
        assert "9:00 am Welcome 15 min 9:15 am Immigration benefits 90 min" in page
        assert "10:45 am Break not counted 11:00 am Civil remedies 60 min" in page
        assert "Total, breaks not counted 165 min" in page

    def test_a_table_a_day(self, client, db, clock):
        offering = make_offering(days=("2027-01-29", "2027-01-30"))
        approve(offering.days[0])
        page = text(client.get(offering.get_absolute_url()))
        assert "Day 1 Friday, January 29, 2027" in page
        assert "Day 2 Saturday, January 30, 2027" in page
        assert "Up to 6 hours Approved." in page
        assert "Each day is approved and counts by itself." in page

    def test_a_venue_elsewhere_keeps_its_own_clock(self, client, db, clock):
        offering = make_offering(zone="America/New_York", city="New York")
        make_agenda(offering)
        page = text(client.get(offering.get_absolute_url()))
        assert "12:00–8:00 pm Eastern · 9:00 am–5:00 pm Pacific" in page
        assert "All times are Eastern." in page
        assert "12:00 pm Welcome" in page

    @pytest.mark.parametrize("state", [None, *STATES])
    def test_joining_details_are_never_on_it(self, client, offering, state):
        offering.joining_url = LINK
        offering.save()
        if state:
            make_person(offering, "bob", state)
        for address in (
            "/trainings/",
            "/trainings/pro-bono/",
            ADDRESS,
            ADDRESS + "check-your-email/",
        ):
            assert b"canary" not in client.get(address).content.lower()

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"status": "closed"}, "Registration is closed We take no more registrations"),
            ({"status": "canceled", "cancel_reason": "Leaks."}, "This training is canceled Leaks."),
        ],
    )
    def test_closed_and_canceled_say_so_and_show_no_form(self, client, offering, change, said):
        Offering.objects.update(**change)
        page = client.get(ADDRESS)
        assert said in text(page)
        assert b'name="email"' not in page.content

    def test_once_begun_it_takes_nobody(self, client, offering, clock):
        clock.move_to(pacific("2027-01-29T09:00"))
        assert "This training has begun." in text(client.get(ADDRESS))
        response = client.post(ADDRESS, FORM)
        assert response.status_code == 409
        assert not Registration.objects.exists()

    def test_full_it_offers_the_waitlist(self, client, db, clock):
        offering = make_offering(seats=1)
        make_person(offering, "alice")
        make_person(offering, "carol", "waitlisted")
        page = text(client.get(ADDRESS))
        assert "Full, 1 person waits" in page
        assert "This training is full, and 1 person waits already." in page
        assert "for 24 hours, then to the next" in page

    def test_two_hours_free_asks_for_no_payment_and_no_pledge(self, client, db, clock):
        offering = make_offering(kinds=["free"])
        page = client.get(ADDRESS)
        assert "This training is free." in text(page)
        for field in (b"choice", b"pledge_name", b"waiver_code"):
            assert b'name="' + field not in page.content
        sent = {name: FORM[name] for name in ("name", "email", "is_attorney")}
        assert client.post(ADDRESS, sent).status_code == 302
        assert Registration.objects.get(offering=offering).price_kind == "free"

    def test_cards_are_offered_only_with_keys(self, client, offering, monkeypatch):
        assert b'value="card"' not in client.get(ADDRESS).content
        monkeypatch.setattr(money, "card_enabled", lambda: True)
        assert "Pay $300 by card If you are unable" in text(client.get(ADDRESS))

    def test_nothing_inline_and_text_of_staff_stays_text(self, client, offering):
        Course.objects.update(title="<script>alert(1)</script>")
        PledgeText.objects.update(text="<script>alert(2)</script>")
        approve(offering.days[0])
        for address in ("/trainings/", "/trainings/pro-bono/", ADDRESS):
            page = client.get(address)
            assert inline_code(page) == []
            assert b"<script>alert" not in page.content


# What an approval row of California lets the pages, mails and feeds say.
SAYS = [
    (None, {}, None),
    ("denied", {}, None),
    ("approved", {"expires_on": date(2027, 1, 28)}, None),
    ("pending", {}, "California MCLE credit: pending"),
    ("approved", {"expires_on": date(2027, 1, 29)}, "California MCLE credit: 6 hours, approved"),
    ("approved", {"total": 4}, "California MCLE credit: 1 hour, approved"),
    (
        "approved",
        {"total": 23, "ethics": 4, "bias": 3},
        "California MCLE credit: 5.75 hours, approved, including 1 hour of Legal Ethics and "
        "0.75 hours of Elimination of Bias",
    ),
]


@pytest.mark.parametrize(("status", "more", "said"), SAYS)
def test_credit_is_claimed_only_as_approved(client, offering, status, more, said):
    make_agenda(offering)
    bob = make_person(offering, "bob")
    if status:
        approve(offering.days[0], status, **more)
    pages = [
        client.get(ADDRESS),
        client.get(own(bob)),
        client.get("/trainings.ics"),
    ]
    for page in pages:
        shown = re.sub(r"\r\n ", "", page.content.decode()).replace("\\,", ",")
        if said:
            assert said in shown
        else:
            assert "MCLE" not in shown
    if said:
        assert said in text(client.get("/trainings/pro-bono/"))
