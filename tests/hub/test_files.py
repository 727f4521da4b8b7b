"""What a file is by its content, whatever it is called; and how one is given."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from hub.files import DOCX, LARGEST, PDF, check_document, media_type

TYPES = (
    '<Types><Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
MACRO_TYPES = TYPES.replace(
    "vnd.openxmlformats-officedocument.wordprocessingml.document.main",
    "vnd.ms-word.document.macroEnabled.main",
)


def archive(**parts: str) -> bytes:
    """A zip; `_` in a name stands for what Python's names cannot hold."""
    names = {"types": "[Content_Types].xml", "document": "word/document.xml"}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(names.get(name, name), content)
    return written.getvalue()


WORD = archive(types=TYPES, document="<w:document/>")


def encrypted() -> bytes:
    """The flag of a password on every part."""
    data = bytearray(WORD)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(start)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(start, at + 1)
    return bytes(data)


def written_over(*at: tuple[bytes, int, bytes]) -> bytes:
    """The Word file with bytes changed: behind a mark, so many bytes on, to these."""
    data = bytearray(WORD)
    for mark, offset, new in at:
        place = data.find(mark) + offset
        data[place : place + len(new)] = new
    return bytes(data)


NEITHER = {
    "a stream that cannot be unpacked": written_over((b"[Content_Types].xml", 19, b"\xff" * 8)),
    "an unknown way of packing": written_over(
        (b"PK\x03\x04", 8, b"\x63\0"), (b"PK\x01\x02", 10, b"\x63\0")
    ),
    "an archive of a later version": written_over((b"PK\x01\x02", 6, b"\xff")),
    "empty": b"",
    "page": b"<!doctype html><script>alert(1)</script>",
    "page before a pdf": b"<script>alert(1)</script>%PDF-1.7",
    "space before a pdf": b" %PDF-1.7",
    "program": b"MZ\x90\x00\x03",
    "program called .pdf": b"\x7fELF\x02",
    "picture": b"\x89PNG\r\n\x1a\n",
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "zip": archive(readme="hello"),
    "zip with the part alone": archive(document="<w:document/>"),
    "sheet": archive(types="<Types/>", **{"xl/workbook.xml": "<x/>"}),
    "macros": archive(types=TYPES, document="x", **{"word/vbaProject.bin": "x"}),
    "macros in other letters": archive(types=TYPES, document="x", **{"word/VBAPROJECT.BIN": "x"}),
    "macros elsewhere": archive(types=TYPES, document="x", **{"custom/vbaproject.bin": "x"}),
    "macros under another name": archive(types=MACRO_TYPES, document="x"),
    "part of macros under another name": archive(
        types=TYPES.replace(
            "</Types>", '<Override ContentType="application/vnd.ms-office.vbaProject"/></Types>'
        ),
        document="x",
    ),
    "password": encrypted(),
    "list that unpacks to much": archive(types=" " * 2_000_000 + TYPES, document="x"),
    "cut off": WORD[:60],
    "start of a zip": b"PK\x03\x04",
}


@pytest.mark.parametrize("content", NEITHER.values(), ids=NEITHER)
@pytest.mark.parametrize("name", ["guide.pdf", "guide.docx"])
def test_what_is_neither_is_refused_whatever_its_name(content, name):
    file = SimpleUploadedFile(name, content, content_type=PDF)
    assert media_type(file) == ""
    with pytest.raises(ValidationError, match="must be a PDF or a Word file"):
        check_document(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "kind"), [(b"%PDF-1.7\n...", PDF), (WORD, DOCX)], ids=["pdf", "word"]
)
@pytest.mark.parametrize("name", ["guide.pdf", "guide.docx", "guide.exe", "guide"])
def test_what_is_one_is_taken_whatever_its_name(content, kind, name):
    file = SimpleUploadedFile(name, content, content_type="text/html")
    assert media_type(file) == kind
    check_document(file)
    assert file.read() == content


def test_25_mb_are_taken_and_not_a_byte_more():
    check_document(ContentFile(b"%PDF-".ljust(LARGEST, b"x"), "guide.pdf"))
    with pytest.raises(ValidationError, match="larger than 25 MB"):
        check_document(ContentFile(b"%PDF-".ljust(LARGEST + 1, b"x"), "guide.pdf"))
