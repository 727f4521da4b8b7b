"""What staff do with one resource and with several: each change in the history, with its name."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from hub.models import User
from hub.refusal import Refused
from library.models import Audience, Resource, Topic
from library.services import curation, history
from tests.reading import filled, inline_code, text

BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST = reverse("admin:library_resource_changelist")


@pytest.fixture
def alice(back_office):
    return User.objects.get(email="alice@example.org")


def order(placement):
    return [each.slug for each in curation.in_list(placement)]


def ids(placement):
    return [each.pk for each in curation.in_list(placement)]


def checked_now():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def last(resource):
    return history.versions(resource.pk).first()


def order_page(placement="other"):
    return reverse("admin:library_resource_order", args=[placement])


def shown(page):
    return {"was": page.context["was"], "shown": page.context["shown"]}


class TestOrder:
    def test_numbers_move_and_the_public_page_follows(self, back_office, seeded, alice):
        first, second, *_, end = before = ids("other")
        page = back_office.get(order_page())
        assert inline_code(page) == []
        answer = back_office.post(order_page(), {**shown(page), f"place-{end}": "1"}, follow=True)
        assert "The order of “Other resources” is saved." in text(answer)
        assert ids("other") == [end, first, second, *before[2:-1]]
        checked_now()
        assert [each.position for each in curation.in_list("other")] == [1, 2, 3, 4, 5, 6]
        titles = [Resource.objects.get(pk=pk).title for pk in ids("other")]
        public = text(back_office.get("/library/"))
        found = [public.index(title) for title in titles]
        assert found == sorted(found)
        assert last(Resource.objects.get(pk=end)).history_user == alice

    def test_a_button_moves_on_the_page_and_saves_nothing(self, back_office, seeded):
        before = ids("other")
        page = back_office.get(order_page())
        page = back_office.post(order_page(), {**shown(page), "step": f"up:{before[2]}"})
        assert "Not saved yet." in text(page)
        assert [row.pk for row in page.context["rows"]][:3] == [before[0], before[2], before[1]]
        assert ids("other") == before
        page = back_office.post(order_page(), {**shown(page), "step": f"up:{before[2]}"})
        back_office.post(order_page(), shown(page))
        assert ids("other")[0] == before[2]

    def test_a_list_that_somebody_else_changed_is_not_written_and_nothing_is_lost(
        self, back_office, seeded, alice
    ):
        before = ids("other")
        page = back_office.get(order_page())
        curation.place("other", [before[1], before[0], *before[2:]], alice, before)
        new = Resource.objects.create(slug="new", title="A new one", placement="other")
        page = back_office.post(order_page(), {**shown(page), f"place-{before[5]}": "1"})
        assert "Somebody else changed this list in the meantime." in text(page)
        assert order("other")[0] == Resource.objects.get(pk=before[1]).slug
        rows = [row.pk for row in page.context["rows"]]
        assert rows == [before[5], *before[:5], new.pk]
        back_office.post(order_page(), shown(page))
        assert ids("other") == rows

    def test_only_those_that_moved_get_a_row_of_history(self, seeded, alice):
        before = ids("other")
        count = history.VERSIONS.objects.count()
        assert curation.place("other", [before[1], before[0], *before[2:]], alice, before) == 2
        assert history.VERSIONS.objects.count() == count + 2
        assert curation.place("other", ids("other"), alice, ids("other")) == 0
        assert history.VERSIONS.objects.count() == count + 2

    @pytest.mark.parametrize("wrong", ["fewer", "twice", "foreign"])
    def test_only_the_whole_list_can_be_put_in_order(self, seeded, alice, wrong):
        was = ids("other")
        wanted = {
            "fewer": was[1:],
            "twice": [was[0], *was[:-1]],
            "foreign": [ids("legal")[0], *was[1:]],
        }[wrong]
        with pytest.raises(Refused):
            curation.place("other", wanted, alice, was)
        assert ids("other") == was

    def test_another_list_is_not_found(self, back_office, seeded):
        assert back_office.get(order_page("third")).status_code == 404

    def test_nonsense_is_as_if_it_was_not_there(self, back_office, seeded):
        before = ids("other")
        sent = {"was": "x,²,7;--", "shown": ",,", "step": "up:9", f"place-{before[0]}": "²"}
        assert back_office.post(order_page(), sent).status_code == 200
        assert ids("other") == before


class TestDrafts:
    def test_a_draft_is_missing_for_all_but_in_the_preview(self, client, back_office, seeded):
        resource = Resource.objects.get(slug="ncvli")
        sent = {"publish": "no"}
        address = reverse("admin:library_resource_publish", args=[resource.pk])
        page = back_office.post(address, sent, follow=True)
        assert "is a draft: only staff see it." in text(page)
        assert "Draft. Only staff see it." in text(page)
        assert back_office.get("/library/ncvli/").status_code == 404
        preview = back_office.get(reverse("admin:library_resource_preview", args=[resource.pk]))
        assert "Draft – only staff see this." in text(preview)
        assert resource.title in text(preview)
        assert "no-store" in preview["Cache-Control"]
        assert inline_code(preview) == []
        page = back_office.post(address, {"publish": "yes"}, follow=True)
        assert "is published: everybody sees it." in text(page)
        assert back_office.get("/library/ncvli/").status_code == 200

    def test_publishing_is_in_the_history_once(self, seeded, alice):
        resource = Resource.objects.get(slug="ncvli")
        assert curation.set_published([resource.pk], True, alice) == 0
        assert curation.set_published([resource.pk], False, alice) == 1
        row = last(resource)
        assert (row.history_user, row.history_change_reason) == (alice, "Unpublished")
        assert row.published is False
        assert row.topics.count() == resource.topics.count() > 0

    def test_only_a_button_publishes(self, back_office, seeded):
        address = reverse("admin:library_resource_publish", args=[Resource.objects.first().pk])
        assert back_office.get(address).status_code == 405


class TestSeveral:
    @pytest.fixture
    def chosen(self, seeded):
        return list(Resource.objects.filter(placement="other").order_by("pk")[:3])

    def act(self, staff, action, chosen, **more):
        sent = {"action": action, "_selected_action": [each.pk for each in chosen], **more}
        return staff.post(LIST, sent, follow=True)

    def test_topics_are_asked_for_and_added(self, back_office, alice, chosen):
        new = Topic.objects.create(slug="housing", name="Housing")
        already = chosen[0]
        already.topics.add(new)
        before = {each.pk: set(each.topics.all()) for each in chosen}
        page = self.act(back_office, "add_topics", chosen)
        assert "For 3 resources" in text(page)
        assert inline_code(page) == []
        page = self.act(back_office, "add_topics", chosen, asked="yes")
        assert "Choose one or more." in text(page)
        page = self.act(back_office, "add_topics", chosen, asked="yes", words=[new.pk])
        assert "Topics added to: 2 resources. 1 of those chosen were so already." in text(page)
        for each in chosen:
            assert set(each.topics.all()) == before[each.pk] | {new}
        row = last(chosen[1])
        assert row.history_user == alice
        assert new.pk in row.topics.values_list("topic_id", flat=True)
        assert last(already).history_user is None or last(already) != row

    def test_audiences_are_taken_away(self, back_office, alice, chosen):
        audience = chosen[0].audiences.first()
        page = self.act(back_office, "remove_audiences", chosen, asked="yes", words=[audience.pk])
        assert "Audiences removed from" in text(page)
        assert not Audience.objects.filter(pk=audience.pk, resources__in=chosen).exists()
        row = last(chosen[0])
        assert row.history_user == alice
        assert audience.pk not in row.audiences.values_list("audience_id", flat=True)

    @pytest.mark.parametrize(
        ("action", "name", "value"),
        [("unpublish", "published", False), ("mark_reviewed", "reviewed_on", None)],
    )
    def test_each_row_says_who_did_it(self, back_office, alice, chosen, action, name, value):
        with time_machine.travel(datetime.datetime(2026, 12, 1, 3, tzinfo=datetime.UTC)):
            back_office.force_login(alice, backend=BACKEND)
            page = self.act(back_office, action, chosen)
        assert "3 resources." in text(page)
        # Late in the evening in Los Angeles it is still the day before.
        value = datetime.date(2026, 11, 30) if value is None else value
        for each in chosen:
            assert getattr(Resource.objects.get(pk=each.pk), name) == value
            assert getattr(last(each), name) == value
            assert last(each).history_user == alice

    def test_thirty_cost_as_much_as_one(self, db, alice, django_assert_num_queries):
        topic, other = (Topic.objects.create(slug=f"t{n}", name=f"T{n}") for n in range(2))
        made = [Resource.objects.create(slug=f"r{n}", title=f"R{n}") for n in range(31)]
        costs = []
        for some, word in ((made[:1], topic), (made[1:], topic)):
            with connection.execute_wrapper(counting := Counting()):
                curation.add_words([each.pk for each in some], "topics", [word, other], alice)
            costs.append(counting.count)
        assert costs[0] == costs[1]

    def test_deleting_several_keeps_their_history_and_says_who(self, back_office, alice, chosen):
        self.act(back_office, "delete_selected", chosen, post="yes")
        assert not Resource.objects.filter(pk__in=[each.pk for each in chosen]).exists()
        for each in chosen:
            assert (last(each).history_type, last(each).history_user) == ("-", alice)

    def test_who_may_only_look_gets_no_action(self, client, settings, chosen):
        settings.STAFF_SECOND_FACTOR = False
        helper = User.objects.create_user("h@example.org", is_staff=True)
        helper.user_permissions.set(Permission.objects.filter(codename="view_resource"))
        client.force_login(helper, backend=BACKEND)
        self.act(client, "unpublish", chosen)
        assert not Resource.objects.filter(published=False).exists()
        for address in (
            order_page(),
            reverse("admin:library_resource_review"),
            reverse("admin:library_resource_import"),
            reverse("admin:library_resource_preview", args=[chosen[0].pk]),
        ):
            assert client.get(address).status_code == 403


class Counting:
    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


class TestReview:
    TODAY = datetime.date(2027, 3, 31)

    def due(self):
        return [each.slug for each in curation.not_reviewed_since(self.TODAY)]

    def made(self, slug, reviewed_on):
        return Resource.objects.create(slug=slug, title=slug, reviewed_on=reviewed_on)

    def test_never_comes_first_then_the_longest_ago(self, db):
        self.made("year", datetime.date(2026, 3, 28))
        self.made("long", datetime.date(2020, 1, 1))
        self.made("never", None)
        self.made("fresh", datetime.date(2026, 4, 1))
        assert self.due() == ["never", "long", "year"]

    def test_one_button_says_that_it_was_reviewed(self, back_office, alice, seeded):
        address = reverse("admin:library_resource_review")
        page = back_office.get(address)
        assert "23 resources not reviewed for 12 months" in text(page)
        assert inline_code(page) == []
        resource = Resource.objects.get(slug="ncvli")
        page = back_office.post(address, {"reviewed": resource.pk}, follow=True)
        assert "reviewed today." in text(page)
        assert "22 resources not reviewed" in text(page)
        assert last(resource).history_user == alice
        assert back_office.post(address, {"reviewed": "x"}).status_code == 200

    @pytest.mark.parametrize(("value", "count"), [("due", 23), ("never", 22)])
    def test_the_list_can_be_filtered(self, back_office, seeded, value, count):
        Resource.objects.filter(slug="ncvli").update(reviewed_on=datetime.date(2020, 1, 1))
        page = back_office.get(LIST, {"review": value})
        assert page.context["cl"].result_count == count


def test_one_save_is_one_row_of_history_with_its_topics(back_office, alice, seeded):
    resource = Resource.objects.get(slug="ncvli")
    address = reverse("admin:library_resource_change", args=[resource.pk])
    sent = filled(back_office.get(address))
    count = history.versions(resource.pk).count()
    back_office.post(address, sent)
    assert history.versions(resource.pk).count() == count
    topic = Topic.objects.create(slug="housing", name="Housing")
    sent |= {"summary": "Another.", "topics": [topic.pk], "audiences": []}
    assert back_office.post(address, sent).status_code == 302
    assert history.versions(resource.pk).count() == count + 1
    row = last(resource)
    assert (row.summary, row.history_user) == ("Another.", alice)
    assert list(row.topics.values_list("topic_id", flat=True)) == [topic.pk]
    assert row.audiences.count() == 0


def test_a_new_one_is_one_row_of_history(back_office, alice):
    address = reverse("admin:library_resource_add")
    topic = Topic.objects.create(slug="housing", name="Housing")
    sent = filled(back_office.get(address))
    sent |= {"title": "New", "slug": "new", "published": "on", "topics": [topic.pk], "year": "2020"}
    sent |= {"audiences": [], "also_provides": []}
    answer = back_office.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]
    (row,) = history.versions(Resource.objects.get(slug="new").pk)
    assert (row.history_type, row.history_user, row.year) == ("+", alice, 2020)
    # Only a button publishes.
    assert row.published is Resource.objects.get(slug="new").published is False
    assert row.topics.count() == 1
