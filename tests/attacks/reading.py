"""An answer as a browser takes it: its forms and links, and what a stranger got into it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase

from tests.attacks.inert import acts


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    attrs: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    action: str
    method: str
    is_multipart: bool
    fields: list[Field] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """Read with `feed`; `run` is what of a stranger's a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.run: list[str] = []
        self._open: Form | None = None
        self._field: Field | None = None
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.run += acts(tag, attrs)
        if tag == "a" and said.get("href", "").startswith(("/", "?")):
            self.links.append(said["href"])
        self._in_script = tag == "script"
        if tag == "form":
            is_multipart = said.get("enctype") == "multipart/form-data"
            method = said.get("method", "get").upper()
            self._open = Form(said.get("action", ""), method, is_multipart)
            self.forms.append(self._open)
        elif self._open is not None:
            self._control(self._open, tag, said)

    def _control(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag == "option" and self._field is not None:
            self._field.choices.append(said.get("value", ""))
            if "selected" in said:
                self._field.value = said.get("value", "")
        elif tag in {"select", "textarea"} and name:
            self._field = Field(name, tag, attrs=said)
            form.fields.append(self._field)
        elif tag == "button" or kind in {"submit", "image"}:
            if name:
                form.buttons.append((name, said.get("value", "")))
        elif tag == "input" and name:
            value = said.get("value", "")
            if kind in {"radio", "checkbox"}:
                for known in form.fields:
                    if known.name == name:
                        known.choices.append(value or "on")
                        return
                choices = [value or "on"]
                form.fields.append(Field(name, kind, "", choices, said))
            else:
                form.fields.append(Field(name, kind, value, attrs=said))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False
        elif tag in {"select", "textarea"}:
            self._field = None
        elif tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._in_script and "canary" in data:
            self.run.append(f"<script>{data[:80]}")
        if self._field is not None and self._field.kind == "textarea":
            self._field.value += data


def read(answer: HttpResponseBase) -> Page:
    page = Page()
    if is_html(answer) and not answer.streaming:
        page.feed(answer.content.decode())
    return page


def is_html(answer: HttpResponseBase) -> bool:
    return answer.headers.get("Content-Type", "").startswith("text/html")


def leads_away(location: str) -> bool:
    """Whether a browser that gets this as `Location` leaves the site."""
    # It strips what is no character of an address, drops tab and line ends, and takes \ for /.
    seen = location.strip("".join(map(chr, range(33)))).replace("\\", "/")
    for char in "\t\r\n":
        seen = seen.replace(char, "")
    try:
        parts = urlsplit(seen)
    except ValueError:
        return True
    if parts.scheme and parts.scheme not in {"http", "https"}:
        return True
    if parts.scheme and not parts.netloc:
        return True
    return seen.startswith("///") or parts.netloc not in {"", "testserver"}
