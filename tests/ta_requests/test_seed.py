from datetime import time

from hub.models import SeedRecord
from ta_requests.for_hub import SEED
from ta_requests.models import Area, Policy, Service


def everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Service, Policy, Area, SeedRecord)
    ]


def test_the_file_is_loaded_whole(seeded):
    entry = seeded["technical_assistance"]
    service = Service.objects.get()
    assert (service.name, service.summary) == (entry["name"], entry["summary"])
    assert (service.phone, service.phone_e164) == ("(888) 507-0193", "+18885070193")
    policy = Policy.objects.get()
    assert policy.hours == "weekdays 9:00 am–5:00 pm Pacific"
    assert (policy.office_days, policy.hours_promised) == (2, 48)
    areas = list(Area.objects.all())
    assert [(area.slug, area.name) for area in areas] == [
        (each["slug"], each["name"]) for each in entry["areas"]
    ]
    assert [area.name for area in areas if area.open_ended] == ["and More…"]
    assert len(areas) == 9


def test_a_second_load_changes_nothing(seeded):
    before = everything()
    SEED(seeded)
    assert everything() == before


def test_staff_edits_stay_and_the_files_changes_arrive_beside_them(seeded):
    Service.objects.update(phone="(213) 555-0100")
    Policy.objects.update(closes=time(18))
    Area.objects.filter(slug="ethics").update(name="Legal ethics")
    entry = seeded["technical_assistance"]
    entry["contact"]["phone"] = "(888) 555-0199"
    entry["hours"]["opens_local"] = "08:30"
    entry["areas"][0]["name"] = "Immigration law"
    SEED(seeded)
    assert Service.objects.get().phone == "(213) 555-0100"
    assert Policy.objects.get().hours == "weekdays 8:30 am–6:00 pm Pacific"
    names = set(Area.objects.values_list("name", flat=True))
    assert {"Legal ethics", "Immigration law"} < names


def test_what_staff_deleted_stays_away(seeded):
    Area.objects.get(slug="ethics").delete()
    SEED(seeded)
    assert Area.objects.count() == 8


def test_a_new_order_in_the_file_arrives(seeded):
    areas = seeded["technical_assistance"]["areas"]
    areas.insert(0, areas.pop(3))
    SEED(seeded)
    assert [area.name for area in Area.objects.all()] == [each["name"] for each in areas]
