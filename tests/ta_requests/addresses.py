"""The back office's addresses of requests for technical assistance: shut to alice, who has
every right but is not of the TA staff. What those who are get at each is beside it."""

from hub.roles import MANAGER, TA_STAFF
from tests.answers import staff_only

_REQUESTS = "admin/ta_requests/tarequest/"
_ROWS = [
    # (pattern, address, alice, TA staff)
    ("", "", "403", "200"),
    ("add/", "add/", "403", "200"),
    # By POST only.
    ("next/", "next/", "403", "405"),
    ("<int:pk>/open/", "<request>/open/", "403", f"302 /{_REQUESTS}<request>/change/"),
    (
        "<int:pk>/do/<slug:verb>/",
        "<request>/do/reply/",
        "403",
        f"302 /{_REQUESTS}<request>/change/",
    ),
    ("<path:object_id>/change/", "<request>/change/", "403", "200"),
    ("<path:object_id>/history/", "<request>/history/", "403", "200"),
    ("<path:object_id>/delete/", "<request>/delete/", "403", "403"),
    ("<path:object_id>/", "<request>/", "302 {here}change/", "302 {here}change/"),
]


def answers(alice: str, tanya: str) -> list[str]:
    """Others of the staff get what alice gets."""
    return staff_only(tanya, [TA_STAFF], refused=alice, alice=alice)


TABLE = [
    *(
        (_REQUESTS + pattern, f"/{_REQUESTS}{address}", answers(alice, tanya))
        for pattern, address, alice, tanya in _ROWS
    ),
    (
        "admin/ta_requests/policy/report/",
        "/admin/ta_requests/policy/report/",
        staff_only("200", [TA_STAFF, MANAGER]),
    ),
]
