import pytest

from library.models import Resource
from library.search import every, find
from library.wanted import Wanted


def slugs(q="", **more):
    return [each.slug for each in find(Wanted(q=q, **more)).resources]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("WHO", "who-interviewing"),
        ("guest worker", "close-to-slavery"),
        ("t visa", "t-visa-process-guide"),
        ("Klein child", "child-trafficking-intro"),
        ("restitution", "aequitas-library"),
        ("slavry", "close-to-slavery"),
        ("restituton", "aequitas-library"),
        ("polarsi", "polaris-trends"),
        ("ncvil", "ncvli"),
        ("traffiking", "ctrp"),
    ],
)
def test_each_of_these_is_found(seeded, q, expected):
    assert expected in slugs(q)
    assert expected in [each.slug for each in every(Wanted(q=q), 100)]


def test_everything_is_in_the_pages_order(seeded):
    found = find(Wanted())
    assert found.total == 23
    assert found.resources == list(Resource.objects.order_by("placement", "position"))
