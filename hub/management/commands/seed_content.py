from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hub.offers import seeders


class Command(BaseCommand):
    help = "Load or update the page's content from a YAML file. What staff changed stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    @transaction.atomic
    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CommandError(f"{file} cannot be read as YAML: {error}") from None
        if not isinstance(content, dict) or content.get("schema_version") != 1:
            raise CommandError(f"{file} is not a content file of schema_version 1.")
        for seed in seeders():
            seed(content)
        self.stdout.write(f"Content of {file.name} is in place.")
