"""Sign-in by mailed code, on django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):
    """Nobody opens an account here: confirming a sign-up, or an invitation, makes one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
