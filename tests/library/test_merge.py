"""Two topics become one: for resources, readers' links, the history and the content file."""

import pytest
from django.urls import reverse

from hub.models import SeedRecord, User
from hub.refusal import Refused
from library.models import Audience, Resource, Topic
from library.services import history, words
from tests.library.test_seed import load, topics
from tests.reading import text


@pytest.fixture
def alice(back_office):
    return User.objects.get(email="alice@example.org")


@pytest.fixture
def pair(seeded):
    """Two topics of the content file that have one resource in common."""
    kept, gone = Topic.objects.get(slug="identification"), Topic.objects.get(slug="screening")
    Resource.objects.filter(topics=kept).first().topics.add(gone)
    return kept, gone


def test_the_page_says_how_many_move_before_it_does_it(back_office, pair):
    kept, gone = pair
    having = set(gone.resources.all())
    both = having & set(kept.resources.all())
    all_of_them = having | set(kept.resources.all())
    address = reverse("admin:library_topic_merge", args=[kept.pk])
    page = text(back_office.get(address))
    assert f"Screening: {len(having)} resources get this one instead, {len(both)} of them" in page
    answer = text(back_office.post(address, {"gone": gone.pk}, follow=True))
    assert f"“Screening” is now “Identification”, for {len(having)} resources" in answer
    assert not Topic.objects.filter(slug="screening").exists()
    assert set(kept.resources.all()) == all_of_them
    page = text(back_office.post(address, {"gone": gone.pk}))
    assert "Choose one from the list." in page


def test_each_resource_that_moved_has_it_in_its_history(alice, pair):
    kept, gone = pair
    moved = list(gone.resources.all())
    untouched = Resource.objects.exclude(pk__in=[each.pk for each in moved]).first()
    rows = history.versions(untouched.pk).count()
    assert words.merge(Topic, kept.pk, gone.pk, alice) == len(moved)
    for each in moved:
        row = history.versions(each.pk).first()
        assert row.history_user == alice
        ids = set(row.topics.values_list("topic_id", flat=True))
        assert kept.pk in ids
        assert gone.pk not in ids
    assert history.versions(untouched.pk).count() == rows


def test_a_second_time_does_nothing(alice, pair):
    kept, gone = pair
    words.merge(Topic, kept.pk, gone.pk, alice)
    before = history.VERSIONS.objects.count()
    assert words.merge(Topic, kept.pk, gone.pk, alice) == 0
    assert history.VERSIONS.objects.count() == before


def test_neither_with_itself_nor_into_nothing(alice, pair):
    kept, gone = pair
    with pytest.raises(Refused, match="Choose another one"):
        words.merge(Topic, kept.pk, kept.pk, alice)
    with pytest.raises(Refused, match="not there any more"):
        words.merge(Topic, 999999, gone.pk, alice)
    assert Topic.objects.filter(pk=gone.pk).exists()


def test_the_content_file_does_not_bring_it_back(seeded, alice, pair):
    kept, gone = pair
    words.merge(Topic, kept.pk, gone.pk, alice)
    before = {each.slug: topics(each.slug) for each in Resource.objects.all()}
    rows = list(Topic.objects.order_by("pk").values())
    for _ in range(2):
        load(seeded)
        assert list(Topic.objects.order_by("pk").values()) == rows
        assert {each.slug: topics(each.slug) for each in Resource.objects.all()} == before


def test_what_the_file_later_gives_the_old_one_gets_the_new_one(seeded, alice, pair):
    """And what it says beside that arrives: the merge is no edit of each resource."""
    kept, gone = pair
    words.merge(Topic, kept.pk, gone.pk, alice)
    by_key = {each["key"]: each for each in seeded["resources"]["legal"]}
    # It had "direct-services", "safety" and "screening".
    by_key["iom-handbook"]["topics"] = ["safety", "screening", "identification", "restitution"]
    load(seeded)
    assert topics("iom-handbook") == {"safety", "identification", "restitution"}


def test_the_old_address_leads_to_what_it_became_also_over_two_merges(seeded, alice, pair):
    kept, gone = pair
    last = Topic.objects.create(slug="housing", name="Housing")
    ours = Topic.objects.create(slug="ours", name="Ours")
    words.merge(Topic, kept.pk, gone.pk, alice)
    words.merge(Topic, kept.pk, ours.pk, alice)
    asked = ["screening", "ours", "identification", "restitution", "never"]
    assert words.now_called(Topic, asked) == {
        "screening": "identification",
        "ours": "identification",
    }
    words.merge(Topic, last.pk, kept.pk, alice)
    assert words.now_called(Topic, asked) == {
        "screening": "housing",
        "ours": "housing",
        "identification": "housing",
    }
    load(seeded)
    assert not Topic.objects.filter(slug__in=["screening", "ours", "identification"]).exists()
    Topic.objects.create(slug="screening", name="Screening")
    assert "screening" not in words.now_called(Topic, asked)


def test_a_reader_s_old_link_leads_to_what_it_became(client, alice, pair):
    kept, gone = pair
    count = Resource.objects.filter(topics__in=[kept, gone]).distinct().count()
    words.merge(Topic, kept.pk, gone.pk, alice)
    answer = client.get("/library/?topic=screening&topic=safety&q=guide")
    assert answer["Location"] == "/library/?q=guide&topic=identification&topic=safety"
    page = client.get("/library/?topic=screening", follow=True)
    assert page.context["found"].total == count
    assert client.get("/library/?topic=never").status_code == 200


def test_audiences_merge_as_topics_do(back_office, alice, seeded):
    kept, gone = Audience.objects.order_by("pk")[:2]
    moved = set(gone.resources.all())
    address = reverse("admin:library_audience_merge", args=[kept.pk])
    assert back_office.post(address, {"gone": gone.pk}).status_code == 302
    assert moved <= set(kept.resources.all())
    load(seeded)
    assert not Audience.objects.filter(slug=gone.slug).exists()


def test_a_merge_that_fails_half_way_changes_nothing(alice, pair, monkeypatch):
    kept, gone = pair
    before = set(gone.resources.all()), set(kept.resources.all()), SeedRecord.objects.count()

    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(history, "record", fail)
    with pytest.raises(RuntimeError):
        words.merge(Topic, kept.pk, gone.pk, alice)
    gone = Topic.objects.get(slug="screening")
    assert (set(gone.resources.all()), set(kept.resources.all()), SeedRecord.objects.count()) == (
        before
    )
