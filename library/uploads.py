"""Files that wait between the page that shows what they would change and the yes to it.

In the hub's file storage, since the next request may come to another process or machine.
"""

import uuid
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

KEPT_FOR = timedelta(days=1)
_FOLDER = "library-imports"


def keep(data: bytes) -> str:
    """The name under which `kept` finds it again, for KEPT_FOR."""
    name = uuid.uuid4().hex
    default_storage.save(f"{_FOLDER}/{name}", ContentFile(data))
    return name


def kept(name: str) -> bytes | None:
    """None of a file that was carried out or whose time is up."""
    path = f"{_FOLDER}/{name}"
    if not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        return bytes(file.read())


def drop(name: str) -> None:
    default_storage.delete(f"{_FOLDER}/{name}")


def forget(now: datetime) -> None:
    """Delete the files that nobody said yes to in time."""
    if not default_storage.exists(_FOLDER):
        return
    for name in default_storage.listdir(_FOLDER)[1]:
        if default_storage.get_modified_time(f"{_FOLDER}/{name}") < now - KEPT_FOR:
            drop(name)
