import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.operations import health, web
from tracker.operations.health import Part, State

PARTS = ("web", *health.PARTS)
PATIENCE = 5.0  # seconds: a busy machine is not a broken one


class Command(BaseCommand):
    help = "Tells which parts work, as /statusz does; ends with exit code 1 if one that was asked for does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none")
        parser.add_argument("--port", type=int, default=8000, help="where the web server of this machine listens")

    def handle(self, *args: Any, parts: list[str], port: int, **options: Any) -> None:
        if unknown := set(parts) - set(PARTS):
            sys.exit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
        now = timezone.now()
        report = health.report(now)
        is_up = web.answers("127.0.0.1", port, PATIENCE)
        found = {"web": Part(State.OK if is_up else State.DOWN), **report.parts}
        for name in parts or PARTS:
            part = found[name]
            since = f" since {part.last_at:%F %T} UTC" if part.last_at and not part.is_ok else ""
            self.stdout.write(f"{name:<10} {part.state}{since}")
        if not parts:
            for name, at in report.waiting.items():
                self.stdout.write(f"{name:<16} {f'waiting since {at:%F %T} UTC' if at else 'none'}")
        if not all(found[name].is_ok for name in parts or PARTS):
            sys.exit(1)
