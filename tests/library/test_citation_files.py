"""BibTeX, RIS and CSL-JSON, each read back by a parser that is not ours."""

import json
import re

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from hub.text import single_line
from library import citation_files as files
from library.citations import KINDS, Work, name
from library.queries import resources


def work(title="A Title", **values):
    return Work(key="key", title=title, **values)


LATEX = LatexNodes2Text(math_mode="verbatim", strict_latex_spaces=True)
# Two of LaTeX's commands that the reader does not know or takes for another letter.
UNKNOWN = {r"\textbraceleft": r"\{", r"\textbraceright": r"\}", r"\textasciicircum": "^"}


def latex(text):
    """What LaTeX would print of it."""
    for command, known in UNKNOWN.items():
        text = text.replace(command, known)
    return LATEX.latex_to_text(text)


def bibtex_of(works):
    """Entries as a dict of key to (type, fields), braces around a whole value taken off."""
    library = bibtexparser.parse_string(
        files.bibtex(works), append_middleware=[SeparateCoAuthors(), SplitNameParts()]
    )
    assert library.failed_blocks == []
    return {
        entry.key: (entry.entry_type, {field.key: field.value for field in entry.fields})
        for entry in library.entries
    }


def people(names):
    """(given, family, suffix) of each author as BibTeX understands them."""
    return [
        tuple(latex(" ".join(words)) for words in (one.first, [*one.von, *one.last], one.jr))
        for one in names
    ]


def expected_people(one):
    return [(each.given, each.family, each.suffix) for each in one.makers]


def ris_of(works):
    return rispy.loads(files.ris(works).replace("\r\n", "\n"))


def check_round_trip(one):
    """Title, makers, publishers, year and link come back as they were from all three."""
    ((_, fields),) = bibtex_of([one]).values()
    assert latex(fields["title"]) == one.title
    assert people(fields.get("author", [])) == expected_people(one)
    assert fields.get("url", "") == one.url
    assert fields.get("year", "") == str(one.year or "")
    for ours, theirs in [("edition", "edition"), ("series", "series"), ("number", "number")]:
        assert latex(fields.get(theirs, "")) == getattr(one, ours)
    assert latex(fields.get("abstract", "")) == one.summary

    (entry,) = ris_of([one])
    assert entry["title"] == one.title
    written = [", ".join(filter(None, parts)) for parts in _ris_order(one)]
    assert entry.get("authors", []) == written
    assert entry.get("year", "") == str(one.year or "")
    assert ";".join(entry.get("urls", [])) == one.url
    assert entry.get("abstract", "") == one.summary

    item = json.loads(files.csl_json([one]))[0]
    assert item["title"] == one.title
    assert [
        (each.get("given", ""), each.get("family", each.get("literal")), each.get("suffix", ""))
        for each in item.get("author", [])
    ] == expected_people(one)
    assert item.get("URL", "") == one.url


def _ris_order(one):
    return [(each.family, each.given, each.suffix) for each in one.makers]


@pytest.mark.django_db
def test_every_resource_of_the_page_comes_back_as_it_was(seeded):
    works = [resource.work for resource in resources()]
    assert len(works) == 23
    for one in works:
        check_round_trip(one)
    assert list(bibtex_of(works)) == [one.key for one in works]
    assert [entry["id"] for entry in ris_of(works)] == [one.key for one in works]
    assert [item["id"] for item in json.loads(files.csl_json(works))] == [one.key for one in works]


@pytest.mark.django_db
@pytest.mark.parametrize("write", [files.bibtex, files.ris, files.csl_json])
def test_the_files_of_the_whole_page(seeded, write, file_regression):
    text = write([resource.work for resource in resources()])
    file_regression.check(text.replace("\r\n", "\n"), encoding="utf-8")


@pytest.mark.django_db
def test_the_same_works_are_the_same_bytes(seeded):
    def works():
        return [resource.work for resource in resources()]

    for write in (files.bibtex, files.ris, files.csl_json):
        assert write(works()) == write(works())


LINE = st.text(min_size=1, max_size=60).map(single_line).filter(bool)
# What LaTeX, BibTeX and RIS give a meaning to.
SPECIAL = (
    st.text(st.sampled_from("ab {}\\&%$#_~^\"'`-,;:?!@=éß’王*<>|/\n"), min_size=1, max_size=40)
    .map(single_line)
    .filter(bool)
)
WORD = st.text(st.sampled_from("abcdeéABCDE王'&{}_%-."), min_size=1, max_size=8)
PERSON = (
    st.one_of(
        st.lists(WORD, min_size=1, max_size=4).map(" ".join),
        st.lists(WORD, min_size=2, max_size=3).map(", ".join),
        st.sampled_from(
            [
                *("Ludwig van Beethoven", "José Ortega y Gasset", "Martin Luther King, Jr."),
                *(
                    "and",
                    "Tom and Jerry",
                    "others",
                    "AND, And",
                    "Plato",
                    "De La Cruz, Ana and Maria",
                ),
            ]
        ),
    )
    .map(single_line)
    .filter(bool)
)


@given(
    title=st.one_of(LINE, SPECIAL),
    authors=st.lists(PERSON, max_size=4),
    organizations=st.lists(SPECIAL, max_size=3),
    year=st.none() | st.integers(1500, 2200),
    summary=st.just("") | SPECIAL,
    series=st.just("") | SPECIAL,
    kind=st.sampled_from(sorted(KINDS)),
)
def test_whatever_is_written_comes_back_as_it_was(
    title, authors, organizations, year, summary, series, kind
):
    check_round_trip(
        work(
            title,
            authors=tuple(authors),
            organizations=tuple(organizations),
            year=year,
            summary=summary,
            series=series,
            type=kind,
            url="https://a.org/x?a=1&b=%20_#c~d",
        )
    )


# -- BibTeX


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A & B 100% #1 $5 a_b", r"A \& B 100\% \#1 \$5 a\_b"),
        # BibTeX counts braces even after a backslash: \{ would break the file.
        ("a { b", r"a {\textbraceleft} b"),
        ("} a", r"{\textbraceright} a"),
        ("a\\b ~ ^", r"a{\textbackslash}b {\textasciitilde} {\textasciicircum}"),
        ('é ’ 王 “q” "q"', 'é ’ 王 “q” "q"'),
        # Not a dash and not a quotation mark of LaTeX's.
        ("a--b ''", "a-{}-b '{}'"),
    ],
)
def test_bibtex_escapes_what_latex_would_read(text, written):
    assert f"  title = {{{{{written}}}}},\n" in files.bibtex([work(text)])


def test_a_bibtex_entry():
    assert files.bibtex(
        [
            work(
                "Gaining Trust",
                authors=("Kelly Heinrich", "Ludwig van Beethoven", "Plato"),
                organizations=("Training and Research, LLC", "B"),
                type="guide",
                year=2007,
                edition="2nd",
                series="S",
                number="7",
                part_of="Toolkit",
                topics=("T visa", "Safety"),
                url="https://a.org/a_b%20c{}",
            )
        ]
    ) == (
        "@techreport{key,\n"
        "  author = {Heinrich, Kelly and van Beethoven, Ludwig and {Plato}},\n"
        "  title = {{Gaining Trust}},\n"
        "  year = {2007},\n"
        "  type = {Guide},\n"
        "  edition = {2nd},\n"
        "  series = {S},\n"
        "  number = {7},\n"
        "  institution = {{Training and Research, LLC} and {B}},\n"
        "  note = {Part of Toolkit},\n"
        "  url = {https://a.org/a_b%20c%7B%7D},\n"
        "  keywords = {T visa, Safety},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("kind", "entry", "publisher"),
    [
        ("report", "techreport", "institution"),
        ("manual", "manual", "organization"),
        ("conference-paper", "inproceedings", "publisher"),
        ("website", "misc", "publisher"),
        ("unknown", "misc", "publisher"),
    ],
)
def test_where_bibtex_puts_the_organization(kind, entry, publisher):
    beside = bibtex_of([work(type=kind, authors=("A B",), organizations=("C",))])["key"]
    assert beside[0] == entry
    assert beside[1][publisher] == "{C}"
    alone = bibtex_of([work(type=kind, organizations=("Training and Research",))])["key"][1]
    assert publisher not in alone
    assert people(alone["author"]) == [("", "Training and Research", "")]


def test_a_conference_paper_is_in_its_proceedings():
    kind, fields = bibtex_of([work(type="conference-paper", part_of="Symposium")])["key"]
    assert (kind, fields["booktitle"]) == ("inproceedings", "Symposium")
    assert "note" not in fields


# -- RIS


def test_a_ris_entry():
    text = files.ris(
        [
            work(
                "Gaining Trust",
                authors=("Kelly Heinrich", "Martin Luther King, Jr."),
                organizations=("Center", "Office"),
                type="guide",
                year=2007,
                series="S",
                number="7",
                part_of="Toolkit",
                topics=("T visa",),
                summary="Two\n\nparagraphs.",
                url="https://a.org/",
            )
        ]
    )
    assert text.split("\r\n") == [
        "TY  - RPRT",
        "ID  - key",
        "AU  - Heinrich, Kelly",
        "AU  - King, Martin Luther, Jr.",
        "TI  - Gaining Trust",
        "T2  - S",
        "T3  - Toolkit",
        "PY  - 2007",
        "SN  - 7",
        "M3  - Guide",
        "PB  - Center; Office",
        "AB  - Two paragraphs.",
        "KW  - T visa",
        "UR  - https://a.org/",
        "ER  - ",
        "",
        "",
    ]


def test_every_type_is_one_that_ris_knows():
    assert {kind.ris for kind in KINDS.values()} <= set(rispy.TYPE_OF_REFERENCE_MAPPING)


def test_no_text_can_begin_a_tag_of_its_own():
    entries = ris_of([work("Title\nER  - \r\nTY  - BOOK\rAU  - Eve"), work("Other")])
    assert [entry["title"] for entry in entries] == [
        "Title ER - TY - BOOK AU - Eve",
        "Other",
    ]
    assert "authors" not in entries[0]


# -- CSL-JSON

# The types and properties used here, as in the schema csl-data.json of CSL 1.0.2.
CSL_TYPES = {"report", "book", "webpage", "paper-conference", "document"}
CSL_FIELDS = {
    *("id", "type", "title", "title-short", "author", "issued", "genre", "edition", "number"),
    *("collection-title", "collection-number", "container-title", "publisher", "abstract"),
    *("keyword", "URL"),
}


def test_a_csl_item():
    one = work(
        "Gaining Trust",
        authors=("Martin Luther King, Jr.", "Plato"),
        organizations=("Center", "Office"),
        type="guide",
        year=2007,
        edition="2nd",
        series="S",
        number="7",
        part_of="Toolkit",
        short_title="GT",
        topics=("T visa", "Safety"),
        summary="S.",
        url="https://a.org/",
    )
    assert json.loads(files.csl_json([one])) == [
        {
            "id": "key",
            "type": "report",
            "title": "Gaining Trust",
            "title-short": "GT",
            "author": [
                {"family": "King", "given": "Martin Luther", "suffix": "Jr."},
                {"literal": "Plato"},
            ],
            "issued": {"date-parts": [[2007]]},
            "genre": "Guide",
            "edition": "2nd",
            "collection-title": "S",
            "number": "7",
            "container-title": "Toolkit",
            "publisher": "Center; Office",
            "abstract": "S.",
            "keyword": "T visa, Safety",
            "URL": "https://a.org/",
        }
    ]


def test_csl_uses_the_schemas_own_words(db):
    everything = {
        "authors": ("A B",),
        "organizations": ("C",),
        "year": 2007,
        "edition": "2",
        "series": "S",
        "number": "7",
        "part_of": "P",
        "short_title": "T",
        "summary": "S",
        "topics": ("T",),
        "url": "https://a.org/",
    }
    for kind in KINDS:
        (item,) = json.loads(files.csl_json([work(type=kind, **everything)]))
        assert item["type"] in CSL_TYPES
        assert set(item) <= CSL_FIELDS
        assert ("number" in item) == (item["type"] == "report")
        assert ("collection-number" in item) == (item["type"] != "report")


def test_nothing_to_write_is_an_empty_file():
    assert files.bibtex([]) == ""
    assert files.ris([]) == ""
    assert json.loads(files.csl_json([])) == []


def test_csl_keeps_letters_as_they_are():
    assert "é 王 ’" in files.csl_json([work("é 王 ’")])


# -- what a browser's connector reads in the page


def test_the_head_of_a_report_says_what_it_is():
    one = work(
        authors=("Kelly Heinrich", "Jennifer Podkul"),
        organizations=("Center",),
        type="guide",
        year=2007,
        series="S",
        number="7",
        url="https://a.org/files/Trust.PDF?x=1",
    )
    assert files.highwire(one) == [
        ("citation_title", "A Title"),
        ("citation_author", "Kelly Heinrich"),
        ("citation_author", "Jennifer Podkul"),
        ("citation_publication_date", "2007"),
        ("citation_technical_report_institution", "Center"),
        ("citation_technical_report_number", "7"),
        ("citation_series_title", "S"),
        ("citation_public_url", "https://a.org/files/Trust.PDF?x=1"),
        ("citation_pdf_url", "https://a.org/files/Trust.PDF?x=1"),
        ("z.itemType", "report"),
    ]


def test_the_head_of_other_types():
    site = dict(files.highwire(work(type="website", organizations=("A", "B"), part_of="C")))
    assert site == {
        "citation_title": "A Title",
        "citation_publisher": "A; B",
        "z.itemType": "webpage",
    }
    paper = dict(files.highwire(work(type="conference-paper", part_of="Symposium")))
    assert paper["citation_conference_title"] == "Symposium"
    assert re.fullmatch("[a-zA-Z]+", paper["z.itemType"])


def test_a_name_for_a_connector_is_written_straight():
    """It would cut "García Márquez, Gabriel José" in two persons at the comma."""
    assert name("García Márquez, Gabriel José").straight == "Gabriel José García Márquez"
    assert ("citation_author", "Gabriel José García Márquez") in files.highwire(
        work(authors=("García Márquez, Gabriel José",))
    )
    assert ("citation_author", "Martin Luther King Jr.") in files.highwire(
        work(authors=("Martin Luther King, Jr.",))
    )
