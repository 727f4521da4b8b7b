"""Mail of staff to many: write it, see it, send it, and see what became of it."""

from typing import Any

from csp.constants import NONE
from csp.constants import UNSAFE_INLINE as INLINE
from csp.decorators import csp
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator

from hub import announcements, outbox
from hub.admin_forms import AnnouncementForm
from hub.admin_pages import Asking, NoAdding, staff
from hub.announcements import FATES, About
from hub.models import Announcement, Mail
from hub.offers import audiences
from hub.refusal import Refused

# What the mail server's answers, kept by the name of the error, mean for staff.
REASONS = {
    "SMTPRecipientsRefused": "The mail server does not take this address",
    "SMTPSenderRefused": "The mail server does not take mail from our address",
    "SMTPDataError": "The mail server did not take the message",
    "SMTPAuthenticationError": "The mail server did not let us sign in",
    "SMTPServerDisconnected": "The connection to the mail server broke off",
    "ConnectionRefusedError": "The mail server could not be reached",
    "TimeoutError": "The mail server did not answer",
    "gaierror": "The mail server could not be found",
    "ValueError": "The address is not one we can write to",
}


@admin.register(Announcement)
class AnnouncementAdmin(Asking, NoAdding):
    """Who may change what a mail is about may write to its people; there is no other right."""

    list_display = ["subject", "to", "state", "failed", "written_by", "created_at"]
    list_select_related = ["written_by"]
    search_fields = ["subject", "to"]
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        rows: QuerySet[Announcement] = super().get_queryset(request)
        return rows.filter(audience__in=_open_to(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(_open_to(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj.audience in _open_to(request) if obj else bool(_open_to(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        fared = announcements.fates([row.pk for row in changelist.result_list])
        for row in changelist.result_list:
            row.fared = fared.get(row.pk, {})
        return changelist

    @admin.display(description="state", ordering="sent_at")
    def state(self, row: Any) -> str:
        if row.sent_at is None:
            return "Draft"
        said = f"{row.fared.get('sent', 0)} of {row.recipients} sent"
        return f"Taken back, {said}" if row.taken_back_at else said

    @admin.display(description="failed")
    def failed(self, row: Any) -> str:
        return str(row.fared.get("failed", 0) or "")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "write/<str:audience>/<int:about_id>/",
                wrap(self.write_view),
                name="hub_announcement_write",
            ),
            path("<int:pk>/words/", wrap(self.words_view), name="hub_announcement_words"),
            path("<int:pk>/as-mail/", wrap(self.mail_view), name="hub_announcement_mail"),
            *super().get_urls(),
        ]

    def write_view(self, request: HttpRequest, audience: str, about_id: int) -> HttpResponse:
        """Write to the people of one row of an app."""
        if audience not in audiences():
            raise Http404
        if audience not in _open_to(request):
            raise PermissionDenied
        about = _about(audience, about_id)
        form = AnnouncementForm(request.POST or None, parts=about.parts)
        if form.is_valid():
            draft = announcements.write(
                audience, about, about_id, by=staff(request), **form.cleaned_data
            )
            return redirect("admin:hub_announcement_change", draft.pk)
        return self._words(request, form, about, None)

    def words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change the words of a draft."""
        draft: Announcement = self.found(request, pk)
        if draft.sent_at:
            return redirect("admin:hub_announcement_change", pk)
        about = _about(draft.audience, draft.about_id)
        initial = {"part": draft.part, "subject": draft.subject, "text": draft.text}
        form = AnnouncementForm(request.POST or None, parts=about.parts, initial=initial)
        if form.is_valid():
            try:
                announcements.reword(pk, about, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return redirect("admin:hub_announcement_change", pk)
        return self._words(request, form, about, draft)

    def _words(
        self,
        request: HttpRequest,
        form: AnnouncementForm,
        about: About,
        draft: Announcement | None,
    ) -> HttpResponse:
        context = {
            "title": f"Write to people: {about.name}",
            "intro": "Nothing is sent yet: next you see how it reads, and how many get it.",
            "button": "See how it reads",
        }
        return self.ask(request, draft, form, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A draft as people will read it, or what became of a mail; buttons act."""
        if not object_id.isdecimal():
            raise Http404
        row: Announcement = self.found(request, int(object_id), "written_by", "sent_by")
        if request.method == "POST":
            return self._act(request, row)
        text, _ = _read(row, request)
        context: dict[str, Any] = {
            "title": f"{'Sent' if row.sent_at else 'Draft'}: {row.subject}",
            "about": announcements.audience_of(row).about(row.about_id),
            "text": text or row.text,
            "sender": settings.MAIL_ADDRESS,
        }
        if row.sent_at:
            context |= self._fate(request, row)
        else:
            context["count"] = announcements.people_of(row).count()
        return self.ask(request, row, None, context, "admin/hub/announcement/page.html")

    def _fate(self, request: HttpRequest, row: Announcement) -> dict[str, Any]:
        counts = announcements.fates([row.pk]).get(row.pk, {})
        wanted = request.GET.get("show", "")
        mails = announcements.mails_of(row)
        if wanted in FATES:
            mails = mails.filter(FATES[wanted].where)
        # What staff can do something about comes first.
        order = Case(*(When(fate.where, then=Value(n)) for n, fate in enumerate(FATES.values())))
        page = Paginator(mails.order_by(order, "pk"), 100).get_page(request.GET.get("p"))
        shown = list(page)
        known = announcements.addresses(row, [mail.subject_id for mail in shown])
        return {
            "counts": [(key, fate.label, counts.get(key, 0)) for key, fate in FATES.items()],
            "waits": counts.get("waiting", 0) + counts.get("tried", 0),
            "wanted": wanted,
            "page": page,
            "lines": [
                (
                    known.get(mail.subject_id, "Deleted since"),
                    _fate_of(mail),
                    REASONS.get(mail.last_error, mail.last_error),
                    mail.sent_at or (None if mail.dropped_at else mail.due_at),
                )
                for mail in shown
            ],
            "stopped": row.recipients - sum(counts.values()),
        }

    def _act(self, request: HttpRequest, row: Announcement) -> HttpResponse:
        do, by = request.POST.get("do"), staff(request)
        to = row.pk
        try:
            if do == "test":
                announcements.send_test(row.pk, by)
                messages.success(request, f"A test is on its way to {by.email}.")
            elif do == "send":
                sent = announcements.send(row.pk, by)
                if not row.sent_at:
                    self.log_change(request, row, f"Sent to {sent.recipients} people.")
                messages.success(request, f"The mail goes out to {sent.recipients} people now.")
            elif do == "take_back":
                stopped = announcements.take_back(row.pk)
                self.log_change(request, row, f"Taken back from {stopped} people.")
                messages.success(request, f"Stopped: {stopped} people do not get it.")
            elif do == "again":
                about = _about(row.audience, row.about_id)
                to = announcements.write(
                    row.audience,
                    about,
                    row.about_id,
                    part=row.part,
                    subject=row.subject,
                    text=row.text,
                    by=by,
                ).pk
                return redirect("admin:hub_announcement_words", to)
            elif do == "discard":
                announcements.discard(row.pk)
                messages.success(request, "The draft is thrown away.")
                return redirect("admin:hub_announcement_changelist")
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("admin:hub_announcement_change", to)

    @method_decorator(
        csp({"default-src": [NONE], "style-src": [INLINE], "frame-ancestors": [NONE]})
    )
    def mail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mail as a mail program draws it. Its styles stand on its elements."""
        _, html = _read(self.found(request, pk), request)
        return HttpResponse(html)


def _read(row: Announcement, request: HttpRequest) -> tuple[str, str]:
    """Its text and HTML as people will read them; "" where what it is about is deleted."""
    letter = announcements.sample(row, staff(request))
    if letter is None:
        return "", ""
    text, html = outbox.compose(Mail(), letter).iter_parts()
    return text.get_content(), html.get_content()


def _fate_of(mail: Mail) -> str:
    if mail.sent_at:
        return FATES["sent"].label
    if mail.dropped_at:
        return FATES["failed" if mail.last_error else "left"].label
    return FATES["tried" if mail.attempts else "waiting"].label


def _open_to(request: HttpRequest) -> list[str]:
    """The audiences this member of staff may write to."""
    return [
        name for name, audience in audiences().items() if request.user.has_perm(audience.permission)
    ]


def _about(audience: str, about_id: int) -> About:
    about: About | None = audiences()[audience].about(about_id)
    if about is None:
        raise Http404
    return about
