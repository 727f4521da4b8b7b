"""Every address of the project, and what each kind of person gets there.

A new address, or a new model in the back office, fails here until its answers are declared.
"""

import io
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from calls.mails import link_for
from calls.models import CallDate, CallSeries, SignUp
from hub import personal_feeds, roles, unsubscribe
from hub.front.models import Reading
from hub.models import AuditEvent, RateCount, User
from library import links
from library.models import Alias, Resource
from library.services.suggestions import suggest
from ta_requests.models import Area, TaRequest
from ta_requests.services import asking
from ta_requests.services import links as private_links
from tests.announcing import announce
from tests.answers import (
    COLUMNS,
    CURATORS,
    MANAGERS,
    PROGRAMME,
    everyone,
    staff_only,
    whole,
)
from tests.hub import addresses as signing_in
from tests.people import member, staff_client
from tests.ta_requests import addresses as ta_requests
from tests.trainings import addresses as trainings
from trainings.models import Course

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"

# The columns are in tests.answers. {here} is the address, {quoted} the same in a query; <bob link>
# and the like are made below.
SIGN_IN = "302 /accounts/login/?next={here}"
SIGN_IN_Q = "302 /accounts/login/?next={quoted}"
LOOKING = (*CURATORS, roles.PROGRAMME)
DAY = "302 /staff/"


# (pattern, address, answers)
TABLE: list[tuple[str, str, list[str]]] = [
    ("", "/", everyone("200")),
    ("calendar.ics", "/calendar.ics", everyone("200")),
    ("my/", "/my/", [SIGN_IN, "200", "200", "200"]),
    ("my/data/", "/my/data/", [SIGN_IN, "200", "200", "200"]),
    ("my/data.json", "/my/data.json", [SIGN_IN, "200", "200", "200"]),
    ("my/erase/", "/my/erase/", [SIGN_IN, "200", "200", "200"]),
    ("my/calendar/<str:token>.ics", "/my/calendar/<bob feed>.ics", everyone("200")),
    ("my/calendar/<str:token>.ics", "/my/calendar/<unknown>.ics", everyone("404")),
    ("staff/", "/staff/", staff_only("200")),
    ("accessibility/", "/accessibility/", everyone("200")),
    ("privacy/", "/privacy/", everyone("200")),
    ("robots.txt", "/robots.txt", everyone("200")),
    ("sitemap.xml", "/sitemap.xml", everyone("200")),
    # Nobody is named.
    (".well-known/security.txt", "/.well-known/security.txt", everyone("404")),
    ("calls/", "/calls/", everyone("200")),
    ("calls/sign-up/<str:token>/", "<bob link>", everyone("200")),
    ("calls/sign-up/<str:token>/", "/calls/sign-up/<unknown>/", everyone("404")),
    ("calls/<slug:slug>.ics", "/calls/<call>.ics", everyone("200")),
    ("calls/<slug:slug>.ics", "/calls/hidden.ics", everyone("404")),
    ("calls/<slug:slug>/", "/calls/<call>/", everyone("200")),
    ("calls/<slug:slug>/", "/calls/hidden/", everyone("404")),
    ("calls/<slug:slug>/dates/", "/calls/<call>/dates/", everyone("200")),
    ("calls/<slug:slug>/dates/", "/calls/hidden/dates/", everyone("404")),
    ("calls/<slug:slug>/check-your-email/", "/calls/<call>/check-your-email/", everyone("200")),
    ("calls/<slug:slug>/check-your-email/", "/calls/hidden/check-your-email/", everyone("404")),
    # No flyer is there.
    ("calls/<slug:slug>/flyer.pdf", "/calls/<call>/flyer.pdf", everyone("404")),
    ("calls/<slug:slug>/flyer.pdf", "/calls/hidden/flyer.pdf", everyone("404")),
    *trainings.TABLE,
    ("library/", "/library/", everyone("200")),
    ("library/feed.atom", "/library/feed.atom", everyone("200")),
    ("library/export.<str:kind>", "/library/export.bib", everyone("200")),
    ("library/export.<str:kind>", "/library/export.ris", everyone("200")),
    ("library/export.<str:kind>", "/library/export.json", everyone("200")),
    ("library/export.<str:kind>", "/library/export.exe", everyone("404")),
    ("library/reading-list/", "/library/reading-list/", everyone("200")),
    ("library/<slug:slug>/cite.<str:kind>", "/library/<resource>/cite.bib", everyone("200")),
    ("library/<slug:slug>/cite.<str:kind>", "/library/<resource>/cite.exe", everyone("404")),
    ("library/<slug:slug>/cite.<str:kind>", "/library/none/cite.bib", everyone("404")),
    ("library/suggest/", "/library/suggest/", everyone("200")),
    ("library/suggest/thank-you/", "/library/suggest/thank-you/", everyone("200")),
    ("library/<slug:slug>/", "/library/<resource>/", everyone("200")),
    ("library/<slug:slug>/", "/library/none/", everyone("404")),
    # No file is there.
    ("library/<slug:slug>/file/", "/library/<resource>/file/", everyone("404")),
    ("library/<slug:slug>/file/", "/library/none/file/", everyone("404")),
    ("technical-assistance/", "/technical-assistance/", everyone("200")),
    ("technical-assistance/ask/", "/technical-assistance/ask/", everyone("200")),
    ("technical-assistance/follow/<str:token>/", "<asked link>", everyone("200")),
    (
        "technical-assistance/follow/<str:token>/",
        "/technical-assistance/follow/<unknown>/",
        everyone("404"),
    ),
    # A link is its bearer's, whoever is signed in; seeing its page ends nothing.
    ("unsubscribe/<str:audience>/<str:token>/", "<stop link>", everyone("200")),
    (
        "unsubscribe/<str:audience>/<str:token>/",
        "/unsubscribe/calls.series/<unknown>/",
        everyone("404"),
    ),
    ("healthz", "/healthz", everyone("200")),
    # No worker runs.
    ("readyz", "/readyz", everyone("503")),
    ("dev/mail/", "/dev/mail/", everyone("200")),
    ("dev/mail/<slug:name>/", "/dev/mail/none/", everyone("404")),
    ("dev/sign-in/<str:key>/", "/dev/sign-in/wrong/", everyone("404")),
    *signing_in.TABLE,
    # -- back office, beside the pages of each model
    ("admin/", "/admin/", staff_only("200")),
    (
        "admin/login/",
        "/admin/login/",
        [SIGN_IN_Q, "403", "302 /accounts/2fa/totp/activate/", DAY],
    ),
    # Signs out by POST only; GET of those who may not enter leads to the door.
    ("admin/logout/", "/admin/logout/", ["302 /admin/", "302 /admin/", "302 /admin/", "405"]),
    ("admin/password_change/", "/admin/password_change/", staff_only("200")),
    ("admin/password_change/done/", "/admin/password_change/done/", staff_only("200")),
    # Names no field: refused to everybody.
    ("admin/autocomplete/", "/admin/autocomplete/", staff_only("403")),
    ("admin/jsi18n/", "/admin/jsi18n/", staff_only("200")),
    (
        "admin/r/<path:content_type_id>/<path:object_id>/",
        "/admin/r/0/0/",
        staff_only("404"),
    ),
    (r"admin/^(?P<app_label>…)/$", "/admin/calls/", staff_only("200", PROGRAMME, "404")),
    (r"admin/(?P<url>.*)$", "/admin/none/", staff_only("404")),
    (
        "admin/calls/callseries/<int:pk>/schedule/",
        "/admin/calls/callseries/<series>/schedule/",
        staff_only("200", PROGRAMME),
    ),
    (
        "admin/calls/callseries/<int:pk>/extra/",
        "/admin/calls/callseries/<series>/extra/",
        staff_only("200", PROGRAMME),
    ),
    *(
        (
            f"admin/{pattern}",
            f"/admin/{address}",
            staff_only(answer, PROGRAMME if answer != "404" else roles.ROLES),
        )
        for pattern, address, answer in [
            ("calls/calldate/<int:pk>/attendance/", "calls/calldate/<date>/attendance/", "200"),
            ("calls/calldate/<int:pk>/zoom/", "calls/calldate/<date>/zoom/", "200"),
            (
                "hub/announcement/write/<str:audience>/<int:about_id>/",
                "hub/announcement/write/calls.series/<series>/",
                "200",
            ),
            (
                "hub/announcement/write/<str:audience>/<int:about_id>/",
                "hub/announcement/write/trainings.offering/<trainings/offering>/",
                "200",
            ),
            (
                "hub/announcement/write/<str:audience>/<int:about_id>/",
                "hub/announcement/write/trainings.news/<trainings/course>/",
                "200",
            ),
            (
                "hub/announcement/write/<str:audience>/<int:about_id>/",
                "hub/announcement/write/none/<series>/",
                "404",
            ),
            (
                "hub/announcement/<int:pk>/words/",
                "hub/announcement/<hub/announcement>/words/",
                # What is sent keeps its words.
                "302 /admin/hub/announcement/<hub/announcement>/change/",
            ),
            (
                "hub/announcement/<int:pk>/as-mail/",
                "hub/announcement/<hub/announcement>/as-mail/",
                "200",
            ),
        ]
    ),
    (
        "admin/calls/calldate/<int:pk>/do/<slug:verb>/",
        "/admin/calls/calldate/<date>/do/cancel/",
        staff_only("200", PROGRAMME),
    ),
    ("admin/calls/signup/export/", "/admin/calls/signup/export/", staff_only("200", PROGRAMME)),
    # Not theirs to find: led back as from a row that is not there.
    (
        "admin/hub/announcement/<path:object_id>/history/",
        "/admin/hub/announcement/<hub/announcement>/history/",
        staff_only("200", PROGRAMME, "302 /admin/"),
    ),
    ("admin/hub/user/invite/", "/admin/hub/user/invite/", staff_only("200", MANAGERS)),
    *(
        (f"admin/hub/user/<int:pk>/{page}/", f"/admin/hub/user/<{who}>/{page}/", answers)
        for page in ("roles", "shut-out", "let-in")
        for who, answers in [
            ("curator", staff_only("200", MANAGERS)),
            # A superuser's account, and one's own.
            ("eve", staff_only("200", may=())),
            ("alice", staff_only("403")),
        ]
    ),
    *(
        (f"admin/library/{pattern}", f"/admin/library/{address}", staff_only(answer, may))
        for pattern, address, answer, may in [
            ("resource/<int:pk>/preview/", "resource/<library/resource>/preview/", "200", CURATORS),
            # Only buttons act.
            (
                "resource/<int:pk>/publish/",
                "resource/<library/resource>/publish/",
                "405",
                roles.ROLES,
            ),
            # Of whoever may look at resources.
            ("resource/deleted/", "resource/deleted/", "200", LOOKING),
            ("resource/export/", "resource/export/", "200", LOOKING),
            ("resource/import/", "resource/import/", "200", CURATORS),
            ("resource/order/<slug:placement>/", "resource/order/legal/", "200", CURATORS),
            ("resource/order/<slug:placement>/", "resource/order/none/", "404", CURATORS),
            ("resource/review/", "resource/review/", "200", CURATORS),
            (
                "resource/version/<int:version>/restore/",
                "resource/version/<version>/restore/",
                "200",
                CURATORS,
            ),
            (
                "suggestion/<int:pk>/take/",
                "suggestion/<library/suggestion>/take/",
                "405",
                roles.ROLES,
            ),
            (
                "suggestion/<int:pk>/decline/",
                "suggestion/<library/suggestion>/decline/",
                "405",
                roles.ROLES,
            ),
            ("topic/<int:pk>/merge/", "topic/<library/topic>/merge/", "200", CURATORS),
            ("audience/<int:pk>/merge/", "audience/<library/audience>/merge/", "200", CURATORS),
        ]
    ),
    *ta_requests.TABLE,
]
# What the back office lets alice do with each model beside looking. Others of the staff may, of
# that, what hub.roles gives them.
MODELS = {
    "auth/group": {"add", "delete"},
    "calls/calldate": set(),
    "calls/callseries": {"add"},
    "calls/signup": set(),
    "front/reading": {"add", "delete"},
    "hub/announcement": set(),
    "hub/auditevent": set(),
    "hub/closure": {"add", "delete"},
    "hub/mail": set(),
    "hub/organization": set(),
    "hub/user": {"add", "delete"},
    "library/alias": {"add", "delete"},
    "library/audience": {"add", "delete"},
    "library/linkhealth": set(),
    "library/resource": {"add", "delete"},
    "library/suggestion": {"delete"},
    "library/topic": {"add", "delete"},
    "mfa/authenticator": {"delete"},
    "ta_requests/area": {"add", "delete"},
    # The one that is there has begun.
    "ta_requests/policy": {"add"},
    "ta_requests/service": set(),
    **trainings.MODELS,
}
FAMILY = re.compile(r"admin/(\w+/\w+)/(add/|<path:object_id>/(?:(?:history|delete|change)/)?)?")
# Not offered: all addresses that begin so are missing, whoever asks.
SHUT = re.compile(r"accounts/\^?(password|email|confirm-email)/")


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, whole)
        else:
            # The back office lists its apps in one pattern.
            yield re.sub(r"(<app_label>)[\w|]+", r"\1…", whole)


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """The table, and what the families of addresses come to."""
    yield from ((pattern, address, whole(answers)) for pattern, address, answers in TABLE)
    declared = {row[0] for row in TABLE}
    for pattern in patterns():
        if pattern in declared:
            continue
        family = FAMILY.fullmatch(pattern)
        if family and family[1] in MODELS:
            yield _family_row(pattern, family[1], family[2] or "")
        elif SHUT.match(pattern) or pattern == "accounts/^(?:password|email|confirm-email)/":
            address = "/" + re.sub(r"\^?\(\?P<uidb36>.*\)-\(.*|\^|\(\?P<key>.*", "x-y/", pattern)
            yield (
                pattern,
                address.replace("(?:password|email|confirm-email)", "email"),
                everyone("404"),
            )


def _family_row(pattern: str, model: str, rest: str) -> tuple[str, str, list[str]]:
    address = "/" + pattern.replace("<path:object_id>", f"<{model}>")
    page = rest.rstrip("/").rpartition("/")[2]
    rights = zip(roles.ROLES, roles.TABLE[model.replace("/", ".")], strict=True)
    if page == "<path:object_id>":
        return pattern, address, staff_only("302 {here}change/")
    if page not in {"add", "delete"}:
        return pattern, address, staff_only("200", [role for role, may in rights if "v" in may])
    if page not in MODELS[model]:
        return pattern, address, staff_only("403")
    return pattern, address, staff_only("200", [role for role, may in rights if page[0] in may])


def test_every_address_has_declared_answers():
    declared = {row[0] for row in rows()}
    assert [pattern for pattern in patterns() if pattern not in declared] == []
    assert declared - set(patterns()) == set()


def test_every_model_declared_is_there():
    others = {row[0] for row in TABLE}
    matches = [FAMILY.fullmatch(pattern) for pattern in patterns() if pattern not in others]
    registered = {match[1] for match in matches if match}
    assert registered == set(MODELS)


@pytest.fixture
def hub():
    """A hub with its content, one of each thing, and (name, value) for the addresses."""
    content = settings.BASE_DIR / "hub/content/seed_content.yaml"
    call_command("seed_content", content, stdout=io.StringIO())
    CallSeries.objects.create(slug="hidden", name="Hidden", published=False)
    bob = User.objects.create_user("bob@example.org", name="Bob Attorney")
    carol = User.objects.create_user("carol@example.org")
    dan = User.objects.create_user("dan@example.org")
    alice = User.objects.create_superuser("alice@example.org", name="Alice Staff")
    eve = User.objects.create_superuser("eve@example.org", name="Eve Staff")
    date = CallDate.objects.filter(schedule__series__published=True).latest("starts_at")
    series = date.schedule.series
    sign_up = SignUp.objects.create(
        series=series,
        user=bob,
        email=bob.email,
        name=bob.name,
        organization="Law",
        role="attorney",
        state="active",
        joined_at=timezone.now(),
    )
    announce(series.pk, alice)
    Group.objects.create(name="Staff")
    suggest("A guide", "https://example.org/", "It helps.")
    Alias.objects.create(terms=["T visa", "T nonimmigrant status"])
    AuditEvent.objects.create(actor=alice, action="open", kind="request", reference="R-1")
    key = Authenticator.objects.create(
        user=dan, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}}
    )
    links.keep_in_step(timezone.now())
    Reading.objects.create(
        course=Course.objects.latest("pk"), resource=Resource.objects.latest("pk")
    )
    named = {
        "bob feed": personal_feeds.new_token(bob),
        "asked link": _asked(),
        "request": TaRequest.objects.get().pk,
        "bob link": link_for(sign_up).removeprefix(settings.BASE_URL),
        "stop link": unsubscribe.address("calls.series", sign_up.pk, sign_up.nonce).removeprefix(
            settings.BASE_URL
        ),
        "unknown": "A" * 43,
        "call": series.slug,
        "series": series.pk,
        "date": date.pk,
        "key": key.pk,
        "version": Resource.history.latest().pk,
        **trainings.made(alice),
    }
    named |= {name: user.pk for name, user in [("alice", alice), ("eve", eve)]}
    for model in MODELS:
        named[model] = apps.get_model(model.replace("/", ".")).objects.latest("pk").pk
    for name in ("trainings/course", "library/resource"):
        found = apps.get_model(name.replace("/", ".")).objects.filter(published=True).first()
        named[name.partition("/")[2]] = found.slug
    # Staff are looked at only, but for superusers.
    named["hub/user"] = bob.pk
    signed_in = [Client() for _ in range(3)]
    for client, user in zip(signed_in, [bob, carol, eve], strict=True):
        client.force_login(user, backend=BACKEND)
    of_roles = {role: member(role) for role in roles.ROLES}
    named["curator"] = of_roles[roles.CURATOR].pk
    office = [staff_client(user) for user in [*of_roles.values(), alice]]
    return [Client(), *signed_in, *office], named


def _asked() -> str:
    """The private link of a request, which nobody's account is known to have."""
    asked = asking.Asked(
        role="attorney",
        us_state="CA",
        stage="filed",
        areas=Area.objects.all()[:1],
        question="A question",
        name="Bob",
        email="bob@example.org",
    )
    return f"/technical-assistance/follow/{private_links.token_of(asking.submit(uuid4(), asked))}/"


def answer_to(client: Client, address: str) -> str:
    answer = client.get(address)
    return f"{answer.status_code} {answer.headers.get('Location', '')}".strip()


def test_each_gets_the_declared_answer_everywhere_and_reading_changes_nothing(hub):
    clients, named = hub
    kept = {model: list(model.objects.order_by("pk").values()) for model in watched()}
    wrong = []
    for _, address, expected in rows():
        here = _filled(address, named)
        for role, client, said in zip(COLUMNS, clients, expected, strict=True):
            due = _filled(said, named).format(here=here, quoted=quote(here, safe=""))
            if (got := answer_to(client, here)) != due:
                wrong.append(f"{role} at {here}: {got}, not {due}")
    assert wrong == [], "\n".join(wrong)
    for model, before in kept.items():
        assert list(model.objects.order_by("pk").values()) == before


def _filled(text: str, named: dict[str, object]) -> str:
    return re.sub("<([^>]+)>", lambda found: str(named[found[1]]), text)


def watched() -> list[type]:
    """What a mail scanner, a prefetching browser or a crawler must never change.

    Not how often somebody asked, where a page to read has a limit.
    """
    ours = {"hub", "front", "calls", "trainings", "library", "ta_requests", "mfa", "account"}
    models = [m for m in apps.get_models() if m._meta.app_label in ours and m is not RateCount]
    return [*models, LogEntry]


def test_an_address_without_its_slash_is_led_to_it(hub):
    clients, _ = hub
    assert answer_to(clients[0], "/calls") == "301 /calls/"
    assert answer_to(clients[0], "/nothing") == "404"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_pages_take_no_other_method(hub, method):
    clients, named = hub
    addresses = ["/", "/calls/", f"/calls/{named['call']}/", named["bob link"], "/calendar.ics"]
    for address in addresses:
        assert getattr(clients[0], method)(address).status_code == 405
