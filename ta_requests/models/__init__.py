"""What the office offers (offices.py), what it was asked and when it answers (requests.py)."""

from ta_requests.models.offices import Area, Policy, Service
from ta_requests.models.requests import SEALED, Cycle, FollowLink, Message, Pause, TaRequest

__all__ = [
    "SEALED",
    "Area",
    "Cycle",
    "FollowLink",
    "Message",
    "Pause",
    "Policy",
    "Service",
    "TaRequest",
]
