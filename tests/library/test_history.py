"""Who changed what, as people read it, and the way back."""

import pytest
from django.urls import reverse

from hub.models import User
from hub.refusal import Refused
from library.models import Resource, Topic
from library.services import curation, history, words
from tests.reading import filled, inline_code, text


@pytest.fixture
def alice(back_office):
    return User.objects.get(email="alice@example.org")


@pytest.fixture
def resource(seeded):
    return Resource.objects.get(slug="ncvli")


def page_of(resource):
    return reverse("admin:library_resource_history", args=[resource.pk])


def restoring(version):
    return reverse("admin:library_resource_restore", args=[version.pk])


def everything(resource):
    row = Resource.objects.filter(pk=resource.pk).values().get()
    # The moment of publishing is the database's own.
    row.pop("published_at")
    return (
        row,
        history.words_of("topics", [resource.pk]),
        history.words_of("audiences", [resource.pk]),
    )


def edit(staff, resource, **changes):
    address = reverse("admin:library_resource_change", args=[resource.pk])
    sent = filled(staff.get(address)) | changes
    answer = staff.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]


def test_the_page_says_what_became_what_and_who_did_it(back_office, alice, resource):
    topic = Topic.objects.create(slug="housing", name="Housing <b>")
    old = [each.name for each in resource.topics.all()]
    edit(back_office, resource, title="Another title", type="manual", topics=[topic.pk])
    page = back_office.get(page_of(resource))
    said = text(page)
    assert "alice@example.org" in said
    assert "→ Another title" in said
    assert f"Type: {resource.get_type_display()} → Manual" in said
    assert f"Topics: {'; '.join(sorted(old))} → Housing <b>" in said
    assert "The hub itself" in said
    assert inline_code(page) == []
    assert b"Housing <b>" not in page.content


def test_a_change_is_put_back_whole_as_a_new_change(back_office, alice, resource):
    before = everything(resource)
    topic = Topic.objects.create(slug="housing", name="Housing")
    edit(
        back_office, resource, title="Broken", url="", topics=[topic.pk], audiences=[], position=""
    )
    assert everything(resource) != before
    count = history.versions(resource.pk).count()
    links = back_office.get(page_of(resource)).context["changes"]
    address = restoring(links[0]["before"])
    page = back_office.get(address)
    assert "Broken" in text(page)
    assert resource.title in text(page)
    assert inline_code(page) == []
    form = page.context["form"]
    answer = back_office.post(address, form.initial, follow=True)
    assert "is put back as it was." in text(answer)
    assert everything(resource) == before
    assert history.versions(resource.pk).count() == count + 1
    row = history.versions(resource.pk).first()
    assert row.history_user == alice
    assert row.history_change_reason.startswith("Put back as it was on ")
    assert "there is nothing to put back" in text(back_office.get(address))
    history.restore(links[0]["before"].pk, alice)
    assert history.versions(resource.pk).count() == count + 1


def test_a_place_that_is_taken_by_now_is_given_up_for_the_end(alice, resource):
    history.record([resource.pk], None)
    version = history.versions(resource.pk).first()
    other = Resource.objects.exclude(pk=resource.pk).filter(placement=resource.placement).first()
    place = resource.position
    Resource.objects.filter(pk=resource.pk).update(position=None)
    Resource.objects.filter(pk=other.pk).update(position=place)
    history.record([resource.pk], None)
    assert history.restore(version.pk, alice).position is None
    assert Resource.objects.get(pk=other.pk).position == place


def test_what_somebody_changed_in_the_meantime_is_not_undone_unseen(back_office, alice, resource):
    curation.set_published([resource.pk], False, alice)
    address = restoring(history.before(history.versions(resource.pk).first()))
    sent = back_office.get(address).context["form"].initial
    edit(back_office, resource, title="Meanwhile")
    page = back_office.post(address, sent)
    assert "Somebody else changed this resource in the meantime." in text(page)
    assert "Meanwhile" in text(page)
    resource.refresh_from_db()
    assert resource.title == "Meanwhile"
    back_office.post(address, page.context["form"].initial)
    resource.refresh_from_db()
    assert resource.title != "Meanwhile"


def test_a_deleted_resource_comes_back_under_its_old_address(back_office, alice, resource):
    before = everything(resource)
    topics = before[1]
    assert topics[resource.pk]
    back_office.post(reverse("admin:library_resource_delete", args=[resource.pk]), {"post": "yes"})
    assert back_office.get("/library/ncvli/").status_code == 404
    page = back_office.get(reverse("admin:library_resource_deleted"))
    assert resource.title in text(page)
    assert "alice@example.org" in text(page)
    assert inline_code(page) == []
    assert "This resource is deleted." in text(back_office.get(page_of(resource)))
    (gone,) = page.context["rows"]
    address = restoring(gone)
    page = back_office.get(address)
    assert Topic.objects.filter(resources=None).count() == 0 or "Topics" in text(page)
    back_office.post(address, page.context["form"].initial)
    assert everything(resource) == before
    assert back_office.get("/library/ncvli/").status_code == 200
    assert "Nothing was deleted." in text(
        back_office.get(reverse("admin:library_resource_deleted"))
    )


def test_a_deleted_resource_stays_away_while_another_has_its_address(alice, resource):
    curation.delete([resource.pk], alice)
    Resource.objects.create(slug="ncvli", title="Another")
    with pytest.raises(Refused, match="has the address “ncvli” by now"):
        history.restore(history.deleted().get().pk, alice)


def test_topics_that_are_no_more_are_named_and_left_out(back_office, alice, resource):
    kept = Topic.objects.create(slug="housing", name="Housing")
    merged = Topic.objects.create(slug="homes", name="Homes")
    gone = Topic.objects.create(slug="gone", name="Gone")
    resource.topics.set([merged, gone])
    version = history.versions(resource.pk).first()
    words.merge(Topic, kept.pk, merged.pk, alice)
    back_office.post(reverse("admin:library_topic_delete", args=[gone.pk]), {"post": "yes"})
    said = text(back_office.get(page_of(resource)))
    assert "Gone; Homes → Gone; Housing" in said
    assert "“Homes” merged into “Housing”" in said
    assert "Gone; Housing → Housing" in said
    assert "“Gone” deleted" in said
    resource.topics.clear()
    assert set(history.restore(version.pk, alice).topics.all()) == {kept}


def test_an_unknown_history_is_not_found(back_office, seeded):
    for pk in ("999999", "x"):
        assert back_office.get(f"/admin/library/resource/{pk}/history/").status_code == 404
    assert back_office.get("/admin/library/resource/version/999999/restore/").status_code == 404


def test_a_long_history_has_pages_and_says_what_the_last_line_of_each_changed(
    back_office, alice, resource, django_assert_max_num_queries
):
    for number in range(60):
        Resource.objects.filter(pk=resource.pk).update(summary=f"Number {number}.")
        history.record([resource.pk], alice)
    with django_assert_max_num_queries(20):
        page = back_office.get(page_of(resource))
    assert len(page.context["changes"]) == 50
    assert "Number 9. → Number 10." in text(page)
    assert "Number 9. → Number 10." not in text(back_office.get(page_of(resource), {"p": 2}))
    assert "Number 8. → Number 9." in text(back_office.get(page_of(resource), {"p": 2}))
