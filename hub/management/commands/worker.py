import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hub import rotation, worker


class Command(BaseCommand):
    help = "Send due mail and do timed work, for ever or (--once) until nothing is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="stop when nothing is due: for cron"
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        rotation.refuse_without_keys()
        if once:
            while worker.work_once():
                pass
            return
        stopped: list[int] = []

        def stop(number: int, frame: FrameType | None) -> None:
            # A mail in the middle of its sending is finished, or it would go out twice.
            stopped.append(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        worker.work_forever(lambda: bool(stopped))
