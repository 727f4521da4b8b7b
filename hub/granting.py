"""The groups of hub.roles with their rights, brought up to date after each `migrate`."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.contrib.auth.management import create_permissions

from hub import roles


def grant(sender: AppConfig, using: str, apps: Any = all_apps, **_: Any) -> None:
    """Give the roles exactly what the table says of one app's models.

    After `migrate` and not in a migration: Django writes an app's permissions only when all
    migrations have run, and a migration of the hub would have to name every app's last one.
    """
    try:
        group_model = apps.get_model("auth", "Group")
    except LookupError:
        return
    # Django's own receiver, which is safe to call twice, may come after this one.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    label = sender.label
    wanted = {
        role: {codename for app, codename in roles.rights(role) if app == label}
        for role in roles.ROLES
    }
    if not any(wanted.values()):
        return
    groups = group_model.objects.using(using)
    groups.bulk_create([group_model(name=role) for role in roles.ROLES], ignore_conflicts=True)
    known = apps.get_model("auth", "Permission").objects.using(using)
    ids = dict(known.filter(content_type__app_label=label).values_list("codename", "pk"))
    rows = group_model.permissions.through.objects.using(using)
    ours = groups.filter(name__in=roles.ROLES).values_list("name", "pk")
    due = {
        (group, ids[codename])
        for name, group in ours
        for codename in wanted[name]
        # Of a database on its way back, a model may be gone.
        if codename in ids
    }
    held = {
        (row.group_id, row.permission_id): row.pk
        for row in rows.filter(
            group__name__in=roles.ROLES, permission__content_type__app_label=label
        )
    }
    rows.filter(pk__in=[pk for pair, pk in held.items() if pair not in due]).delete()
    rows.bulk_create(
        [rows.model(group_id=group, permission_id=right) for group, right in due - held.keys()],
        ignore_conflicts=True,
    )
