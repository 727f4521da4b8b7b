"""What the library has for its curators to do."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from library import links, work
from library.models import Resource, Suggestion
from tests.people import member

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)


@pytest.fixture
def carl():
    return member("Curator")


def test_broken_links_and_what_nobody_looked_through(seeded, carl):
    Resource.objects.update(reviewed_on=timezone.localdate(NOW))
    assert work.of_resources(carl, NOW) == []
    links.keep_in_step(NOW)
    first, second = Resource.objects.filter(health__isnull=False)[:2]
    Resource.objects.filter(pk=first.pk).update(link_state="broken")
    Resource.objects.filter(pk__in=[first.pk, second.pk]).update(reviewed_on="2025-11-24")
    broken, due = work.of_resources(carl, NOW)
    assert broken.said == "1 link is broken"
    assert broken.url == reverse("admin:library_linkhealth_changelist") + "?state=broken"
    assert (due.said, due.count) == ("2 resources nobody looked through for 12 months", 2)
    assert due.url == reverse("admin:library_resource_review")


def test_suggestions_to_answer_with_the_age_of_the_oldest(carl):
    for day, state in [(3, "new"), (9, "new"), (1, "declined")]:
        Suggestion.objects.create(
            title="A guide",
            received_at=datetime(2026, 11, day, 20, tzinfo=UTC),
            state=state,
            dealt_with_at=None if state == "new" else NOW,
        )
    [line] = work.of_suggestions(carl, NOW)
    assert line.said == "2 suggestions to answer, the oldest of November 3"
    assert line.url == reverse("admin:library_suggestion_changelist") + "?state__exact=new"


@pytest.mark.parametrize("role", ["Programme", "TA staff"])
def test_who_cannot_do_it_is_not_asked(seeded, role):
    Suggestion.objects.create(title="A guide", received_at=NOW)
    somebody = member(role)
    assert work.of_resources(somebody, NOW) == work.of_suggestions(somebody, NOW) == []
