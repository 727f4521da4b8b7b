"""How to cite a resource, and the reading list, in a real browser."""

import pytest

from library.models import Resource
from tests.browser.visitor import WIDTHS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guide():
    return Resource.objects.create(
        slug="guide",
        title="Gaining Trust: A Guide",
        authors=["Kelly Heinrich", "Jennifer Podkul"],
        organizations=["Center"],
        type="guide",
        summary="For those who ask.",
        url="https://a.example/a-very-long-path/that-must-not-widen-the-page/of-a-phone/trust.pdf",
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_are_sound(visitor, guide, width):
    one = visitor(width=width)
    for path in ("/library/guide/", "/library/reading-list/", "/library/reading-list/?q=nothing"):
        one.visit(path)
        one.read_by_everyone()


def test_a_citation_is_copied_as_plain_text(visitor, guide):
    one = visitor(permissions=["clipboard-read", "clipboard-write"])
    page = one.visit("/library/guide/")
    page.get_by_role("button", name="Copy APA style").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"Heinrich, K., & Podkul, J. (n.d.). Gaining Trust: A Guide. Center. {guide.url}"
    )


def test_without_script_there_is_no_button_that_does_nothing(visitor, guide):
    page = visitor(script=False).visit("/library/guide/")
    assert page.locator("#apa-guide").is_visible()
    assert page.get_by_role("button", name="Copy").count() == 0
    assert page.get_by_role("link", name="BibTeX").is_visible()


def test_on_paper_a_link_is_spelled_out_once(visitor, guide):
    page = visitor().visit("/library/reading-list/")
    page.emulate_media(media="print")
    after = "getComputedStyle(document.querySelector('li.entry a'), '::after').content"
    assert page.evaluate(after) == "none"
    assert page.get_by_text("Print this page").is_hidden()
