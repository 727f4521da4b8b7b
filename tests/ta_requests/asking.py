"""How the tests of the public pages ask, and read what comes back."""

import re
from datetime import datetime
from html import unescape
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from ta_requests.models import TaRequest
from ta_requests.services import links

PAGE = "/technical-assistance/ask/"
QUESTION = "Can a T visa application go ahead\nwithout a certification?"
FORM = {
    "areas": ["civil", "immigration"],
    "more": "",
    "question": QUESTION,
    "stage": "filed",
    "deadline_type": "",
    "deadline": "",
    "name": "Sam Rivera",
    "organization": "Example Legal Aid",
    "role": "attorney",
    "supervisor_name": "",
    "supervisor_email": "",
    "us_state": "CA",
    "email": "Sam@Example.org",
    "phone": "",
    "ok_identifiers": "on",
    "ok_relationship": "on",
    "website": "",
}
SUPERVISED = {
    "role": "supervised",
    "supervisor_name": "Ann Lee",
    "supervisor_email": "ann@example.org",
}


def pacific(text: str) -> datetime:
    """2026-11-02 10:00, Pacific wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Los_Angeles"))


def post(client, form_id: UUID | None = None, **changes):
    """One form as a browser sends it; `form_id` is which showing of it."""
    sent = FORM | {"form_id": str(form_id or uuid4())} | changes
    return client.post(PAGE, {name: value for name, value in sent.items() if value is not None})


def hidden(response, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode()).group(1)


def typed(response, name: str) -> str:
    """What stands in a text field."""
    html = response.content.decode()
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    if area:
        return unescape(area[1])
    (control,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', html)
    value = re.search(r'value="([^"]*)"', control)
    return unescape(value[1]) if value else ""


def link_to(row: TaRequest) -> str:
    return f"/technical-assistance/follow/{links.token_of(row)}/"
