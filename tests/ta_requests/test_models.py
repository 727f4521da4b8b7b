from datetime import time

import pytest
from django.db import IntegrityError, connection

from hub import version
from ta_requests.models import Area, Policy, Service


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"phone_e164": "(888) 507-0193"}, "service_phone_can_be_dialed"),
        ({"id": 2}, "service_is_one"),
    ],
)
def test_the_database_refuses_a_wrong_service(seeded, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Service.objects.update(**wrong)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"closes": time(9)}, "policy_closes_after_opening"),
        ({"closes": time(8)}, "policy_closes_after_opening"),
        ({"office_days": 0}, "policy_days_are_plausible"),
        ({"office_days": 31}, "policy_days_are_plausible"),
    ],
)
def test_the_database_refuses_a_wrong_policy(seeded, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Policy.objects.update(**wrong)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"name": ""}, "area_has_name"),
        ({"open_ended": True}, "area_one_open_ended"),
        ({"slug": "civil"}, "slug"),
        ({"name": "Civil"}, "name"),
    ],
)
def test_the_database_refuses_a_wrong_area(seeded, wrong, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Area.objects.create(**({"slug": "housing", "name": "Housing"} | wrong))


@pytest.mark.parametrize("table", ["ta_requests_service", "ta_requests_area", "ta_requests_policy"])
def test_each_public_table_raises_the_content_version(seeded, table):
    with connection.cursor() as cursor:
        # A transaction raises it once; the content was loaded in this one.
        cursor.execute("UPDATE hub_contentversion SET transaction = ''")
        before = version.current()
        cursor.execute(f"DELETE FROM {table} WHERE false")  # noqa: S608
    assert version.current() > before
