"""The back office: staff only, and only with a second factor."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from hub import closures
from hub.accounts import SECOND_FACTORS, gave_second_factor


class SecondSteps(ModelAdmin):  # type: ignore[type-arg]
    """To take a lost second step away. What is in it is nobody's to see or change."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    search_fields = ["user__email", "user__name"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HubAdminSite(AdminSite):
    site_header = "CAST back office"
    site_title = "Back office"
    index_title = "What would you like to do?"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """As Django's, without allauth's pages: one shows the secrets of second steps, the
        other addresses nobody is known by here."""
        if getattr(admin_class, "__module__", "") == "allauth.account.admin":
            return
        if getattr(admin_class, "__module__", "") == "allauth.mfa.admin":
            admin_class = SecondSteps
        super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        said = {"no_closures": closures.none_confirmed(timezone.localdate())}
        return super().index(request, said | (extra_context or {}))

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and _second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.user.is_authenticated and request.user.is_staff and not _second_factor(request):
            if is_mfa_enabled(request.user, SECOND_FACTORS):
                return redirect_to_login(reverse("admin:index"), reverse("mfa_reauthenticate"))
            return redirect("mfa_activate_totp")
        return secure_admin_login(self._staff_already)(request)

    def _staff_already(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:index")


def _second_factor(request: HttpRequest) -> bool:
    return not settings.STAFF_SECOND_FACTOR or gave_second_factor(request)
