"""How a work is cited: in words for a brief or a paper, in files for reference managers. Pure.

In words: Bluebook-style as practitioners write it (titles in italics; 22nd edition, rules 15,
17.4 and 18.2) and APA-style (7th edition, chapters 9 and 10). Titles stay as the work has them:
APA's sentence case would need to know every proper name. Institutions are not abbreviated.
In files: BibTeX, RIS and CSL-JSON, in citation_files.py.
"""

import re
from dataclasses import dataclass, fields
from datetime import date

from hub.text import single_line


@dataclass(frozen=True)
class Work:
    """What can be said of a work; whatever is not known is empty. Every text is one line.

    `key` names it in files, is unique and stays. `type` is a key of KINDS.
    """

    key: str
    title: str
    authors: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    type: str = "unknown"
    year: int | None = None
    edition: str = ""
    series: str = ""
    number: str = ""
    part_of: str = ""
    short_title: str = ""
    summary: str = ""
    topics: tuple[str, ...] = ()
    url: str = ""
    archived_url: str = ""
    pdf_url: str = ""
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, _line(value))
            elif isinstance(value, list | tuple):
                lines = tuple(line for each in value if (line := _line(each)))
                object.__setattr__(self, field.name, lines)

    @property
    def kind(self) -> "Kind":
        return KINDS[self.type]

    @property
    def makers(self) -> "list[Name]":
        """Who is named first: the people, or else the organizations."""
        people = [name(each) for each in self.authors]
        return people or [Name("", each, "") for each in self.organizations]

    @property
    def publishers(self) -> tuple[str, ...]:
        """The organizations, where people are named first."""
        return self.organizations if self.authors else ()

    @property
    def named_for_itself(self) -> bool:
        """An organization or site whose title is its maker's name: cited by it once."""
        return not self.authors and self.organizations == (self.title,)


def _line(text: str) -> str:
    """single_line, which looks at each character, only where there is something to look for."""
    joined = " ".join(text.split())
    return joined if joined.isascii() and joined.isprintable() else single_line(joined)


@dataclass(frozen=True)
class Kind:
    """What each format calls a type of resource; `web` is a site or a page rather than a text.

    `bracket` is what APA adds in brackets to works outside of books and reports (9.21).
    """

    label: str
    bibtex: str
    ris: str
    csl: str
    zotero: str
    bracket: str = ""

    @property
    def web(self) -> bool:
        return self.csl == "webpage"


def _report(label: str) -> Kind:
    return Kind(label, "techreport", "RPRT", "report", "report")


def _book(label: str) -> Kind:
    return Kind(label, "manual", "BOOK", "book", "book")


def _site(label: str, bracket: str = "", ris: str = "ELEC") -> Kind:
    return Kind(label, "misc", ris, "webpage", "webpage", bracket)


KINDS = {
    "academic-paper": _report("Academic paper"),
    "case-database": _site("Case database", "Database", "DBASE"),
    "conference-paper": Kind(
        "Conference paper",
        "inproceedings",
        "CPAPER",
        "paper-conference",
        "conferencePaper",
        "Conference paper",
    ),
    "guide": _report("Guide"),
    "guidelines": _report("Guidelines"),
    "handbook": _book("Handbook"),
    "listserv": _site("Listserv", "Electronic mailing list"),
    "manual": _book("Manual"),
    "online-training": _site("Online training", "Online training"),
    "organization": _site("Organization"),
    "policy-papers": _report("Policy papers"),
    "practice-paper": _report("Practice paper"),
    "report": _report("Report"),
    "resource-library": _site("Resource library"),
    "website": _site("Website"),
    "unknown": Kind("", "misc", "GEN", "document", "document"),
}


@dataclass(frozen=True)
class Part:
    text: str
    italic: bool = False
    link: bool = False


@dataclass(frozen=True)
class Citation:
    """Text in its parts; str() is the plain text, for copying."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


# -- names


@dataclass(frozen=True)
class Name:
    """A person's name in its parts; without `given`, one name that is never turned round."""

    given: str
    family: str
    suffix: str

    @property
    def straight(self) -> str:
        """Martin Luther King, Jr."""
        turned = " ".join(filter(None, [self.given, self.family]))
        return f"{turned}, {self.suffix}" if self.suffix else turned


_GENERATION = re.compile(r"(?:Jr|Sr|Esq)\.?|II|III|IV", re.IGNORECASE)
_DEGREE = re.compile(r"(?:[A-Z][A-Za-z]?\.?){2,5}")
_CAPITAL_PARTICLES = {
    *("De", "Del", "Della", "Den", "Der", "Di", "Du", "La", "Le", "St.", "Van", "Von")
}


def name(written: str) -> Name:
    """The parts of a name, written straight ("Ludwig van Beethoven") or as "Family, Given".

    The family name is the last word with the particles before it. Where that is wrong, as for
    most Spanish names, staff write the family name first. What no rule explains is one name.
    """
    parts = [part.strip() for part in written.split(",")]
    if len(parts) == 3 and all(parts) and _GENERATION.fullmatch(parts[2]):
        return Name(parts[1], parts[0], parts[2])
    if len(parts) == 2 and all(parts):
        first, second = parts
        if _GENERATION.fullmatch(second) or (" " in first and _DEGREE.fullmatch(second)):
            straight = _straight(first)
            return Name(straight.given, straight.family, second)
        return Name(second, first, "")
    return _straight(written) if len(parts) == 1 else Name("", written, "")


def _straight(written: str) -> Name:
    words = written.split()
    suffix = words.pop() if len(words) > 2 and _GENERATION.fullmatch(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and (words[start - 1][0].islower() or words[start - 1] in _CAPITAL_PARTICLES):
        start -= 1
    if start > 1 and words[start] in {"y", "i"}:
        start -= 1
    return Name(" ".join(words[: max(start, 0)]), " ".join(words[max(start, 0) :]), suffix)


# -- what both styles say of edition and series

_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
_EDITION = re.compile(
    r"(?:(\d+)(?:st|nd|rd|th|d)?|([a-z]+))(?:\s+ed(?:ition|n)?\.?)?", re.IGNORECASE
)


def _edition(work: Work, second: str, third: str, revised: str) -> str:
    """3rd ed. of "3rd Edition", "third" or "3"; "" where the title has said it already."""
    written = work.edition
    said = rf"\b{re.escape(written)}(?!\w)"
    if not written or (not written.isdigit() and re.search(said, work.title, re.IGNORECASE)):
        return ""
    found = _EDITION.fullmatch(written)
    if not found:
        return written
    digits, word = found[1], (found[2] or "").lower()
    if word in _ORDINALS:
        digits = str(_ORDINALS.index(word) + 1)
    if not digits or len(digits) > 3:
        return revised if word in {"revised", "rev"} else written
    number = int(digits)
    endings = {1: "st", 2: second, 3: third}
    ending = "th" if number % 100 in {11, 12, 13} else endings.get(number % 10, "th")
    return f"{number}{ending} ed."


def _series(work: Work) -> str:
    """Legal Studies Paper No. 2007-47"""
    if not work.number[:1].isdigit():
        joint = " " if work.number.lower().startswith("no.") else ", "
        return joint.join(filter(None, [work.series, work.number]))
    return " ".join(filter(None, [work.series, f"No. {work.number}"]))


def _sentence(parts: list[Part]) -> Citation:
    """With a period, unless the last word brings its own end."""
    kept = [part for part in parts if part.text]
    if not kept or not kept[-1].text.endswith((".", "?", "!")):
        kept.append(Part("."))
    return Citation(tuple(kept))


# -- Bluebook

_MONTHS = [
    "Jan.",
    "Feb.",
    "Mar.",
    "Apr.",
    "May",
    "June",
    "July",
    "Aug.",
    "Sept.",
    "Oct.",
    "Nov.",
    "Dec.",
]


def bluebook(work: Work) -> Citation:
    """Kelly Heinrich & Jennifer Podkul, Global Freedom Center, *Gaining the Trust* (2007), URL.

    An undated work on the web gets the day our staff last looked at it as "last visited"
    (18.2.2(c)); where nobody has, whoever cites it adds the day of their own visit.
    """
    people = _joined([each.straight for each in work.makers])
    makers = [] if work.named_for_itself else [people, _joined(list(work.publishers))]
    parts = [Part(f"{each}, ") for each in makers if each]
    parts.append(Part(work.title, italic=True))
    if work.part_of and not work.kind.web:
        parts += [Part(", "), Part("in", italic=True), Part(f" {work.part_of}")]
    elif work.part_of:
        parts.append(Part(f", {work.part_of}"))
    edition, year = _edition(work, "d", "d", "rev. ed."), str(work.year or "")
    printed = edition if year in edition else f"{edition} {year}".strip()
    about = ", ".join(filter(None, [_series(work), printed]))
    parts.append(Part(f" ({about})" if about else ""))
    if work.url:
        parts += [Part(", "), Part(work.url, link=True)]
        parts.append(Part(f" [{work.archived_url}]" if work.archived_url else ""))
        if work.reviewed_on and not work.year:
            seen = work.reviewed_on
            parts.append(Part(f" (last visited {_MONTHS[seen.month - 1]} {seen.day}, {seen.year})"))
    return _sentence(parts)


def _joined(names: list[str]) -> str:
    """A; A & B; A et al. (15.1)"""
    return f"{names[0]} et al." if len(names) > 2 else " & ".join(names)


# -- APA


def apa(work: Work) -> Citation:
    """Heinrich, K., & Podkul, J. (2007). *Gaining the Trust* (2nd ed.). Global Freedom Center. URL

    Without an author the title comes first and the date after it (9.12).
    """
    dated = f"({work.year or 'n.d.'})."
    whole = not work.part_of or work.kind.web
    about = ", ".join(filter(None, [_edition(work, "nd", "rd", "Rev. ed."), _series(work)]))
    about = f" ({about})" if about else ""
    title = [
        Part(work.title, italic=whole),
        Part(about if whole else ""),
        Part(f" [{work.kind.bracket}]" if work.kind.bracket else ""),
    ]
    sentences = [_sentence(title).parts]
    if work.makers and not work.named_for_itself:
        sentences[:0] = [(*_sentence([Part(_inverted(work.makers))]).parts, Part(f" {dated}"))]
    else:
        sentences.append((Part(dated),))
    if not whole:
        container = [Part("In "), Part(work.part_of, italic=True), Part(about)]
        sentences.append(_sentence(container).parts)
    elif work.part_of:
        sentences.append(_sentence([Part(work.part_of)]).parts)
    if work.publishers:
        sentences.append(_sentence([Part("; ".join(work.publishers))]).parts)
    if work.url:
        sentences.append((Part(work.url, link=True),))
    parts: list[Part] = []
    for sentence in sentences:
        parts += [Part(" "), *sentence] if parts else sentence
    return Citation(tuple(parts))


def _inverted(names: list[Name]) -> str:
    """Keyes, E., & King, M. L., Jr.; two groups without the comma; over 20: 19 and the last"""
    turned = [", ".join(filter(None, [n.family, _initials(n.given), n.suffix])) for n in names]
    if len(turned) > 20:
        return f"{', '.join(turned[:19])}, . . . {turned[-1]}"
    if len(turned) == 2 and not any(each.given for each in names):
        return " & ".join(turned)
    if len(turned) > 1:
        return f"{', '.join(turned[:-1])}, & {turned[-1]}"
    return turned[0]


def _initials(given: str) -> str:
    """J.-P. of Jean-Paul, J. R. R. of J.R.R., A. of Ai-jun (9.8)"""
    return " ".join(
        "-".join(
            f"{half[0].upper()}."
            for number, half in enumerate(filter(None, word.split("-")))
            if number == 0 or not half[0].islower()
        )
        for word in given.replace(".", ". ").replace(". -", ".-").split()
    ).strip()
