from decimal import Decimal

import pytest
from django.db import IntegrityError, connection

from hub import version
from trainings.models import Course, PriceOption

GOOD = {
    "slug": "a-course",
    "title": "A course",
    "level": "introductory",
    "hours": Decimal(2),
    "summary": "About it.",
    "audience_text": "attorneys",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"slug": "two words"}, "course_slug_is_address"),
        ({"slug": ""}, "course_slug_is_address"),
        ({"title": ""}, "course_has_title"),
        ({"hours": 0}, "course_hours_positive"),
        ({"days": 0}, "course_days_positive"),
        ({"mcle_max_hours": 0}, "course_credit_positive"),
        ({"mcle_up_to": True}, "course_up_to_what"),
    ],
)
def test_the_database_refuses_a_wrong_course(wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Course.objects.create(**(GOOD | wrong))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "cents"),
    [("free", 1), ("pledge", 30000), ("fee", 0), ("fee", 1_000_001), ("barter", 0)],
)
def test_only_a_fee_costs(kind, cents):
    course = Course.objects.create(**GOOD)
    with pytest.raises(IntegrityError, match="priceoption_only_a_fee_costs"):
        PriceOption.objects.create(course=course, kind=kind, amount_cents=cents)


@pytest.mark.django_db
def test_no_amount_is_negative():
    course = Course.objects.create(**GOOD)
    with pytest.raises(IntegrityError):
        PriceOption.objects.create(course=course, kind="fee", amount_cents=-1)


@pytest.mark.django_db
def test_a_course_has_each_kind_of_price_once(seeded):
    course = Course.objects.get(slug="aila-2h")
    with pytest.raises(IntegrityError, match="priceoption_once_a_course"):
        PriceOption.objects.create(course=course, kind="free")


@pytest.mark.django_db
def test_two_courses_never_share_an_address():
    Course.objects.create(**GOOD)
    with pytest.raises(IntegrityError, match="slug"):
        Course.objects.create(**GOOD)


@pytest.mark.parametrize("table", ["trainings_course", "trainings_priceoption"])
def test_each_public_table_raises_the_content_version(seeded, table):
    with connection.cursor() as cursor:
        # A transaction raises it once; the content was loaded in this one.
        cursor.execute("UPDATE hub_contentversion SET transaction = ''")
        before = version.current()
        cursor.execute(f"DELETE FROM {table} WHERE false")  # noqa: S608
    assert version.current() > before
