"""Links in mail: for one purpose, one row, one nonce, for a time; else nothing at all."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from hub import links

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_link_leads_to_its_row_and_nonce():
    assert links.read("a", links.make("a", 7, "n1"), DAY) == (7, "n1")


def test_it_can_stand_in_an_address_and_at_the_end_of_a_sentence_as_it_is():
    token = links.make("a", 7, "Xz-_9")
    assert quote(token, safe="") == token
    assert token[-1].isalnum() or token[-1] in "-_"


def test_it_ends_with_its_time_and_not_before():
    with time_machine.travel(NOW, tick=False) as clock:
        token = links.make("a", 7, "n")
        clock.move_to(NOW + DAY)
        assert links.read("a", token, DAY) == (7, "n")
        clock.move_to(NOW + DAY + timedelta(seconds=1))
        assert links.read("a", token, DAY) is None


def test_it_is_for_one_purpose():
    assert links.read("b", links.make("a", 7, "n"), DAY) is None


def test_it_is_signed_with_our_key(settings):
    token = links.make("a", 7, "n")
    settings.SECRET_KEY = "another" * 10
    assert links.read("a", token, DAY) is None


def _variants():
    token = links.make("a", 7, "n")
    body, _, rest = token.partition(".")
    stamp, _, signature = rest.partition(".")
    forged = signing.TimestampSigner(key="x" * 50, salt="hub.links.a", sep=".")
    return {
        "empty": "",
        "upper": token.upper(),
        "lower": token.lower(),
        "cut": token[:-1],
        "longer": token + "A",
        "line break": token + "\n",
        "space": " " + token,
        "no signature": f"{body}.{stamp}",
        "other body": f"{body[::-1]}.{stamp}.{signature}",
        "other time": f"{body}.zzzzzz.{signature}",
        "other row": f"{links.make('a', 8, 'n').split('.')[0]}.{stamp}.{signature}",
        "forged": forged.sign_object([7, "n"]),
        "nul": token + "\0",
        "surrogate": token + "\ud800",
        "letters": "ü.ü.ü",
        "dots": "....",
        "long": "A" * 100_000,
    }


@pytest.mark.parametrize("name", _variants())
def test_what_is_not_quite_a_link_is_none(name):
    assert links.read("a", _variants()[name], DAY) is None


@pytest.mark.parametrize("value", [7, "n", None, [7], [7, "n", 1], {"pk": 7}])
def test_what_we_signed_for_something_else_is_none(value):
    """As an older release of the hub may have."""
    token = signing.TimestampSigner(salt="hub.links.a", sep=".").sign_object(value)
    assert links.read("a", token, DAY) is None


@given(st.text())
def test_no_text_is_a_link_by_chance_nor_an_error(text):
    assert links.read("a", text, DAY) is None
