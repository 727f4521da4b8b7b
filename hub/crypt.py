"""Texts sealed with AES-256-GCM, and keyed hashes by which a sealed text can be found.

A sealed text is a token of ASCII letters, "v1.<key id>.<base64url>", in which the last part
holds a random nonce of 96 bits and the ciphertext with its tag of 128. Version, key id and
the place the token is for (`aad`, "table.column") are authenticated with it, so a token
read in another place, or under another key, is refused.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
# What every token begins with; the database refuses anything else where one belongs.
PREFIX = f"{VERSION}."
KEY_BYTES = 32
LONGEST_ID = 16
NONCE_BYTES = 12
# Sealed texts are as long as the next power of two: that one is short or long, or that two
# are equally long, says something of a narrative or an address.
SMALLEST = 64
END = b"\x80"


class Undecipherable(Exception):
    """A stored value that is no token of this place under a key we have. Never quotes it."""


class BadKey(ValueError):
    """A key that cannot be used, in words that do not hold it."""


@dataclass(frozen=True)
class Keys:
    """The keys of all tokens: the first seals, each opens its own."""

    newest: str
    by_id: dict[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Keys":
        """From "id:key,id:key", newest first, each key 32 bytes in base64. Raises BadKey."""
        by_id: dict[str, bytes] = {}
        for number, part in enumerate(text.split(","), 1):
            key_id, colon, key = part.strip().partition(":")
            if not colon or not re.fullmatch(rf"[a-z0-9-]{{1,{LONGEST_ID}}}", key_id):
                raise BadKey(
                    f"entry {number} is not id:key, with an id of 1 to {LONGEST_ID} small letters, "
                    "digits and hyphens"
                )
            try:
                read = read_key(key)
            except BadKey as error:
                raise BadKey(f"entry {number}: {error}") from None
            if key_id in by_id:
                raise BadKey(f"entry {number} has the id of an earlier one")
            if read in by_id.values():
                raise BadKey(f"entry {number} has the key of an earlier one")
            by_id[key_id] = read
        return cls(next(iter(by_id)), by_id)

    def encrypt(self, text: str, aad: str) -> str:
        """A token of this text for this place. Raises ValueError for a lone surrogate."""
        try:
            data = text.encode()
        except UnicodeEncodeError:
            # Its own error carries the whole text.
            raise ValueError("the text is not valid Unicode") from None
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = f"{PREFIX}{self.newest}"
        sealed = AESGCM(self.by_id[self.newest]).encrypt(nonce, _padded(data), _bound(head, aad))
        return f"{head}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, aad: str) -> str:
        """The text of a token made for this place. Raises Undecipherable for all else."""
        match = re.fullmatch(rf"({VERSION}\.([a-z0-9-]+))\.([A-Za-z0-9_=-]+)", token)
        if match is None:
            raise Undecipherable(f"{aad}: not a sealed text")
        head, key_id, body = match.groups()
        if key_id not in self.by_id:
            raise Undecipherable(f"{aad}: sealed with a key that is not set")
        try:
            data = base64.b64decode(body, altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(data).decode() != body:
                raise ValueError("another spelling of the same bytes")
            opened = AESGCM(self.by_id[key_id]).decrypt(
                data[:NONCE_BYTES], data[NONCE_BYTES:], _bound(head, aad)
            )
        except (ValueError, InvalidTag):
            raise Undecipherable(f"{aad}: damaged, or sealed for another place") from None
        return opened.rstrip(b"\0").removesuffix(END).decode()

    def is_newest(self, token: str) -> bool:
        return token.startswith(f"{PREFIX}{self.newest}.")


def read_key(text: str) -> bytes:
    """A key written in base64. Raises BadKey."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("a key is written in base64") from None
    if len(key) != KEY_BYTES:
        raise BadKey(f"a key has {KEY_BYTES} bytes")
    return key


def blind_index(key: bytes, text: str, purpose: str) -> bytes:
    """The keyed hash by which a sealed text is found: HMAC-SHA256, equal for equal texts.

    The purpose keeps one person's rows in two tables from being matched by their hashes.
    """
    return hmac.digest(key, f"{purpose}\0{text}".encode(), hashlib.sha256)


def _bound(head: str, aad: str) -> bytes:
    return f"{head}|{aad}".encode()


def _padded(data: bytes) -> bytes:
    size = max(SMALLEST, 1 << len(data).bit_length())
    return (data + END).ljust(size, b"\0")
