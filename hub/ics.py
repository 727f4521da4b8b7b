"""Calendar files (RFC 5545) out of plain values: the feeds people subscribe to, and invitations.

Pure: no table, clock or setting is read, so the same values give the same bytes in every process
and on every machine. Whoever calls keeps what is stored: UIDs, SEQUENCE (an override's is never
below its series'), the moment of the last change.

Times are aware datetimes whose `tzinfo` is a `ZoneInfo` (or UTC). An event is written in the zone
of its start, with one VTIMEZONE per zone (`hub.vtimezone`); every other moment of it may be given
in any zone. Texts are plain: control characters and those that turn the direction of writing are
taken out, and no text can begin a line of its own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import vCalAddress, vText
from icalendar.parser import Contentline

from hub.vtimezone import Zone, zone

PRODID = "-//CAST//Resources and Training hub//EN"

_UID = re.compile(r"[!-~]+")
_RRULE = re.compile(r"FREQ=[A-Z]+(?:;[A-Z]+=[A-Z0-9,+-]+)*")
_UNTIL_NOT_UTC = re.compile(r"UNTIL=(?!\d{8}T\d{6}Z(?:;|$))")
_COLOR = re.compile(r"[a-z]+")
_EMAIL = re.compile(r"[^\s\x00-\x20\x7f\"<>(),:;@\\\[\]]+@[A-Za-z0-9.-]+")
_BREAK = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(r"[\x00-\x09\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_OCTETS = 75
_URI_SAFE = ":/?#[]@!$&'()*+,;=%-._~"
_MAIL_SAFE = "@!$'*+/=_~.-"
_SCHEMES = frozenset({"http", "https", "tel"})
_MULTILINE = frozenset({"DESCRIPTION", "X-WR-CALDESC"})
_CANCELED = b"STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One VEVENT: a single event, a series (`rrule`) or one changed date of it (`recurrence_id`).

    Raises ValueError for what cannot be written truly: a naive moment, an end not after its
    start (whole seconds), a uid that is not visible ASCII, a negative sequence, a rule that is not
    one RRULE value or whose UNTIL is not in UTC (RFC 5545 3.3.10), a rule on a changed date.
    """

    uid: str
    stamp: datetime  # when a reader last could see a change: LAST-MODIFIED, and DTSTAMP in a feed
    sequence: int
    start: datetime  # of a series: its first date, an instance of the rule
    end: datetime
    summary: str
    description: str = ""  # may have lines
    location: str = ""
    url: str = ""  # http, https or tel; any other is left out
    rrule: str = ""  # as in FREQ=MONTHLY;BYDAY=4TH
    exdates: tuple[datetime, ...] = ()  # starts the rule gives that do not take place
    recurrence_id: datetime | None = None  # the start the rule gives for this changed date
    canceled: bool = False

    def __post_init__(self) -> None:
        if not _UID.fullmatch(self.uid):
            raise ValueError(f"not a uid: {self.uid!r}")
        if self.sequence < 0:
            raise ValueError(f"{self.uid}: sequence {self.sequence} is below 0")
        moments = (self.stamp, self.start, self.end, self.recurrence_id, *self.exdates)
        if any(moment is not None and moment.utcoffset() is None for moment in moments):
            raise ValueError(f"{self.uid}: every moment needs a time zone")
        if _utc(self.end) <= _utc(self.start):
            raise ValueError(f"{self.uid}: the end {self.end} is not after the start {self.start}")
        if not self.rrule:
            return
        if self.recurrence_id is not None:
            raise ValueError(f"{self.uid}: a changed date has no rule of its own")
        if not _RRULE.fullmatch(self.rrule) or _UNTIL_NOT_UTC.search(self.rrule):
            raise ValueError(f"{self.uid}: not a rule: {self.rrule!r}")


def feed(
    *, name: str, url: str, color: str, events: Iterable[Event], description: str = ""
) -> bytes:
    """A calendar to subscribe to, ordered by uid and date, whatever the order of `events`.

    `url` is the page about it (http or https), `color` a CSS3 color name (RFC 7986 5.9). Programs
    are asked to come again every hour (RFC 7986 5.7). It names no person and asks for nothing: no
    METHOD, ORGANIZER, ATTENDEE or VALARM.

    Raises ValueError for a color that is not a name, a url with control characters, an event
    given twice, or a zone that cannot be written (see `hub.vtimezone.zone`).
    """
    if not _COLOR.fullmatch(color):
        raise ValueError(f"not the name of a color: {color!r}")
    writer = _Writer()
    head = [
        writer.text("NAME", name),
        writer.text("X-WR-CALNAME", name),
        *writer.optional("DESCRIPTION", description),
        *writer.optional("X-WR-CALDESC", description),
        writer.uri("URL", url),
        f"COLOR:{color}\r\n".encode(),
        b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n",
        b"X-PUBLISHED-TTL:PT1H\r\n",
    ]
    for event in _ordered(events):
        writer.event(event)
    return writer.calendar(head)


def invitation(
    *,
    method: Literal["REQUEST", "CANCEL"],
    organizer: tuple[str, str],
    attendee: tuple[str, str],
    events: Sequence[Event],
    sent: datetime | None = None,
) -> bytes:
    """What a mail to one person carries: their place in one series or event (RFC 5546 3.2).

    `organizer` and `attendee` are (name, e-mail address). The attendee has signed up, so they are
    written as having accepted and nobody waits for an answer. `events` share one uid: the series
    with its changed dates, or one changed date alone. A REQUEST may hold nothing canceled
    (RFC 5546 3.2.2): canceled dates of a series become its EXDATEs. CANCEL writes every event as
    canceled.

    `sent` becomes DTSTAMP, which in an invitation is when the message was made (RFC 5545 3.8.7.2)
    and by which a program tells a later message of the same SEQUENCE (RFC 5546 2.1.5): without it
    someone who leaves and comes back is taken for an old mail. Left out, it is the event's stamp.

    Raises ValueError for no events, more than one uid, an event given twice, a REQUEST for
    what is canceled, a naive `sent`, or an address that is not one.
    """
    chosen = _ordered(events)
    if len({event.uid for event in chosen}) != 1:
        raise ValueError("an invitation is about exactly one uid")
    if sent is not None and sent.utcoffset() is None:
        raise ValueError("sent needs a time zone")
    if method == "REQUEST":
        chosen = _without_canceled(chosen)
    elif method == "CANCEL":
        chosen = [replace(event, canceled=True) for event in chosen]
    else:
        raise ValueError(f"not a method of an invitation: {method!r}")
    people = _address("ORGANIZER", *organizer) + _address(
        "ATTENDEE",
        *attendee,
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT="ACCEPTED",
        RSVP="FALSE",
    )
    writer = _Writer()
    for event in chosen:
        writer.event(event, people=people, sent=sent)
    return writer.calendar([f"METHOD:{method}\r\n".encode()])


_Home = tuple[ZoneInfo, Zone] | None  # None for UTC, which needs no VTIMEZONE


class _Writer:
    """The lines of one calendar, and the zones they name."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._zones: dict[str, Zone] = {}
        # Most dates of a series repeat its texts, and folding is what takes time. Kept no longer
        # than this calendar: texts may hold joining details.
        self.text: Callable[[str, str], bytes] = cache(_text)
        self.uri: Callable[[str, str], bytes] = cache(_uri)

    def optional(self, name: str, value: str) -> list[bytes]:
        return [self.text(name, value)] if value else []

    def calendar(self, head: Iterable[bytes]) -> bytes:
        return b"".join(
            (
                b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
                _text("PRODID", PRODID),
                b"CALSCALE:GREGORIAN\r\n",
                *head,
                *(self._zones[key].ical for key in sorted(self._zones)),
                *self._events,
                b"END:VCALENDAR\r\n",
            )
        )

    def event(self, event: Event, people: bytes = b"", sent: datetime | None = None) -> None:
        home = self._home(event)
        summary = event.summary
        if event.canceled and not summary.startswith("Canceled:"):
            summary = f"Canceled: {summary}"
        stamp = _zulu(event.stamp)
        times = [
            f"DTSTAMP:{_zulu(sent) if sent else stamp}\r\n",
            f"LAST-MODIFIED:{stamp}\r\n",
            f"SEQUENCE:{event.sequence}\r\n",
            _moment("DTSTART", event.start, home),
            _moment("DTEND", event.end, home),
        ]
        if event.recurrence_id is not None:
            times.append(_moment("RECURRENCE-ID", event.recurrence_id, home))
        # One line a date: some programs read only the first value of a list.
        excluded = {_utc(day): day for day in event.exdates}
        times.extend(_moment("EXDATE", excluded[day], home) for day in sorted(excluded))
        self._events += [
            b"BEGIN:VEVENT\r\n",
            self.text("UID", event.uid),
            "".join(times).encode(),
            _folded(f"RRULE:{event.rrule}") if event.rrule else b"",
            self.text("SUMMARY", summary),
            *self.optional("DESCRIPTION", event.description),
            *self.optional("LOCATION", event.location),
            self.uri("URL", event.url),
            people,
            _CANCELED if event.canceled else b"STATUS:CONFIRMED\r\n",
            b"END:VEVENT\r\n",
        ]

    def _home(self, event: Event) -> _Home:
        """The zone an event is written in, which the calendar then defines."""
        clock = event.start.tzinfo
        if clock == UTC:
            return None
        if not isinstance(clock, ZoneInfo) or not clock.key:
            raise ValueError(f"{event.uid}: {clock} is not a named time zone")
        known = self._zones.get(clock.key) or zone(clock.key)
        if known.is_utc:
            return None
        if event.rrule and not _named(event.start, known):
            raise ValueError(
                f"{event.uid}: {clock.key} kept another time on {event.start} than its rule says"
            )
        self._zones[clock.key] = known
        return clock, known


def _ordered(events: Iterable[Event]) -> list[Event]:
    keyed: dict[tuple[str, datetime | None], Event] = {}
    for event in events:
        key = event.uid, None if event.recurrence_id is None else _utc(event.recurrence_id)
        if key in keyed:
            raise ValueError(f"{event.uid}: given twice")
        keyed[key] = event
    # A series comes before a change of its first date.
    order = sorted((uid, day or _utc(keyed[uid, day].start), day is not None) for uid, day in keyed)
    return [keyed[uid, day if changed else None] for uid, day, changed in order]


def _without_canceled(events: list[Event]) -> list[Event]:
    """The events that take place, the others left out of their series."""
    held = [event for event in events if not event.canceled]
    gone = tuple(event.recurrence_id for event in events if event.canceled)
    dates = tuple(day for day in gone if day is not None)
    series = [event for event in held if event.recurrence_id is None]
    if not held or len(dates) < len(gone) or (dates and not series):
        raise ValueError("what is canceled cannot be invited to: send a CANCEL")
    return [
        replace(event, exdates=event.exdates + dates) if event.recurrence_id is None else event
        for event in held
    ]


def _utc(moment: datetime) -> datetime:
    """Its instant, in whole seconds. Two times of one zone would compare by wall time."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _digits(moment: datetime) -> str:
    return (
        f"{moment.year:04}{moment.month:02}{moment.day:02}"
        f"T{moment.hour:02}{moment.minute:02}{moment.second:02}"
    )


def _zulu(moment: datetime) -> str:
    """A DATE-TIME in UTC, form 2 of RFC 5545 3.3.5."""
    return _digits(moment.astimezone(UTC)) + "Z"


def _named(moment: datetime, home: Zone) -> bool:
    """Whether the wall time of `moment` and the VTIMEZONE together name its instant."""
    return home.offset(moment.replace(tzinfo=None)) == moment.utcoffset()


def _moment(name: str, moment: datetime, home: _Home) -> str:
    """A DATE-TIME at its own wall time, form 3 of RFC 5545 3.3.5.

    The second of two equal wall times in autumn, and a time before the zone's present rule, have
    no such form and are written in UTC.
    """
    if home is not None:
        clock, rules = home
        wall = moment if moment.tzinfo is clock else moment.astimezone(clock)
        if _named(wall, rules):
            return f"{name};TZID={rules.key}:{_digits(wall)}\r\n"
    return f"{name}:{_zulu(moment)}\r\n"


def _folded(line: str) -> bytes:
    """One content line in pieces of at most 75 octets that split no character (RFC 5545 3.1).

    icalendar folds character by character, which doubles the time a feed takes.
    """
    octets = line.encode()
    pieces, begin, end = [], 0, _OCTETS
    while end < len(octets):
        while octets[end] & 0xC0 == 0x80:  # inside a character of UTF-8
            end -= 1
        pieces.append(octets[begin:end])
        # The space before a further piece counts.
        begin, end = end, end + _OCTETS - 1
    return b"\r\n ".join((*pieces, octets[begin:])) + b"\r\n"


def _text(name: str, value: str) -> bytes:
    """A TEXT property (RFC 5545 3.3.11); only a description keeps its line breaks."""
    value = _BREAK.sub("\n" if name in _MULTILINE else " ", value.replace("\t", " "))
    value = _UNSEEN.sub("", value).strip()
    # vText takes a backslash before an N for a line break, so it only sees what is between them.
    parts = (vText(part).to_ical().decode() for part in value.split("\\"))
    return _folded(f"{name}:" + r"\\".join(parts))


def _uri(name: str, value: str) -> bytes:
    """A URI property (RFC 5545 3.3.13), or nothing for a scheme a calendar should not open.

    Raises ValueError for control characters.
    """
    if _CONTROL.search(value):
        raise ValueError(f"control characters in the address {value!r}")
    value = value.strip()
    if value.partition(":")[0].lower() not in _SCHEMES:
        return b""
    return _folded(f"{name}:{quote(value, safe=_URI_SAFE)}")


def _address(role: str, name: str, email: str, **params: str) -> bytes:
    """A CAL-ADDRESS (RFC 5545 3.3.3). Raises ValueError for what is not a plain e-mail address."""
    if not _EMAIL.fullmatch(email):
        raise ValueError(f"not an e-mail address: {email!r}")
    address = vCalAddress(f"mailto:{quote(email, safe=_MAIL_SAFE)}")
    # Outlook does not know the escape of RFC 6868 that a double quote would get.
    shown = _UNSEEN.sub("", _BREAK.sub(" ", name.replace("\t", " "))).replace('"', "'").strip()
    if shown:
        address.params["CN"] = shown
    address.params.update(params)
    return _folded(Contentline.from_parts(role, address.params, address))
