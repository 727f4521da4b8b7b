"""From plain values to a PDF that is tagged, archivable and always the same bytes.

PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2, level a) in one file. Values reach typst as JSON
and are only shown, so no text of theirs is ever markup.
"""

import functools
import hashlib
import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import typst

from hub import words
from trainings.certificates import fonts, qr
from trainings.certificates.data import CertificateData, LetterData
from trainings.certificates.text import REPLACEMENT, Shown, clean, shown

_TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
_STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
# How a file of typst's begins. Should that change, certificates are as good and take longer.
_ONE_PAGE = b"<</Type/Pages/Count 1/"


def _version() -> str:
    """Of all that the bytes depend on beside the values: templates, this code, typst, fonts."""
    digest = hashlib.sha256()
    for path in sorted([*_TEMPLATES.glob("*.typ"), *Path(__file__).parent.glob("*.py")]):
        digest.update(path.read_bytes())
    for package in ("typst", "segno", "pymupdf-fonts", "cvttf-notosanscjk-regular"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()[:16]


# To be stored with `input_hash`: equal version and equal hash give equal bytes.
TEMPLATE_VERSION = _version()


@dataclass(frozen=True)
class Rendered:
    """A PDF, and the characters that show in it as � since no font has them: tell staff."""

    pdf: bytes
    unsupported: frozenset[str]


def render(data: CertificateData | LetterData) -> Rendered:
    """The certificate or letter on one page of US letter.

    Type shrinks to 6 points for much text; what fits not even then goes on to a second page. The
    first call of a process loads the fonts (some 0.1 s).
    Safe from several threads, which take turns. TypstError: never for any text; a fault of the
    templates. ValueError: an address too long for a QR code. RuntimeError: the process was forked
    after its parent had made a certificate.
    """
    pages, missing = _made(data, "pdf")
    return Rendered(pages[0], missing)


def preview(data: CertificateData | LetterData, *, dots_per_inch: float = 100) -> list[bytes]:
    """The pages as PNG images, to look at."""
    return _made(data, "png", dots_per_inch)[0]


def _made(
    data: CertificateData | LetterData,
    form: Literal["pdf", "png"],
    dots: float | None = None,
) -> tuple[list[bytes], frozenset[str]]:
    values = _Values(data)
    try:
        made = _fitted(values, form, dots)
    except typst.TypstError:
        # Shaping can want a glyph that the letters alone don't. Then only plain Latin stays, and
        # staff are told of the rest.
        values = _Values(data, plain=True)
        made = _fitted(values, form, dots)
    return made, frozenset(values.missing)


def _fitted(values: "_Values", form: Literal["pdf", "png"], dots: float | None) -> list[bytes]:
    said = values.all()
    for roomy in (True, False):
        with _lock:
            made = _compiler().compile(
                _TEMPLATES / values.template,
                format=form,
                ppi=dots,
                sys_inputs={"data": json.dumps(said | {"roomy": roomy})},
                pdf_standards=_STANDARDS if form == "pdf" else [],
            )
        assert made is not None  # noqa: S101 - None is only for a path to write to
        pages = made if isinstance(made, list) else [made]
        if len(pages) == 1 and (form == "png" or _ONE_PAGE in pages[0][:64]):
            break
    return pages


class _Values:
    """The values of one document, as the templates name them."""

    def __init__(self, data: CertificateData | LetterData, *, plain: bool = False) -> None:
        self.missing: set[str] = set()
        self.template = "certificate.typ" if isinstance(data, CertificateData) else "letter.typ"
        self._data, self._plain = data, plain

    def all(self) -> dict[str, Any]:
        data = self._data
        attendee = self._say(data.attendee)
        if not attendee["text"]:  # only of invisible characters
            self.missing |= set(data.attendee.strip())
            attendee = self._say(REPLACEMENT)
        common = {
            "attendee": attendee,
            "provider_name": self._say(data.provider_name),
            "provider_contact": self._each(data.provider_contact),
            "number": self._say(data.number),
            "issued": [data.issued.year, data.issued.month, data.issued.day],
            "issued_words": self._say(words.month_day_year(data.issued)),
            "revision": data.revision,
            "code": self._say(data.code),
            "verify_url": data.verify_url,
            "verify_shown": self._say(data.verify_url)["text"],
            "qr": qr.svg(data.verify_url),
            "qr_alt": clean(f"QR code of the address {data.verify_url}"),
            "signer": self._say(data.signer),
            "signer_role": self._say(data.signer_role),
        }
        if isinstance(data, CertificateData):
            return common | self._certificate(data)
        return common | self._letter(data)

    def _certificate(self, data: CertificateData) -> dict[str, Any]:
        return self._about("Certificate of attendance", [act.title for act in data.activities]) | {
            "program": self._say(data.program),
            "provider_number": self._say(data.provider_number),
            "bar_numbers": [
                {"state": self._say(bar.state), "number": self._say(bar.number)}
                for bar in data.bar_numbers
            ],
            "total": self._say(data.total),
            "activities": [
                {
                    "title": self._say(act.title),
                    "when": self._say(act.when),
                    "place": self._say(act.place),
                    "participation": self._say(act.participation),
                    "credit": [
                        {
                            "label": self._say(line.label),
                            "total": self._say(line.total),
                            "parts": [self._each(part) for part in line.parts],
                        }
                        for line in act.credit
                    ],
                }
                for act in data.activities
            ],
        }

    def _letter(self, data: LetterData) -> dict[str, Any]:
        return self._about("Letter of attendance", [it.title for it in data.sessions]) | {
            "role": self._say(data.role),
            "organization": self._say(data.organization),
            "sessions": [
                {
                    "title": self._say(it.title),
                    "when": self._say(it.when),
                    "place": self._say(it.place),
                    "participation": self._say(it.participation),
                    "attended": self._say(it.attended),
                }
                for it in data.sessions
            ],
        }

    def _about(self, kind: str, titles: list[str]) -> dict[str, Any]:
        """The document's metadata, read by programs: no replacements but no controls either."""
        data = self._data
        return {
            "document_title": _encodable(f"{kind}: {data.attendee}, {data.number}"),
            "document_author": _encodable(data.provider_name),
            "description": _encodable(f"{kind} of {data.attendee}: {'; '.join(titles)}"),
            "keywords": [_encodable(text) for text in (kind, data.number, data.code)],
        }

    def _each(self, texts: Iterable[str]) -> list[dict[str, Any]]:
        return [self._say(text) for text in texts]

    def _say(self, text: str) -> dict[str, Any]:
        value: Shown = shown(text, plain=self._plain)
        self.missing |= value.missing
        return value._asdict() | {"missing": None}


def _encodable(text: str) -> str:
    return clean(text).encode("utf-8", "replace").decode("utf-8")


# Two threads can't share a compiler at once, and one each would load the fonts as often.
_lock = threading.Lock()


@functools.cache
def _compiler() -> typst.Compiler:
    if _used_before_fork:
        raise RuntimeError(
            "The process was forked after it had made a certificate: typst's threads stayed "
            "behind. Make certificates only after the fork, or start processes afresh (spawn)."
        )
    return typst.Compiler(root=_TEMPLATES, font_paths=fonts.fonts(), ignore_system_fonts=True)


_used_before_fork = False


def _after_fork() -> None:
    # Without this, the child would wait for ever for threads that it does not have.
    global _lock, _used_before_fork
    _lock = threading.Lock()
    _used_before_fork = _used_before_fork or _compiler.cache_info().currsize > 0
    _compiler.cache_clear()


os.register_at_fork(after_in_child=_after_fork)
