"""What happened lately: judgements, evidence, and (for editors) feeds that fail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.db.models.functions import TruncDate

from tracker.accounts.models import User
from tracker.feeds.models import Feed
from tracker.pledges.models import Assessment, Declaration, Evidence, Pledge

SHOWN = 8


@dataclass(frozen=True)
class Event:
    """One line: a judgement, some evidence, or a failing feed. Nobody's name means the data set brought it."""

    at: datetime
    by: User | None = None
    assessment: Assessment | None = None
    pledge: Pledge | None = None
    count: int = 0
    feed: Feed | None = None


def recent(declaration: Declaration, *, is_editor: bool) -> list[Event]:
    events = [*_judgements(declaration), *_evidence(declaration), *(_failing_feeds() if is_editor else ())]
    return sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]


def _judgements(declaration: Declaration) -> Iterable[Event]:
    rows = Assessment.objects.filter(pledge__declaration=declaration)
    for row in rows.select_related("pledge", "recorded_by").defer("pledge__watch")[:SHOWN]:
        yield Event(row.recorded_at, row.recorded_by, assessment=row, pledge=row.pledge)


def _evidence(declaration: Declaration) -> Iterable[Event]:
    """What one person added to one pledge in a day is one line; so is all that the data set brought in a day."""
    standing = Evidence.objects.filter(pledge__declaration=declaration, withdrawn_at__isnull=True).order_by()
    people = standing.filter(added_by__isnull=False).annotate(day=TruncDate("added_at"))
    grouped = people.values("added_by", "pledge", "day").annotate(at=Max("added_at"), count=Count("pk"))
    rows = list(grouped.order_by("-at")[:SHOWN])
    users = User.objects.in_bulk({row["added_by"] for row in rows})
    pledges = Pledge.objects.defer("watch").in_bulk({row["pledge"] for row in rows})
    for row in rows:
        yield Event(row["at"], users[row["added_by"]], pledge=pledges[row["pledge"]], count=row["count"])
    shipped = standing.filter(added_by__isnull=True).annotate(day=TruncDate("added_at")).values("day")
    for day in shipped.annotate(at=Max("added_at"), count=Count("pk")).order_by("-at")[:SHOWN]:
        yield Event(day["at"], count=day["count"])


def _failing_feeds() -> Iterable[Event]:
    failing = Feed.objects.active().filter(failing_since__isnull=False, failure_count__gt=1)
    for feed in failing.order_by("-failing_since", "pk")[:3]:
        yield Event(feed.failing_since or feed.created_at, feed=feed, count=feed.failure_count)
