"""What technical assistance keeps of people: rows of the table on /privacy/."""

from django.conf import settings

from hub.offers import Kept
from hub.privacy import days

CLOSED = f"{days(settings.TA_KEEP)} after it was closed and nothing was written since"

PRIVACY = [
    Kept(
        kind="Request for technical assistance",
        what="Your name, organization, email address and phone, your supervisor’s, your "
        "question and all that you and we write of it, encrypted; which private links led to it",
        why="To answer you. Only our technical assistance staff can read it.",
        how_long=f"{CLOSED}, unless the law makes us keep it",
        then="Emptied: the area of law, your role and state, the stage, the dates and how it "
        "ended stay, without anything of you or your client",
        where={
            "ta_requests.TaRequest": (
                "name",
                "email",
                "email_index",
                "phone",
                "organization",
                "supervisor_name",
                "supervisor_email",
                "more",
                "question",
                "deadline",
                "deadline_type",
                "assigned_to",
                "entered_by",
            ),
            "ta_requests.Message": ("text", "by"),
            "ta_requests.FollowLink": ("token", "token_hash"),
        },
        done_by=("ta_requests: purge",),
    ),
]

# When an answer was promised, waited and given says nothing of who asked.
IMPERSONAL = {
    "ta_requests.Area",
    "ta_requests.Cycle",
    "ta_requests.Pause",
    "ta_requests.Policy",
    "ta_requests.Service",
}
