"""Staff of one role at what is another's: by the buttons' addresses, lists to choose from,
pop-ups, questions after an address, actions by name and hidden numbers. What is allowed and what
is not is computed from hub.roles; the pages themselves are tests.test_urls."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Field, Model
from django.test import Client
from django.urls import reverse

from hub import roles
from hub.models import User
from tests.reading import filled
from tests.test_urls import MODELS, hub

__all__ = ["hub"]
pytestmark = pytest.mark.django_db
REQUESTS = "ta_requests.tarequest"
# Their pages are of ones own making, and refuse more than what the role says.
OWN_RULES = {REQUESTS, "hub.auditevent", "hub.announcement"}


def registered() -> list[type[Model]]:
    return list(admin.site._registry)


def letters(role: str, model: type[Model]) -> str:
    return roles.TABLE[model._meta.label_lower][roles.ROLES.index(role)]


def may_look(role: str, model: type[Model]) -> bool:
    if model._meta.label_lower == REQUESTS:
        return role == roles.TA_STAFF
    return "v" in letters(role, model)


def page(model: type[Model], kind: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def rows(model: type[Model]) -> list[dict[str, object]]:
    return list(model._base_manager.order_by("pk").values())


@pytest.fixture
def of_roles(hub) -> Iterator[dict[str, Client]]:
    clients, _ = hub
    return dict(zip(roles.ROLES, clients[4:8], strict=True))


@pytest.fixture
def alice(hub) -> Client:
    return hub[0][8]


@pytest.fixture
def one(hub):
    """The row of a model that is there."""
    _, named = hub
    named |= {"ta_requests/tarequest": named["request"]}
    return lambda model: named[f"{model._meta.app_label}/{model._meta.model_name}"]


def test_every_model_of_the_back_office_is_looked_at():
    looked_at = {model._meta.label_lower.replace(".", "/") for model in registered()}
    assert looked_at == {*MODELS, "ta_requests/tarequest"}


def test_what_is_sent_without_the_right_to_is_refused_and_changes_nothing(of_roles, one):
    """By the address a colleague's page has, without ever having seen it."""
    wrong = []
    for role, client in of_roles.items():
        for model in registered():
            if model._meta.label_lower == REQUESTS and role == roles.TA_STAFF:
                continue
            may = letters(role, model)
            asked = {
                "c": (page(model, "change", one(model)), {"name": "canary", "title": "canary"}),
                "d": (page(model, "delete", one(model)), {"post": "yes"}),
                "a": (page(model, "add"), {"name": "canary", "title": "canary"}),
            }
            before = rows(model)
            for letter, (address, sent) in asked.items():
                if letter in may or (letter == "c" and "hub.announcement" in str(model._meta)):
                    continue
                status = client.post(address, sent).status_code
                if status not in {403, 404, 302} or (status == 302 and "v" in may):
                    wrong.append(f"{role}: {address} {status}")
            if rows(model) != before:
                wrong.append(f"{role} changed {model._meta.label}")
    assert wrong == []


def test_what_the_table_gives_is_not_refused(of_roles, one):
    """Else the test above would be met by an office that is shut."""
    refused = {
        (model._meta.label_lower, role)
        for role, client in of_roles.items()
        for model in registered()
        if "c" in letters(role, model)
        and client.get(page(model, "change", one(model))).status_code != 200
    }
    assert refused == set()


def test_no_list_to_choose_from_shows_what_a_role_may_not_see(of_roles, alice):
    """Each relation of each model, whether a page offers to choose from it or not."""
    wrong, allowed = [], 0
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if target is None or not isinstance(field, Field):
                continue
            query = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
                "term": "",
            }
            office = admin.site._registry.get(target)
            searched = office is not None and bool(office.search_fields)
            for role, client in [*of_roles.items(), ("", alice)]:
                may = searched and (not role or may_look(role, target))
                # What was asked is found by the queue's own search only.
                may = may and target._meta.label_lower != REQUESTS
                status = client.get(reverse("admin:autocomplete"), query).status_code
                allowed += status == 200
                if (status == 200) is not may or status not in {200, 403, 404}:
                    wrong.append(f"{role or 'alice'}: {model._meta.label}.{field.name} {status}")
    assert wrong == []
    assert allowed > 50


SECRETS = ("password__startswith", "password__regex", "last_login__isnull", "groups__name")


def test_nobody_is_asked_about_through_what_names_them(of_roles, alice):
    """`?user__password__startswith=p`, from each row that names a person."""
    wrong, asked = [], 0
    for role, client in [*of_roles.items(), ("", alice)]:
        for model in registered():
            for field in model._meta.concrete_fields:
                if field.related_model is not User:
                    continue
                for secret in SECRETS:
                    address = page(model, "changelist")
                    answer = client.get(address, {f"{field.name}__{secret}": "p"})
                    asked += 1
                    may = may_look(role, model) if role else model._meta.label_lower != REQUESTS
                    if answer.status_code != (400 if may else 403):
                        wrong.append(f"{role or 'alice'}: {address} {secret} {answer.status_code}")
    assert wrong == []
    assert asked > 100


# Keys to somebody's page or account.
NAMING = {"password", "nonce", "code", "email", "token_hash", "session_id", "data"}
CONTENTS = ("question", "name", "email", "phone", "more", "supervisor_name", "supervisor_email")


@pytest.mark.parametrize("how", ["", "__startswith", "__regex", "__isnull", "__gt"])
def test_what_was_asked_is_not_guessed_at(of_roles, alice, how):
    address = "/admin/ta_requests/tarequest/"
    for name in (*CONTENTS, "contact", "messages__text", "assigned_to__password"):
        query = {f"{name}{how}": "a"}
        assert of_roles[roles.TA_STAFF].get(address, query).status_code == 400, query
        for role in (roles.CURATOR, roles.PROGRAMME, roles.MANAGER):
            assert of_roles[role].get(address, query).status_code == 403
        assert alice.get(address, query).status_code == 403


def test_no_pop_up_names_rows_by_something_else(of_roles, alice):
    """`?_to_field=password` would tell it with each row that is chosen."""
    wrong = []
    for role, client in [*of_roles.items(), ("", alice)]:
        for model in registered():
            if model._meta.label_lower in OWN_RULES:
                continue
            hidden = [f.name for f in model._meta.concrete_fields if not f.primary_key]
            for name in {*hidden[:1], *NAMING & set(hidden)}:
                query = {"_to_field": name, "_popup": "1"}
                status = client.get(page(model, "changelist"), query).status_code
                if status != (400 if not role or may_look(role, model) else 403):
                    wrong.append(f"{role or 'alice'}: {model._meta.label} {name} {status}")
    assert wrong == []


def test_a_pop_up_opens_nothing_more(of_roles, one):
    for role, client in of_roles.items():
        for model in registered():
            if model._meta.label_lower not in OWN_RULES:
                status = client.get(page(model, "change", one(model)), {"_popup": "1"}).status_code
                assert status == (200 if may_look(role, model) else 403), (role, model)


def test_actions_by_name_do_nothing_for_those_who_may_not(of_roles):
    for role, client in of_roles.items():
        for model, office in admin.site._registry.items():
            label = model._meta.label_lower
            # Whoever may change a resource has its link looked at again.
            theirs = apps.get_model("library.resource") if label == "library.linkhealth" else model
            before = rows(model)
            if set("cd") & set(letters(role, theirs)) or not before:
                continue
            own = [getattr(name, "__name__", name) for name in office.actions or ()]
            for name in ("delete_selected", *own):
                sent = {
                    "action": name,
                    "_selected_action": [row[model._meta.pk.attname] for row in before],
                    "post": "yes",
                    "select_across": "1",
                }
                answer = client.post(page(model, "changelist"), sent)
                assert answer.status_code in {200, 302, 403}, (role, model, name)
            assert rows(model) == before, (role, model)


def test_who_may_change_but_not_delete_deletes_nothing_by_an_action(of_roles):
    tried = 0
    for role, client in of_roles.items():
        for model in registered():
            if "d" in letters(role, model) or "c" not in letters(role, model):
                continue
            before = {row[model._meta.pk.attname] for row in rows(model)}
            sent = {"action": "delete_selected", "_selected_action": list(before), "post": "yes"}
            client.post(page(model, "changelist"), sent)
            assert {row[model._meta.pk.attname] for row in rows(model)} == before, (role, model)
            tried += bool(before)
    assert tried >= 10


def test_a_hidden_number_changed_reaches_no_other_s_row(alice):
    """Of a line below a page, which is then another page's line."""
    tried = set()
    for model, office in admin.site._registry.items():
        if not office.inlines:
            continue
        for parent in model._base_manager.order_by("pk")[:6]:
            shown = alice.get(page(model, "change", parent.pk))
            if shown.status_code != 200:
                continue
            for inline in shown.context["inline_admin_formsets"]:
                formset = inline.formset
                own = {form.instance.pk for form in formset.initial_forms}
                other = formset.model._base_manager.exclude(pk__in=own).first()
                if not own or other is None or not inline.has_change_permission:
                    continue
                before = rows(formset.model)
                pk = f"{formset.prefix}-0-{formset.model._meta.pk.name}"
                sent = filled(shown) | {pk: other.pk, f"{formset.prefix}-0-DELETE": "on"}
                alice.post(page(model, "change", parent.pk), sent)
                kept = {row[formset.model._meta.pk.attname]: row for row in rows(formset.model)}
                assert [kept.get(row["id"]) for row in before if row["id"] == other.pk] == [
                    row for row in before if row["id"] == other.pk
                ]
                tried.add(formset.model._meta.label)
    assert len(tried) >= 3, tried


def test_tables_and_files_are_for_those_who_may_look(of_roles, one):
    """Sent, not only asked for: what an export gives, and what an import takes."""
    for role, client in of_roles.items():
        for name, model, letter in (
            ("calls_signup_export", "calls.signup", "v"),
            ("trainings_registration_export", "trainings.registration", "v"),
            ("trainings_hostoffer_export", "trainings.hostoffer", "v"),
            ("library_resource_export", "library.resource", "v"),
            ("library_resource_import", "library.resource", "c"),
        ):
            may = letter in letters(role, apps.get_model(model))
            sent = {"format": "0", "resource": ""}
            status = client.post(reverse(f"admin:{name}"), sent).status_code
            assert (status == 200) is may, (role, name, status)
            assert may or status == 403
