"""Citations for reference managers: BibTeX, RIS, CSL-JSON, and what a page's head says. Pure.

Each says who made a work once: the people as authors and the organizations as publisher, or the
organizations as authors. Otherwise styles would print "World Health Organization" twice.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from library.citations import Name, Work

# -- BibTeX, in UTF-8 as biber and every reference manager read it

# Braces by name: BibTeX counts them even after a backslash.
_LATEX = {
    **{char: f"\\{char}" for char in "&%$#_"},
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "\\": r"{\textbackslash}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
}
_SPECIAL = re.compile(r"[&%$#_{}\\~^]")
# LaTeX would make a dash, a quotation mark or an inverted one of two of these.
_LIGATURE = re.compile(r"([-'`,<>])(?=\1)|[?!](?=`)")
# A link is taken as it is, and must not end its field.
_LINK = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})
_PUBLISHER = {"techreport": "institution", "manual": "organization"}


def bibtex(works: Iterable[Work]) -> str:
    return "\n".join(map(_entry, works))


def _entry(work: Work) -> str:
    kind = work.kind
    booktitle = work.part_of if kind.bibtex == "inproceedings" else ""
    values = {
        "author": " and ".join(map(_person, work.makers)),
        # Braced once more: a style must not take the capitals of "T Visa" away.
        "title": f"{{{_latex(work.title)}}}",
        "booktitle": _latex(booktitle),
        "year": str(work.year or ""),
        "type": kind.label if kind.bibtex == "techreport" else "",
        "howpublished": kind.label if kind.bibtex == "misc" else "",
        "edition": _latex(work.edition),
        "series": _latex(work.series),
        "number": _latex(work.number),
        _PUBLISHER.get(kind.bibtex, "publisher"): " and ".join(
            f"{{{_latex(each)}}}" for each in work.publishers
        ),
        "note": _latex(f"Part of {work.part_of}") if work.part_of and not booktitle else "",
        "url": work.url.translate(_LINK),
        "abstract": _latex(work.summary),
        "keywords": _latex(", ".join(work.topics)),
    }
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in values.items() if value)
    return f"@{kind.bibtex}{{{work.key},\n{lines}}}\n"


def _latex(text: str) -> str:
    escaped = _SPECIAL.sub(lambda found: _LATEX[found[0]], text)
    return _LIGATURE.sub(r"\g<0>{}", escaped)


def _person(one: Name) -> str:
    """Family, Suffix, Given; in braces what BibTeX must not take apart."""
    if not one.given:
        return f"{{{_latex(one.family)}}}"
    return ", ".join(_whole(part) for part in (one.family, one.suffix, one.given) if part)


def _whole(part: str) -> str:
    words, latex = part.split(), _latex(part)
    divided = "," in part or latex != part or any(word.lower() == "and" for word in words)
    # "Ortega y Gasset" is one family name; BibTeX would see the particles "Ortega y".
    inner = words[0][0].isupper() and any(word[0].islower() for word in words)
    return f"{{{latex}}}" if divided or inner else latex


# -- RIS


def ris(works: Iterable[Work]) -> str:
    """Lines end with CRLF. Tags as EndNote and Zotero read them for the type."""
    return "".join(f"{line}\r\n" for work in works for line in [*_lines(work), ""])


def _lines(work: Work) -> list[str]:
    report = work.kind.ris == "RPRT"
    larger = [work.series, work.part_of] if report else [work.part_of, work.series]
    second, third, *_ = [*filter(None, larger), "", ""]
    values = [
        ("TY", work.kind.ris),
        ("ID", work.key),
        *(
            ("AU", ", ".join(filter(None, [one.family, one.given, one.suffix])))
            for one in work.makers
        ),
        ("TI", work.title),
        ("T2", second),
        ("T3", third),
        ("ST", work.short_title),
        ("PY", str(work.year or "")),
        ("ET", work.edition),
        ("SN" if report else "M1", work.number),
        ("M3", work.kind.label),
        ("PB", "; ".join(work.publishers)),
        ("AB", work.summary),
        *(("KW", topic) for topic in work.topics),
        ("UR", work.url),
    ]
    return [*(f"{tag}  - {value}" for tag, value in values if value), "ER  - "]


# -- CSL-JSON, names as in the schema of CSL 1.0.2


def csl_json(works: Iterable[Work]) -> str:
    return json.dumps([csl(work) for work in works], ensure_ascii=False, indent=1) + "\n"


def csl(work: Work) -> dict[str, Any]:
    values = {
        "id": work.key,
        "type": work.kind.csl,
        "title": work.title,
        "title-short": work.short_title,
        "author": [_csl_name(one) for one in work.makers],
        "issued": {"date-parts": [[work.year]]} if work.year else None,
        "genre": work.kind.label,
        "edition": work.edition,
        "collection-title": work.series,
        "number" if work.kind.csl == "report" else "collection-number": work.number,
        "container-title": work.part_of,
        "publisher": "; ".join(work.publishers),
        "abstract": work.summary,
        "keyword": ", ".join(work.topics),
        "URL": work.url,
    }
    return {field: value for field, value in values.items() if value}


def _csl_name(one: Name) -> dict[str, str]:
    if not one.given:
        return {"literal": one.family}
    values = {"family": one.family, "given": one.given, "suffix": one.suffix}
    return {field: value for field, value in values.items() if value}


# -- the head of a page


def highwire(work: Work) -> list[tuple[str, str]]:
    """Meta tags (name, content) by which Zotero and Google Scholar know a work's page.

    Only people are citation_author: Zotero takes every author apart into given and family
    name. z.itemType is Zotero's own, for what it would else take for a journal article.
    """
    report, conference = work.kind.zotero == "report", work.kind.zotero == "conferencePaper"
    people = [one.straight.replace(",", "") for one in work.makers] if work.authors else []
    values = [
        ("citation_title", work.title),
        *(("citation_author", one) for one in people),
        ("citation_publication_date", str(work.year or "")),
        (
            "citation_technical_report_institution" if report else "citation_publisher",
            "; ".join(work.organizations),
        ),
        ("citation_technical_report_number", work.number if report else ""),
        ("citation_series_title", work.series),
        ("citation_conference_title", work.part_of if conference else ""),
        ("citation_public_url", work.url),
        ("citation_pdf_url", work.pdf_url or (work.url if _is_pdf(work.url) else "")),
        ("z.itemType", work.kind.zotero),
    ]
    return [(field, value) for field, value in values if value]


def _is_pdf(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(".pdf")
