"""Loading content: again and again the same, staff's edits win, the file's changes arrive."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from hub.models import Closure, Organization, SeedRecord, User
from hub.seeding import sync
from tests.hub.conftest import ROOT

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)
FILE = ROOT / "hub/content/seed_content.yaml"


def load(**values) -> Closure | None:
    return sync(Closure, "closure:x", {"name": "Closed", **values}, date=DAY)


def names() -> list[str]:
    return list(Closure.objects.values_list("name", flat=True))


def test_what_is_new_is_made():
    made = load()
    assert (made.date, made.name, names()) == (DAY, "Closed", ["Closed"])


def test_loading_again_changes_nothing(django_assert_num_queries):
    first = load()
    # The record and the object are read; nothing is written.
    with django_assert_num_queries(2):
        assert load() == first
    assert names() == ["Closed"]


def test_a_change_of_the_file_arrives():
    load()
    assert load(name="Thanksgiving").name == "Thanksgiving"
    assert names() == ["Thanksgiving"]
    assert load(name="Closed").name == "Closed"


def test_an_edit_of_staff_wins_for_ever():
    load()
    Closure.objects.update(name="Staff’s")
    for said in ("Closed", "Thanksgiving", "Holiday"):
        load(name=said)
        assert names() == ["Staff’s"]


def test_an_edit_of_one_field_does_not_hold_the_others():
    sync(Organization, "o", {"name": "A", "short_name": "a", "city": "LA"}, id=1)
    Organization.objects.update(city="Long Beach")
    sync(Organization, "o", {"name": "B", "short_name": "a", "city": "SF"}, id=1)
    one = Organization.objects.get()
    assert (one.name, one.city) == ("B", "Long Beach")


def test_staff_who_write_what_the_file_says_are_with_the_file_again():
    load()
    Closure.objects.update(name="Thanksgiving")
    load(name="Thanksgiving")
    assert load(name="Thanksgiving Day").name == "Thanksgiving Day"


def test_what_staff_deleted_stays_deleted():
    load()
    Closure.objects.all().delete()
    assert load() is None
    assert load(name="Thanksgiving") is None
    assert names() == []


def test_what_staff_made_before_is_taken_up_as_it_is():
    mine = Closure.objects.create(date=DAY, name="Ours")
    assert load() == mine
    assert load(name="Thanksgiving") == mine
    assert names() == ["Ours"]


def test_what_staff_moved_is_found_again():
    load()
    Closure.objects.update(date=date(2026, 11, 27))
    assert load(name="Thanksgiving").date == date(2026, 11, 27)
    assert names() == ["Thanksgiving"]


def test_a_field_the_file_is_the_first_to_fill_is_filled():
    """A release adds a field to what is loaded; rows from before it still have its default."""
    sync(Organization, "o", {"name": "A", "short_name": "a"}, id=1)
    sync(Organization, "o", {"name": "A", "short_name": "a", "city": "LA"}, id=1)
    assert Organization.objects.get().city == "LA"
    sync(Organization, "o", {"name": "A", "short_name": "a", "city": "SF"}, id=1)
    assert Organization.objects.get().city == "SF"


def test_a_field_staff_filled_before_the_file_did_stays():
    sync(Organization, "o", {"name": "A", "short_name": "a"}, id=1)
    Organization.objects.update(city="Long Beach")
    sync(Organization, "o", {"name": "A", "short_name": "a", "city": "LA"}, id=1)
    assert Organization.objects.get().city == "Long Beach"


def test_what_is_loaded_beside_is_left_alone():
    load()
    Closure.objects.filter(name="Closed").update(closes_at="12:00")
    load(name="Thanksgiving")
    assert str(Closure.objects.get().closes_at) == "12:00:00"


def test_two_keys_are_two_objects():
    load()
    sync(Closure, "closure:y", {"name": "Other"}, date=date(2026, 12, 25))
    assert (names(), SeedRecord.objects.count()) == (["Closed", "Other"], 2)


class TestCommand:
    def test_it_loads_the_organization_and_the_closures(self, capsys):
        call_command("seed_content", FILE)
        one = Organization.objects.get()
        assert one.short_name == "CAST"
        assert one.name == "Coalition to Abolish Slavery & Trafficking"
        assert Closure.objects.filter(name__icontains="thanksgiving").exists()
        assert not Closure.objects.exclude(confirmed_at=None).exists()
        assert capsys.readouterr().out == "Content of seed_content.yaml is in place.\n"

    def test_it_makes_nobody(self):
        call_command("seed_content", FILE)
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "content",
        [b"schema_version: 2", b"- a list", b"", b"a: [", b"\xff\xfe\xfa", b"schema_version: '1'"],
    )
    def test_a_file_that_is_not_content_is_refused_in_a_sentence(self, tmp_path, content):
        file = tmp_path / "content.yaml"
        file.write_bytes(content)
        with pytest.raises(CommandError, match=r"content\.yaml (is not a content|cannot be read)"):
            call_command("seed_content", file)

    def test_no_file(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("seed_content", tmp_path / "none.yaml")
