"""What kind a file is: by its content, never by its name."""

from typing import IO
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.core.files import File

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LARGEST = 25 * 1024 * 1024


def media_type(file: IO[bytes]) -> str:
    """PDF or DOCX; "" for anything else. A Word file with macros is something else."""
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
            names = set(archive.namelist())
    except BadZipFile:
        return False
    return "word/document.xml" in names and "word/vbaProject.bin" not in names


def check_document(file: "File[bytes]") -> None:
    """Refuse what is not a PDF or Word file of at most 25 MB. Raises ValidationError."""
    if (file.size or 0) > LARGEST:
        raise ValidationError("The file is larger than 25 MB. Save a smaller one and try again.")
    if not media_type(file):
        raise ValidationError("The file must be a PDF or a Word file (.docx) without macros.")
