"""Error mails, debug pages and whatever reports errors hold no value of a request (R16)."""

import logging
import sys

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils.log import AdminEmailHandler
from django.views.debug import (
    get_default_exception_reporter_filter,
    get_exception_reporter_class,
    technical_500_response,
)

from hub.reports import PlacesOnly

CANARY = "canary-4F7A"


def fails(request: HttpRequest) -> HttpResponse:
    question = request.POST["question"]
    try:
        raise KeyError(f"{question} {request.POST} {request.COOKIES}")
    except KeyError as error:
        raise ValueError(question) from error


urlpatterns = [path("fails/", fails), path("", include("hub.urls"))]
handler500 = "hub.errors.server_error"


def asked() -> HttpRequest:
    request = RequestFactory().post(
        f"/fails/?q={CANARY}",
        {"question": CANARY, CANARY: "x"},
        headers={"x-canary": CANARY, "referer": f"http://testserver/{CANARY}"},
    )
    request.COOKIES["session"] = CANARY
    return request


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("html", [False, True])
def test_r16_an_error_mail_were_there_one_holds_nothing_of_the_request(settings, html):
    settings.ADMINS = [("A", "admin@example.org")]
    logger = logging.getLogger("django.request")
    handler = AdminEmailHandler(include_html=html)
    logger.addHandler(handler)
    client = Client(raise_request_exception=False)
    client.cookies["session"] = CANARY
    try:
        answer = client.post(
            f"/fails/?q={CANARY}",
            {"question": CANARY, CANARY: "x"},
            headers={"x-canary": CANARY, "referer": f"http://testserver/{CANARY}"},
        )
    finally:
        logger.removeHandler(handler)
    assert answer.status_code == 500
    [sent] = mail.outbox
    assert CANARY not in sent.message().as_string()
    assert "builtins.ValueError" in sent.body
    assert f"{__file__}:" in sent.body
    assert len(sent.alternatives) == html


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("debug", [False, True])
def test_r16_a_debug_page_were_there_one_holds_nothing_of_the_request(settings, accept, debug):
    settings.DEBUG = debug
    request = asked()
    request.META["HTTP_ACCEPT"] = accept
    try:
        fails(request)
    except ValueError:
        page = technical_500_response(request, *sys.exc_info()).content.decode()
    assert CANARY not in page
    assert "builtins.ValueError" in page
    assert "test_reports.py" in page


def test_r16_what_a_view_chooses_for_itself_is_no_way_around(settings):
    """Django lets a request name another filter, but not another report."""
    assert get_exception_reporter_class(asked()) is PlacesOnly


@pytest.mark.parametrize("debug", [False, True])
def test_r16_another_report_that_asks_what_it_may_show_is_told_nothing(settings, debug):
    settings.DEBUG = debug
    allowed = get_default_exception_reporter_filter()
    request = asked()
    assert request.POST["question"] == CANARY
    shown = [
        allowed.is_active(request),
        allowed.get_post_parameters(request),
        allowed.get_post_parameters(None),
        allowed.get_safe_cookies(request),
        allowed.get_safe_request_meta(request),
        allowed.get_cleansed_multivaluedict(request, request.POST),
        list(allowed.get_traceback_frame_variables(request, sys._getframe())),
    ]
    assert shown == [True, {}, {}, {}, {}, {}, []]


def test_r16_the_settings_of_a_report_hold_no_key():
    shown = repr(get_default_exception_reporter_filter().get_safe_settings())
    for secret in [settings.SECRET_KEY, settings.INDEX_KEY, *settings.FIELD_KEYS.by_id.values()]:
        assert repr(secret)[2:-1] not in shown


def test_debug_is_off():
    assert settings.DEBUG is False
