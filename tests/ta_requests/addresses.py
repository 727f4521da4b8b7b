"""The back office's addresses of requests for technical assistance: shut to alice, who has
every right but is not of the TA staff. What tanya, who is, gets at each is beside it."""

from tests.answers import staff_only

_REQUESTS = "admin/ta_requests/tarequest/"
_ROWS = [
    # (pattern, address, alice, tanya)
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

TABLE = [
    *(
        (_REQUESTS + pattern, f"/{_REQUESTS}{address}", staff_only(alice))
        for pattern, address, alice, _ in _ROWS
    ),
    (
        "admin/ta_requests/policy/report/",
        "/admin/ta_requests/policy/report/",
        staff_only("200"),
    ),
]

TANYA = [
    *((f"/{_REQUESTS}{address}", tanya) for _, address, _, tanya in _ROWS),
    ("/admin/", "200"),
    ("/admin/ta_requests/", "200"),
    ("/admin/ta_requests/policy/report/", "200"),
    ("/admin/ta_requests/policy/", "403"),
    ("/admin/ta_requests/policy/add/", "403"),
    ("/admin/ta_requests/area/", "403"),
    ("/admin/hub/closure/", "403"),
    ("/admin/hub/auditevent/", "403"),
    ("/admin/hub/user/", "403"),
]
