"""Add, pause and resume feeds; polling them has a module of its own."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from tracker.feeds.canonical import feed_key, web_link
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
    *, url: str, policy: Policy, now: datetime, title: str = "", language: str = "", tags: Iterable[str] = ()
) -> Feed:
    """Due at once; AddressRefusedError or DuplicateFeedError tell why it was not added."""
    url = policy.check(url)
    if existing := known_feeds().get(feed_key(url)):
        raise DuplicateFeedError(existing)
    outline = Outline(line=0, url=url, title=title, site_url="", language=language, tags=tuple(tags))
    feed = _new(outline, now)
    try:
        with transaction.atomic():
            feed.save()
    except IntegrityError as error:  # somebody else added it just now
        raise DuplicateFeedError(Feed.objects.get(url=url)) from error
    return feed


def known_feeds() -> dict[str, Feed]:
    """Every feed by what the spellings of its address have in common, of the one it moved away from too."""
    feeds = Feed.objects.only("pk", "title", "url", "first_url").order_by("-pk")
    return {feed_key(url): feed for feed in feeds for url in (feed.first_url, feed.url) if url}


def _new(outline: Outline, now: datetime) -> Feed:
    return Feed(
        url=outline.url,
        host=host_of(outline.url),
        title=outline.title or host_of(outline.url)[:200],
        site_url=outline.site_url,
        language=outline.language,
        tags=list(outline.tags),
        created_at=now,
        next_poll_at=now,
    )


@dataclass(frozen=True)
class Loaded:
    """What becomes of one line of an OPML file: `added`, `known` or `refused`, and then why, as code and in words."""

    outline: Outline
    result: str
    code: str = ""
    reason: str = ""


def judge_outlines(*, outlines: Iterable[Outline], policy: Policy) -> list[Loaded]:
    """What loading them would do now; nothing is added."""
    known = set(known_feeds())
    judged = []
    for outline in outlines:
        loaded = _judge(outline, policy, known)
        judged.append(loaded)
        if loaded.result == "added":
            known.add(feed_key(loaded.outline.url))
    return judged


def _judge(outline: Outline, policy: Policy, known: Container[str]) -> Loaded:
    if not outline.url:
        return Loaded(outline, "refused", "no_address", "it has no address")
    try:
        checked = replace(outline, url=policy.check(outline.url), site_url=web_link(outline.site_url, outline.url))
    except AddressRefusedError as error:
        return Loaded(outline, "refused", error.reason, str(error))
    return Loaded(checked, "known" if feed_key(checked.url) in known else "added")


@transaction.atomic
def load_outlines(*, outlines: Iterable[Outline], policy: Policy, now: datetime) -> list[Loaded]:
    """Adds what is not there yet; running it again adds nothing."""
    judged = judge_outlines(outlines=outlines, policy=policy)
    new = [_new(one.outline, now) for one in judged if one.result == "added"]
    Feed.objects.bulk_create(new, ignore_conflicts=True)  # somebody else may be adding the same
    return judged


def describe_feed(*, feed: Feed, title: str, language: str, tags: list[str]) -> None:
    """These columns only: a worker may be writing the others."""
    Feed.objects.filter(pk=feed.pk).update(title=title, language=language, tags=tags)


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
