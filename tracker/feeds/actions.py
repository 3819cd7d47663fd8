"""Claim what is due, poll it, keep what it brought; add, pause and resume feeds."""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from tracker.feeds.models import Feed, FeedQuerySet, Host, Poll
from tracker.feeds.opml import Outline
from tracker.feeds.recording import State, address_after_move, poll_of, state_after
from tracker.feeds.schedule import host_wait, is_own_network_down, retry_after
from tracker.feeds.storing import store_entries
from tracker.feeds.visiting import PACE, Visit, visit_all
from tracker.fetching import AddressRefusedError, Fetcher, Policy

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
BATCH_SIZE = 50
# With one request at a time and fifteen seconds for each, this many of a server's feeds fit into a lease.
FEEDS_PER_HOST = 3
POLLS_KEPT = 30


class DuplicateFeedError(Exception):
    """The address is polled already."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed.title)
        self.feed = feed


# -- Polling


def claim_due(*, now: datetime, limit: int) -> list[Feed]:
    """Takes due feeds for one worker; a claim that is not used expires, and the feeds are due again."""
    turns = Window(RowNumber(), partition_by=[F("host")], order_by=[F("next_poll_at"), F("pk")])
    chosen = Feed.objects.due(now).on_free_hosts(now).alias(turn=turns).filter(turn__lte=FEEDS_PER_HOST)
    return _claim(Feed.objects.due(now).filter(pk__in=list(chosen.values_list("pk", flat=True)[:limit])), now)


def claim_one(feed: Feed, *, now: datetime) -> list[Feed]:
    """Takes this feed whatever its schedule; nothing when a worker holds it."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    return _claim(Feed.objects.filter(free, pk=feed.pk), now)


def take_over(*, feed_ids: Iterable[int], claim: str, now: datetime) -> list[Feed]:
    """Turns a claim that travelled in a message into one's own: of two that carry it, only one finds feeds."""
    return _claim(Feed.objects.filter(pk__in=feed_ids, claim=claim), now)


def _claim(feeds: FeedQuerySet, now: datetime) -> list[Feed]:
    """One conditional UPDATE decides who holds a feed."""
    claim = str(uuid.uuid4())
    feeds.order_by().update(claim=claim, claimed_until=now + LEASE)
    return list(Feed.objects.filter(claim=claim).order_by("next_poll_at", "pk"))


def batches_of(feeds: Iterable[Feed]) -> list[list[Feed]]:
    """At most fifty each; the feeds of one server stay together, so that one worker sets its pace."""
    batches: list[list[Feed]] = [[]]
    for _host, group in groupby(sorted(feeds, key=lambda feed: feed.host), key=lambda feed: feed.host):
        of_host = list(group)
        if batches[-1] and len(batches[-1]) + len(of_host) > BATCH_SIZE:
            batches.append([])
        batches[-1] += of_host
    return batches if batches[0] else []


def poll_batch(
    *,
    feeds: Sequence[Feed],
    now: datetime,
    fetcher: Fetcher,
    pace: float = PACE,
    on_visit: Callable[[Visit], None] = lambda visit: None,
) -> list[Poll]:
    """Asks claimed feeds and keeps what they brought. The network comes first, the transaction after it."""
    slow = set(Host.objects.filter(name__in={feed.host for feed in feeds}).values_list("name", flat=True))
    visits = visit_all(feeds, fetcher=fetcher, now=now, slow_hosts=slow, pace=pace, on_visit=on_visit)
    visited = {visit.feed.pk for visit in visits}
    for feed in feeds:  # left alone because their server is out: free at once, and still due
        if feed.pk not in visited:
            _give_back(feed, {"claim": "", "claimed_until": None})
    return keep(visits, now=now)


def keep(visits: Sequence[Visit], *, now: datetime) -> list[Poll]:
    """Stores all visits at once; should one of them be impossible to store, each by itself."""
    try:
        with transaction.atomic():
            return _record(visits, now)
    except Exception:
        if len(visits) > 1:
            return [poll for visit in visits for poll in keep([visit], now=now)]
        logger.exception("feed %s: its entries could not be stored", visits[0].feed.pk)
    with transaction.atomic():
        return _record([Visit(visits[0].feed, code="internal")], now)


def _record(visits: Sequence[Visit], now: datetime) -> list[Poll]:
    news = [(visit.feed, visit.parsed) for visit in visits if visit.parsed]
    new_counts = store_entries(news, now=now)
    is_offline = is_own_network_down((visit.feed.host, visit.code) for visit in visits)
    polls = []
    for visit in visits:
        feed, new_count = visit.feed, new_counts[visit.feed.pk]
        state = state_after(visit, new_count=new_count, is_offline=is_offline, now=now)
        _give_back(feed, state | _relocated(feed, state, now))
        _let_rest(visit, now)
        polls.append(poll_of(visit, new_count=new_count, now=now))
    Poll.objects.bulk_create(polls)
    _forget_old_polls([visit.feed.pk for visit in visits])
    return polls


def _give_back(feed: Feed, state: State) -> None:
    """Writes only while the claim is still ours: a worker that slept too long has nothing to say."""
    Feed.objects.filter(pk=feed.pk, claim=feed.claim).update(**state)


def _relocated(feed: Feed, state: State, now: datetime) -> State:
    """The new address of a feed that has moved for good, unless another feed lives there already."""
    url = address_after_move(feed, state, now)
    if not url or Feed.objects.filter(url=url).exists():
        return {}
    stays = {"moved_to": "", "moved_since": None, "moved_count": 0, "first_url": feed.first_url or feed.url}
    return {"url": url, "host": host_of(url), **stays}


def _let_rest(visit: Visit, now: datetime) -> None:
    wait = host_wait(visit.code, visit.status, retry_after(visit.headers, now))
    if wait:
        Host.objects.update_or_create(name=visit.feed.host, defaults={"not_before": now + wait})


def _forget_old_polls(feed_ids: Sequence[int]) -> None:
    age = Window(RowNumber(), partition_by=[F("feed_id")], order_by=[F("polled_at").desc(), F("pk").desc()])
    old = Poll.objects.filter(feed_id__in=feed_ids).alias(age=age).filter(age__gt=POLLS_KEPT)
    Poll.objects.filter(pk__in=list(old.order_by().values_list("pk", flat=True))).delete()


# -- Keeping the list


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
