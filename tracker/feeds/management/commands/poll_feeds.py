import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from tracker.feeds import claims, polling
from tracker.feeds.models import Feed, Poll
from tracker.fetching import Fetcher, Policy

WORDS = {"new": "new", "nothing": "nothing new", "failed": "failed"}


class Command(BaseCommand):
    help = "Polls the feeds that are due, or one feed whatever its schedule, and tells what each brought."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--feed", metavar="URL", help="poll this feed only, now")

    def handle(self, *args: Any, feed: str | None, **options: Any) -> None:
        polls: list[Poll] = []
        fetcher = Fetcher(Policy.of(settings))
        total = 1 if feed else Feed.objects.due(timezone.now()).count()
        with tqdm(total=total, unit="feed", file=sys.stderr, disable=None, leave=False) as progress:
            for made in _one(feed, fetcher) if feed else _due(fetcher):
                polls += made
                progress.update(len(made))
        if not polls:
            self.stdout.write("No feed is due.")
            return
        self._report(polls)
        if all(poll.error_code for poll in polls):
            raise CommandError("No feed could be polled." if len(polls) > 1 else "The feed could not be polled.")

    def _report(self, polls: list[Poll]) -> None:
        width = min(max(len(poll.feed.title) for poll in polls), 40)
        for poll in sorted(polls, key=lambda poll: (poll.outcome, poll.feed.title)):
            words = f"{poll.new_count} new" if poll.new_count else WORDS[poll.outcome]
            status = poll.http_status or ""
            detail = f"{poll.error_code}: {poll.error_detail}" if poll.error_code else ""
            line = f"{poll.feed.title[:40]:{width}}  {words:11}  {status:>4}  {poll.duration_ms:6} ms  {detail}"
            self.stdout.write(line.rstrip())
        failed = sum(bool(poll.error_code) for poll in polls)
        new = sum(poll.new_count for poll in polls)
        self.stdout.write(f"Polled {len(polls)}, failed {failed}, new articles {new}.")


def _due(fetcher: Fetcher) -> Iterator[list[Poll]]:
    return polling.poll_due(clock=timezone.now, fetcher=fetcher, pace=settings.POLL_PACE_SECONDS)


def _one(url: str, fetcher: Fetcher) -> Iterator[list[Poll]]:
    feed = Feed.objects.at([url]).first()
    if not feed:
        raise CommandError(f"There is no feed at {url}. Add it on the feeds page or with load_feeds.")
    now = timezone.now()
    claimed = claims.claim_one(feed, now=now)
    if not claimed:
        raise CommandError("A worker is polling this feed right now. Try again in a few minutes.")
    yield polling.poll_batch(feeds=claimed, now=now, fetcher=fetcher)
