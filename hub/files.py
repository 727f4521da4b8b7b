"""Files of ours: what kind one is, by its content, never by its name; and how it is given."""

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST = 25 * 1024 * 1024
_ENDINGS = {PDF: "pdf", DOCX: "docx"}
_WORDS = {PDF: "PDF", DOCX: "Word"}
# Of the lists of a Word file's parts; a real one has a few thousand letters.
_LONGEST_LIST = 1024 * 1024
# Where Word notes which template of their own computer somebody wrote with.
_OWN_DISK = re.compile(r"file:///[a-z]:", re.IGNORECASE)


def media_type(file: IO[bytes]) -> str:
    """PDF or DOCX; "" for anything else. A Word file with macros or a password, or with parts
    that it fetches as it is opened, is something else."""
    file.seek(0)
    start = file.read(5)
    try:
        if start == b"%PDF-":
            return PDF
        return DOCX if start[:4] == b"PK\x03\x04" and _is_docx(file) else ""
    finally:
        file.seek(0)


def _is_docx(file: IO[bytes]) -> bool:
    try:
        with ZipFile(file) as archive:
            names = {info.filename.lower() for info in archive.infolist()}
            # The list says what each part is, whatever a part with macros is called.
            parts = archive.getinfo("[Content_Types].xml")
            if parts.file_size > _LONGEST_LIST or any(i.flag_bits & 1 for i in archive.infolist()):
                return False
            listed = archive.read(parts).lower()
            if _fetches(archive):
                return False
    except (
        *(BadZipFile, zlib.error, LookupError, ValueError, RuntimeError, EOFError, OSError),
        ElementTree.ParseError,
    ):
        # All that zipfile raises for an archive it cannot read, a way of packing it does not
        # know (RuntimeError) and a stream that is not what it says (zlib.error) among them; and
        # a list of parts that is no XML, or in letters nobody knows (LookupError).
        return False
    macros = b"macroenabled" in listed or b"vbaproject" in listed
    return (
        "word/document.xml" in names
        and not macros
        and not any(name.endswith("vbaproject.bin") for name in names)
    )


def _fetches(archive: ZipFile) -> bool:
    """Whether opening it asks another computer for something: a template, which may have
    macros, or a picture, which tells who reads where. A link waits until it is pressed."""
    lists = [info for info in archive.infolist() if info.filename.lower().endswith(".rels")]
    if sum(info.file_size for info in lists) > _LONGEST_LIST:
        return True
    return any(
        part.get("TargetMode", "").lower() == "external"
        and not part.get("Type", "").endswith("/hyperlink")
        and not _OWN_DISK.match(part.get("Target", ""))
        for info in lists
        # Of an entity in an entity, expat stops by itself.
        for part in ElementTree.fromstring(archive.read(info)).iter()  # noqa: S314
    )


def check_document(file: "File[bytes]") -> None:
    """Refuse what is not a PDF or Word file of at most 25 MB. Raises ValidationError."""
    check_size(file)
    if not media_type(file):
        raise ValidationError(
            "The file must be a PDF or a Word file (.docx), without macros, and without a template "
            "or picture that Word fetches from elsewhere."
        )


def check_size(file: "File[bytes]") -> None:
    """Refuse what is larger than 25 MB. Raises ValidationError."""
    if (file.size or 0) > LARGEST:
        raise ValidationError("The file is larger than 25 MB. Save a smaller one and try again.")


def said(file: FieldFile) -> str:
    """PDF, 1.2 MB; "" where the file is not there."""
    facts = _facts(file)
    return f"{_WORDS[facts.kind]}, {filesizeformat(facts.size)}" if facts else ""


def download(request: HttpRequest, file: FieldFile, name: str) -> HttpResponseBase:
    """The file to be kept, as `name` with the ending of what it is; 404 if it is not there.

    A browser never shows it within the hub: it may not guess another kind, and if it is
    made to show the file all the same, it does so without the hub's rights.
    """
    facts = _facts(file)
    if facts is None:
        raise Http404
    answer: HttpResponseBase | None = get_conditional_response(
        request, facts.etag, facts.changed_at
    )
    if answer is None:
        filename = f"{name}.{_ENDINGS[facts.kind]}"
        answer = FileResponse(
            file.open(), as_attachment=True, filename=filename, content_type=facts.kind
        )
    answer.headers["ETag"] = facts.etag
    answer.headers["Last-Modified"] = http_date(facts.changed_at)
    # Kept by whoever likes, but asked for anew each time: it may not be published any more.
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@dataclass(frozen=True)
class _Facts:
    kind: str
    size: int
    changed_at: int
    etag: str


def _facts(file: FieldFile) -> _Facts | None:
    """What is known of a file that is there and is a document; else None."""
    if not file:
        return None
    try:
        with file.open() as opened:
            kind = media_type(opened)
        size = file.size
        changed_at = file.storage.get_modified_time(str(file.name))
    except OSError:
        return None
    if not kind:
        return None
    state = f"{file.name} {size} {changed_at.isoformat()}"
    etag = f'"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'
    return _Facts(kind, size, int(changed_at.timestamp()), etag)
