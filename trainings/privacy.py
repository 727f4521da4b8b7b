"""What trainings keep of people: rows of the table on /privacy/."""

from hub.offers import Kept
from hub.privacy import days
from trainings.services import deadlines, interest, retention

YEARS = "4 years after the last day of the training"
ANONYMIZED = "trainings: anonymise"

PRIVACY = [
    Kept(
        kind="Registration for a training",
        what="Your name, email address, organization, bar numbers, how you take part (pledge, "
        "payment or waiver code), and how you pledged",
        why="To hold your seat, write to you about it, and certify your credit. The State Bar "
        "of California asks providers to keep these records.",
        how_long=f"{YEARS}. Not confirmed: {days(deadlines.UNCONFIRMED_FOR)}",
        then="Anonymized: nothing in it says who you were. Not confirmed: deleted",
        where={
            "trainings.Registration": (
                "email",
                "name",
                "organization",
                "user",
                "nonce",
                "pledge_name",
                "waiver_code",
            ),
            "trainings.BarNumber": ("number",),
            "trainings.Pledge": ("signed_name",),
            "trainings.WaiverCode": ("code", "used_by"),
        },
        done_by=("trainings: forget unconfirmed", ANONYMIZED),
    ),
    Kept(
        kind="Attendance",
        what="When you were there, how that was found, and codes you typed",
        why="The State Bar of California asks providers to keep attendance for four years.",
        how_long=YEARS,
        then="The times stay without a name; the rest is deleted",
        where={
            "trainings.Attendance": ("registration", "reason", "by"),
            "trainings.CodeTry": ("registration",),
        },
        done_by=(ANONYMIZED,),
    ),
    Kept(
        kind="Certificate",
        what="Your name, bar numbers, the training and the credit; whoever has its code sees "
        "these, of a bar number only the last digits",
        why="So that you, and whoever you give the code to, can prove your credit.",
        how_long=YEARS,
        then="Deleted; its code is unknown from then on",
        where={"trainings.Certificate": ("data", "code", "revoke_reason")},
        done_by=(ANONYMIZED,),
    ),
    Kept(
        kind="Payments, and what became of registrations and pledges",
        what="Amounts, dates, check numbers and the payment service’s numbers; each step and "
        "who of our staff took it, with a reason that names nobody. Never a card number",
        why="Books of account are kept, and nothing in them is changed afterward.",
        how_long="As long as our books; after 4 years nothing leads from them to you",
        then="They stay as figures of a registration without a name",
        where={
            "trainings.Entry": ("reference", "by", "reason", "method"),
            "trainings.CheckoutSession": ("session_id", "payment_intent"),
            "trainings.Refund": ("reference",),
            "trainings.PaymentEvent": ("event_id", "kind"),
            "trainings.RegistrationEvent": ("by", "reason", "state"),
            "trainings.PledgeEvent": ("by", "reason", "what"),
        },
        done_by=(ANONYMIZED,),
    ),
    Kept(
        kind="Wish to hear of trainings",
        what="Your email address, which training and which region",
        why="To email you once when registration opens.",
        how_long=f"Until you leave, and {days(interest.KEPT_FOR)} more in case you come back. "
        f"Not confirmed: {days(interest.KEPT_FOR)}",
        then="Deleted",
        where={"trainings.NewsRequest": ("email", "nonce")},
        done_by=("trainings: forget wishes",),
    ),
    Kept(
        kind="Offer to host a training",
        what="Your agency, name, email address and phone, and what you and our staff wrote of it",
        why="To arrange the training with you.",
        how_long=f"{days(retention.OFFERS_FOR)}, and until the training is over",
        then="Deleted",
        where={
            "trainings.HostOffer": (
                "agency",
                "name",
                "email",
                "phone",
                "dates",
                "city",
                "state",
                "room",
                "licensed_in",
                "note",
                "staff_note",
            )
        },
        done_by=("trainings: forget offers to host",),
    ),
    Kept(
        kind="Speakers at trainings",
        what="The name of a speaker, as the agenda has it",
        why="The agenda is public, and part of the record of credit.",
        how_long="As long as the training is listed",
        then="Our staff take a name out when its bearer asks",
        where={"trainings.Segment": ("speaker", "title", "code")},
    ),
]

IMPERSONAL = {
    "trainings.Activity",
    "trainings.Approval",
    "trainings.Course",
    "trainings.Offering",
    "trainings.OfferingPrice",
    "trainings.PledgeText",
    "trainings.PriceOption",
    "trainings.ReportColumn",
}
