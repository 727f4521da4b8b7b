from django.urls import reverse

from ta_requests.models import Area, Service
from tests.reading import filled, inline_code, text


def test_the_pages_hold_no_inline_script_or_style(back_office, seeded):
    area = Area.objects.get(slug="civil")
    for address in (
        reverse("admin:ta_requests_service_changelist"),
        reverse("admin:ta_requests_service_change", args=[1]),
        reverse("admin:ta_requests_area_changelist"),
        reverse("admin:ta_requests_area_add"),
        reverse("admin:ta_requests_area_change", args=[area.pk]),
    ):
        page = back_office.get(address)
        assert "Technical assistance" in text(page)
        assert inline_code(page) == []


def test_saving_the_service_as_it_stands_changes_nothing(back_office, seeded):
    address = reverse("admin:ta_requests_service_change", args=[1])
    before = Service.objects.values().get()
    assert back_office.post(address, filled(back_office.get(address))).status_code == 302
    assert Service.objects.values().get() == before


def test_the_one_service_is_neither_added_to_nor_taken_away(back_office, seeded):
    assert back_office.get(reverse("admin:ta_requests_service_add")).status_code == 403
    delete = reverse("admin:ta_requests_service_delete", args=[1])
    assert back_office.post(delete, {"post": "yes"}).status_code == 403
    assert Service.objects.count() == 1
