import contextlib
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hub import worker


class Command(BaseCommand):
    help = "Send due mail and do timed work, for ever or (--once) until nothing is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="stop when nothing is due: for cron"
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            while worker.work_once():
                pass
            return
        # The default would leave a traceback for what is the ordinary way to stop.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            worker.work_forever()
