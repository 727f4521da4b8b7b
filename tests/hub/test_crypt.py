"""Sealed texts and blind indexes, as bytes: what opens, and all that must not (R2, R5)."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.crypt import BadKey, Keys, Undecipherable, blind_index, read_key
from tests.hub.notes import CANARY, key, keys

PLACE = "notes_note.text"
AB = keys("b", "a")
texts = st.text(st.characters(exclude_categories=["Cs"]))


class TestSealing:
    @given(texts)
    def test_what_is_sealed_opens_again_in_its_place(self, text):
        assert AB.decrypt(AB.encrypt(text, PLACE), PLACE) == text

    @pytest.mark.parametrize("text", ["", "\0", "a\0", "\x80", "a\x80\0", "é" * 5000, "🕊" * 5000])
    def test_the_padding_takes_nothing_of_the_text_away(self, text):
        assert AB.decrypt(AB.encrypt(text, PLACE), PLACE) == text

    def test_r2_a_token_names_its_version_and_key(self):
        token = AB.encrypt(CANARY, PLACE)
        assert re.fullmatch(r"v1\.b\.[A-Za-z0-9_-]+={0,2}", token)
        assert CANARY not in token
        assert base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("=") not in token

    def test_r2_each_sealing_has_a_nonce_of_96_bits_of_its_own(self):
        nonces = set()
        for _ in range(1000):
            body = AB.encrypt("x", PLACE).rpartition(".")[2]
            nonces.add(base64.urlsafe_b64decode(body)[:12])
        assert len(nonces) == 1000

    @pytest.mark.parametrize(
        ("lengths", "size"),
        [((0, 1, 63), 64), ((64, 127), 128), ((4096, 5000, 8191), 8192)],
    )
    def test_the_length_of_a_token_tells_only_of_what_order_the_text_is(self, lengths, size):
        sealed = {len(base64.urlsafe_b64decode(self.body("x" * length))) for length in lengths}
        assert sealed == {12 + size + 16}

    def body(self, text: str) -> str:
        return AB.encrypt(text, PLACE).rpartition(".")[2]

    def test_a_lone_surrogate_is_refused_without_quoting_the_text(self):
        with pytest.raises(ValueError, match="not valid Unicode") as refusal:
            AB.encrypt(f"{CANARY}\ud800", PLACE)
        assert not isinstance(refusal.value, UnicodeError)
        assert refusal.value.__suppress_context__


class TestRefusals:
    # All it ever says; nothing of the value.
    SENTENCES = (
        "not a sealed text",
        "sealed with a key that is not set",
        "damaged, or sealed for another place",
    )

    def refused(self, token: str, place: str = PLACE, by: Keys = AB) -> None:
        with pytest.raises(Undecipherable) as refusal:
            by.decrypt(token, place)
        assert str(refusal.value) in {f"{place}: {words}" for words in self.SENTENCES}
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None

    @pytest.mark.parametrize("place", ["notes_note.contact", "notes_note2.text", ""])
    def test_r2_a_moved_value_is_refused(self, place):
        self.refused(AB.encrypt(CANARY, PLACE), place)

    @given(texts)
    def test_r2_a_plain_value_is_refused(self, text):
        self.refused(text)

    @pytest.mark.parametrize("text", ["v1.canary.canary", "v1.b.canary", "v1.b.", "v1.b.AAAA"])
    def test_r2_a_plain_value_that_looks_like_a_token_is_refused(self, text):
        self.refused(text)

    def test_r2_every_shorter_piece_of_a_token_is_refused(self):
        token = AB.encrypt(CANARY, PLACE)
        for length in range(len(token)):
            self.refused(token[:length])
            self.refused(token[-length:] if length else "")

    def test_r2_a_token_with_any_letter_changed_or_added_is_refused(self):
        token = AB.encrypt(CANARY, PLACE)
        for at in range(len(token)):
            for letter in "Aw.=-\n":
                if token[at] != letter:
                    self.refused(token[:at] + letter + token[at + 1 :])
        for more in ("A", "=", "AAAA", "\n", " ", "."):
            self.refused(token + more)

    def test_r2_another_spelling_of_the_same_bytes_is_refused(self):
        token = AB.encrypt("x", PLACE)
        assert token.endswith("=")
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        last = token[-2]
        for twin in letters:
            if twin != last:
                self.refused(f"{token[:-2]}{twin}=")

    def test_r2_a_token_of_a_key_we_do_not_have_is_refused(self):
        self.refused(keys("c").encrypt(CANARY, PLACE))

    def test_r2_a_token_whose_key_goes_by_our_id_is_refused(self):
        foreign = Keys.read(f"b:{key('z')}")
        self.refused(foreign.encrypt(CANARY, PLACE))

    def test_r2_a_token_under_the_id_of_another_key_of_ours_is_refused(self):
        token = AB.encrypt(CANARY, PLACE)
        self.refused(token.replace("v1.b.", "v1.a."))

    def test_r2_the_id_of_its_key_is_part_of_what_is_sealed(self):
        renamed = Keys.read(f"c:{key('b')}")
        self.refused(AB.encrypt(CANARY, PLACE).replace("v1.b.", "v1.c."), by=renamed)

    def test_r2_another_version_is_refused(self):
        self.refused(AB.encrypt(CANARY, PLACE).replace("v1.", "v2.", 1))

    @given(st.binary(max_size=200))
    def test_r2_random_bytes_under_our_id_are_refused(self, data):
        self.refused(f"v1.b.{base64.urlsafe_b64encode(data).decode()}")


class TestKeys:
    def test_the_first_seals_and_each_opens_its_own(self):
        old = keys("a").encrypt("old", PLACE)
        assert AB.decrypt(old, PLACE) == "old"
        assert AB.encrypt("new", PLACE).startswith("v1.b.")
        assert AB.is_newest(AB.encrypt("new", PLACE))
        assert not AB.is_newest(old)

    def test_an_id_that_begins_like_the_newest_is_not_the_newest(self):
        longer = Keys.read(f"ab:{key('x')},a:{key('a')}")
        assert not keys("a").is_newest(longer.encrypt("x", PLACE))

    REFUSED = [
        ("", "entry 1 is not id:key"),
        ("a", "entry 1 is not id:key"),
        (f":{key('a')}", "entry 1 is not id:key"),
        (f"A:{key('a')}", "entry 1 is not id:key"),
        (f"a.b:{key('a')}", "entry 1 is not id:key"),
        (f"{'a' * 17}:{key('a')}", "entry 1 is not id:key"),
        (f"a:{key('a')},", "entry 2 is not id:key"),
        ("a:", "entry 1: a key has 32 bytes"),
        ("a:c2hvcnQ=", "entry 1: a key has 32 bytes"),
        (f"a:{base64.b64encode(b'a' * 33).decode()}", "entry 1: a key has 32 bytes"),
        ("a:canary!", "entry 1: a key is written in base64"),
        (f"a:{key('a')}é", "entry 1: a key is written in base64"),
        (f"a:{key('a')},a:{key('b')}", "entry 2 has the id of an earlier one"),
        (f"a:{key('a')},b:{key('a')}", "entry 2 has the key of an earlier one"),
    ]

    @pytest.mark.parametrize(("text", "said"), REFUSED)
    def test_what_cannot_be_used_is_refused_without_quoting_it(self, text, said):
        with pytest.raises(BadKey) as refusal:
            Keys.read(text)
        assert str(refusal.value).startswith(said)
        assert "canary" not in str(refusal.value)
        assert key("a") not in str(refusal.value)

    def test_blanks_around_an_entry_are_no_part_of_it(self):
        assert Keys.read(f" b:{key('b')} , a:{key('a')}\n") == AB

    def test_a_written_down_keyring_holds_no_key(self):
        assert repr(AB) == "Keys(newest='b')"


class TestBlindIndex:
    KEY = read_key(key("i"))

    def test_r5_equal_texts_have_equal_indexes_and_others_not(self):
        one = blind_index(self.KEY, "bob@example.org", PLACE)
        assert len(one) == 32
        assert one == blind_index(self.KEY, "bob@example.org", PLACE)
        assert one != blind_index(self.KEY, "bob@example.com", PLACE)

    def test_r5_it_cannot_be_made_without_the_key_nor_compared_between_purposes(self):
        one = blind_index(self.KEY, "bob@example.org", PLACE)
        assert one != blind_index(read_key(key("j")), "bob@example.org", PLACE)
        assert one != blind_index(self.KEY, "bob@example.org", "notes_other.text")

    def test_r5_where_the_purpose_ends_is_part_of_it(self):
        assert blind_index(self.KEY, "bc", "a") != blind_index(self.KEY, "c", "ab")
