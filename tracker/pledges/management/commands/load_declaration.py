import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, IntegrityError
from django.utils import timezone
from tqdm import tqdm

from tracker.pledges.changes import Change
from tracker.pledges.declaration_file import SIZE_LIMIT, DeclarationFileError, parse
from tracker.pledges.editing import EditConflictError
from tracker.pledges.judging import StaleVersionError
from tracker.pledges.loading import load, size

SIGNS = {"added": "+", "changed": "~", "kept": "="}


class Command(BaseCommand):
    help = "Loads a declaration and its pledges from a YAML file; running it again changes only what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the declaration, as docs/declaration-file.md describes it")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, verbosity: int, **options: Any) -> None:
        schema = json.loads((settings.BASE_DIR / "fixtures/declaration.schema.json").read_text(encoding="utf-8"))
        try:
            with file.open("rb") as stream:
                parsed = parse(stream.read(SIZE_LIMIT + 1), schema)
            # Silent where nobody watches: the bar shows itself on a terminal only.
            hide = None if verbosity else True
            with tqdm(total=size(parsed.data), unit=" entries", disable=hide, leave=False, file=sys.stderr) as bar:
                changes = load(parsed, now=timezone.now(), dry_run=dry_run, progress=bar.update)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = getattr(error, "strerror", None) or error
            raise CommandError(f"Cannot read {file}: {reason}.") from error
        except DeclarationFileError as error:
            for problem in error.problems:
                self.stderr.write(f"{file}:{problem.line}: {problem.field or 'file'}: {problem.message}")
            counted = f"{len(error.problems)} problem{'s'[: len(error.problems) > 1]}"
            raise CommandError(f"{counted} in {file}. Nothing was changed.") from error
        except (IntegrityError, StaleVersionError, EditConflictError) as error:
            raise CommandError("Someone else changed the record meanwhile. Nothing was changed; run again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database says: {error}. If it is new, run `manage.py migrate` first.") from error
        self._report(changes, parsed.data["declaration"]["reference"], dry_run, verbosity)

    def _report(self, changes: list[Change], reference: str, dry_run: bool, verbosity: int) -> None:
        """Every difference, then their number; with --verbosity 0 the number alone."""
        for change in changes if verbosity else ():
            self.stdout.write(f"{SIGNS[change.kind]} {change.what}{': ' + change.detail if change.detail else ''}")
        counted = {kind: sum(change.kind == kind for change in changes) for kind in SIGNS}
        said = [f"{count} {kind}" for kind, count in counted.items() if count]
        if not counted["added"] + counted["changed"]:
            said.insert(0, "nothing to change")
        self.stdout.write(f"{reference}{' (dry run)' * dry_run}: {', '.join(said)}.")
