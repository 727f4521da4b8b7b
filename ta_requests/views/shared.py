"""What the form and the private page have in common."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from hub.models import Closure
from ta_requests import identifiers, promises, turnaround, words
from ta_requests.models import Cycle
from ta_requests.services import clock
from ta_requests.turnaround import Closures, Policy

View = Callable[..., HttpResponse]


def silent(view: View) -> View:
    """The page's address is told to nobody, not even to ourselves: it may hold a token."""

    @functools.wraps(view)
    def quiet(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return quiet


@dataclass(frozen=True)
class Office:
    """The office as it is seen at one moment."""

    now: datetime
    policy: Policy
    closures: Closures
    names: dict[date, str]

    @property
    def hours(self) -> str:
        return words.hours(self.policy.opens, self.policy.closes)

    @property
    def due(self) -> datetime:
        """When there is an answer to what comes in now."""
        return turnaround.due(self.now, self.policy, self.closures)

    @property
    def why(self) -> str:
        return self._why(self.now, self.due, self.policy, self.closures)

    def why_of(self, row: Cycle) -> str:
        """Of a promise that was made; "" while its clock stands still."""
        cycle = clock.state(row)
        if cycle.due_at is None:
            return ""
        return self._why(cycle.started_at, cycle.due_at, cycle.policy, cycle.closures)

    def _why(self, received: datetime, due: datetime, policy: Policy, closures: Closures) -> str:
        """Which days do not count, and why."""
        skipped = words.why(received, due, policy, closures, self.names)
        return f"That is {policy.office_days * 24} hours on office days. {skipped}".strip()

    @property
    def when_to_call(self) -> str:
        return promises.when_to_call(self.now, self.policy, self.closures)


def office() -> Office:
    now = timezone.now()
    rows = list(Closure.objects.values_list("date", "closes_at", "name"))
    return Office(
        now,
        clock.policy_at(now),
        {day: closes for day, closes, _ in rows},
        {day: name for day, _, name in rows},
    )


def form_id(request: HttpRequest) -> UUID:
    """Which showing of a form this comes from; a new one where none of ours is named."""
    try:
        sent = UUID(request.POST.get("form_id", ""))
    except ValueError:
        return uuid4()
    return sent if sent.version == 4 else uuid4()


@dataclass(frozen=True)
class Warned:
    """Where something like an identifier stands; never what it says."""

    label: str
    kind: str
    where: str
    href: str
    # Start and end in the units script counts text in.
    select: str


def warnings(form: Form, fields: Iterable[str]) -> list[Warned]:
    """What could name a client in the fields of a form, as they were typed."""
    today = timezone.localdate()
    return [
        _warned(form, name, text, found)
        for name in fields
        if (text := _typed(form, name))
        for found in identifiers.find(text, today)
    ]


def seal(form: Form, fields: Iterable[str], key: UUID) -> str:
    """A seal on the texts a person was warned of, so that other texts are looked at anew."""
    said = "\0".join([str(key), *(_typed(form, name) for name in fields)])
    return salted_hmac("ta_requests.warned", said, algorithm="sha256").hexdigest()


def was_warned(request: HttpRequest, of_texts: str) -> bool:
    return constant_time_compare(request.POST.get("warned", ""), of_texts)


def _typed(form: Form, name: str) -> str:
    # As a browser has it: a line ends in one character, and NUL is in no page.
    return str(form[name].value() or "").replace("\r\n", "\n").replace("\0", "")


def _warned(form: Form, name: str, text: str, found: identifiers.Found) -> Warned:
    places = []
    if "\n" in text.strip():
        places.append(f"line {found.line}")
    if found.sentence > 1:
        places.append(f"sentence {found.sentence}")
    bound = form[name]
    start, end = (
        len(text[:at].encode("utf-16-le", "surrogatepass")) // 2 for at in (found.start, found.end)
    )
    return Warned(
        label=str(bound.label),
        kind=found.kind.value,
        where=", ".join(places),
        href=f"#{bound.id_for_label}",
        select=f"{start} {end}",
    )
