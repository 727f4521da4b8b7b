"""TA staff, requests that wait for them, and how the tests press their buttons."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils import timezone

from hub.models import User
from ta_requests.models import Area, TaRequest
from ta_requests.services import asking

QUEUE = "/admin/ta_requests/tarequest/"
# In every text and name a requester or staff types in a test: it must turn up nowhere else.
CANARY = "canarywren"
CONTENT = {
    "question": f"The {CANARY} asks: may it go ahead?",
    "name": f"Sam {CANARY}",
    "email": f"sam.{CANARY}@example.org",
    "phone": f"213 555 0100 {CANARY}",
    "more": f"More {CANARY}",
}


def make_ta_staff(email: str, **fields: Any) -> User:
    user = User.objects.create_user(email, is_staff=True, **fields)
    # A test that commits empties this table, too.
    user.groups.add(Group.objects.get_or_create(name="TA staff")[0])
    return user


def make_manager(email: str = "mona@example.org") -> User:
    user = User.objects.create_user(email, is_staff=True, name="Mona")
    wanted = ["view_policy", "change_policy", "view_closure", "add_closure", "change_closure"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    return user


def make_request(**changes: Any) -> TaRequest:
    """A request that comes in now."""
    said: dict[str, Any] = {
        "role": "attorney",
        "us_state": "CA",
        "stage": "filed",
        "organization": "Example Legal Aid",
        "areas": list(Area.objects.filter(slug__in=["civil", "immigration"])),
        **CONTENT,
    }
    return asking.submit(uuid4(), asking.Asked(**said | changes))


def page_of(row: TaRequest, page: str = "change") -> str:
    return f"{QUEUE}{row.pk}/{page}/"


def open_it(client: Any, row: TaRequest, purpose: str = "answer") -> Any:
    return client.post(page_of(row, "open"), {"purpose": purpose})


def do(client: Any, row: TaRequest, verb: str, **fields: Any) -> Any:
    """Press the button of an opened request; `form_id` is a new one unless given."""
    sent = {"purpose": "answer", "form_id": str(uuid4()), **fields}
    return client.post(reverse("admin:ta_requests_tarequest_do", args=[row.pk, verb]), sent)


def in_hours(hours: float) -> Any:
    return timezone.now() + timedelta(hours=hours)
