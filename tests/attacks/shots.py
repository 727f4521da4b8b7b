"""Requests made at random out of what hostile.py holds and what the pages ask for."""

import random
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from django.http.response import HttpResponseBase
from django.test import Client

from tests.attacks import hostile
from tests.attacks.reading import Field, Form, Page

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "x-y"]
BOUNDARY = "canarycanary"
URLENCODED = "application/x-www-form-urlencoded"
GOOD = {
    "email": "eve@example.org",
    "url": "https://example.org/x",
    "number": "3",
    "date": "2027-05-03",
    "time": "12:00",
    "datetime-local": "2027-05-03T12:00",
    "tel": "+1 213 555 0100",
    "month": "2027-05",
}
GOOD_OF_ADMIN = {"vDateField": "2027-05-03", "vTimeField": "12:00", "vIntegerField": "3"}


@dataclass(frozen=True)
class Shot:
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def fire(self, client: Client) -> HttpResponseBase:
        # The test client takes the query as the server hands it over.
        environ = {"QUERY_STRING": self.query}
        if not self.content_type:
            environ["CONTENT_TYPE"] = ""
        return client.generic(
            self.method,
            self.path,
            self.body,
            content_type=self.content_type,
            headers=self.headers,
            **environ,
        )

    def __str__(self) -> str:
        said = f"{self.method} {self.path[:300]}?{self.query[:300]}"
        if self.body or self.content_type:
            said += f"\n    {self.content_type[:200]!r} {len(self.body)} bytes {self.body[:600]!r}"
        if self.headers:
            short = {name: value[:100] for name, value in self.headers.items()}
            said += f"\n    {short}"
        return said


class Marksman:
    """Makes shots; the same ones for the same chance and the same pages."""

    def __init__(self, chance: random.Random, addresses: list[str]) -> None:
        self.chance = chance
        self.addresses = addresses

    def at(self, address: str) -> Shot:
        """Any method at an address, with anything."""
        chance = self.chance
        method = chance.choice(METHODS) if chance.random() < 0.6 else "GET"
        path, query = self.path(address), self.query() if chance.random() < 0.6 else ""
        body, content_type = b"", ""
        if method not in {"GET", "HEAD"} or chance.random() < 0.1:
            body, content_type = self.body()
        return Shot(method, path, query, body, content_type, self.headers())

    def path(self, address: str) -> str:
        chance = self.chance
        if chance.random() < 0.6:
            return address
        parts = address.split("/")
        place = chance.randrange(1, len(parts)) if len(parts) > 1 else 0
        bad = chance.choice(hostile.QUOTED)
        if chance.random() < 0.3:
            bad = quote(chance.choice(hostile.ANYTHING)[:4_000], safe="", errors="replace")
        match chance.randrange(4):
            case 0:
                parts[place] = bad
            case 1:
                parts[place] += bad
            case 2:
                parts.insert(place, bad)
            case _:
                parts[place] = quote(parts[place].swapcase())
        return "/" + "/".join(parts).lstrip("/")

    def query(self) -> str:
        chance = self.chance
        pairs = []
        for _ in range(chance.choice([1, 1, 2, 3, 60])):
            name = chance.choice(hostile.PARAMETERS)
            pairs.append((name, chance.choice(hostile.ANYTHING)[:3_000]))
        if chance.random() < 0.1:
            return chance.choice(
                ["&&==", "?", "%", "%ff=%fe", "q[]=1&q[x]=2", "q=%ed%a0%80", "a=1;b=2"]
            )
        # Latin-1, as servers hand on the bytes that came.
        return encoded(pairs).decode("latin-1")

    def headers(self) -> dict[str, str]:
        chance = self.chance
        if chance.random() < 0.5:
            return {}
        names = chance.sample(sorted(hostile.HEADER_VALUES), chance.choice([1, 1, 2, 4]))
        return {name: chance.choice(hostile.HEADER_VALUES[name]) for name in names}

    def body(self) -> tuple[bytes, str]:
        chance = self.chance
        match chance.randrange(5):
            case 0:
                return chance.choice(hostile.JSON), "application/json"
            case 1:
                return chance.choice(hostile.BODIES + hostile.JSON), chance.choice(
                    hostile.CONTENT_TYPES
                )
            case 2:
                return encoded(self._pairs()), URLENCODED
            case 3:
                return self.multipart(self._pairs(), [self.file("file")]), multipart_type()
            case _:
                return self.broken(self.multipart(self._pairs(), [])), multipart_type()

    def _pairs(self) -> list[tuple[str, str]]:
        chance = self.chance
        return [
            (chance.choice(hostile.PARAMETERS), chance.choice(hostile.ANYTHING)) for _ in range(3)
        ]

    def file(self, name: str) -> tuple[str, str, bytes]:
        chance = self.chance
        return name, chance.choice(hostile.FILE_NAMES), chance.choice(hostile.BODIES)

    def multipart(self, pairs: list[tuple[str, str]], files: list[tuple[str, str, bytes]]) -> bytes:
        head = b"--" + BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="'
        body = b""
        for name, value in pairs:
            body += head + _line(name) + b'"\r\n\r\n' + _bytes(value) + b"\r\n"
        for name, file_name, content in files:
            kind = self.chance.choice(["application/pdf", "text/csv", "text/html", "x; charset=x"])
            body += head + _line(name) + b'"; filename="' + _bytes(file_name) + b'"\r\n'
            if self.chance.random() < 0.2:
                encoding = self.chance.choice(["base64", "binary", "quoted-printable", "x"])
                body += f"Content-Transfer-Encoding: {encoding}\r\n".encode()
            body += f"Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
        return body + b"--" + BOUNDARY.encode() + b"--\r\n"

    def broken(self, body: bytes) -> bytes:
        cut = self.chance.randrange(len(body))
        return body[:cut] + self.chance.choice([b"", b"\xff\0", b"\r\n\r\n--", b'"; filename*=x'])

    def form(self, page: Page, address: str) -> Shot | None:
        """A form of a page as somebody fills it in, with a thing or two that do not belong."""
        forms = [form for form in page.forms if form.fields or form.buttons]
        # Signing out and searching are on every page.
        rare = [form for form in forms if "logout" not in form.action]
        if not forms:
            return None
        form = self.chance.choice(rare or forms)
        action = urlsplit(urljoin(address, form.action))
        pairs, files = self._filled(form)
        headers = self.headers() if self.chance.random() < 0.15 else {}
        if form.method != "POST":
            return Shot("GET", action.path, encoded(pairs).decode("latin-1"), headers=headers)
        if form.is_multipart or files or self.chance.random() < 0.1:
            body, kind = self.multipart(pairs, files), multipart_type()
        else:
            body, kind = encoded(pairs), URLENCODED
        return Shot("POST", action.path, action.query, body, kind, headers)

    def _filled(self, form: Form) -> tuple[list[tuple[str, str]], list[tuple[str, str, bytes]]]:
        chance = self.chance
        pairs: list[tuple[str, str]] = []
        files: list[tuple[str, str, bytes]] = []
        for each in form.fields:
            if each.kind == "file":
                if chance.random() < 0.7:
                    files.append(self.file(each.name))
                continue
            value = self._good(each)
            if value is not None:
                pairs.append((each.name, value))
        if form.buttons and chance.random() < 0.9:
            pairs.append(chance.choice(form.buttons))
        for _ in range(chance.choice([0, 1, 1, 1, 2, 4])):
            if not pairs:
                break
            place = chance.randrange(len(pairs))
            name = pairs[place][0]
            match chance.randrange(12):
                case 0:
                    pairs.pop(place)
                case 1:
                    pairs.insert(place, (name, chance.choice(hostile.ANYTHING)))
                case 2:
                    pairs.append((chance.choice(hostile.PARAMETERS), "1"))
                case 3:
                    pairs[place] = name, "".join(chance.sample(hostile.MARKUP, 3))
                case _:
                    pairs[place] = name, chance.choice(hostile.ANYTHING)
        return pairs, files

    def _good(self, each: Field) -> str | None:
        """What a person would leave or type there; None where a box stays empty."""
        chance = self.chance
        if each.attrs.get("tabindex") == "-1":
            return ""
        if each.kind == "checkbox":
            return chance.choice(each.choices) if chance.random() < 0.6 else None
        if each.kind in {"radio", "select"}:
            if each.value and chance.random() < 0.5:
                return each.value
            return chance.choice([one for one in each.choices if one] or [""])
        if (each.value and chance.random() < 0.9) or each.kind == "hidden":
            return each.value
        for name, good in GOOD_OF_ADMIN.items():
            if name in each.attrs.get("class", ""):
                return good
        return GOOD.get(each.kind, "Some words")


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    said = "&".join(f"{quote_plus(_bytes(n))}={quote_plus(_bytes(v))}" for n, v in pairs)
    return said.encode()


def multipart_type() -> str:
    return f"multipart/form-data; boundary={BOUNDARY}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _line(text: str) -> bytes:
    return _bytes(text).replace(b"\r", b" ").replace(b"\n", b" ").replace(b'"', b"%22")
