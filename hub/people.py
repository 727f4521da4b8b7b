"""People known by a proven e-mail address, and who of them is staff.

Whoever invites is a superuser or has the right hub.invite_user. Only a superuser makes
somebody TA staff, and only a superuser touches a superuser.
"""

import json
from collections.abc import Collection
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction

from hub import outbox, roles
from hub.models import Mail, User, normalize_email
from hub.refusal import Refused

INVITED = "hub.invited"


def proven(email: str, name: str) -> User:
    """The person of an address that has just been proven; made if there was none."""
    user, _ = User.objects.get_or_create(
        email=normalize_email(email), defaults={"name": name, "password": "!"}
    )
    return user


def rename(user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)


def may_invite(by: Any) -> bool:
    """Whether somebody may make others staff and shut staff out."""
    return bool(by.has_perm("hub.invite_user"))


def may_give(by: User) -> list[str]:
    """The roles that `by` may give and take."""
    if by.is_superuser:
        return list(roles.ROLES)
    return [role for role in roles.ROLES if role != roles.TA_STAFF] if may_invite(by) else []


@transaction.atomic
def invite(email: str, name: str, given: Collection[str], by: User) -> User:
    """Make somebody staff with these roles beside those they have, and mail them how to enter.

    Asked again, they are mailed again once the first mail is out. Raises Refused.
    """
    user, _ = User.objects.get_or_create(
        email=normalize_email(email), defaults={"name": name, "password": "!"}
    )
    user = _locked(user, by)
    if not user.is_active:
        raise Refused("This person is shut out. Let them in again first, on their own page.")
    if not given:
        raise Refused("Choose at least one role.")
    user.name = user.name or name
    was_staff, user.is_staff = user.is_staff, True
    user.save(update_fields=["name", "is_staff"])
    if _give(user, [*given, *_roles(user)], by) or not was_staff:
        end_sessions(user)
    mails = Mail.objects.filter(kind=INVITED, subject_id=user.pk)
    outbox.promise(INVITED, user.pk, by.pk, mails.exclude(sent_at=None).count())
    return user


@transaction.atomic
def set_roles(user: User, given: Collection[str], by: User) -> User:
    """Let a member of staff have these roles and no others; with none, they are no longer staff.

    A role that `by` may not take, and a group that is no role, stays. Their sessions end at
    once when anything changes. Raises Refused.
    """
    user = _locked(user, by)
    changed = _give(user, given, by)
    was_staff, user.is_staff = user.is_staff, user.is_superuser or user.groups.exists()
    if changed or was_staff != user.is_staff:
        user.save(update_fields=["is_staff"])
        end_sessions(user)
    return user


@transaction.atomic
def shut_out(user: User, by: User) -> User:
    """Close somebody's account and end their sessions, at once. Raises Refused."""
    user = _locked(user, by)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
    end_sessions(user)
    return user


@transaction.atomic
def let_in(user: User, by: User) -> User:
    """Open a closed account again, with the roles it had. Raises Refused."""
    user = _locked(user, by)
    if not set(_roles(user)) <= set(may_give(by)):
        raise Refused("Only a superuser lets TA staff in again.")
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
    return user


def end_sessions(user: User, but: str | None = None) -> int:
    """Sign somebody out everywhere, apart from the session with the key `but`; how many ended.

    A session holds its person inside of it, so all are looked through. A request that is under
    way cannot write its session again.
    """
    theirs = [
        row.session_key
        for row in Session.objects.iterator(chunk_size=500)
        if row.session_key != but and _is_of(row, user)
    ]
    ended, _ = Session.objects.filter(session_key__in=theirs).delete()
    return ended


def _is_of(session: Session, user: User) -> bool:
    """Signed in, or on the way to it."""
    held = session.get_decoded()
    return held.get(SESSION_KEY) == str(user.pk) or user.email in json.dumps(held, default=str)


def _locked(user: User, by: User) -> User:
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not may_invite(by):
        raise Refused("You may not say who is staff.")
    if locked.pk == by.pk:
        raise Refused("Ask a colleague: nobody changes their own roles.")
    if locked.is_superuser and not by.is_superuser:
        raise Refused("Only a superuser changes the account of a superuser.")
    return locked


def _roles(user: User) -> list[str]:
    return list(user.groups.filter(name__in=roles.ROLES).values_list("name", flat=True))


def _give(user: User, given: Collection[str], by: User) -> bool:
    """Set of the roles `by` may give exactly these; whether anything changed."""
    allowed, had = set(may_give(by)), set(_roles(user))
    if not set(given) - had <= allowed:
        raise Refused("Only a superuser gives that role.")
    wanted = (set(given) & allowed) | (had - allowed)
    user.groups.remove(*Group.objects.filter(name__in=had - wanted))
    user.groups.add(*Group.objects.filter(name__in=wanted - had))
    return wanted != had
