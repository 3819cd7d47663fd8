import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.feeds.language import language_of
from tracker.feeds.parser import ParsedEntry, ParsedFeed, ParseError, parse

LIMIT = 20_000_000  # bytes; more than any feed that would be fetched


class Command(BaseCommand):
    help = (
        "Prints what the parser makes of a feed document, without storing anything: for reports about a feed that is "
        "read wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the document as its server sent it; - reads standard input")
        parser.add_argument("--json", action="store_true", help="print everything as JSON")
        parser.add_argument(
            "--url", default="https://feed.invalid/", help="where it came from; links are relative to it"
        )
        parser.add_argument("--content-type", default="", help="what its server called it, charset included")

    def handle(self, *args: Any, file: str, url: str, content_type: str, **options: Any) -> None:
        try:
            told = as_dict(parse(_read(file), content_type=content_type, url=url, now=timezone.now()))
        except ParseError as error:  # a finding too: the command has done what it is for
            told = {"error": str(error), "entries": []}
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        if "error" in told:
            self.stdout.write(f"{told['error']} Nothing was read.")
            return
        self.stdout.write(f"{told['title'] or 'Without a title'}: {len(told['entries'])} entries")
        for name in ("link", "language", "ttl_minutes"):
            self._line(name, told[name])
        for entry in told["entries"]:
            self.stdout.write("")
            for name, value in entry.items():
                self._line(name, value)

    def _line(self, name: str, value: Any) -> None:
        if value not in ("", None):
            self.stdout.write(f"  {name + ':':<15}{str(value).replace(chr(10), ' ')[:500]}")


def as_dict(feed: ParsedFeed) -> dict[str, Any]:
    return {
        "title": feed.title,
        "link": feed.site_url,
        "language": feed.language,
        "ttl_minutes": feed.ttl_minutes,
        "entries": [_entry(entry, feed.language) for entry in feed.entries],
    }


def _entry(entry: ParsedEntry, language: str) -> dict[str, Any]:
    """Empty strings are what the document does not say; `published` a moment in UTC, `2024-07`, `2024` or null."""
    return {
        "id": entry.guid,
        "link": entry.url,
        "title": entry.title,
        "author": entry.author,
        "published": _moment(entry),
        "published_raw": entry.published_raw,
        "language": language_of(f"{entry.title} {entry.text}", entry.language or language),
        "summary": entry.summary,
        "content": entry.content,
    }


def _moment(entry: ParsedEntry) -> str | None:
    if entry.published_at:
        return entry.published_at.isoformat().replace("+00:00", "Z")
    return entry.published_coarse or None


def _read(file: str) -> bytes:
    try:
        if file == "-":
            return sys.stdin.buffer.read(LIMIT)
        with Path(file).open("rb") as document:
            return document.read(LIMIT)
    except (OSError, ValueError) as error:
        raise CommandError(f"Cannot read {file}: {getattr(error, 'strerror', None) or error}.") from error
