"""Who polls which feed: a lease on its row, which a living worker renews, and which ends soon after one that died."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from tracker.feeds.models import Feed, FeedQuerySet

# With a tick of thirty seconds, a dead worker's feeds are polled again within fifty.
LEASE = timedelta(seconds=20)
RENEWED_EVERY = timedelta(seconds=5)
FEEDS_PER_HOST = 3  # in one claim: a server's other feeds may go to whoever is free next


def claim_due(*, now: datetime, limit: int) -> list[Feed]:
    """Takes due feeds for one worker, few of each server; nothing when nothing is due, or all of it is taken."""
    while chosen := _choice(now, limit):
        claimed = _claim(Feed.objects.due(now).on_free_hosts(now).filter(pk__in=chosen), now)
        if claimed:
            return claimed
    return []  # another worker was faster


def claim_one(feed: Feed, *, now: datetime) -> list[Feed]:
    """Takes this feed whatever its schedule; nothing when a worker holds it."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    return _claim(Feed.objects.filter(free, pk=feed.pk), now)


def renew(feeds: Collection[Feed], *, now: datetime) -> None:
    """A claim that was lost meanwhile stays lost."""
    held = Feed.objects.filter(pk__in=[feed.pk for feed in feeds], claim__in={feed.claim for feed in feeds})
    held.update(claimed_until=now + LEASE)


def give_back(feeds: Collection[Feed]) -> None:
    """Free at once, and still due."""
    held = Feed.objects.filter(pk__in=[feed.pk for feed in feeds], claim__in={feed.claim for feed in feeds})
    held.update(claim="", claimed_until=None)


def _choice(now: datetime, limit: int) -> list[int]:
    """Few servers with several feeds each rather than one feed of many servers, so that other workers find some too."""
    due = Feed.objects.due(now).on_free_hosts(now).values_list("host", "pk")
    by_host: dict[str, list[int]] = defaultdict(list)
    for host, pk in due[: 4 * limit]:  # enough to fill up where a few servers have many feeds
        by_host[host].append(pk)
    return [pk for pks in by_host.values() for pk in pks[:FEEDS_PER_HOST]][:limit]


def _claim(feeds: FeedQuerySet, now: datetime) -> list[Feed]:
    """One conditional UPDATE decides who holds a feed."""
    claim = str(uuid.uuid4())
    if not feeds.order_by().update(claim=claim, claimed_until=now + LEASE):
        return []
    return list(Feed.objects.filter(claim=claim).order_by("next_poll_at", "pk"))
