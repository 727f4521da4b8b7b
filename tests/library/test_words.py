import pytest

from library import words


@pytest.mark.parametrize(
    ("authors", "organizations", "said"),
    [
        ([], [], "Author not stated"),
        (["Lin Lean Lim"], [], "Lin Lean Lim"),
        (["Eva Klain", "Amanda Kloer"], [], "Eva Klain and Amanda Kloer"),
        ([], ["AEquitas"], "AEquitas"),
        (
            ["Kelly Heinrich", "Jennifer Podkul"],
            ["Global Freedom Center"],
            "Kelly Heinrich and Jennifer Podkul, Global Freedom Center",
        ),
    ],
)
def test_byline(authors, organizations, said):
    assert words.byline(authors, organizations) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://asistahelp.org/", "asistahelp.org"),
        ("https://www.ovcttac.gov/views/x.cfm?a=b", "ovcttac.gov"),
        ("http://user:word@Example.ORG:8080/", "example.org"),
        ("", ""),
    ],
)
def test_host(url, said):
    assert words.host(url) == said


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("t-visa", "T visa"),
        ("vawa", "VAWA"),
        ("working-with-law-enforcement", "Working with law enforcement"),
        ("childrens-attorneys", "Children’s attorneys"),
    ],
)
def test_name(slug, said):
    assert words.name(slug) == said
