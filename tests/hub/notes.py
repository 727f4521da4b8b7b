"""A model with everything sealed, of the tests' own: no app that is installed has it."""

import base64

from django.db import models

from hub.crypt import Keys
from hub.encrypted import AddressIndexField, EncryptedTextField

CANARY = "canary-4F7A-narrative"


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def keys(*ids: str) -> Keys:
    """Keys of these ids, newest first; an id of one letter stands for one and the same key."""
    return Keys.read(",".join(f"{one}:{key(one)}" for one in ids))


class Note(models.Model):
    reference = models.CharField(max_length=40)
    text = EncryptedTextField(max_length=5000, blank=True)
    contact = EncryptedTextField("contact", max_length=254, null=True, blank=True)
    contact_index = AddressIndexField(of="contact")

    class Meta:
        app_label = "notes"
        db_table = "notes_note"

    def __str__(self) -> str:
        return self.reference
