"""Stored script: what strangers write is text, in whatever shows it (tests.attacks.strangers,
tests.attacks.inert). tests/browser/test_browser_stored.py looks at it in a real browser."""

import io
import os
import re
from collections import Counter
from itertools import product
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse
from pypdf import PdfReader

from calls.forms import SignUpForm
from hub.models import User
from hub.spreadsheets import Exporting
from library.forms import SuggestForm
from library.models import Resource
from ta_requests.forms import AskForm
from tests.attacks.inert import answer_is_inert, html_is_inert, mail_is_inert
from tests.attacks.strangers import (
    KINDS,
    OFFICE,
    PUBLIC,
    Stranger,
    form_classes,
    path,
    text_fields,
)
from tests.mailbox import deliver
from tests.trainings import certified, making
from trainings.forms import RegistrationForm
from trainings.interest_forms import HostForm
from trainings.mails.registration import link_for
from trainings.models import Registration
from trainings.services import certificates

pytestmark = pytest.mark.django_db
# Of one address with different questions after it, so many are asked.
MOST_QUERIES = 2
# Of pages that differ by the number of a row alone, so many; the strangers' own rows are all
# looked at. Release: CRAWL_ROWS=1000.
MOST_ROWS = int(os.environ.get("CRAWL_ROWS", "3"))
# They end what is looked with, or hold nothing of anybody.
NOT_FOLLOWED = re.compile(r"^/(accounts/logout|admin/logout|static|dev)/|^/accounts/2fa/")


class TestWalk:
    """A new form, or a new field of one, is filled as well, or somebody says why not."""

    def test_every_form_is_of_the_public_or_of_staff(self):
        neither = {
            f"{form.__module__}.{form.__qualname__}"
            for form in form_classes() - PUBLIC
            # Of those that begin so others are made.
            if not OFFICE.search(form.__module__) and not form.__name__.startswith("_")
        }
        assert neither == set()

    def test_each_text_field_of_the_public_is_filled_and_kept(self, written):
        strangers = [made.stranger for made in written]
        due = {f"{form.__name__}.{name}" for form in PUBLIC for name in text_fields(form)}
        rows = _everything_stored()
        for stranger in strangers:
            filled = set(stranger.marks.values())
            # Part of the form to register.
            assert due - filled == {"TermsForm.pledge_name"}
            assert "RegistrationForm.pledge_name" in filled
            lost = [name for mark, name in stranger.marks.items() if mark not in rows]
            # Of the second call the person's own page has replaced them.
            assert lost == ["SignUpForm.name", "SignUpForm.organization"]

    @pytest.mark.parametrize("form", sorted(PUBLIC, key=lambda form: form.__name__))
    @pytest.mark.parametrize("kind", KINDS)
    def test_bar_numbers_are_digits(self, form, kind):
        for name, field in form.base_fields.items():
            if name.startswith("bar_number"):
                with pytest.raises(forms.ValidationError):
                    field.clean(KINDS[kind][0])


def _everything_stored() -> str:
    ours = {"hub", "front", "calls", "trainings", "library", "ta_requests"}
    return "\n".join(
        # Of its own accord a confidential text does not show itself.
        "\n".join(map(str, row.values()))
        for model in apps.get_models()
        if model._meta.app_label in ours
        for row in model._base_manager.values()
    )


def crawl(client, *starts: str) -> Counter[str]:
    """Follow every link from these pages; each answer is inert. How often which path was asked."""
    asked: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    waiting, seen = list(starts), set(starts)
    while waiting:
        here = waiting.pop()
        where = urlsplit(here)
        if asked[where.path] >= MOST_QUERIES:
            continue
        alike = re.sub(r"/\d+/", "/<number>/", where.path)
        if alike != where.path and where.path not in asked:
            kinds[alike] += 1
            if kinds[alike] > MOST_ROWS:
                continue
        asked[where.path] += 1
        answer = client.get(here)
        assert answer.status_code < 500, here
        links = answer_is_inert(answer, here)
        if 300 <= answer.status_code < 400:
            links = [answer.headers["Location"]]
        for link in links:
            found = urlsplit(urljoin(f"http://testserver{here}", link))
            there = found.path + (f"?{found.query}" if found.query else "")
            if found.netloc != "testserver" or NOT_FOLLOWED.match(there) or there in seen:
                continue
            seen.add(there)
            waiting.append(there)
    return asked


def test_pages_of_staff_and_all_they_lead_to(written, root):
    """Lists, rows, histories, deletions, filters, tables, /staff/ and the public pages."""
    _publish_what_was_suggested(written, root)
    _touch()
    asked = crawl(root, "/staff/", "/admin/", "/my/", "/", "/calendar.ics", "/library/feed.atom")
    expected = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    }
    assert expected <= set(asked)
    # Whatever a list leaves out by itself.
    for made in written:
        rows = [*made.calls, made.registration, made.request, made.person]
        rows += [made.host, made.news, made.suggestion]
        for row, page in product(rows, ("change", "history", "delete")):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
            address = reverse(name, args=[row.pk])
            if address not in asked:
                answer = root.get(address)
                stays = row in (*made.calls, made.registration, made.request)
                assert answer.status_code == (403 if stays and page == "delete" else 200), address
                answer_is_inert(answer, address)


def _touch() -> None:
    """A line in each row's history, so that there is one to show."""
    actor = User.objects.get(email="root@example.org")
    for model in admin.site._registry:
        if model._meta.label_lower == "ta_requests.tarequest":
            continue
        rows = list(model._base_manager.all()[:5])
        for row in rows:
            LogEntry.objects.log_actions(actor.pk, [row], CHANGE, str(row), single_object=True)


def _publish_what_was_suggested(written, root) -> None:
    """Taken by staff as it came, the stranger's title is on every page of the library."""
    for made in written:
        root.post(reverse("admin:library_suggestion_take", args=[made.suggestion.pk]))
    Resource.objects.update(published=True, placement="legal")


def test_the_library_and_its_exports(written, root, client):
    _publish_what_was_suggested(written, root)
    marks = [_mark(made, "SuggestForm.title") for made in written]
    exports = [f"/library/export.{kind}" for kind in ("bib", "ris", "json")]
    for address in ("/library/", "/library/reading-list/", "/library/feed.atom", *exports):
        answer_is_inert(client.get(address), address)
        said = client.get(address).content.decode()
        assert [mark for mark in marks if mark not in said] == [], address
    for resource in Resource.objects.all():
        own = [resource.get_absolute_url()]
        own += [f"{own[0]}cite.{kind}" for kind in ("bib", "ris", "json")]
        for address in (*own, f"/library/?q={quote(resource.title)}"):
            answer = client.get(address)
            assert answer.status_code == 200, address
            answer_is_inert(answer, address)


def _mark(made, name: str) -> str:
    return next(mark for mark, field in made.stranger.marks.items() if field == name)


def test_lists_are_searched_filtered_and_chosen_from(written, root):
    asked = "zq1z%22%3E%3Cscript%3Ecanary()%3C/script%3E"
    for model, office in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        if office.search_fields:
            for address in (f"{reverse(name)}?q={asked}", f"{reverse(name)}?q=zq"):
                answer_is_inert(root.get(address), address)
    for model, office in admin.site._registry.items():
        for field in office.autocomplete_fields:
            query = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field,
                "term": "zq",
            }
            answer = root.get(reverse("admin:autocomplete"), query)
            assert answer.status_code == 200
            answer_is_inert(answer, field)


def test_deletions_in_a_list_ask_inertly(written, root):
    for model in admin.site._registry:
        rows = list(model._base_manager.values_list("pk", flat=True)[:20])
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        if rows:
            sent = {"action": "delete_selected", "_selected_action": rows}
            answer = root.post(reverse(name), sent, follow=True)
            answer_is_inert(answer, reverse(name))
            assert model._base_manager.filter(pk__in=rows).count() == len(rows)


def test_tables_for_spreadsheets(written, root):
    exports = 0
    for model in admin.site._registry:
        if not isinstance(admin.site._registry[model], Exporting):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_export")
        page = root.get(address)
        answer_is_inert(page, address)
        fields = page.context["form"].fields
        names = [name for name, one in fields.items() if isinstance(one, forms.BooleanField)]
        for kind in ("0", "1"):
            sent = {"format": kind, "resource": "", **dict.fromkeys(names, "on")}
            answer = root.post(address, sent)
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"].startswith("attachment"), address
            answer_is_inert(answer, f"{address} {kind}")
            exports += 1
    assert exports == 8


def test_the_desk_of_technical_assistance(written, root):
    answer_is_inert(root.get(reverse("admin:ta_requests_tarequest_changelist")), "queue")
    for made in written:
        address = reverse("admin:ta_requests_tarequest_open", args=[made.request.pk])
        page = root.post(address, {"purpose": "answer"})
        for name in ("AskForm.question", "AskForm.name", "MessageForm.text"):
            assert _mark(made, name) in page.content.decode()
        answer_is_inert(page, "desk")


def test_pages_and_files_of_the_person(written):
    for made in written:
        pages = [made.client.get(address) for address in ("/my/", "/my/data/", "/my/erase/")]
        pages += [made.client.get(path(link_for(made.registration)))]
        pages += [made.client.post(made.follow, {"do": "open"})]
        shown = made.client.post("/my/", {"do": "calendar"}).content.decode()
        address = re.search(r"/my/calendar/[\w-]+\.ics", shown)
        assert address
        pages += [made.client.get(address[0]), made.client.get("/my/data.json")]
        for page in pages:
            assert page.status_code == 200, page.request["PATH_INFO"]
            answer_is_inert(page, page.request["PATH_INFO"])
        assert _mark(made, "DetailsForm.name") in pages[-1].content.decode()


def test_every_mail(written):
    letters = deliver()
    assert len(letters) >= 7 * len(written)
    for letter in letters:
        mail_is_inert(letter)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_that_comes_back(kind, world, client):
    """With what was typed in it, beside an error."""
    for address, form in (
        (world.series.get_absolute_url(), SignUpForm),
        (world.offering.get_absolute_url(), RegistrationForm),
        ("/trainings/host/", HostForm),
        ("/library/suggest/", SuggestForm),
        ("/technical-assistance/ask/", AskForm),
    ):
        values = Stranger(kind).values(form) | {"email": "none", "role": '"><img src=x>'}
        page = client.post(address, values)
        assert page.status_code == 200, address
        assert "Error: " in page.content.decode(), address
        html_is_inert(page.content.decode(), address)


@pytest.mark.parametrize("kind", KINDS)
def test_certificates(kind, clock, django_user_model, client):
    name = " ".join(KINDS[kind][0].format(m="zq0z").split())
    alice = django_user_model.objects.create_superuser("alice@example.org", name=name[:200])
    clock.move_to(making.at("2026-11-01 12:00"))
    day = certified.held_day(status="approved")
    row = certified.came(day, name[:200], email="eve@example.org")
    clock.move_to(making.at("2027-02-01 12:00"))
    certificates.issue(day, alice)
    certificate = Registration.objects.get(pk=row.pk).certificates.get()
    answer = client.get(f"/certificates/{certificate.code}/")
    answer_is_inert(answer, "certificate")
    file = client.get(f"{path(link_for(row))}certificates/{certificate.code}.pdf")
    answer_is_inert(file, "pdf")
    assert file.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(file.content))
    said = "".join(page.extract_text() for page in reader.pages)
    assert "root:" not in said
    # As it was written, sign by sign: nothing of it was taken for a command.
    assert _bare(name[:200]) in _bare(said)
    assert "/JavaScript" not in str(reader.trailer["/Root"])
    assert "/OpenAction" not in reader.trailer["/Root"]


def _bare(text: str) -> str:
    """Without what a PDF may do to text: spaces, ligatures, dashes and quotes that are drawn."""
    return re.sub(r"[\s\u00ad\u200b]", "", text).replace("“", '"').replace("”", '"')
