import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from hub import worker
from hub.apps import HubStaticFilesConfig
from hub.dev import demo
from hub.models import User


class Command(BaseCommand):
    help = "Bring a local hub's database, static files and content up to date (`make run`)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("This is for a hub on your own machine: set HUB_LOCAL=1.")
        call_command("migrate", verbosity=0)
        self._collect_static()
        call_command(
            "seed_content", settings.BASE_DIR / "hub/content/seed_content.yaml", stdout=self.stdout
        )
        worker.work_once()
        if not User.objects.filter(email=demo.STAFF).exists():
            staff = User.objects.create_superuser(demo.STAFF, name="Demo Staff")
            # To be a superuser does not open everything: some of it is for a group alone.
            staff.groups.set(Group.objects.all())
            self.stdout.write(
                "\nDemo staff sign-in, in one step (printed this once):\n"
                f"    {settings.BASE_URL}/dev/sign-in/{demo.key()}/\n"
            )

    def _collect_static(self) -> None:
        """Only when a file changed: to hash and compress them all takes seconds."""
        state = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list(HubStaticFilesConfig.ignore_patterns):
                changed = storage.get_modified_time(name).timestamp()
                state.update(f"{name}|{storage.size(name)}|{changed}\n".encode())
        stamp = settings.DATA_DIR / "static-made-from"
        if stamp.exists() and stamp.read_text() == state.hexdigest():
            return
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state.hexdigest())
