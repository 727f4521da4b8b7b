"""What staff see of links and do about them."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hub.models import User
from library.models import LinkHealth, Resource
from tests.reading import inline_code, text

pytestmark = pytest.mark.django_db
FAR = datetime(2126, 1, 1, tzinfo=UTC)
LIST = "/admin/library/linkhealth/"


@pytest.fixture
def rows():
    made = {}
    for number, (name, state, failures, goes_to) in enumerate(
        [
            ("works", "works", 0, ""),
            ("broken", "broken", 3, ""),
            ("unknown", "unknown", 0, ""),
            ("moved", "works", 0, "https://new.org/guide"),
            ("failing", "works", 1, ""),
        ]
    ):
        url = f"https://site{number}.org/guide"
        resource = Resource.objects.create(
            slug=name, title=f"The {name} one", url=url, link_state=state
        )
        made[name] = LinkHealth.objects.create(
            resource=resource,
            url=url,
            failures=failures,
            goes_to=goes_to,
            due_at=FAR,
        )
    return made


def act(client, action, *rows):
    sent = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, sent, follow=True)


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("broken", {"broken"}),
        ("failing", {"failing"}),
        ("unknown", {"unknown"}),
        ("moved", {"moved"}),
        ("works", {"works", "moved", "failing"}),
    ],
)
def test_the_list_is_narrowed_to_a_state(back_office, rows, state, names):
    page = back_office.get(LIST, {"state": state})
    assert {row.resource.slug for row in page.context["cl"].result_list} == names
    assert inline_code(page) == []


def test_the_worst_stand_first(back_office, rows):
    found = [row.resource.slug for row in back_office.get(LIST).context["cl"].result_list]
    assert found[:2] == ["broken", "failing"]


def test_a_broken_one_without_an_archived_copy_asks_for_one(back_office, rows):
    address = reverse("admin:library_linkhealth_change", args=[rows["broken"].pk])
    assert "look for one, and write it into the resource" in text(back_office.get(address))
    Resource.objects.update(archived_url="https://archive.org/web/guide")
    page = text(back_office.get(address))
    assert "https://archive.org/web/guide" in page
    assert "look for one" not in page


def test_look_again_now_makes_them_due(back_office, rows):
    page = act(back_office, "look_again", rows["broken"], rows["moved"])
    assert "within minutes: 2." in text(page)
    due = set(
        LinkHealth.objects.filter(due_at__lte=timezone.now()).values_list(
            "resource__slug", flat=True
        )
    )
    assert due == {"broken", "moved"}


def test_take_over_the_new_address(back_office, rows):
    page = text(act(back_office, "take_over", rows["moved"], rows["works"]))
    assert "“The moved one” now links to https://new.org/guide." in page
    assert "The link of “The works one” has not moved." in page
    moved = Resource.objects.get(slug="moved")
    assert moved.url == "https://new.org/guide"
    assert moved.history.latest().history_user.email == "alice@example.org"
    assert Resource.objects.get(slug="works").url == "https://site0.org/guide"


def test_who_may_only_look_may_not_act(rows, settings):
    settings.STAFF_SECOND_FACTOR = False
    eve = User.objects.create_user("eve@example.org", is_staff=True)
    eve.user_permissions.add(Permission.objects.get(codename="view_linkhealth"))
    client = Client()
    client.force_login(eve, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(LIST).status_code == 200
    act(client, "look_again", rows["broken"])
    act(client, "take_over", rows["moved"])
    assert not LinkHealth.objects.exclude(due_at=FAR).exists()
    assert Resource.objects.get(slug="moved").url == "https://site3.org/guide"


def test_the_list_costs_the_same_for_five_and_thirty(
    back_office, rows, django_assert_max_num_queries
):
    back_office.get(LIST)
    with django_assert_max_num_queries(30) as first:
        back_office.get(LIST)
    for number in range(25):
        one = Resource.objects.create(slug=f"r{number}", title=f"R{number}", url="https://a.org")
        LinkHealth.objects.create(resource=one, url=one.url, due_at=FAR)
    with django_assert_max_num_queries(len(first)):
        assert "R24" in text(back_office.get(LIST))
