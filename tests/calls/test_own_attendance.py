"""What calls tell a person of their attendance, and what is left when they are erased."""

import pytest

from calls import attendance, own
from calls.models import CallAttendance
from hub import erasing
from tests.calls.factories import day, pacific

pytestmark = pytest.mark.django_db


def test_it_is_in_their_data_and_only_counted_once_they_are_gone(weekly, bob, carol, clock):
    clock.move_to(pacific("2026-11-25T14:00"))
    held = day(weekly, "2026-11-25")
    attendance.note(held, {bob.pk, carol.pk}, 1)
    said = own.data(bob.user)["Calls you were on"]
    assert said == [{"Call": "Legal Working Group", "Date": held.starts_at}]
    erasing.erase(bob.user)
    assert CallAttendance.objects.filter(date=held).count() == 3
    assert attendance.there(held) == ({carol.pk}, 1)
