"""The back-office pages that say who is staff; mixed into the admin of people."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from hub import people, roles
from hub.admin_pages import Asking, staff
from hub.models import User, normalize_email
from hub.refusal import Refused


class RolesForm(forms.Form):
    given = forms.MultipleChoiceField(
        label="Roles", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self.fields["given"]
        given.choices = [(role, f"{role}: {roles.WORK[role]}") for role in people.may_give(by)]
        if not by.is_superuser:
            given.help_text = "Only a superuser makes somebody TA staff."


class InviteForm(RolesForm):
    name = forms.CharField(max_length=200)
    email = forms.EmailField(help_text="They sign in with a code that is mailed there.")
    field_order = ["name", "email", "given"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given"].required = True
        self.fields["given"].error_messages["required"] = "Choose at least one role."

    def clean_email(self) -> str:
        email: str = normalize_email(self.cleaned_data["email"])
        if not email.isascii():
            raise forms.ValidationError("Write an address without accents or other scripts.")
        return email


class StaffPages(Asking):
    """Invite, give roles, shut out, let in: for those who may invite."""

    change_form_template = "admin/hub/user/change_form.html"
    change_list_template = "admin/hub/user/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("invite/", wrap(self.invite_view), name="hub_user_invite"),
            path("<int:pk>/roles/", wrap(self.roles_view), name="hub_user_roles"),
            path("<int:pk>/shut-out/", wrap(self.shut_out_view), name="hub_user_shut_out"),
            path("<int:pk>/let-in/", wrap(self.let_in_view), name="hub_user_let_in"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_invite": people.may_invite(request.user), **(extra_context or {})}
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        user = context.get("original")
        context["may_say"] = user is not None and _may_say(request, user)
        return super().render_change_form(request, context, *args, **kwargs)

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        by = _inviting(request)
        form = InviteForm(request.POST if request.method == "POST" else None, by=by)
        if form.is_valid():
            data = form.cleaned_data
            try:
                user = people.invite(data["email"], data["name"], data["given"], by)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_change(request, user, f"Invited: {', '.join(data['given'])}.")
                messages.success(
                    request,
                    f"{user.get_full_name()} is staff now and is mailed how to enter. Nothing "
                    "opens before they have set up a second step.",
                )
                return redirect("admin:hub_user_change", user.pk)
        context = {"title": "Invite a member of staff", "button": "Invite"}
        return self.ask(request, None, form, context)

    def roles_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        by, user = _inviting(request), get_object_or_404(User, pk=pk)
        _check_may_say(request, user)
        held = [group.name for group in user.groups.all()]
        data = request.POST if request.method == "POST" else None
        form = RolesForm(data, by=by, initial={"given": held})
        if form.is_valid():
            given = form.cleaned_data["given"]
            kept = [role for role in held if role not in people.may_give(by)]
            said = f"Roles: {', '.join([*given, *kept]) or 'none'}."
            return self._do(request, user, lambda: people.set_roles(user, given, by), said)
        context = {
            "title": f"Roles: {user}",
            "intro": "With no role they are no longer staff. When anything changes they are "
            "signed out everywhere, at once.",
        }
        return self.ask(request, user, form, context)

    def shut_out_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        intro = (
            "They are signed out everywhere at once and cannot sign in again. What they did "
            "stays. You can let them in again."
        )
        return self._button(request, pk, people.shut_out, "Shut out", intro)

    def let_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        intro = "They can sign in again, with the roles they had."
        return self._button(request, pk, people.let_in, "Let in again", intro)

    def _button(
        self,
        request: HttpRequest,
        pk: int,
        verb: Callable[[User, User], User],
        button: str,
        intro: str,
    ) -> HttpResponse:
        by, user = _inviting(request), get_object_or_404(User, pk=pk)
        _check_may_say(request, user)
        if request.method == "POST":
            return self._do(request, user, lambda: verb(user, by), f"{button}.")
        context = {"title": f"{button}: {user}", "intro": intro, "button": button}
        return self.ask(request, user, forms.Form(), context)

    def _do(
        self, request: HttpRequest, user: User, verb: Callable[[], User], said: str
    ) -> HttpResponse:
        try:
            verb()
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, user, said)
            messages.success(request, f"{user.get_full_name()}: {said[0].lower()}{said[1:]}")
        return redirect("admin:hub_user_change", user.pk)


def _inviting(request: HttpRequest) -> User:
    if not people.may_invite(request.user):
        raise PermissionDenied
    return staff(request)


def _may_say(request: HttpRequest, user: User) -> bool:
    """Nobody changes their own account, and only a superuser that of a superuser."""
    is_above = user.is_superuser and not request.user.is_superuser
    return people.may_invite(request.user) and user.pk != request.user.pk and not is_above


def _check_may_say(request: HttpRequest, user: User) -> None:
    if not _may_say(request, user):
        raise PermissionDenied
