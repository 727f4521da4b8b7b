"""What a certificate of credit and a letter of attendance say: plain values, no tables.

Every text may be what strangers typed. Numbers, dates of activities and credit come as the words
to show ("6.00", "Wednesday, December 2, 2026"); the caller has computed and rounded them. An empty
text is left out. The hash of these values, beside the template's version, tells later whether a
stored file is what would be made today.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class BarNumber:
    """Where somebody is admitted ("State Bar of California", "New York") and their number there."""

    state: str
    number: str


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    """One line of credit of an activity, in credit hours as words.

    A speaker has two, one each for speaking and for attending (State Bar of California, provider
    FAQ: speaking time counts four times and is taken off the attendance). `parts` names the
    categories of which `total` is the sum, in the order to show: ("Legal ethics", "1.00"), …,
    ("General", "5.00").
    """

    label: str = "Attendance"
    total: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One approved activity, usually a day of a training; each is listed by itself."""

    title: str
    when: str
    place: str = "Online"
    participation: str = "Participatory"
    credit: tuple[CreditLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Session:
    """One day somebody attended, with the time in words ("6 hours 15 minutes")."""

    title: str
    when: str
    place: str = "Online"
    participation: str = ""
    attended: str = ""


@dataclass(frozen=True, kw_only=True)
class _Issued:
    """What both papers have: who gave it to whom, under which number, and how to check it.

    `issued` is the day of this revision in the provider's zone; it is the document's date too.
    `verify_url` is what the QR code holds, `code` the part of it that can be typed.
    ValueError: no attendee, provider, number or code; a revision below 1; an address that is not
    http or https.
    """

    attendee: str
    provider_name: str
    provider_contact: tuple[str, ...] = ()
    number: str
    issued: date
    revision: int = 1
    code: str
    verify_url: str
    signer: str = ""
    signer_role: str = ""

    def __post_init__(self) -> None:
        for name in ("attendee", "provider_name", "number", "code"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")
        if self.revision < 1:
            raise ValueError(f"revision is {self.revision}, and the first is 1")
        if urlsplit(self.verify_url).scheme not in ("http", "https"):
            raise ValueError("verify_url is not an http or https address")


@dataclass(frozen=True, kw_only=True)
class CertificateData(_Issued):
    """A certificate of attendance with credit, for an attorney.

    Its fields are those of the State Bar of California's sample certificate (provider's name,
    number and contact; title, date, place; participatory; total and required subjects; attendee
    and bar number), which a provider's own form must all have. `program` names whose credit it is.
    `total` is over all activities, "" where that says nothing (credit of two states).
    ValueError also: no activity.
    """

    program: str = "California Minimum Continuing Legal Education (MCLE)"
    provider_number: str = ""
    bar_numbers: tuple[BarNumber, ...] = ()
    activities: tuple[Activity, ...]
    total: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.activities:
            raise ValueError("activities is empty")


@dataclass(frozen=True, kw_only=True)
class LetterData(_Issued):
    """A letter of attendance for those who are no attorneys; the letter itself has no word of MCLE.

    A title that names credit is shown as it is: pass one that doesn't.
    ValueError also: no session.
    """

    role: str = ""
    organization: str = ""
    sessions: tuple[Session, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sessions:
            raise ValueError("sessions is empty")


def input_hash(data: CertificateData | LetterData) -> str:
    """SHA-256 in hex over the canonical JSON (sorted keys, ASCII) of all values and their kind."""
    values = asdict(data) | {"kind": type(data).__name__, "issued": data.issued.isoformat()}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
