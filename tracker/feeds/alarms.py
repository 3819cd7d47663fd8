"""What an administrator should hear about: feeds that fail for days, and all of them failing at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from tracker.feeds.models import Feed

NETWORK = ("offline", "dns", "dns_busy", "unreachable", "connection")
FEWEST = 3  # feeds, before all of them failing says more than one of them
MOST_FAIL = 0.6


@dataclass(frozen=True)
class Alarms:
    """`failing` have failed for `days` at least, longest first; `is_us` when it is not the feeds' doing."""

    failing: list[Feed]
    is_us: bool
    days: int


def alarms(now: datetime) -> Alarms:
    """Two queries, however many feeds there are."""
    days = settings.FEED_ALERT_DAYS
    polled = Feed.objects.active().filter(last_polled_at__isnull=False)
    counts = polled.aggregate(
        total=Count("pk"),
        failing=Count("pk", filter=~Q(error_code="")),
        cut_off=Count("pk", filter=Q(error_code__in=NETWORK)),
    )
    total = counts["total"]
    is_us = total >= FEWEST and (counts["failing"] == total or counts["cut_off"] > MOST_FAIL * total)
    failing = polled.filter(failing_since__lte=now - timedelta(days=days)).order_by("failing_since", "pk")
    return Alarms(list(failing), is_us, days)
