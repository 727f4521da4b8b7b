"""Who is known here is told to nobody: not in words, by a status, a header or the work done."""

import re
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hub.models import Mail, User
from tests.ta_requests.asking import FORM as QUESTION
from tests.trainings import making
from trainings.models import Course, HostOffer

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"
TOKENS = re.compile(
    r'csrfmiddlewaretoken" value="\w+|name="(form_id|warned|seen)" value="[^"]*'
    r"|/follow/[\w-]+|[2-9A-Z]{4}-[2-9A-Z]{4}"
)
CALL = {"name": "Eve", "organization": "Law", "role": "attorney"}
OFFER = {
    "agency": "Legal Aid",
    "name": "Dana",
    "phone": "",
    "dates": "March 4",
    "city": "Fresno",
    "state": "CA",
    "room": "60",
    "attorneys": "45",
    "licensed_in": "California",
    "note": "",
}


@pytest.fixture
def people(target, settings):
    """Address → what it is to us. Bob is in all there is; see tests.test_urls."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {
        "technical assistance per network": (99, 3600),
    }
    cache.clear()
    User.objects.create_user("gus@example.org", name="Gus", is_active=False)
    User.objects.create_user("pam@example.org", name="Pam")
    User.objects.create_superuser("sue@example.org", name="Sue Staff")
    HostOffer.objects.update(email="bob@example.org")
    mail.outbox.clear()
    # All of one length, so that what holds them is, too.
    return {
        "zoe@example.org": "unknown",
        "bob@example.org": "in it already",
        "pam@example.org": "known for something else",
        "gus@example.org": "shut out",
        "sue@example.org": "staff",
    }


class Seen:
    """All that somebody who asks sees, but for what is theirs alone, and the work it took."""

    def __init__(self, email: str) -> None:
        self.client, self.email = Client(), email
        self.said: list[object] = []
        self.queries: list[str] = []

    def ask(self, method: str, address: str, sent: dict[str, object] | None = None) -> None:
        with CaptureQueriesContext(connection) as done:
            answer = getattr(self.client, method)(address, sent)
        self.queries += [query["sql"] for query in done]
        page = answer.content.decode().replace(self.email, "their@address")
        cookies = {name: dict(one) | {"expires": ""} for name, one in answer.cookies.items()}
        # The one that holds the time of the answer.
        headers = sorted(item for item in answer.items() if item[0] != "Expires")
        self.said.append((answer.status_code, headers, cookies, TOKENS.sub("", page)))


def agree(seen: dict[str, Seen], allowed: int) -> None:
    first = next(iter(seen.values()))
    for kind, other in seen.items():
        for here, there in zip(first.said, other.said, strict=True):
            assert there[:3] == here[:3], kind
            assert there[3] == here[3], kind
    counts = {kind: len(one.queries) for kind, one in seen.items()}
    assert max(counts.values()) - min(counts.values()) <= allowed, counts


def test_at_sign_in(people):
    """A mail goes at once, to whoever it is; so the mail server takes its time for everybody.

    Where a code is compared there is one query more, for the person it would sign in; and where
    a member of staff's is wrong three more, which put that on record.
    """
    seen = {}
    for email, kind in people.items():
        seen[kind] = one = Seen(email)
        one.ask("get", SIGN_IN)
        one.ask("post", SIGN_IN, {"login": email})
        assert [message.to for message in mail.outbox] == [[email]]
        mail.outbox.clear()
        one.ask("get", CONFIRM)
        for _ in range(3):
            one.ask("post", CONFIRM, {"code": "WRNG-WRNG"})
        one.ask("get", SIGN_IN)
        one.ask("post", CONFIRM, {"code": "WRNG-WRNG"})
    agree(seen, allowed=4 + 3 * 3)
    del seen["staff"]
    agree(seen, allowed=4)


def test_past_the_limit_of_sign_in(people):
    seen = {}
    for email, kind in people.items():
        seen[kind] = Seen(email)
        for _ in range(5):
            seen[kind].client = Client()
            seen[kind].ask("post", SIGN_IN, {"login": email})
        assert len(mail.outbox) == 3
        mail.outbox.clear()
        cache.clear()
    agree(seen, allowed=0)


def test_where_an_account_would_be_opened(people):
    seen = {}
    for email, kind in people.items():
        seen[kind] = one = Seen(email)
        one.ask("post", "/accounts/signup/", {"email": email})
        for path in ("password/reset/", "email/", "reauthenticate/"):
            one.ask("post", f"/accounts/{path}", {"email": email, "login": email})
    assert mail.outbox == []
    agree(seen, allowed=0)


@pytest.fixture
def forms(target):
    """Address of each form that takes an email address, and how it is filled in beside."""
    offering = making.offering(
        making.course("another"), slug="open", status="open", published_at=timezone.now()
    )
    making.person(offering, "Bob Stone", email="bob@example.org")
    wanted = Course.objects.get(slug="attorney-16h")
    (call,) = {a for a in target.addresses if re.fullmatch("/calls/(?!hidden|sign-up)[\\w-]+/", a)}
    return {
        call: CALL,
        offering.get_absolute_url(): {**CALL, "choice": "free", "is_attorney": "no"},
        "/trainings/news/": {"course": "", "region": ""},
        "/trainings/host/": {**OFFER, "course": wanted.pk},
        "/library/suggest/": {"title": "A guide", "url": "", "why": "It helps.", "name": "Eve"},
        "/technical-assistance/ask/": QUESTION,
    }


# Of somebody new a row is made and a mail promised; who is in already was promised theirs. A few
# statements, once: asked again, the stranger's address is one that is in already, too.
MORE = 5


def test_by_no_form_that_takes_an_address(people, forms):
    for address, filled in forms.items():
        seen = {}
        for who, kind in people.items():
            seen[kind] = one = Seen(who)
            one.ask("get", address)
            one.ask("post", address, {**filled, "email": who, "form_id": str(uuid4())})
            assert one.said[-1][0] in {200, 302}
            assert 'id="errors"' not in one.said[-1][3], address
        agree(seen, allowed=MORE)
    # Promised, and sent by another process: nobody waits for a mail server here.
    assert mail.outbox == []
    assert Mail.objects.filter(sent_at=None).count() >= len(people) * 4
