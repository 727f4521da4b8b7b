"""What somebody typed, and the token in an address, never reach the log (R16)."""

import io
import logging
import sys

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from calls.models import CallSeries
from hub.logs import PrivateFormatter
from hub.models import User

CANARY = "canary-4F7A"


def fails(request: HttpRequest, token: str) -> HttpResponse:
    raise ValueError(f"{token} {request.POST}")


def fails_twice(request: HttpRequest, token: str) -> HttpResponse:
    try:
        raise KeyError(token)
    except KeyError as error:
        raise ValueError(token) from error


def suspicious(request: HttpRequest, token: str) -> HttpResponse:
    raise SuspiciousOperation(token)


urlpatterns = [
    path("fails/<str:token>/", fails),
    path("twice/<str:token>/", fails_twice),
    path("suspicious/<str:token>/", suspicious),
    path("", include("hub.urls")),
]
handler500 = "hub.errors.server_error"
own_urls = pytest.mark.urls(__name__)


@pytest.fixture
def lines():
    """All that the console would show, from every logger."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter())
    loggers = [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: stream.getvalue()
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@own_urls
@pytest.mark.parametrize(
    ("where", "error"), [("fails", "builtins.ValueError"), ("twice", "builtins.ValueError")]
)
def test_a_page_that_fails_is_logged_by_route_place_and_type(visitor, lines, where, error):
    answer = visitor.post(f"/{where}/{CANARY}/?q={CANARY}", {"name": CANARY})
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert CANARY not in lines()
    assert f"ERROR django.request: POST {where}/<str:token>/ answered 500" in lines()
    assert f"{__file__}:" in lines()
    assert error in lines()


@own_urls
def test_a_suspicious_request_is_logged_by_its_route(visitor, lines):
    assert visitor.get(f"/suspicious/{CANARY}/").status_code == 400
    assert "GET suspicious/<str:token>/ answered 400" in lines()
    assert CANARY not in lines()


@pytest.mark.django_db
def test_what_was_not_found_is_no_news(visitor, lines):
    for address in (f"/{CANARY}/", f"/calls/sign-up/{CANARY}/", f"/my/calendar/{CANARY}.ics"):
        assert visitor.get(address).status_code == 404
    assert lines() == ""


@pytest.mark.django_db
def test_a_forged_form_is_no_news(lines):
    CallSeries.objects.create(slug="a-call", name="A call")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/calls/a-call/", {"name": CANARY}, headers={"origin": "https://evil"})
    assert answer.status_code == 403
    assert lines() == ""


@pytest.mark.django_db
def test_a_foreign_host_name_stays_out(visitor, lines):
    assert visitor.get("/", headers={"host": f"{CANARY}.example"}).status_code == 400
    assert CANARY not in lines()
    assert "GET (no such page) answered 400" in lines()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", f"name={CANARY}&" * 2500),
        ("application/x-www-form-urlencoded", f"name={CANARY}" + "x" * 300_000),
        ("multipart/form-data", f"name={CANARY}"),
        ("multipart/form-data; boundary=b", f"--b\r\nbroken {CANARY}"),
    ],
)
def test_a_body_that_cannot_be_read_stays_out(visitor, lines, content_type, body):
    CallSeries.objects.create(slug="a-call", name="A call")
    answer = visitor.post("/calls/a-call/", body, content_type=content_type)
    assert answer.status_code in {200, 400, 413}
    assert CANARY not in lines()


@pytest.mark.django_db
def test_a_value_the_database_refused_stays_out(lines):
    User.objects.create_user(f"{CANARY.lower()}@example.org")
    try:
        User.objects.create_user(f"{CANARY.lower()}@example.org")
    except IntegrityError:
        logging.getLogger("hub.anything").exception("it failed")
    assert "it failed" in lines()
    assert "IntegrityError" in lines()
    assert CANARY.lower() not in lines().lower()


class TestFormatter:
    def record(self, message="said %s", args=("this",), **more):
        try:
            raise ValueError(CANARY)
        except ValueError:
            record = logging.LogRecord("x", 40, "f.py", 1, message, args, sys.exc_info())
        record.__dict__.update(more)
        return record

    def test_a_line_has_time_level_logger_message_and_where_it_failed(self):
        first, place, kind = PrivateFormatter().format(self.record()).splitlines()
        assert first.endswith(" ERROR x: said this")
        assert place.startswith(f"  {__file__}:")
        assert place.endswith(" record")
        assert kind == "  builtins.ValueError"

    def test_what_another_handler_wrote_of_the_error_is_not_taken_over(self):
        record = self.record()
        assert CANARY in logging.Formatter().format(record)
        assert CANARY not in PrivateFormatter().format(record)

    def test_and_the_other_way_round_the_record_is_left_as_it_was(self):
        request = RequestFactory().get(f"/{CANARY}")
        record = self.record(request=request, stack_info=f"Stack: {CANARY}")
        before = dict(record.__dict__)
        assert CANARY not in PrivateFormatter().format(record)
        assert record.__dict__ == before

    def test_no_exception(self):
        record = logging.LogRecord("x", 20, "f.py", 1, "fine", (), (None, None, None))
        assert PrivateFormatter().format(record).endswith(" INFO x: fine")


def test_no_handler_but_the_private_one_and_none_that_mails():
    """Django's own mail to ADMINS holds the POST data."""
    assert settings.ADMINS == []
    names = ["", "django", "django.request", "django.security", "hub", "django.db.backends"]
    for name in names:
        for handler in logging.getLogger(name).handlers:
            if type(handler) is logging.StreamHandler:
                assert isinstance(handler.formatter, PrivateFormatter)
            assert type(handler).__name__ != "AdminEmailHandler"
    assert not logging.getLogger("django").propagate
    # Statements with their values are written at DEBUG only.
    assert logging.getLogger("django.db.backends").getEffectiveLevel() >= logging.INFO
