"""Forms on pages that tell nobody their address: a browser sends them with `Origin: null`."""

import pytest
from django.http import HttpRequest, HttpResponse

from hub.middleware import origin_of_silent_pages


def origin_seen(*, secure: bool = False, **headers: str) -> str | None:
    """What the check against forged requests is given as the origin."""
    request = HttpRequest()
    request.META = {"SERVER_NAME": "testserver", "SERVER_PORT": "443" if secure else "80"}
    request.META |= {"wsgi.url_scheme": "https" if secure else "http"}
    request._get_scheme = lambda: "https" if secure else "http"  # type: ignore[method-assign]
    request.META |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    origin_of_silent_pages(lambda _: HttpResponse())(request)
    return request.META.get("HTTP_ORIGIN")


def test_where_the_browser_says_it_is_our_own_page_its_origin_is_put_in():
    assert origin_seen(origin="null", sec_fetch_site="same-origin") == "http://testserver"
    assert (
        origin_seen(secure=True, origin="null", sec_fetch_site="same-origin")
        == "https://testserver"
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", "Same-Origin", "x"])
def test_a_strangers_silent_page_stays_one(site):
    assert origin_seen(origin="null", sec_fetch_site=site) == "null"


def test_without_the_browsers_word_nothing_is_put_in():
    assert origin_seen(origin="null") == "null"
    assert origin_seen(sec_fetch_site="same-origin") is None
    assert origin_seen(origin="https://evil.example", sec_fetch_site="same-origin") == (
        "https://evil.example"
    )
