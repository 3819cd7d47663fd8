import errno
import hashlib
import io
import secrets
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from tracker.accounts.models import User
from tracker.digests.following import follow
from tracker.feeds.models import Feed
from tracker.operations.reindexing import rebuild
from tracker.pledges.models import Declaration, Pledge
from tracker.search.index import Kind, is_empty

FIXTURES = settings.BASE_DIR / "fixtures"
DECLARATION = FIXTURES / "china-kazakhstan-2024.yaml"
FEEDS = FIXTURES / "feeds.opml"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


class Command(BaseCommand):
    help = "Makes what is missing: database, declaration, feeds, first account, static files. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", default=settings.FIRST_ACCOUNT, help="e-mail of the first administrator")
        parser.add_argument("--without-data", action="store_true", help="load neither declaration nor feeds")
        parser.add_argument("--only-static", action="store_true", help="static files and nothing else, as for an image")

    def handle(self, *args: Any, account: str, without_data: bool, only_static: bool, **options: Any) -> None:
        if only_static:
            self._step("Static files", collect_static)
            return
        self._step("Database", migrate)
        if not without_data:
            self._step("Declaration", load_declaration)
            self._step("Feeds", load_feeds)
        self._step("Search", fill_index)
        self._step("Static files", collect_static)
        self._step("First account", lambda: make_account(account))

    def _step(self, name: str, work: Callable[[], str]) -> None:
        """The name first, the outcome when it is known: whoever waits sees for what."""
        self.stdout.write(f"{name} … ", ending="")
        self.stdout.flush()
        begun = time.monotonic()
        try:
            outcome = work()
        except (DatabaseError, OSError, CommandError) as error:
            self.stdout.write("failed")
            raise CommandError(f"{name}: {explain(error)}") from error
        took = time.monotonic() - begun
        self.stdout.write(outcome + (f" ({took:.1f} s)" if took > 2 else ""))


def explain(error: Exception) -> str:
    """One line: what is wrong and what to do."""
    text = str(error).strip().partition("\n")[0]
    if isinstance(error, CommandError):
        return text
    if "disk is full" in text or getattr(error, "errno", None) == errno.ENOSPC:
        return "the disk is full. Free some space and start again; nothing is lost."
    if isinstance(error, DatabaseError):
        return f"the database says “{text}”. Check DATABASE_URL and that the server runs."
    return f"{text}. Check the rights of that folder."


def migrate() -> str:
    said = io.StringIO()
    call_command("migrate", interactive=False, stdout=said, no_color=True)
    call_command("createcachetable", stdout=io.StringIO())
    applied = said.getvalue().count("... OK")
    return f"{applied} migrations applied" if applied else "up to date"


def load_declaration() -> str:
    """Only into an empty record: what people changed since is theirs."""
    if Declaration.objects.exists():
        return f"{Pledge.objects.count()} pledges on record"
    call_command("load_declaration", str(DECLARATION), stdout=io.StringIO())
    return f"{Pledge.objects.count()} pledges loaded from {DECLARATION.name}"


def load_feeds() -> str:
    if Feed.objects.exists():
        return f"{Feed.objects.count()} feeds on record"
    call_command("load_feeds", str(FEEDS), stdout=io.StringIO())
    return f"{Feed.objects.count()} feeds loaded from {FEEDS.name}"


def fill_index() -> str:
    """Writes keep the index; it is empty only where rows are older than it."""
    missing = [kind for kind in Kind if is_empty(kind)]
    return ", ".join(f"{count} {kind}s indexed" for kind, count in rebuild(missing).items() if count) or "up to date"


def make_account(email: str) -> str:
    """An administrator who follows what was loaded, so that there is a digest to see."""
    if User.objects.exists():
        return "exists"
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
    account = User.objects.create_superuser(email, password)
    for declaration in Declaration.objects.order_by("pk"):
        follow(user=account, declaration=declaration, now=timezone.now())
    return f"{email}, password {password} (shown this once; change it after signing in)"


def collect_static() -> str:
    """Hashing and compressing takes seconds, so only when a file has changed."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = _state_of_static_files()
    if stamp.exists() and stamp.read_text() == state:
        return "up to date"
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)
    return "collected"


def _state_of_static_files() -> str:
    """Of their content: times of change differ between a copy and its original."""
    digest = hashlib.sha256(settings.VERSION.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(path.encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
