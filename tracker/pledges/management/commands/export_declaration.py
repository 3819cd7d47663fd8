from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from tracker.pledges import exporting
from tracker.pledges.as_of import ask
from tracker.pledges.models import Declaration


class Command(BaseCommand):
    help = "Writes a declaration on record as the file that load_declaration takes, or its pledges as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference", help="the declaration, such as CN-KZ-2024")
        parser.add_argument("--format", choices=exporting.FORMATS, default="yaml")
        parser.add_argument(
            "--as-of", default="", help="a day such as 2026-03-12: the record as it was when that day ended"
        )
        parser.add_argument("--output", type=Path, help="the file to write; standard output if not given")

    def handle(
        self, *args: Any, reference: str, format: str, output: Path | None, as_of: str = "", **options: Any
    ) -> None:
        try:
            declaration = Declaration.objects.filter(reference=reference).first()
            known = ", ".join(Declaration.objects.values_list("reference", flat=True))
        except (DatabaseError, ValueError) as error:  # ValueError: a NUL in the reference
            raise CommandError(f"The database says: {error}. If it is new, run `manage.py migrate` first.") from error
        asked = ask(as_of, today=timezone.now().date())
        if asked.error:
            raise CommandError(asked.error)
        if declaration is None:
            raise CommandError(f"{reference} is not on record. On record: {known or 'nothing'}.")
        _, write = exporting.FORMATS[format]
        text = write(declaration, asked.as_of)
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8", newline="")
        except (OSError, ValueError) as error:
            raise CommandError(f"Cannot write {output}: {getattr(error, 'strerror', None) or error}.") from error
