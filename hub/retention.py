"""What of people is forgotten in time, of the tables every app stands on."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import CASCADE, Exists, Model, OuterRef
from django.db.models.functions import Coalesce

from hub.models import Announcement, AuditEvent, Mail, User

# Longer than any link in a mail is good for, so that nothing asks whether it was sent.
MAIL_FOR = timedelta(days=400)
LOG_FOR = ANNOUNCEMENTS_FOR = timedelta(days=730)
# Since somebody last signed in.
ACCOUNT_FOR = timedelta(days=365)


def end_sessions(now: datetime) -> None:
    """Delete the sessions that have run out."""
    Session.objects.filter(expire_date__lt=now).delete()


def forget_announcements(now: datetime) -> None:
    """Delete what staff once wrote to many."""
    Announcement.objects.filter(created_at__lt=now - ANNOUNCEMENTS_FOR).delete()


def forget_mail(now: datetime) -> None:
    """Delete what says that a mail was sent or given up."""
    Mail.objects.filter(sent_at__lt=now - MAIL_FOR).delete()
    Mail.objects.filter(dropped_at__lt=now - MAIL_FOR).delete()


def forget_log(now: datetime) -> None:
    """Delete old lines of the back office's history."""
    LogEntry.objects.filter(action_time__lt=now - LOG_FOR).delete()


def forget_log_of(model: type[Model], ids: Collection[int]) -> None:
    """Delete what the back office's history says of these rows: it names people."""
    of = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=of, object_id__in=[str(pk) for pk in ids]).delete()


def forget_people(now: datetime) -> None:
    """Delete accounts that were not used in ACCOUNT_FOR and on which nothing hangs any more.

    What hangs on one: rows of any app that are theirs and would outlive it, and what the
    log says they did. Staff stay; who was staff once goes, and with them their name from
    the histories (`by`, which has no way back from the account).
    """
    old = User.objects.filter(is_staff=False, is_superuser=False).annotate(
        seen=Coalesce("last_login", "date_joined")
    )
    old = old.filter(seen__lt=now - ACCOUNT_FOR)
    old = old.exclude(Exists(LogEntry.objects.filter(user=OuterRef("pk"))))
    # Theirs is a record that nothing is ever taken from.
    old = old.exclude(Exists(AuditEvent.objects.filter(actor=OuterRef("pk"))))
    for relation in User._meta.related_objects:
        if relation.on_delete is CASCADE or relation.many_to_many:
            continue
        naming = relation.related_model._base_manager.filter(
            **{relation.field.name: OuterRef("pk")}
        )
        old = old.exclude(Exists(naming))
    ids = list(old.values_list("pk", flat=True))
    forget_log_of(User, ids)
    User.objects.filter(pk__in=ids).delete()
