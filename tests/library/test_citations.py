"""Citations as people read them. Each row was written by hand from the rules it names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library import citations
from library.citations import Work, apa, bluebook, name
from library.models import ResourceType
from library.queries import resources


def shown(citation):
    """*italics* as asterisks, for tests to read."""
    return "".join(f"*{part.text}*" if part.italic else part.text for part in citation.parts)


def work(title="A Title", **values):
    return Work(key="key", title=title, **values)


@pytest.mark.parametrize(
    ("written", "given", "family", "suffix"),
    [
        ("Jean Bruggeman", "Jean", "Bruggeman", ""),
        ("Lin Lean Lim", "Lin Lean", "Lim", ""),
        ("Jean-Paul Sartre", "Jean-Paul", "Sartre", ""),
        ("Ana Gonzalez-Barrera", "Ana", "Gonzalez-Barrera", ""),
        # Particles stay with the family name.
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven", ""),
        ("Ursula von der Leyen", "Ursula", "von der Leyen", ""),
        ("Oscar de la Renta", "Oscar", "de la Renta", ""),
        ("Robert De Niro", "Robert", "De Niro", ""),
        ("José Ortega y Gasset", "José", "Ortega y Gasset", ""),
        ("bell hooks", "bell", "hooks", ""),
        # Suffixes, with and without their comma.
        ("Martin Luther King, Jr.", "Martin Luther", "King", "Jr."),
        ("Martin Luther King Jr.", "Martin Luther", "King", "Jr."),
        ("John Paul Stevens III", "John Paul", "Stevens", "III"),
        ("Jane Doe, Esq.", "Jane", "Doe", "Esq."),
        ("Jane Doe, J.D.", "Jane", "Doe", "J.D."),
        # Family name first, where a comma says so.
        ("García Márquez, Gabriel", "Gabriel", "García Márquez", ""),
        ("Doe, J.D.", "J.D.", "Doe", ""),
        ("King, Martin Luther, Jr.", "Martin Luther", "King", "Jr."),
        # One word, and what no rule explains, is one name.
        ("Plato", "", "Plato", ""),
        ("王小明", "", "王小明", ""),
        ("Jr.", "", "Jr.", ""),
        ("One, Two, Three, Four", "", "One, Two, Three, Four", ""),
    ],
)
def test_a_name_in_its_parts(written, given, family, suffix):
    assert (name(written).given, name(written).family, name(written).suffix) == (
        given,
        family,
        suffix,
    )


# Bluebook rules 15.1 (authors), 15.4 (edition, year), 15.5 (in), 17.4 (working papers),
# 18.2 (internet).
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "*A Title*."),
        ({"authors": ["Jean Bruggeman"]}, "Jean Bruggeman, *A Title*."),
        ({"authors": ["A B", "C D"]}, "A B & C D, *A Title*."),
        ({"authors": ["A B", "C D", "E F"]}, "A B et al., *A Title*."),
        ({"authors": ["García Márquez, Gabriel"]}, "Gabriel García Márquez, *A Title*."),
        ({"authors": ["Martin L. King Jr."]}, "Martin L. King, Jr., *A Title*."),
        ({"authors": ["Plato"]}, "Plato, *A Title*."),
        ({"organizations": ["CAST"]}, "CAST, *A Title*."),
        ({"organizations": ["School", "CAST"]}, "School & CAST, *A Title*."),
        ({"organizations": ["X", "Y", "Z"]}, "X et al., *A Title*."),
        (
            {"authors": ["A B", "C D"], "organizations": ["Center"], "year": 2007},
            "A B & C D, Center, *A Title* (2007).",
        ),
        ({"title": "NCVLI", "organizations": ["NCVLI"]}, "*NCVLI*."),
        ({"edition": "3rd Edition"}, "*A Title* (3d ed.)."),
        ({"edition": "2"}, "*A Title* (2d ed.)."),
        ({"edition": "22nd ed."}, "*A Title* (22d ed.)."),
        ({"edition": "12th"}, "*A Title* (12th ed.)."),
        ({"edition": "third edition"}, "*A Title* (3d ed.)."),
        ({"edition": "Revised"}, "*A Title* (rev. ed.)."),
        ({"edition": "2012 Edition", "year": 2012}, "*A Title* (2012 Edition)."),
        ({"edition": "4", "year": 2013}, "*A Title* (4th ed. 2013)."),
        # The title says it already.
        ({"title": "Advocacy, 3rd Edition", "edition": "3rd Edition"}, "*Advocacy, 3rd Edition*."),
        (
            {"organizations": ["Law School"], "series": "Studies Paper", "number": "2007-47"},
            "Law School, *A Title* (Studies Paper No. 2007-47).",
        ),
        (
            {"series": "Studies Paper", "number": "No. 4", "year": 2007},
            "*A Title* (Studies Paper No. 4, 2007).",
        ),
        ({"series": "Bulletin", "number": "NCJ 228002"}, "*A Title* (Bulletin, NCJ 228002)."),
        ({"number": "7"}, "*A Title* (No. 7)."),
        ({"series": "Law Papers"}, "*A Title* (Law Papers)."),
        ({"part_of": "Symposium", "year": 2007}, "*A Title*, *in* Symposium (2007)."),
        (
            {"type": "website", "part_of": "Initiative", "url": "https://a.org/"},
            "*A Title*, Initiative, https://a.org/.",
        ),
        # 18.2.2(c): a dated work needs no visit; an undated one names the day it was seen.
        (
            {"url": "https://a.org/x", "year": 2013, "reviewed_on": date(2026, 9, 5)},
            "*A Title* (2013), https://a.org/x.",
        ),
        (
            {"url": "https://a.org/x", "reviewed_on": date(2026, 9, 5)},
            "*A Title*, https://a.org/x (last visited Sept. 5, 2026).",
        ),
        ({"reviewed_on": date(2026, 9, 5)}, "*A Title*."),
        # 18.2.1(d): the archived copy in brackets.
        (
            {"url": "https://a.org/x", "archived_url": "https://perma.cc/1", "year": 2013},
            "*A Title* (2013), https://a.org/x [https://perma.cc/1].",
        ),
        ({"title": "Why Now?"}, "*Why Now?*"),
        ({"title": "Why Now?", "year": 2007}, "*Why Now?* (2007)."),
        ({"title": "Listservs!", "url": "https://a.org/"}, "*Listservs!*, https://a.org/."),
        ({"title": "“Free” at 50% & {more} é王"}, "*“Free” at 50% & {more} é王*."),
        ({"title": "Two\n lines\t here\x00"}, "*Two lines here*."),
    ],
)
def test_bluebook(values, expected):
    assert shown(bluebook(work(**values))) == expected
    assert str(bluebook(work(**values))) == expected.replace("*", "")


# APA 7: 9.7-9.12 (authors), 9.13-9.17 (date), 9.18-9.22 (title), 9.29 (publisher),
# 10.2-10.5, 10.16 (books, chapters, reports, conference papers, webpages).
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "*A Title*. (n.d.)."),
        ({"year": 2007}, "*A Title*. (2007)."),
        ({"authors": ["Jean Bruggeman"]}, "Bruggeman, J. (n.d.). *A Title*."),
        (
            {"authors": ["Jean Bruggeman", "Elizabeth Keyes"], "year": 2008},
            "Bruggeman, J., & Keyes, E. (2008). *A Title*.",
        ),
        ({"authors": ["A B", "C D", "E F"]}, "B, A., D, C., & F, E. (n.d.). *A Title*."),
        ({"authors": ["Lin Lean Lim"]}, "Lim, L. L. (n.d.). *A Title*."),
        ({"authors": ["J.R.R. Tolkien"]}, "Tolkien, J. R. R. (n.d.). *A Title*."),
        ({"authors": ["John F Kennedy"]}, "Kennedy, J. F. (n.d.). *A Title*."),
        ({"authors": ["Jean-Paul Sartre"]}, "Sartre, J.-P. (n.d.). *A Title*."),
        # Publication Manual 9.8: a second half in lower case has no initial of its own.
        ({"authors": ["Ai-jun Xu"]}, "Xu, A. (n.d.). *A Title*."),
        ({"authors": ["Émile Zola"]}, "Zola, É. (n.d.). *A Title*."),
        ({"authors": ["Ludwig van Beethoven"]}, "van Beethoven, L. (n.d.). *A Title*."),
        ({"authors": ["Martin L. King, Jr."]}, "King, M. L., Jr. (n.d.). *A Title*."),
        ({"authors": ["Plato"]}, "Plato. (n.d.). *A Title*."),
        ({"authors": ["王小明"]}, "王小明. (n.d.). *A Title*."),
        ({"organizations": ["CAST"]}, "CAST. (n.d.). *A Title*."),
        ({"organizations": ["Polaris Inc."]}, "Polaris Inc. (n.d.). *A Title*."),
        # 9.8: no comma between two groups, whose names are not turned round.
        ({"organizations": ["School", "CAST"]}, "School & CAST. (n.d.). *A Title*."),
        ({"organizations": ["X", "Y", "Z"]}, "X, Y, & Z. (n.d.). *A Title*."),
        (
            {"authors": ["Kelly Heinrich"], "organizations": ["Center"]},
            "Heinrich, K. (n.d.). *A Title*. Center.",
        ),
        (
            {"authors": ["A B"], "organizations": ["Ford & Co.", "Y Inc."]},
            "B, A. (n.d.). *A Title*. Ford & Co.; Y Inc.",
        ),
        ({"title": "NCVLI", "organizations": ["NCVLI"]}, "*NCVLI*. (n.d.)."),
        ({"edition": "3rd Edition"}, "*A Title* (3rd ed.). (n.d.)."),
        ({"edition": "Second edition", "authors": ["A B"]}, "B, A. (n.d.). *A Title* (2nd ed.)."),
        ({"edition": "Revised ed.", "authors": ["A B"]}, "B, A. (n.d.). *A Title* (Rev. ed.)."),
        ({"title": "X, 3rd Edition", "edition": "3rd Edition"}, "*X, 3rd Edition*. (n.d.)."),
        (
            {
                "organizations": ["Law School"],
                "type": "academic-paper",
                "series": "Studies Paper",
                "number": "2007-47",
            },
            "Law School. (n.d.). *A Title* (Studies Paper No. 2007-47).",
        ),
        (
            {"edition": "2", "series": "Papers", "number": "3", "year": 2001},
            "*A Title* (2nd ed., Papers No. 3). (2001).",
        ),
        (
            {"authors": ["A B"], "type": "conference-paper", "part_of": "Proceedings of X"},
            "B, A. (n.d.). A Title [Conference paper]. In *Proceedings of X*.",
        ),
        (
            {"authors": ["A B"], "type": "guide", "part_of": "Toolkit", "edition": "2"},
            "B, A. (n.d.). A Title. In *Toolkit* (2nd ed.).",
        ),
        (
            {
                "organizations": ["CAST"],
                "type": "website",
                "part_of": "Initiative",
                "url": "https://a.org/",
            },
            "CAST. (n.d.). *A Title*. Initiative. https://a.org/",
        ),
        (
            {"organizations": ["ASISTA"], "type": "listserv", "title": "Lists!"},
            "ASISTA. (n.d.). *Lists!* [Electronic mailing list].",
        ),
        (
            {"organizations": ["OVC"], "type": "online-training"},
            "OVC. (n.d.). *A Title* [Online training].",
        ),
        ({"type": "case-database"}, "*A Title* [Database]. (n.d.)."),
        # No period after an address, none after ? or !.
        (
            {"authors": ["A B"], "url": "https://a.org/x", "archived_url": "https://perma.cc/1"},
            "B, A. (n.d.). *A Title*. https://a.org/x",
        ),
        ({"authors": ["A B"], "title": "Why?"}, "B, A. (n.d.). *Why?*"),
        ({"title": "Why?"}, "*Why?* (n.d.)."),
        ({"title": "Why?", "url": "https://a.org/"}, "*Why?* (n.d.). https://a.org/"),
    ],
)
def test_apa(values, expected):
    assert shown(apa(work(**values))) == expected
    assert str(apa(work(**values))) == expected.replace("*", "")


def test_apa_lists_twenty_authors_and_of_more_the_first_nineteen_and_the_last():
    names = [f"Given{number} Family{number}" for number in range(1, 22)]
    twenty = str(apa(work(authors=names[:20])))
    assert twenty.count("Family") == 20
    assert "Family19, G., & Family20, G. (n.d.)" in twenty
    more = str(apa(work(authors=names)))
    assert "Family19, G., . . . Family21, G. (n.d.)" in more
    assert "Family20" not in more
    assert "&" not in more


ANY = st.text(max_size=20)


@given(
    title=ANY,
    authors=st.lists(ANY, max_size=3),
    organizations=st.lists(ANY, max_size=3),
    edition=ANY,
    series=ANY,
    number=ANY,
    part_of=ANY,
    kind=st.sampled_from(sorted(citations.KINDS)),
)
def test_whatever_is_written_is_cited_on_one_line(kind, **values):
    one = work(type=kind, **values)
    for cited in (str(bluebook(one)), str(apa(one))):
        assert one.title in cited
        assert cited.splitlines() == [cited]
        assert "  " not in cited or not one.title


def test_every_type_of_the_library_is_known_to_each_style():
    assert set(citations.KINDS) == set(ResourceType.values)


@pytest.mark.django_db
def test_the_citations_of_the_whole_page(seeded, file_regression):
    """All 23 resources in both styles, one golden file to read through."""
    lines = []
    for resource in resources():
        one = resource.work
        lines += [f"{one.key}", f"  {shown(bluebook(one))}", f"  {shown(apa(one))}", ""]
    file_regression.check("\n".join(lines), encoding="utf-8")
