"""Add, pause and resume feeds; polling them has a module of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from tracker.feeds.models import Feed
from tracker.feeds.opml import Outline
from tracker.fetching import AddressRefusedError, Policy


class DuplicateFeedError(Exception):
    """The address is polled already."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed.title)
        self.feed = feed


@transaction.atomic
def add_feed(
    *,
    url: str,
    policy: Policy,
    now: datetime,
    title: str = "",
    site_url: str = "",
    language: str = "",
    tags: Iterable[str] = (),
) -> Feed:
    """Due at once; AddressRefusedError or DuplicateFeedError tell why it was not added."""
    url = policy.check(url)
    if existing := Feed.objects.at([url]).first():
        raise DuplicateFeedError(existing)
    return Feed.objects.create(
        url=url,
        host=host_of(url),
        title=title or host_of(url),
        site_url=site_url,
        language=language,
        tags=list(tags),
        created_at=now,
        next_poll_at=now,
    )


@dataclass(frozen=True)
class Loaded:
    """What became of one line of an OPML file: `added`, `known` or `refused`, with the reason."""

    outline: Outline
    result: str
    reason: str = ""


@transaction.atomic
def load_outlines(*, outlines: Iterable[Outline], policy: Policy, now: datetime) -> list[Loaded]:
    """Adds what is not there yet; running it again adds nothing."""
    return [_load(outline, policy, now) for outline in outlines]


def _load(outline: Outline, policy: Policy, now: datetime) -> Loaded:
    if not outline.url:
        return Loaded(outline, "refused", "it has no address")
    try:
        site_url = policy.check(outline.site_url) if outline.site_url else ""
        add_feed(
            url=outline.url,
            policy=policy,
            now=now,
            title=outline.title,
            site_url=site_url,
            language=outline.language,
            tags=outline.tags,
        )
    except AddressRefusedError as error:
        return Loaded(outline, "refused", str(error))
    except DuplicateFeedError:
        return Loaded(outline, "known")
    return Loaded(outline, "added")


def pause_feed(*, feed: Feed, now: datetime) -> None:
    Feed.objects.filter(pk=feed.pk, paused_at__isnull=True).update(paused_at=now)


def resume_feed(*, feed: Feed, now: datetime) -> None:
    """Polls it again, also after its server had said it is gone."""
    Feed.objects.filter(pk=feed.pk).update(
        paused_at=None, retired_at=None, gone_since=None, gone_count=0, next_poll_at=now
    )


def poll_now(*, feed: Feed, now: datetime) -> None:
    """Makes it due; the next tick polls it, unless its server asked us to wait."""
    Feed.objects.active().filter(pk=feed.pk).update(next_poll_at=now)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""
