import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.pledges.actions import AssessmentError
from tracker.pledges.declaration_file import DeclarationFileError, parse
from tracker.pledges.loading import load

SIGNS = {"added": "+", "changed": "~", "kept": "="}


class Command(BaseCommand):
    help = "Loads a declaration and its pledges from a YAML file; running it again changes only what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the declaration, as fixtures/declaration.schema.json describes it")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        schema = json.loads((settings.BASE_DIR / "fixtures/declaration.schema.json").read_text(encoding="utf-8"))
        try:
            data = parse(file.read_text(encoding="utf-8"), schema)
            changes = load(data, now=timezone.now(), dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 text (byte {error.start}). Nothing was changed.") from error
        except DeclarationFileError as error:
            for problem in error.problems:
                self.stderr.write(f"{file}:{problem.line}: {problem.field or 'file'}: {problem.message}")
            raise CommandError(f"{len(error.problems)} problems in {file}. Nothing was changed.") from error
        except AssessmentError as error:
            raise CommandError(f"{file}: a judgement is incomplete ({error.field}: {error.code}).") from error
        self._report(changes, data["declaration"]["reference"], dry_run)

    def _report(self, changes: list[Any], reference: str, dry_run: bool) -> None:
        for change in changes:
            self.stdout.write(f"{SIGNS[change.kind]} {change.what}{': ' + change.detail if change.detail else ''}")
        counted = {kind: sum(change.kind == kind for change in changes) for kind in SIGNS}
        verb = "would be" if dry_run else "were"
        if not counted["added"] + counted["changed"]:
            self.stdout.write(f"{reference}: nothing to change.")
        else:
            self.stdout.write(
                f"{reference}: {counted['added']} rows {verb} added, {counted['changed']} fields changed."
            )
