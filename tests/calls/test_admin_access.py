"""The back office of calls: what its lists cost, and who gets in."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls import dates
from calls.models import CallDate
from hub.models import Mail
from tests.calls.factories import (
    ScheduleFactory,
    SignUpFactory,
    UserFactory,
    day,
    promised,
    thanksgiving,
    words_of,
)

ROOT = "/admin/calls"
LISTS = ["callseries", "calldate", "signup"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_row_and_thirty(staff, weekly, bob, name):
    thanksgiving()

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(f"{ROOT}/{name}/").status_code == 200
        return len(queries)

    CallDate.objects.exclude(pk=CallDate.objects.first().pk).delete()
    count()
    one = count()
    for _ in range(29):
        made = ScheduleFactory()
        made.dates.exclude(pk=made.dates.first().pk).delete()
        SignUpFactory(series=made.series)
    assert count() == one


def test_the_list_of_calls_says_what_is_going_on(staff, weekly, bob):
    SignUpFactory(series=weekly.series, state="awaiting")
    for text_of_day in ("2026-11-25", "2026-12-02", "2026-12-09", "2026-12-16", "2026-12-23"):
        dates.cancel(day(weekly, text_of_day), "Winter break")
    page = words_of(staff.get(f"{ROOT}/callseries/"))
    assert "Every Wednesday, 12:00–1:00 pm Pacific · 3:00–4:00 pm Eastern" in page
    assert "Wednesday, December 30, 2026" in page


PATHS = [
    "",
    *[f"{name}/" for name in LISTS],
    "callseries/{series}/change/",
    "callseries/{series}/schedule/",
    "callseries/{series}/extra/",
    "calldate/{row}/change/",
    "calldate/{row}/do/cancel/",
    "calldate/{row}/attendance/",
    "calldate/{row}/zoom/",
    "../hub/announcement/write/calls.series/{series}/",
    "signup/{person}/change/",
    "signup/export/",
]


@pytest.fixture(params=PATHS)
def path(request, weekly, bob):
    row = day(weekly, "2026-12-09")
    path = request.param.format(series=weekly.series.pk, row=row.pk, person=bob.pk)
    return f"{ROOT}/{path}".replace("calls/../", "")


def test_a_visitor_and_a_participant_are_sent_to_sign_in(client, path, bob):
    for signed_in in (False, True):
        if signed_in:
            client.force_login(bob.user, backend="django.contrib.auth.backends.ModelBackend")
        for answer in (client.get(path), client.post(path, {"reason": "x"})):
            assert answer.status_code in {302, 403}
            assert "Working Group" not in answer.content.decode()
            if answer.status_code == 302:
                assert "/admin/login/" in answer["Location"]


def test_staff_without_the_right_get_403(client, path, settings):
    settings.STAFF_SECOND_FACTOR = False
    helper = UserFactory(is_staff=True)
    client.force_login(helper, backend="django.contrib.auth.backends.ModelBackend")
    for answer in (client.get(path), client.post(path, {"reason": "x"})):
        assert answer.status_code == (404 if path == f"{ROOT}/" else 403)
    assert promised() == []


def test_staff_who_may_only_look_cannot_act(client, weekly, bob, settings):
    settings.STAFF_SECOND_FACTOR = False
    helper = UserFactory(is_staff=True)
    helper.user_permissions.set(
        Permission.objects.filter(content_type__app_label="calls", codename__startswith="view_")
    )
    client.force_login(helper, backend="django.contrib.auth.backends.ModelBackend")
    row = day(weekly, "2026-12-09")
    assert client.get(f"{ROOT}/calldate/{row.pk}/change/").status_code == 200
    assert client.post(f"{ROOT}/calldate/{row.pk}/do/cancel/", {"reason": "x"}).status_code == 403
    mail = {"part": "all", "subject": "x", "text": "y"}
    series = f"{ROOT}/callseries/{weekly.series.pk}"
    write = f"/admin/hub/announcement/write/calls.series/{weekly.series.pk}/"
    assert client.post(write, mail).status_code == 403
    assert client.post(f"{ROOT}/calldate/{row.pk}/attendance/", {}).status_code == 403
    assert client.post(f"{series}/schedule/", {}).status_code == 403
    client.post(f"{ROOT}/signup/", {"action": "take_out", "_selected_action": [bob.pk]})
    bob.refresh_from_db()
    assert bob.state == "active"
    assert not Mail.objects.exists()


def test_34_a_list_is_not_a_way_to_ask_about_secrets(staff, bob):
    """Filters that the page does not offer are refused, not answered."""
    for query in ("nonce__startswith=b", "user__password__startswith=!", "series__x=1"):
        answer = staff.get(f"{ROOT}/signup/?{query}")
        assert answer.status_code in {302, 400}
        assert "bob@example.org" not in answer.content.decode()
    assert staff.get("/admin/autocomplete/?term=b").status_code in {403, 404}


def test_without_a_second_factor_there_is_no_back_office(client, alice, settings, weekly):
    settings.STAFF_SECOND_FACTOR = True
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"{ROOT}/signup/", follow=True)
    assert not [url for url, _ in answer.redirect_chain if url.startswith("/admin/calls")]
    assert "Working Group" not in answer.content.decode()
