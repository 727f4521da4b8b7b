"""Signing in, for tests that are about something else."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.test import Client

from hub.models import User


def staff_client(user: User, client: Client | None = None) -> Client:
    """A client in which this staff member has signed in and given a second factor."""
    client = client or Client()
    totp = TOTP.activate(user, generate_totp_secret()).instance
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session: Any = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "id": totp.pk}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def member(role: str) -> User:
    """A member of staff who has one role: curator@example.org."""
    email = f"{role.lower().replace(' ', '-')}@example.org"
    user = User.objects.create_user(email, name=f"{role} Person", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user
