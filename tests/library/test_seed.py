import json

import pytest
from django.db import connection

from hub.models import SeedRecord
from library.for_hub import SEED
from library.models import Alias, Audience, Claim, Placement, Resource, Topic

UN = "United Nations Crime Commission"
TABLES = (
    Resource,
    Topic,
    Audience,
    Claim,
    Alias,
    Resource.topics.through,
    Resource.audiences.through,
    SeedRecord,
)


def everything():
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def load(content):
    """As the command does, to the last check: what is deferred is checked at the end."""
    SEED(content)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def titles(placement):
    return list(Resource.objects.filter(placement=placement).values_list("title", flat=True))


def topics(slug):
    return {topic.slug for topic in Topic.objects.filter(resources__slug=slug)}


def test_the_file_is_loaded_whole(seeded):
    for placement, count in (("legal", 17), ("other", 6)):
        entries = seeded["resources"][placement]
        assert len(entries) == count
        assert titles(placement) == [each["title"] for each in entries]
        for entry in entries:
            resource = Resource.objects.get(slug=entry["key"])
            assert resource.authors == entry["authors"]
            assert resource.organizations == entry["organisations"]
            assert resource.url == entry["url"]
            assert topics(resource.slug) == set(entry["topics"])
            assert {each.slug for each in resource.audiences.all()} == set(entry["audiences"])
    paper = Resource.objects.get(slug="reconceptualizing")
    assert (paper.series, paper.number) == ("Loyola Law School Legal Studies Paper", "2007-47")
    assert Resource.objects.get(slug="nyatn-identification").edition == "3rd Edition"
    assert Resource.objects.get(slug="ht-pro-bono").also == ["Resource library", "Case database"]
    assert Claim.objects.filter(resource__slug="ctrp").count() == 2


def test_what_is_only_enrichment_is_not_in_any_table(seeded):
    unproven = [
        text
        for placement in Placement.values
        for entry in seeded["resources"][placement]
        for each in entry.get("enrichment", [])
        for text in (each["fact"], each["source"])
    ] + ["Mary Bauer", "Grace Chang", "228002", "9241546255", "1-60442-277-7"]
    stored = json.dumps(everything(), default=str, ensure_ascii=False)
    assert len(unproven) > 15
    assert [text for text in unproven if text in stored] == []


def test_a_second_load_changes_nothing(seeded):
    before = everything()
    load(seeded)
    assert everything() == before


def test_staff_edits_stay(seeded):
    resource = Resource.objects.get(slug="who-interviewing")
    resource.authors, resource.url = ["Somebody"], "https://example.org/guide"
    resource.save()
    resource.topics.set(Topic.objects.filter(slug="safety"))
    Claim.objects.update(source="Found at last")
    load(seeded)
    resource.refresh_from_db()
    assert resource.authors == ["Somebody"]
    assert resource.url == "https://example.org/guide"
    assert topics("who-interviewing") == {"safety"}
    assert set(Claim.objects.values_list("source", flat=True)) == {"Found at last"}


def test_what_staff_deleted_stays_away(seeded):
    Resource.objects.get(slug="ctrp").delete()
    Topic.objects.get(slug="safety").delete()
    for _ in range(2):
        load(seeded)
        assert not Resource.objects.filter(slug="ctrp").exists()
        assert not Claim.objects.exists()
        assert topics("iom-handbook") == {"direct-services", "screening"}


def test_a_topic_staff_deleted_does_not_freeze_the_resources_it_had(seeded):
    Topic.objects.get(slug="safety").delete()
    by_key = {each["key"]: each for each in seeded["resources"]["legal"]}
    by_key["iom-handbook"]["topics"] = ["direct-services", "safety", "restitution"]
    load(seeded)
    assert topics("iom-handbook") == {"direct-services", "restitution"}


def test_a_change_in_the_file_arrives_beside_staffs_own(seeded):
    Resource.objects.filter(slug="asista-listservs").update(summary="Staff's words.")
    entry = seeded["resources"]["legal"][0]
    entry |= {
        "summary": "The file's words.",
        "url": "https://example.org/",
        "topics": ["vawa", "restitution"],
        "audiences": ["researchers"],
    }
    load(seeded)
    resource = Resource.objects.get(slug="asista-listservs")
    assert (resource.summary, resource.url) == ("Staff's words.", "https://example.org/")
    assert topics("asista-listservs") == {"vawa", "restitution"}
    assert [each.slug for each in resource.audiences.all()] == ["researchers"]


@pytest.mark.parametrize("swap", [(0, 1), (3, 16)])
def test_a_new_order_in_the_file_arrives(seeded, swap):
    entries, (a, b) = seeded["resources"]["legal"], swap
    entries[a], entries[b] = entries[b], entries[a]
    load(seeded)
    assert titles("legal") == [each["title"] for each in entries]


def test_what_the_file_drops_makes_room(seeded):
    dropped = seeded["resources"]["legal"].pop(2)
    for _ in range(2):
        load(seeded)
        expected = [each["title"] for each in seeded["resources"]["legal"]]
        assert titles("legal") == [*expected, dropped["title"]]


def test_a_place_staff_gave_away_stays_so(seeded):
    """Their own resource stands where the file then puts a new one."""
    Resource.objects.create(slug="ours", title="Ours", placement="legal", position=18)
    first = seeded["resources"]["legal"][0]
    seeded["resources"]["legal"].append({**first, "key": "new", "title": "New"})
    for _ in range(2):
        load(seeded)
        assert titles("legal")[-2:] == ["Ours", "New"]
    Resource.objects.get(slug="ours").delete()
    load(seeded)
    assert Resource.objects.get(slug="new").position == 18


def test_an_order_staff_made_survives_another_order_in_the_file(seeded):
    a, b = (Resource.objects.get(slug=slug) for slug in ("asista-listservs", "aequitas-library"))
    a.position, b.position = b.position, a.position
    a.save()
    b.save()
    first, second, third, *_ = titles("legal")
    load(seeded)
    assert titles("legal")[:3] == [first, second, third]
    seeded["resources"]["legal"].insert(0, seeded["resources"]["legal"].pop(2))
    for _ in range(2):
        load(seeded)
        assert titles("legal")[:2] == [first, second]


def test_a_resource_staff_moved_to_the_other_list_stays_there(seeded):
    Resource.objects.filter(slug="un-crime-commission").update(placement="legal", position=18)
    for _ in range(2):
        load(seeded)
        assert titles("legal")[-1] == UN
        assert len(titles("other")) == 5


def test_a_new_order_of_the_other_list_does_not_move_it_in_the_one_staff_chose(seeded):
    Resource.objects.get(slug="ht-pro-bono").delete()
    Resource.objects.filter(slug="un-crime-commission").update(placement="legal")
    seeded["resources"]["other"].insert(0, seeded["resources"]["other"].pop(2))
    for _ in range(2):
        load(seeded)
        assert titles("legal")[2] == UN


def test_topics_staff_chose_survive_others_in_the_file(seeded):
    resource = Resource.objects.get(slug="who-interviewing")
    resource.topics.set(Topic.objects.filter(slug="safety"))
    by_key = {each["key"]: each for each in seeded["resources"]["legal"]}
    by_key["who-interviewing"]["topics"] = ["ethics", "restitution"]
    for _ in range(2):
        load(seeded)
        assert topics("who-interviewing") == {"safety"}


def test_what_staff_made_before_the_first_load_is_left_as_it_is(db, content):
    ours = Resource.objects.create(slug="ncvli", title="Ours", placement="other", position=2)
    ours.topics.add(Topic.objects.create(slug="ours", name="Ours"))
    for _ in range(2):
        load(content)
        assert titles("other")[:3] == ["Victim Assistance Training Online", "Ours", UN]
        assert titles("other")[-1] == "Care for Trafficked Children"
        assert topics("ncvli") == {"ours"}


def test_a_claim_reworded_in_the_file_arrives(seeded):
    seeded["resources"]["other"][5]["claims"][1]["text"] = "Reworded."
    load(seeded)
    assert [claim.text for claim in Claim.objects.all()][1] == "Reworded."
    assert Claim.objects.count() == 2


def test_what_staff_made_of_the_aliases_stays(seeded):
    Alias.objects.get(terms__contains=["IOM"]).delete()
    dv = Alias.objects.get(terms__contains=["DV"])
    dv.terms = ["DV", "domestic violence", "intimate partner violence"]
    dv.save()
    load(seeded)
    assert not Alias.objects.filter(terms__contains=["IOM"]).exists()
    dv.refresh_from_db()
    assert len(dv.terms) == 3
