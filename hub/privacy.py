"""What the hub itself keeps of people; each app's rows stand in its own privacy.py.

Together they are the table on /privacy/. A model with something personal that no row
names fails tests/hub/test_privacy.py.
"""

from datetime import timedelta

from hub import retention
from hub.offers import Kept


def days(time: timedelta) -> str:
    """14 days; 2 years"""
    if time.days >= 365 and time.days % 365 == 0:
        years = time.days // 365
        return "1 year" if years == 1 else f"{years} years"
    return f"{time.days} days"


PRIVACY = [
    Kept(
        kind="Your account",
        what="Your email address, your name, when you first came and last signed in",
        why="So that you can sign in with a code and see what concerns you.",
        how_long="As long as a call or training of yours is kept, and at least "
        f"{days(retention.ACCOUNT_FOR)} after you last signed in",
        then="Deleted, with your private calendar address",
        where={
            "hub.User": ("email", "name", "password", "last_login", "date_joined"),
            "account.EmailAddress": ("user", "email"),
            "account.EmailConfirmation": ("email_address", "key"),
            "hub.PersonalFeed": ("user", "token_hash"),
        },
        done_by=("hub: forget people",),
    ),
    Kept(
        kind="Second steps of sign-in",
        what="The secret your app shares with us and recovery codes, encrypted; the public half "
        "of security keys, and what you named them",
        why="Staff need them to sign in; anybody may add one.",
        how_long="As long as you keep it",
        then="Deleted when you remove it, and with your account",
        where={"mfa.Authenticator": ("user", "data")},
        done_by=("hub: forget people",),
    ),
    Kept(
        kind="Being signed in",
        what="Which account a browser is signed in to, since when, and how it proved that",
        why="So that you need not type a code on each page.",
        how_long="30 minutes after you last did something, and 12 hours at most",
        then="Deleted",
        where={"sessions.Session": ("session_data",)},
        done_by=("hub: end sessions",),
    ),
    Kept(
        kind="Email we sent",
        what="That an email of some kind was sent about some sign-up or registration, and "
        "when; never its text or your address",
        why="So that nothing is sent twice, and what could not be sent is noticed.",
        how_long=f"{days(retention.MAIL_FOR)} after it was sent or given up",
        then="Deleted",
        where={"hub.Mail": ("subject_id", "last_error")},
        done_by=("hub: forget mail",),
    ),
    Kept(
        kind="What staff write to many",
        what="The text, and who of our staff wrote and sent it",
        why="So that staff know what was said to the people of a call or a training.",
        how_long=days(retention.ANNOUNCEMENTS_FOR),
        then="Deleted",
        where={"hub.Announcement": ("subject", "text", "written_by", "sent_by")},
        done_by=("hub: forget announcements",),
    ),
    Kept(
        kind="What forms were sent from a network",
        what="A number, under a code from which the network cannot be read",
        why="To stop abuse.",
        how_long="1 day",
        then="Deleted",
        where={"hub.RateCount": ("key",)},
        done_by=("forget rate counts",),
    ),
    Kept(
        kind="What staff did in the back office",
        what="Who of our staff changed what, and when; in it may be your email address or a name",
        why="So that a mistake or misuse can be found.",
        how_long=days(retention.LOG_FOR),
        then="Deleted; what is about you, when you erase your account",
        where={"admin.LogEntry": ("user", "object_repr", "change_message")},
        done_by=("hub: forget the log",),
    ),
    Kept(
        kind="Who opened a confidential request, and when staff signed in",
        what="Who of our staff opened or changed which request, when and what for, never what "
        "was in it; when they signed in or out, and when that failed. Of nobody else",
        why="So that a look that should not have been is found, whoever took it.",
        how_long="As long as the hub is run",
        then="Nobody can change or delete it; the account of who is named in it stays too",
        where={"hub.AuditEvent": ("actor", "reference", "purpose", "fields")},
    ),
]

IMPERSONAL = {
    "auth.Group",
    "auth.Permission",
    "contenttypes.ContentType",
    "hub.Closure",
    "hub.ContentVersion",
    "hub.Organization",
    "hub.SeedRecord",
    "hub.TimedWork",
}
