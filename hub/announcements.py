"""Mail that staff write to many: to who is signed up, registered, or waits for news.

One way for every audience; an app offers its own under AUDIENCES (hub.offers).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from hub import outbox, unsubscribe
from hub.models import Announcement, Mail, User
from hub.offers import audiences
from hub.outbox import Letter
from hub.refusal import Refused

TEST = "hub.announcement_test"
# Whoever asks for a link meanwhile waits behind a hundred mails at most, not behind all.
BETWEEN_HUNDREDS = timedelta(seconds=20)
# A double click on "Send a test" is one test.
TEST_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class About:
    """What people are written to about: a call, an offering, news of a course.

    address: its page in the back office. parts: (value, label) of the groups to choose
    from. why: the sentence that tells people why they get this. own_page: what they can do
    on their own page.
    """

    name: str
    address: str
    parts: list[tuple[str, str]]
    why: str
    own_page: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One of the audience as a letter needs them; `link` leads to their own page."""

    email: str
    link: str
    name: str = ""
    nonce: str = ""


@dataclass(frozen=True, kw_only=True)
class Audience:
    """People whom staff with `permission` may write to, by mail of `kind`.

    about: of a row's id; None where there is none. people: of that id and a part, rows with
    an address each, no address twice. stop: ends such mail for (pk, nonce), where it is not
    about something people booked; `what` ends then, and after_stop says what goes on.
    """

    kind: str
    permission: str
    about: Callable[[int], About | None]
    people: Callable[[int, str], QuerySet[Any]]
    reader: Callable[[Any], Reader]
    stop: Callable[[int, str], None] | None = None
    what: str = ""
    after_stop: str = ""


def audience_of(announcement: Announcement) -> Audience:
    audience: Audience = audiences()[announcement.audience]
    return audience


def people_of(announcement: Announcement) -> QuerySet[Any]:
    """The rows of those who get it, were it sent now."""
    return audience_of(announcement).people(announcement.about_id, announcement.part)


@transaction.atomic
def write(
    audience: str, about: About, about_id: int, *, part: str, subject: str, text: str, by: User
) -> Announcement:
    """Keep a draft. The same one twice, by a double click, is one."""
    User.objects.select_for_update().get(pk=by.pk)
    values = {
        "audience": audience,
        "about_id": about_id,
        "part": part,
        "subject": subject,
        "text": text,
        "written_by": by,
    }
    same = Announcement.objects.filter(sent_at=None, **values).first()
    return same or Announcement.objects.create(to=_to(about, part), **values)


@transaction.atomic
def reword(pk: int, about: About, *, part: str, subject: str, text: str) -> Announcement:
    """Change a draft. Raises Refused for what is sent."""
    draft = _draft(pk)
    draft.part, draft.subject, draft.text = part, subject, text
    draft.to = _to(about, part)
    draft.save()
    return draft


def _to(about: About, part: str) -> str:
    return f"{dict(about.parts)[part]}: {about.name}"[:300]


@transaction.atomic
def discard(pk: int) -> None:
    """Throw a draft away. Raises Refused for what is sent."""
    _draft(pk).delete()


@transaction.atomic
def send_test(pk: int, by: User) -> None:
    """Promise the mail to who wrote it, to see how it reads."""
    announcement = Announcement.objects.select_for_update().get(pk=pk)
    tests = Mail.objects.filter(kind=TEST, subject_id=by.pk, about_id=announcement.pk)
    last = tests.order_by("version").last()
    if last and timezone.now() - last.created_at < TEST_AGAIN_AFTER:
        return
    outbox.promise(TEST, by.pk, announcement.pk, last.version + 1 if last else 0)


@transaction.atomic
def send(pk: int, by: User) -> Announcement:
    """Promise it to everyone of its audience, each once; a second click changes nothing."""
    announcement = Announcement.objects.select_for_update().get(pk=pk)
    if announcement.sent_at:
        return announcement
    if audience_of(announcement).about(announcement.about_id) is None:
        raise Refused("What it is about has been deleted since, so it cannot be sent.")
    ids = list(people_of(announcement).values_list("pk", flat=True))
    if not ids:
        raise Refused("Nobody is in this group now, so there is nobody to send it to.")
    announcement.sent_at, announcement.sent_by = timezone.now(), by
    announcement.recipients = len(ids)
    announcement.save()
    outbox.promise_all(
        audience_of(announcement).kind,
        [(one, announcement.pk, 0) for one in ids],
        between_hundreds=BETWEEN_HUNDREDS,
    )
    return announcement


@transaction.atomic
def take_back(pk: int) -> int:
    """Stop what is not sent yet; returns how many now do not get it."""
    announcement = Announcement.objects.select_for_update().get(pk=pk)
    if announcement.sent_at is None:
        raise Refused("It is not sent yet: change or throw away the draft.")
    if announcement.taken_back_at is None:
        announcement.taken_back_at = timezone.now()
        announcement.save(update_fields=["taken_back_at"])
    return outbox.supersede(audience_of(announcement).kind, announcement.pk)


def _draft(pk: int) -> Announcement:
    announcement = Announcement.objects.select_for_update().get(pk=pk)
    if announcement.sent_at:
        raise Refused("It is sent. To correct something, take it back and write another one.")
    return announcement


# What became of it


@dataclass(frozen=True)
class Fate:
    """How the mail of one announcement fared; `label` is for staff."""

    label: str
    where: Q


_WAITS = Q(sent_at=None, dropped_at=None)
FATES = {
    "failed": Fate("Failed for good", Q(dropped_at__isnull=False) & ~Q(last_error="")),
    "tried": Fate("Failed so far, tried again", _WAITS & Q(attempts__gt=0)),
    "waiting": Fate("Waiting", _WAITS & Q(attempts=0)),
    "sent": Fate("Sent", Q(sent_at__isnull=False)),
    "left": Fate("Not sent, as they had left", Q(dropped_at__isnull=False, last_error="")),
}


def mails_of(announcement: Announcement) -> QuerySet[Mail]:
    return Mail.objects.filter(kind=audience_of(announcement).kind, about_id=announcement.pk)


def fates(ids: list[int]) -> dict[int, dict[str, int]]:
    """For each of these announcements how many mails had which fate, in one query."""
    counts = {name: Count("pk", filter=fate.where) for name, fate in FATES.items()}
    kinds = [audience.kind for audience in audiences().values()]
    rows = Mail.objects.filter(kind__in=kinds, about_id__in=ids).order_by().values("about_id")
    counted = rows.annotate(**counts).values_list("about_id", *counts)
    return {pk: dict(zip(counts, numbers, strict=True)) for pk, *numbers in counted}


def addresses(announcement: Announcement, ids: list[int]) -> dict[int, str]:
    """Where each of these rows is written to, also of those who have left since."""
    rows = people_of(announcement).model._default_manager.filter(pk__in=ids)
    return dict(rows.values_list("pk", "email"))


# The letters


def letter(mail: Mail) -> Letter | None:
    """To one of the audience; None for somebody who is no longer in it."""
    announcement = Announcement.objects.filter(pk=mail.about_id).first()
    if announcement is None:
        return None
    audience = audience_of(announcement)
    about = audience.about(announcement.about_id)
    row = people_of(announcement).filter(pk=mail.subject_id).first()
    if about is None or row is None:
        return None
    reader = audience.reader(row)
    stop = ""
    if audience.stop:
        stop = unsubscribe.address(announcement.audience, row.pk, reader.nonce)
    return _letter(announcement, about, reader, stop=stop)


def test_letter(mail: Mail) -> Letter | None:
    """To staff, of a draft: the page it leads to is nobody's own."""
    announcement = Announcement.objects.filter(pk=mail.about_id).first()
    by = User.objects.filter(pk=mail.subject_id, is_active=True, is_staff=True).first()
    return sample(announcement, by, is_test=True) if announcement and by else None


def sample(announcement: Announcement, by: User, *, is_test: bool = False) -> Letter | None:
    """What the audience will read, as if `by` were one of them."""
    about = audience_of(announcement).about(announcement.about_id)
    if about is None:
        return None
    link = f"{settings.BASE_URL}/#their-own-page"
    reader = Reader(email=by.email, name=by.get_full_name(), link=link)
    return _letter(announcement, about, reader, is_test=is_test)


def _letter(
    announcement: Announcement,
    about: About,
    reader: Reader,
    *,
    stop: str = "",
    is_test: bool = False,
) -> Letter:
    stops = audience_of(announcement).stop is not None
    return Letter(
        to=reader.email,
        template="mail/announcement",
        context={
            "said": announcement,
            "about": about,
            "reader": reader,
            "stop": stop or (f"{settings.BASE_URL}/#stop" if stops else ""),
            "is_test": is_test,
        },
        unsubscribe=stop,
    )
