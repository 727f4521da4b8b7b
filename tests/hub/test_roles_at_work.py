"""What each role gets done in the back office, and what it does not: beside tests.test_urls,
which looks at every page, the buttons, lists to choose from, pop-ups and the front page.
"""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from hub import roles
from hub.models import User
from library.models import Resource, Suggestion, Topic
from tests.people import member, staff_client
from tests.trainings import making

pytestmark = pytest.mark.django_db
each_role = pytest.mark.parametrize("role", roles.ROLES)


def letters(role: str, model: str) -> str:
    return roles.TABLE[model][roles.ROLES.index(role)]


@each_role
def test_the_front_page_lists_what_they_may_look_at(role):
    page = staff_client(member(role)).get("/admin/")
    shown = {
        f"{app['app_label']}.{model['model'].__name__.lower()}"
        for app in page.context["app_list"]
        for model in app["models"]
    }
    registered = {model._meta.label_lower for model in admin.site._registry}
    asked = {"ta_requests.tarequest"} if role == roles.TA_STAFF else set()
    assert shown == asked | {model for model in registered if "v" in letters(role, model)}


@each_role
def test_only_those_who_add_are_offered_it(role):
    page = staff_client(member(role)).get("/admin/")
    for app in page.context["app_list"]:
        for model in app["models"]:
            label = f"{app['app_label']}.{model['model'].__name__.lower()}"
            if model["add_url"] and label != "ta_requests.tarequest":
                assert "a" in letters(role, label)


@each_role
@pytest.mark.parametrize("field", ["course", "resource"])
def test_whoever_writes_readings_finds_both_sides(role, field):
    query = {"app_label": "front", "model_name": "reading", "field_name": field, "term": ""}
    answer = staff_client(member(role)).get(reverse("admin:autocomplete"), query)
    model = "trainings.course" if field == "course" else "library.resource"
    assert answer.status_code == (200 if "v" in letters(role, model) else 403)


@each_role
def test_a_pop_up_is_no_way_round(role):
    client = staff_client(member(role))
    for model in ("library.topic", "calls.callseries", "trainings.course", "hub.closure"):
        address = reverse("admin:{}_{}_add".format(*model.split(".")))
        answer = client.get(address, {"_popup": "1"})
        assert answer.status_code == (200 if "a" in letters(role, model) else 403), model


@pytest.fixture
def buttons():
    """Pages that only act: address, what is sent, whose work it is."""
    resource = Resource.objects.create(slug="guide", title="A guide", published=False)
    suggestion = Suggestion.objects.create(title="A guide", received_at=making.at("2026-11-24"))
    topic = Topic.objects.create(slug="a", name="A")
    offering = making.offering(day="2027-03-01")
    person = making.person(offering)
    verb = "admin:trainings_offering_verb"
    curators, programme = {"Curator", "Manager"}, {"Programme", "Manager"}
    return [
        (reverse("admin:library_resource_publish", args=[resource.pk]), {}, curators),
        (reverse("admin:library_suggestion_decline", args=[suggestion.pk]), {}, curators),
        (reverse("admin:library_resource_review"), {"reviewed": resource.pk}, curators),
        (reverse("admin:library_topic_merge", args=[topic.pk]), {}, curators),
        (reverse("admin:library_resource_order", args=["legal"]), {}, curators),
        (reverse(verb, args=[offering.pk, "cancel"]), {}, programme),
        (reverse("admin:trainings_registration_verb", args=[person.pk, "check"]), {}, programme),
        (reverse("admin:trainings_waivercode_make"), {}, programme),
        (reverse("admin:trainings_activity_ticks", args=[offering.days[0].pk]), {}, programme),
    ]


@each_role
def test_buttons_are_refused_to_all_others(role, buttons):
    client = staff_client(member(role))
    for address, sent, whose in buttons:
        status = client.post(address, sent).status_code
        assert (status != 403) is (role in whose), (address, status)
        assert status < 500


@each_role
@pytest.mark.parametrize("action", ["publish", "mark_reviewed", "delete_selected"])
def test_nor_by_way_of_a_list(role, action):
    resource = Resource.objects.create(slug="guide", title="A guide", published=False)
    sent = {"action": action, "_selected_action": [resource.pk], "post": "yes"}
    client = staff_client(member(role))
    client.post(reverse("admin:library_resource_changelist"), sent)
    after = Resource.objects.filter(pk=resource.pk).first()
    changed = after is None or after.published or after.reviewed_on is not None
    assert changed is ("c" in letters(role, "library.resource"))


@each_role
def test_nobody_looks_people_up_by_what_a_list_does_not_show(role):
    """Letter by letter, a password's hash or a link's secret."""
    User.objects.create_user("bob@example.org", password="canary")
    client = staff_client(member(role))
    answer = client.get(reverse("admin:hub_user_changelist"), {"password__startswith": "pbkdf2"})
    assert answer.status_code == (400 if "v" in letters(role, "hub.user") else 403)


def test_a_manager_reaches_all_they_are_shown():
    client = staff_client(member("Manager"))
    page = client.get("/admin/").content.decode()
    links = set(re.findall(r'href="(/admin/[a-z_]+/[a-z]+/)"', page))
    assert len(links) > 25
    for link in links:
        assert client.get(link).status_code == 200, link
