from decimal import Decimal

from hub.models import SeedRecord
from trainings.models import Course, PledgeText, PriceOption
from trainings.seed import load


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Course, PriceOption)] + [
        list(SeedRecord.objects.order_by("pk").values())
    ]


def test_the_file_is_loaded_whole(seeded):
    courses = list(Course.objects.all())
    assert [course.title for course in courses] == [each["title"] for each in seeded["trainings"]]
    assert [course.price for course in courses] == [
        "Free",
        "Free with a pro bono pledge, or $300",
        "Not yet set",
    ]
    assert [course.credit for course in courses] == ["2", "6", "Up to 14, including Legal Ethics"]
    assert [course.length for course in courses] == ["2 hours", "8 hours", "16 hours over 2 days"]
    fee = PriceOption.objects.get(kind="fee")
    assert (fee.amount_cents, fee.covers) == (30000, "materials and training")


def test_a_second_load_changes_nothing(seeded):
    before = everything()
    load(seeded)
    assert everything() == before


def test_staff_edits_stay(seeded):
    course = Course.objects.get(slug="aila-2h")
    course.mcle_max_hours, course.published = Decimal("1.5"), False
    course.save()
    PriceOption.objects.filter(kind="fee").update(amount_cents=25000)
    load(seeded)
    course.refresh_from_db()
    assert (course.credit, course.published) == ("1.5", False)
    assert PriceOption.objects.get(kind="fee").amount_cents == 25000


def test_what_staff_deleted_stays_away(seeded):
    Course.objects.get(slug="aila-2h").delete()
    PriceOption.objects.get(kind="fee").delete()
    load(seeded)
    assert not Course.objects.filter(slug="aila-2h").exists()
    assert [option.kind for option in PriceOption.objects.all()] == ["pledge"]


def test_a_change_in_the_file_arrives_beside_staffs_own(seeded):
    course = Course.objects.get(slug="socal-pro-bono-8h")
    course.summary = "Staff's words."
    course.save()
    entry = seeded["trainings"][1]
    entry["summary"], entry["mcle"]["max_hours"] = "The file's words.", 6.5
    entry["price"]["options"][1]["amount_cents"] = 35000
    load(seeded)
    course = Course.objects.get(slug="socal-pro-bono-8h")
    assert course.summary == "Staff's words."
    assert course.credit == "6.5"
    assert course.price == "Free with a pro bono pledge, or $350"


def test_a_new_order_in_the_file_arrives(seeded):
    seeded["trainings"].reverse()
    load(seeded)
    assert [course.slug for course in Course.objects.all()] == [
        entry["key"] for entry in seeded["trainings"]
    ]


def test_the_first_words_of_the_pledge_are_the_pages_own(seeded):
    words = PledgeText.objects.get()
    condition = "commit to representing one human trafficking case pro bono within the year"
    assert condition in str(seeded)
    assert words.version == 1
    assert words.text.startswith(f"I {condition}: within 12 months of the last session")
    assert "Nothing is charged by itself" in words.text
    assert "certificate does not wait" in words.text


def test_words_of_the_pledge_by_staff_stay_and_are_not_joined_by_ours(db, content):
    PledgeText.objects.create(version=3, text="Our words.")
    load(content)
    assert PledgeText.objects.get().text == "Our words."


def test_words_of_the_pledge_that_staff_changed_or_deleted_stay_so(seeded):
    PledgeText.objects.update(text="Changed.")
    load(seeded)
    assert PledgeText.objects.get().text == "Changed."
    PledgeText.objects.all().delete()
    load(seeded)
    assert not PledgeText.objects.exists()


def test_signed_words_are_not_changed_by_another_file(seeded):
    before = PledgeText.objects.get().text
    for entry in seeded["trainings"]:
        for option in entry["price"]["options"]:
            if option["condition"]:
                option["condition"] = "commit to two cases"
    load(seeded)
    assert PledgeText.objects.get().text == before
