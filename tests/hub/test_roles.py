"""The roles of staff have exactly the rights that the table gives them."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from hub import roles

pytestmark = pytest.mark.django_db


def held(role: str) -> set[tuple[str, str]]:
    rights = Group.objects.get(name=role).permissions
    return set(rights.values_list("content_type__app_label", "codename"))


def test_every_model_has_its_row():
    """A new model is given to somebody, or to nobody, on purpose."""
    assert {model._meta.label_lower for model in apps.get_models()} == set(roles.TABLE)


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_has_exactly_its_rights(role):
    assert held(role) == set(roles.rights(role))


def test_every_right_is_one_that_exists():
    known = set(Permission.objects.values_list("content_type__app_label", "codename"))
    assert {right for role in roles.ROLES for right in roles.rights(role)} <= known


@pytest.mark.parametrize(
    ("role", "right", "has"),
    [
        ("Curator", ("library", "change_resource"), True),
        ("Curator", ("calls", "view_signup"), False),
        ("Programme", ("trainings", "change_registration"), True),
        ("Programme", ("library", "change_resource"), False),
        ("TA staff", ("trainings", "view_registration"), False),
        ("Manager", ("hub", "invite_user"), True),
        ("Manager", ("auth", "change_group"), False),
        ("Manager", ("ta_requests", "view_tarequest"), False),
        ("Manager", ("ta_requests", "change_policy"), True),
    ],
)
def test_in_words(role, right, has):
    assert (right in set(roles.rights(role))) is has


def test_no_right_opens_what_was_asked():
    """The group does: a right could be given to another group, or to somebody alone."""
    assert list(roles.rights("TA staff")) == []


def test_only_managers_invite():
    inviting = [role for role in roles.ROLES if ("hub", "invite_user") in roles.rights(role)]
    assert inviting == ["Manager"]


def test_migrate_gives_them_again_and_leaves_other_groups_alone():
    curator, own = Group.objects.get(name="Curator"), Group.objects.create(name="Interns")
    stolen = Permission.objects.get(codename="view_signup")
    curator.permissions.set([stolen])
    own.permissions.set([stolen])
    Group.objects.get(name="Manager").delete()

    call_command("migrate", verbosity=0)

    for role in roles.ROLES:
        assert held(role) == set(roles.rights(role))
    assert held("Interns") == {("calls", "view_signup")}
