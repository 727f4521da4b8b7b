from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from hub import worker
from hub.dev import demo
from hub.models import User


class Command(BaseCommand):
    help = "Bring a local hub's database, static files and content up to date (`make run`)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("This is for a hub on your own machine: set HUB_LOCAL=1.")
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command(
            "seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", stdout=self.stdout
        )
        worker.work_once()
        if not User.objects.filter(email=demo.STAFF).exists():
            User.objects.create_superuser(demo.STAFF, name="Demo Staff")
            self.stdout.write(
                "\nDemo staff sign-in, in one step (printed this once):\n"
                f"    {settings.BASE_URL}/dev/sign-in/{demo.key()}/\n"
            )
