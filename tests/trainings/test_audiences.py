"""Whom staff write to about a training."""

import pytest

from tests.trainings import making
from trainings import audiences
from trainings.models import NewsRequest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("part", "who"),
    [
        ("seated", ["confirmed", "offered"]),
        ("waitlisted", ["waitlisted"]),
        ("all", ["confirmed", "offered", "waitlisted"]),
        ("none", []),
    ],
)
def test_people_registered_by_state(part, who):
    offering = making.offering()
    for state in ("confirmed", "offered", "waitlisted", "unconfirmed", "canceled"):
        making.person(offering, f"{state.title()} Person", state=state)
    making.person(making.offering(making.course("other")), "Another Training")
    making.person(offering, "Removed", email="removed-1@invalid.example")
    found = audiences.REGISTERED.people(offering.pk, part)
    assert sorted(row.state for row in found) == who


@pytest.mark.parametrize(
    ("part", "who"),
    [
        ("all", ["anywhere", "both", "south", "west"]),
        ("south", ["anywhere", "both", "south"]),
        ("northeast", ["anywhere"]),
    ],
)
def test_people_who_wait_for_news_by_region_each_once(part, who):
    course, other = making.course("one"), making.course("two")
    wishes = [
        ("anywhere", course, ""),
        ("both", course, "south"),
        ("both", None, "south"),
        ("south", None, "south"),
        ("west", course, "west"),
        ("elsewhere", other, ""),
    ]
    for name, of, region in wishes:
        NewsRequest.objects.create(
            email=f"{name}@example.org", course=of, region=region, state="active"
        )
    for state in ("left", "unconfirmed"):
        NewsRequest.objects.create(email=f"{state}@example.org", course=course, state=state)
    found = audiences.WAITING_FOR_NEWS.people(course.pk, part)
    assert [row.email.partition("@")[0] for row in found] == who
    assert found.count() == len(who)


@pytest.mark.parametrize("audience", [audiences.REGISTERED, audiences.WAITING_FOR_NEWS])
def test_what_is_not_there_is_about_nothing(audience):
    assert audience.about(987654) is None
