"""Whether what strangers wrote is anything but text in an answer of ours: read as those read it
who would act on it, a browser, a spreadsheet, a calendar, a mail program."""

import csv
import io
import json
import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import openpyxl

from tests.attacks.strangers import SUM

VOID = re.compile(r"\s")
# Attributes whose value is an address a browser would run or load.
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"}


def acts(tag: str, attrs: list[tuple[str, str | None]]) -> list[str]:
    """What of an element a browser would run or load, and no page of ours has."""
    found = []
    for name, value in attrs:
        said = VOID.sub("", value or "").lower()
        # An attribute that breaks out of another's quotes begins with what is left of it.
        if name.startswith("on") or "onx" in name:
            found.append(f"<{tag} {name}={value}>")
        if name in ADDRESSES and said.startswith(("javascript:", "vbscript:", "data:")):
            found.append(f"<{tag} {name}={value}>")
        if name == "src" and said == "x":
            found.append(f"<{tag} src=x>")
    return found


class Page(HTMLParser):
    """As a browser takes a page apart: its elements and what they carry."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        carried = dict(attrs)
        self.wrong += acts(tag, attrs)
        kind = carried.get("type") or ""
        if tag == "script" and "src" not in carried and kind != "application/json":
            self.wrong.append("<script>")
        if tag == "base" or (tag == "meta" and "refresh" in (carried.get("http-equiv") or "")):
            self.wrong.append(f"<{tag}>")
        if tag == "a" and carried.get("href"):
            self.links.append(str(carried["href"]))

    handle_startendtag = handle_starttag


def html_is_inert(html: str, where: str) -> list[str]:
    """The links of a page in which nothing acts that a stranger wrote."""
    page = Page(html)
    assert page.wrong == [], (where, page.wrong)
    assert SUM not in html, f"{where}: taken for a template"
    return page.links


def answer_is_inert(answer: Any, where: str) -> list[str]:
    """Any answer, by its type; the links of a page."""
    for name, value in answer.headers.items():
        assert "\r" not in value + name, where
        assert "\n" not in value + name, where
        assert name.lower() not in {"bcc", "evil"}, where
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    body = b"".join(answer) if answer.streaming else answer.content
    if not body:
        return []
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, (where, policy)
    if kind == "text/html":
        return html_is_inert(body.decode(), where)
    if kind == "text/csv":
        cells_are_inert(csv.reader(io.StringIO(body.decode("utf-8-sig"))), where)
    elif kind.endswith("spreadsheetml.sheet"):
        sheet_is_inert(body, where)
    elif kind == "text/calendar":
        calendar_is_inert(body.decode(), where)
    elif kind == "application/atom+xml" or kind == "application/xml":
        xml_is_inert(body.decode(), where)
    elif kind == "application/json" or kind.endswith("+json"):
        json.loads(body)
    elif kind == "application/x-bibtex":
        bibtex_is_inert(body.decode(), where)
    elif kind == "application/x-research-info-systems":
        for line in body.decode().splitlines():
            assert not line or re.match(r"[A-Z][A-Z0-9]  - ", line), (where, line)
        assert "TY  - EVIL" not in body.decode().splitlines(), where
    else:
        assert kind in {
            "text/plain",
            "application/pdf",
            "text/javascript",
            "image/svg+xml",
            "text/css",
        }, (where, kind)
    return []


def cells_are_inert(rows: Any, where: str) -> None:
    for row in rows:
        for cell in row:
            assert not re.match(r"\s*[=+@\t\r]|\s*-(?![\d.]+$)", cell), (where, cell)


def sheet_is_inert(body: bytes, where: str) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(body)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (where, cell.value)
                assert cell.hyperlink is None, (where, cell.value)


def calendar_is_inert(text: str, where: str) -> None:
    lines = re.sub(r"\r\n[ \t]", "", text).split("\r\n")
    assert "\n" not in "".join(lines), f"{where}: a bare line break"
    begun = [line for line in lines if line.upper().startswith("BEGIN:VEVENT")]
    uids = [line for line in lines if line.startswith("UID")]
    assert len(begun) == len(uids), where
    assert not [line for line in lines if line.lower().startswith(("uid:evil", "bcc"))], where


def xml_is_inert(text: str, where: str) -> None:
    """Well formed, and with no element of anybody else's."""
    for element in ElementTree.fromstring(text).iter():  # noqa: S314 (our own)
        assert (
            element.tag.startswith("{http://www.w3.org/2005/Atom}") or "sitemap" in element.tag
        ), (
            where,
            element.tag,
        )
        if element.get("type") in {"html", "xhtml"}:
            html_is_inert(element.text or "", where)
        for name in ("href", "src"):
            assert not (element.get(name) or "").lower().startswith(("javascript:", "data:")), where


def bibtex_is_inert(text: str, where: str) -> None:
    assert "\\input" not in text, where
    depth = 0
    for at, char in enumerate(text):
        if text[at - 1] != "\\" or char not in "{}":
            depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0, where
    assert depth == 0, where
    assert not re.search(r"^\s*,?evil\s*=", text, re.MULTILINE), where


def mail_is_inert(message: EmailMessage) -> None:
    where = f"mail “{message['Subject']}”"
    assert "evil" not in " ".join(str(message[name] or "") for name in ("Bcc", "Cc", "To")), where
    assert message["Bcc"] is None, where
    assert not message.defects, where
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/html":
            html_is_inert(part.get_content(), where)
        elif kind == "text/calendar":
            calendar_is_inert(part.get_content().replace("\r\n", "\n").replace("\n", "\r\n"), where)
        elif kind == "text/plain":
            assert SUM not in part.get_content(), where
