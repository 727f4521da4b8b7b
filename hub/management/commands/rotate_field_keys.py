from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hub import rotation


class Command(BaseCommand):
    help = (
        "Seal all confidential texts with the first key of HUB_FIELD_KEYS and make all indexes "
        "of addresses anew with HUB_INDEX_KEY. May be stopped, and run again, at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for table in rotation.tables():
            for progress in rotation.rotate(table):
                self.stdout.write(
                    f"{progress.table}: {progress.rows} rows read, {progress.written} made anew"
                )
            unreadable += progress.unreadable
        newest = settings.FIELD_KEYS.newest
        old = {key: count for key, count in rotation.keys_in_use().items() if key != newest}
        if unreadable or old:
            left = "".join(f" With {key}: {count}." for key, count in sorted(old.items()))
            raise CommandError(
                f"Rows that cannot be opened, left as they were: {unreadable}.{left} "
                "Keep all keys, and run this again once every process has the new ones."
            )
        self.stdout.write(f"All is sealed with {newest}. Other keys may be taken out.")
