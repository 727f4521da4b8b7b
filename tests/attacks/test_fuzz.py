"""Every address, by every method and everybody, with what people who mean harm send.

`FUZZ_REQUESTS=20000 FUZZ_SEED=7 pytest tests/attacks/test_fuzz.py` for the long run.

A visit is a few requests of one person: an address with anything, or a page, its links and its
forms, filled in as they ask but for a thing or two. What a visit changed is undone after it.
"""

import email
import email.policy
import logging
import os
import random
import traceback
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.core.cache import caches
from django.core.signals import got_request_exception
from django.db import connection, transaction

from hub import outbox, roles
from hub.logs import PrivateFormatter
from hub.models import Mail
from tests.attacks import hostile
from tests.attacks.reading import Page, leads_away, read
from tests.attacks.shots import URLENCODED, Marksman, Shot, encoded

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "1500"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
MOST_SHOWN = 25
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}

pytestmark = pytest.mark.django_db


class Log(logging.Handler):
    """What would be written, as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(PrivateFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Range:
    def __init__(self, target, marksman: Marksman) -> None:
        self.target, self.marksman = target, marksman
        self.fired = 0
        self.reached: dict[int, int] = {}
        self.wrong: dict[str, str] = {}
        self.failed: list[str] = []
        self.log = Log()

    def fire(self, role: str, shot: Shot):
        self.failed.clear()
        self.log.lines.clear()
        self.fired += 1
        answer = shot.fire(self.target.clients[role])
        body = b"" if answer.streaming else answer.content
        if answer.streaming:
            b"".join(answer.streaming_content)
        self.reached[answer.status_code] = self.reached.get(answer.status_code, 0) + 1
        for problem in self.problems(shot, answer, body):
            # One of each, by where it went wrong.
            self.wrong.setdefault(
                problem.partition("\n")[2] or f"{problem[:20]} {shot.path}",
                f"request {self.fired}, {role}: {shot}\n    {answer.status_code} {problem}",
            )
        return answer

    def problems(self, shot: Shot, answer, body: bytes):
        yield from self.failed
        # The one answer of ours that says "not now" by its number: no worker, no payment service.
        if answer.status_code >= 500 and not self.failed and answer.status_code != 503:
            yield "failed"
        yield from (f"log: {line}" for line in self.log.lines if "canary" in line.lower())
        for name, value in answer.items():
            if "\n" in value or "\r" in value or "canary" in name.lower():
                yield f"header {name}: {value!r}"
            if name == "Location" and leads_away(value):
                yield f"leads away to {value!r}"
        if any("canary" in name.lower() for name in answer.cookies):
            yield f"cookies {list(answer.cookies)}"
        for name, value in ALWAYS.items():
            if answer.headers.get(name) != value:
                yield f"{name}: {answer.headers.get(name)}"
        if "frame-ancestors 'none'" not in answer.headers.get("Content-Security-Policy", "") and (
            "sandbox" not in answer.headers.get("Content-Security-Policy", "")
        ):
            yield "no policy"
        if body and "Content-Type" not in answer.headers:
            yield "no type"
        if b"canary" in body or b"onx=" in body:
            yield from (f"would run {found}" for found in read(answer).run)

    def deliver(self) -> None:
        """What was promised meanwhile goes out, and holds nothing of a stranger's but text."""
        while outbox.send_due():
            pass
        for lost in Mail.objects.exclude(last_error=""):
            self.wrong[lost.kind] = f"request {self.fired}: {lost.kind} is {lost.last_error}"
        for sent in mail.outbox:
            message = email.message_from_bytes(
                sent.message().as_bytes(), policy=email.policy.default
            )
            assert len(message.get_all("To")) == 1
            html = Page()
            body = message.get_body(("html",))
            html.feed(body.get_content() if body else "")
            bad = [name for name in message if name in {"Bcc", "Cc"} or "canary" in name.lower()]
            if bad or html.run:
                said = f"request {self.fired}: {message['Subject']} has {bad} {html.run}"
                self.wrong[f"mail {message['Subject']}"] = said
        mail.outbox.clear()

    def report(self) -> str:
        shown = list(self.wrong.values())[:MOST_SHOWN]
        return f"seed {SEED}, {self.fired} requests, {self.reached}:\n" + "\n".join(shown)


@pytest.fixture
def firing(target, settings):
    """The limits would soon refuse all that is sent; they have their own tests."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**9, 3600))
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    field = Range(target, Marksman(random.Random(SEED), target.addresses))
    field.deliver()

    def failed(sender, **_):
        lines = traceback.format_exc().splitlines()
        places = [line.strip() for line in lines if "File " in line]
        last = [place for place in places if "site-packages" not in place][-2:] + places[-4:]
        field.failed.append(f"{lines[-1][:300]}\n      " + "\n      ".join(last))

    got_request_exception.connect(failed)
    logging.getLogger().addHandler(field.log)
    logging.getLogger("django").addHandler(field.log)
    yield field
    logging.getLogger("django").removeHandler(field.log)
    logging.getLogger().removeHandler(field.log)
    got_request_exception.disconnect(failed)


def visit(field: Range, role: str, address: str) -> None:
    chance = field.marksman.chance
    if chance.random() < 0.3:
        field.fire(role, field.marksman.at(address))
        return
    page = read(field.fire(role, Shot("GET", address)))
    while page.links and chance.random() < 0.4:
        link = urlsplit(urljoin(address, chance.choice(page.links)))
        address = link.path
        page = read(field.fire(role, Shot("GET", address, link.query)))
    for _ in range(chance.choice([1, 2, 3, 4])):
        shot = field.marksman.form(page, address)
        if shot is None:
            field.fire(role, field.marksman.at(address))
            return
        answer = field.fire(role, shot)
        if answer.status_code in {200, 409} and read(answer).forms:
            address, page = shot.path, read(answer)
        elif answer.status_code == 302 and chance.random() < 0.7:
            # What is kept now is shown there.
            address = urlsplit(urljoin(shot.path, answer.headers["Location"])).path
            page = read(field.fire(role, Shot("GET", address)))


def test_nothing_fails_runs_or_leads_away(firing, target):
    chance = firing.marksman.chance
    # Strangers send what they like to pages for all; the back office is the largest by far, and
    # most of it is open to alice alone, or to those who answer requests.
    public = [one for one in target.addresses if not one.startswith(("/admin/", "/dev/"))]
    office = [one for one in target.addresses if one.startswith("/admin/")]
    while firing.fired < REQUESTS:
        role = chance.choice([*target.clients, "anonymous", "anonymous", "bob", "alice"])
        address = chance.choice(public)
        if chance.random() < 0.5:
            role = chance.choice([role, "alice", "alice", roles.TA_STAFF])
            address = chance.choice(target.addresses)
            if role == roles.TA_STAFF:
                address = chance.choice([one for one in office if "/ta_requests/" in one])
        cookies = {name: client.cookies.copy() for name, client in target.clients.items()}
        before = transaction.savepoint()
        try:
            visit(firing, role, address)
            firing.deliver()
        finally:
            transaction.savepoint_rollback(before)
            connection.needs_rollback = False
            target.clients[role].cookies = cookies[role]
            caches["process"].clear()
    assert not firing.wrong, firing.report()


def test_nothing_that_is_asked_beside_an_address_comes_back_as_markup(firing, target):
    """Every name that anything here reads, at once."""
    # A list of the back office answers no question with NUL in it.
    names = [name for name in hostile.PARAMETERS if "\0" not in name]
    beside = encoded([(name, hostile.OUT_OF_BOTH) for name in names]).decode()
    for address in target.addresses:
        for name in ("q", "title", "topic", "next", "") if address == "/library/" else ("",):
            query = encoded([(name, hostile.OUT_OF_BOTH)]).decode() if name else beside
            role = "alice" if address.startswith("/admin/") else "anonymous"
            firing.fire(role, Shot("GET", address, query))
    assert not firing.wrong, firing.report()


@pytest.mark.parametrize("role", ["anonymous", "bob"])
def test_nothing_that_is_typed_into_a_form_comes_back_as_markup(firing, target, role):
    """Each form that a stranger or a participant sees, with that in all that can be typed in."""
    tried = 0
    for address in target.addresses:
        if address.startswith(("/admin/", "/dev/", "/accounts/logout/")):
            continue
        for form in read(firing.fire(role, Shot("GET", address))).forms:
            if form.method != "POST" or "logout" in form.action or not form.fields:
                continue
            tried += 1
            typed = [
                (one.name, hostile.OUT_OF_BOTH)
                if one.kind in {"text", "textarea", "email", "search", "tel", "url"}
                else (one.name, one.value or (one.choices or [""])[-1])
                for one in form.fields
                if one.attrs.get("tabindex") != "-1"
            ]
            where = urlsplit(urljoin(address, form.action))
            buttons = form.buttons or [("", "")]
            for button in buttons:
                body = encoded([*typed, button])
                before = transaction.savepoint()
                firing.fire(role, Shot("POST", where.path, where.query, body, URLENCODED))
                firing.deliver()
                transaction.savepoint_rollback(before)
    assert tried >= 12
    assert not firing.wrong, firing.report()
