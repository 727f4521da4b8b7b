"""What changed of a curated row, by whom, and the way back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from calls.models import CallSeries
from hub.models import Mail, User
from ta_requests.models import Area
from tests.calls.factories import SeriesFactory, SignUpFactory
from tests.reading import filled, inline_code, text
from tests.trainings import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, settings):
    settings.STAFF_SECOND_FACTOR = False
    alice = User.objects.create_superuser("alice@example.org", name="Alice Adams")
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(row, name="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def edit(staff, row, query="", **changes):
    answer = staff.post(page(row) + query, filled(staff.get(page(row) + query)) | changes)
    assert answer.status_code == 302, answer.context["errors"]
    row.refresh_from_db()


def course(**values):
    return making.course(**{"summary": "Words", "audience_text": "attorneys"} | values)


ROWS = {
    "series": (lambda: SeriesFactory(summary="Old <b>words"), "summary"),
    "course": (lambda: course(summary="Old <b>words"), "summary"),
    "area": (lambda: Area.objects.create(slug="a", name="Old <b>words"), "name"),
    "offering": (lambda: making.offering(city="Old <b>words"), "city"),
}


@pytest.mark.parametrize("which", ROWS)
def test_it_says_who_made_what_of_what_and_leads_back(staff, which):
    make, field = ROWS[which]
    row = make()
    edit(staff, row, **{field: "New words"})
    assert getattr(row, field) == "New words"
    seen = staff.get(page(row, "history"))
    assert "Alice Adams" in text(seen)
    assert f"{field.title()}: Old <b>words → New words" in text(seen)
    assert inline_code(seen) == []
    query = f"?undo={LogEntry.objects.latest('pk').pk}"
    assert query in seen.content.decode()
    shown = staff.get(page(row) + query)
    assert "as it was before. Look at it, then save." in text(shown)
    row.refresh_from_db()
    assert getattr(row, field) == "New words", "looking changes nothing"
    edit(staff, row, query)
    assert getattr(row, field) == "Old <b>words"
    assert f"{field.title()}: New words → Old <b>words" in text(staff.get(page(row, "history")))


def test_a_later_change_of_another_field_stays(staff):
    row = course(summary="Old")
    edit(staff, row, summary="New")
    query = f"?undo={LogEntry.objects.latest('pk').pk}"
    edit(staff, row, title="Another title", position="7")
    edit(staff, row, query)
    assert (row.summary, row.title, row.position) == ("Old", "Another title", 7)


def test_empty_and_numbers_come_back_too(staff):
    row = course(mcle_condition="", position=3)
    edit(staff, row, mcle_condition="New", position="4")
    edit(staff, row, f"?undo={LogEntry.objects.latest('pk').pk}")
    assert (row.mcle_condition, row.position) == ("", 3)


def test_joining_details_are_said_to_have_changed_and_no_more(staff):
    row = SeriesFactory(joining_passcode="old-canary")
    SignUpFactory(series=row)
    edit(staff, row, joining_passcode="new-canary")
    assert Mail.objects.filter(kind="calls.joining").count() == 1
    seen = text(staff.get(page(row, "history")))
    assert "Changed Passcode" in seen
    assert "canary" not in seen
    assert "canary" not in LogEntry.objects.latest("pk").change_message


def test_what_is_put_back_goes_the_way_of_every_change(staff):
    """A wrong value of the past is refused by the form, not written past it."""
    row, other = SeriesFactory(name="First"), SeriesFactory(name="Second")
    edit(staff, row, name="Renamed")
    entry = LogEntry.objects.latest("pk")
    # Another row's history is nothing to this one.
    assert staff.get(page(other) + f"?undo={entry.pk}").context["adminform"].form[
        "name"
    ].value() == ("Second")
    for odd in ("x", "²", "9" * 30, "0"):
        form = staff.get(page(row) + f"?undo={odd}").context["adminform"].form
        assert form["name"].value() == "Renamed"


def test_a_sentence_a_verb_logged_is_shown_as_it_is(staff):
    row = making.offering()
    staff.post(reverse("admin:trainings_offering_verb", args=[row.pk, "open"]))
    assert "Open registration." in text(staff.get(page(row, "history")))


def test_who_may_only_look_is_led_nowhere(staff, client):
    row = SeriesFactory(summary="Old")
    edit(staff, row, summary="New")
    helen = User.objects.create_user("helen@example.org", is_staff=True)
    helen.user_permissions.set(Permission.objects.filter(codename="view_callseries"))
    client.force_login(helen, backend="django.contrib.auth.backends.ModelBackend")
    seen = client.get(page(row, "history"))
    assert "Old → New" in text(seen)
    assert "undo=" not in seen.content.decode()
    helen.user_permissions.clear()
    assert client.get(page(row, "history")).status_code == 403


def test_it_costs_the_same_for_one_change_and_thirty(staff):
    row = SeriesFactory()

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(page(row, "history")).status_code == 200
        return len(queries)

    edit(staff, row, cost="0")
    count()
    one = count()
    for number in range(1, 30):
        edit(staff, row, cost=str(number))
    assert count() == one


def test_of_what_is_not_there(staff):
    for pk in ("0", "x", "99999999999999999999"):
        address = reverse("admin:calls_callseries_history", args=[pk])
        assert staff.get(address).status_code == 404
    assert not CallSeries.objects.exists()
