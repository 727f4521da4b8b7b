"""Certificates of credit and letters of attendance: plain values in, PDF bytes out."""

from trainings.certificates.data import (
    Activity,
    BarNumber,
    CertificateData,
    CreditLine,
    LetterData,
    Session,
    input_hash,
)
from trainings.certificates.document import TEMPLATE_VERSION, Rendered, preview, render
from trainings.certificates.text import unsupported

__all__ = [
    "TEMPLATE_VERSION",
    "Activity",
    "BarNumber",
    "CertificateData",
    "CreditLine",
    "LetterData",
    "Rendered",
    "Session",
    "input_hash",
    "preview",
    "render",
    "unsupported",
]
