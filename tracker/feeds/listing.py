"""The list of feeds and how each is doing, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Value, When
from django.utils.timezone import localdate

from tracker.feeds.health import cause_of, health_of, strip_of
from tracker.feeds.models import Article, Feed, Poll


def troubled_first() -> QuerySet[Feed]:
    off = Q(paused_at__isnull=False) | Q(retired_at__isnull=False)
    rank = Case(When(off, then=Value(2)), When(error_code="", then=Value(1)), default=Value(0))
    return Feed.objects.order_by(rank, "title", "pk")


def rows(feeds: Sequence[Feed], now: datetime) -> list[dict[str, Any]]:
    feed_ids = [feed.pk for feed in feeds]
    polls = defaultdict(list)
    for poll in Poll.objects.filter(feed_id__in=feed_ids):
        polls[poll.feed_id].append(poll)
    counted = Article.objects.filter(feed_id__in=feed_ids).order_by().values_list("feed_id").annotate(Count("pk"))
    items = dict(counted)
    return [row(feed, polls[feed.pk], items.get(feed.pk, 0), now) for feed in feeds]


def row(feed: Feed, polls: Sequence[Poll], items: int, now: datetime) -> dict[str, Any]:
    happened, remedy = cause_of(feed)
    return {
        "feed": feed,
        "health": health_of(feed),
        "happened": happened,
        "remedy": remedy,
        "strip": strip_of(polls),
        "items": items,
        "is_due": feed.next_poll_at <= now,
        "last": _pattern(feed.last_polled_at, now),
        "next": _pattern(feed.next_poll_at, now),
    }


def _pattern(moment: datetime | None, now: datetime) -> str:
    """How a moment is written in the list: of today by its hour, of another day by the day."""
    return "HH:mm" if moment and localdate(moment) == localdate(now) else "d MMM"


def summary(now: datetime) -> dict[str, Any]:
    active = Q(paused_at__isnull=True, retired_at__isnull=True)
    counts = Feed.objects.aggregate(
        total=Count("pk"),
        healthy=Count("pk", filter=active & Q(error_code="", last_polled_at__isnull=False)),
        unread=Count("pk", filter=active & Q(error_code="", last_polled_at__isnull=True)),
        failing=Count("pk", filter=active & ~Q(error_code="")),
        off=Count("pk", filter=~active),
        next_poll_at=Min("next_poll_at", filter=active),
    )
    return {
        **counts,
        "is_next_due": counts["next_poll_at"] is not None and counts["next_poll_at"] <= now,
        "items_lately": Article.objects.filter(fetched_at__gte=now - timedelta(days=30)).count(),
        "languages": list(
            Feed.objects.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
        ),
    }
