"""What calls keep of people: rows of the table on /privacy/."""

from calls import retention, services
from hub.offers import Kept
from hub.privacy import days

PRIVACY = [
    Kept(
        kind="Sign-up for a call",
        what="Your name, email address, organization and role; when you signed up, joined and left",
        why="To send you joining details, reminders and changes, and to know who is on the call.",
        how_long=f"Until you leave, and {days(retention.LEFT_FOR)} more in case you come back. "
        f"Not confirmed: {days(services.UNCONFIRMED_FOR)}. Never approved: "
        f"{days(retention.AWAITING_FOR)}",
        then="Deleted",
        where={"calls.SignUp": ("email", "name", "organization", "role", "user", "nonce")},
        done_by=("calls: forget unconfirmed", "calls: forget who left"),
    ),
    Kept(
        kind="Attendance of calls",
        what="That you were on a call on a date",
        why="To count how many people a call reaches, and for nothing else.",
        how_long="As long as your sign-up",
        then="Counted without a name",
        where={"calls.CallAttendance": ("sign_up",)},
        done_by=("calls: forget unconfirmed", "calls: forget who left"),
    ),
    Kept(
        kind="Speakers at calls",
        what="The name of a speaker, as the call’s page has it",
        why="The program of a call is public.",
        how_long="As long as the date is listed",
        then="Our staff take a name out when its bearer asks",
        where={"calls.CallDate": ("speaker",)},
    ),
]

# The phone and link to join are the call's own.
IMPERSONAL = {"calls.CallSeries", "calls.Schedule"}
