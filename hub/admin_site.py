"""The back office: staff only, and only with a second factor."""

import functools
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import Permission
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from hub import closures, roles, sign_ins
from hub.accounts import SECOND_FACTORS, gave_second_factor, leave_nothing
from hub.admin_pages import ROW_NUMBER


class SecondSteps(ModelAdmin):  # type: ignore[type-arg]
    """To take a lost second step away. What is in it is nobody's to see or change."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    search_fields = ["user__email", "user__name"]
    ordering = ["-pk"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_above = obj is not None and obj.user.is_superuser and not request.user.is_superuser
        return not is_above and super().has_delete_permission(request, obj)


class Groups(ModelAdmin):  # type: ignore[type-arg]
    """Groups that staff make themselves. What a role may do stands in hub.roles."""

    search_fields = ["name"]
    ordering = ["name"]
    filter_horizontal = ["permissions"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # Each right says its content type: one query for all.
        kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_role(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_role(obj) and super().has_delete_permission(request, obj)


def _is_role(group: Any) -> bool:
    return group is not None and group.name in roles.ROLES


class HubAdminSite(AdminSite):
    site_header = "CAST back office"
    site_title = "Back office"
    index_title = "What would you like to do?"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """As Django's, without allauth's pages: one shows the secrets of second steps, the
        other addresses nobody is known by here. And a role is not changed as a group is."""
        if getattr(admin_class, "__module__", "") == "allauth.account.admin":
            return
        if getattr(admin_class, "__module__", "") == "allauth.mfa.admin":
            admin_class = SecondSteps
        if getattr(admin_class, "__module__", "") == "django.contrib.auth.admin":
            admin_class = Groups
        super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        said = {"no_closures": closures.none_confirmed(timezone.localdate())}
        return super().index(request, said | (extra_context or {}))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, which asks the database for ticked rows, and in filters, by whatever was
        sent for them; and a filter that no list has is no failure of ours, on a page that exports
        the list too."""

        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not all(map(ROW_NUMBER.fullmatch, request.POST.getlist(ACTION_CHECKBOX_NAME))):
                raise BadRequest("a ticked row has no number")
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest("no text of ours holds NUL")
            try:
                return view(request, *args, **kwargs)
            except IncorrectLookupParameters:
                raise BadRequest("no list has this filter") from None
            except OverflowError:
                raise BadRequest("no year is so long") from None

        return super().admin_view(checked, cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and _second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.user.is_authenticated and request.user.is_staff and not _second_factor(request):
            if is_mfa_enabled(request.user, SECOND_FACTORS):
                return redirect_to_login(_wanted(request), reverse("mfa_reauthenticate"))
            return redirect("mfa_activate_totp")
        return secure_admin_login(self._staff_already)(request)

    def _staff_already(self, request: HttpRequest) -> HttpResponse:
        # Not `redirect`, to which a word without a slash is the name of a view.
        return HttpResponseRedirect(_wanted(request))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST":
            sign_ins.record(request.user, sign_ins.OUT)
        return leave_nothing(super().logout(request, extra_context))


def _wanted(request: HttpRequest) -> str:
    """The page somebody was on the way to; else their day."""
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("staff")


def _second_factor(request: HttpRequest) -> bool:
    return not settings.STAFF_SECOND_FACTOR or gave_second_factor(request)
