"""The tables of trainings, a file a subject."""

from trainings.models.catalog import HIGHEST_FEE, Course, PriceOption
from trainings.models.interest import HostOffer, NewsRequest
from trainings.models.money import (
    CheckoutSession,
    Entry,
    PaymentEvent,
    Pledge,
    PledgeEvent,
    PledgeText,
    Refund,
    WaiverCode,
)
from trainings.models.offerings import Activity, Approval, Offering, OfferingPrice, Segment
from trainings.models.people import (
    Attendance,
    BarNumber,
    Certificate,
    CodeTry,
    Registration,
    RegistrationEvent,
    ReportColumn,
)

__all__ = [
    "HIGHEST_FEE",
    "Activity",
    "Approval",
    "Attendance",
    "BarNumber",
    "Certificate",
    "CheckoutSession",
    "CodeTry",
    "Course",
    "Entry",
    "HostOffer",
    "NewsRequest",
    "Offering",
    "OfferingPrice",
    "PaymentEvent",
    "Pledge",
    "PledgeEvent",
    "PledgeText",
    "PriceOption",
    "Refund",
    "Registration",
    "RegistrationEvent",
    "ReportColumn",
    "Segment",
    "WaiverCode",
]
