from django.urls import reverse

from tests.reading import filled, inline_code, text
from trainings.models import Course


def test_the_pages_hold_no_inline_script_or_style(back_office, seeded):
    course = Course.objects.get(slug="aila-2h")
    for address in (
        reverse("admin:trainings_course_changelist"),
        reverse("admin:trainings_course_add"),
        reverse("admin:trainings_course_change", args=[course.pk]),
    ):
        page = back_office.get(address)
        assert "Trainings" in text(page)
        assert inline_code(page) == []


def test_the_list_says_price_and_credit_as_visitors_read_them(back_office, seeded):
    page = text(back_office.get(reverse("admin:trainings_course_changelist")))
    assert "Free with a pro bono pledge, or $300" in page
    assert "Up to 14, including Legal Ethics" in page


def test_staff_change_a_price_and_never_an_address(back_office, seeded):
    course = Course.objects.get(slug="socal-pro-bono-8h")
    address = reverse("admin:trainings_course_change", args=[course.pk])
    sent = filled(back_office.get(address))
    assert "slug" not in sent
    sent |= {"slug": "elsewhere", "options-1-amount_cents": "25000"}
    assert back_office.post(address, sent).status_code == 302
    course = Course.objects.get(pk=course.pk)
    assert course.slug == "socal-pro-bono-8h"
    assert course.price == "Free with a pro bono pledge, or $250"


def test_a_price_the_database_would_refuse_is_explained_at_the_form(back_office, seeded):
    course = Course.objects.get(slug="socal-pro-bono-8h")
    address = reverse("admin:trainings_course_change", args=[course.pk])
    sent = filled(back_office.get(address)) | {"options-0-amount_cents": "100"}
    page = back_office.post(address, sent)
    assert page.status_code == 200
    assert "free and pledge cost 0" in page.content.decode()
