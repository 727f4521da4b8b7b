"""The form on a page with `Referrer-Policy: no-referrer`, against forgery.

Measured in Chromium 156, with and without script: the header and the meta element alike make
the browser send the form with `Origin: null` and no Referer, and `Sec-Fetch-Site: same-origin`.
tests/browser/test_technical_assistance.py does it for real.
"""

import pytest
from django.test import Client

from ta_requests.models import TaRequest
from tests.reading import text
from tests.ta_requests.asking import FORM, PAGE, QUESTION, hidden, post, typed

pytestmark = pytest.mark.usefixtures("thanksgiving")
SILENT = {"origin": "null", "sec-fetch-site": "same-origin"}


@pytest.fixture
def browser():
    """One that keeps cookies, and Django's check on."""
    return Client(enforce_csrf_checks=True)


def test_r23_a_form_of_a_silent_page_arrives(browser):
    token = hidden(browser.get(PAGE), "csrfmiddlewaretoken")
    browser.defaults |= Client(headers=SILENT).defaults
    assert "We have your request" in text(post(browser, csrfmiddlewaretoken=token))


def test_r23_over_https_too(browser):
    page = browser.get(PAGE, secure=True)
    token = hidden(page, "csrfmiddlewaretoken")
    answer = browser.post(
        PAGE,
        FORM | {"csrfmiddlewaretoken": token, "form_id": hidden(page, "form_id")},
        headers=SILENT,
        secure=True,
    )
    assert "We have your request" in text(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
def test_24_a_strangers_page_is_refused_though_it_knew_the_token(browser, headers):
    token = hidden(browser.get(PAGE), "csrfmiddlewaretoken")
    browser.defaults |= Client(headers=headers).defaults
    answer = post(browser, csrfmiddlewaretoken=token)
    assert answer.status_code == 403
    assert typed(answer, "question") == QUESTION
    assert not TaRequest.objects.exists()


def test_24_our_own_page_without_the_token_is_refused(browser):
    browser.get(PAGE)
    browser.defaults |= Client(headers=SILENT).defaults
    assert post(browser, csrfmiddlewaretoken="x" * 64).status_code == 403
    assert not TaRequest.objects.exists()


def test_an_older_browser_gets_its_form_back_from_a_page_that_names_its_origin(browser):
    """Without Sec-Fetch-Site: pressed again, the button works."""
    token = hidden(browser.get(PAGE), "csrfmiddlewaretoken")
    answer = browser.post(
        PAGE,
        {"question": QUESTION, "csrfmiddlewaretoken": token},
        headers={"origin": "null"},
    )
    assert answer.status_code == 403
    assert answer["Referrer-Policy"] == "same-origin"
    assert typed(answer, "question") == QUESTION
    browser.defaults |= Client(headers={"origin": "http://testserver"}).defaults
    again = post(browser, csrfmiddlewaretoken=hidden(answer, "csrfmiddlewaretoken"))
    assert "We have your request" in text(again)
