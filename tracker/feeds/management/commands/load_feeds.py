from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.feeds import opml
from tracker.feeds.actions import load_outlines
from tracker.fetching import Policy

SIGNS = {"added": "+", "known": "=", "refused": "!"}


class Command(BaseCommand):
    help = "Adds the feeds of an OPML file; running it again adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a list of feeds as feed readers export it")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            outlines = opml.read(file.read_bytes())
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except opml.OPMLError as error:
            raise CommandError(f"{file}: {error} Nothing was changed.") from error
        loaded = load_outlines(outlines=outlines, policy=Policy.of(settings), now=timezone.now())
        for one in loaded:
            reason = f" (line {one.outline.line}: {one.reason})" if one.reason else ""
            self.stdout.write(f"{SIGNS[one.result]} {one.outline.title or '?'}  {one.outline.url}{reason}")
        counts = {result: sum(one.result == result for one in loaded) for result in SIGNS}
        self.stdout.write(f"Added {counts['added']}, here already {counts['known']}, refused {counts['refused']}.")
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} feeds of {file} were refused; the others are loaded.")
