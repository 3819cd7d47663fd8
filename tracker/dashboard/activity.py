"""What happened lately: judgements, evidence, and (for editors) feeds that fail."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate
from django.utils.timezone import localtime

from tracker.accounts.models import User
from tracker.feeds.models import Feed
from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.models import Assessment, Declaration, Evidence, Pledge

SHOWN = 8
COUNTED = 2000  # rows that a data set brought; the page is not to read a hundred thousand to say so


@dataclass(frozen=True)
class Event:
    """One line: a judgement, some evidence, or a failing feed. Without a name the data set brought it."""

    at: datetime
    by: User | None = None
    assessment: Assessment | None = None
    pledge: Pledge | None = None
    judged: int = 0
    added: int = 0
    feed: Feed | None = None
    is_cut: bool = False  # at least so many


def recent(declaration: Declaration, *, is_editor: bool, as_of: AsOf = NOW) -> list[Event]:
    assessments = as_of.assessments(Assessment.objects.filter(pledge__declaration=declaration))
    evidence = as_of.standing(Evidence.objects.filter(pledge__declaration=declaration))
    events = [
        *_judgements(assessments),
        *_additions(evidence),
        *_shipped(assessments.filter(is_shipped=True), evidence.filter(added_by__isnull=True)),
        *(_failing_feeds() if is_editor and not as_of.day else ()),
    ]
    shown = sorted(events, key=lambda event: event.at, reverse=True)[:SHOWN]
    as_of.worded(event.assessment or event.pledge for event in shown if event.pledge)
    return shown


def _judgements(assessments: QuerySet[Assessment]) -> Iterable[Event]:
    by_people = assessments.filter(is_shipped=False).select_related("pledge", "recorded_by", "party")
    for row in by_people.defer("pledge__watch")[:SHOWN]:
        yield Event(row.recorded_at, row.recorded_by, assessment=row, pledge=row.pledge)


def _additions(evidence: QuerySet[Evidence]) -> Iterable[Event]:
    """What one person added to one pledge in a day is one line."""
    by_people = evidence.filter(added_by__isnull=False).order_by().annotate(day=TruncDate("added_at"))
    grouped = by_people.values("added_by", "pledge", "day").annotate(at=Max("added_at"), count=Count("pk"))
    rows = list(grouped.order_by("-at")[:SHOWN])
    users = User.objects.in_bulk({row["added_by"] for row in rows})
    pledges = Pledge.objects.defer("watch").in_bulk({row["pledge"] for row in rows})
    for row in rows:
        yield Event(row["at"], users[row["added_by"]], pledge=pledges[row["pledge"]], added=row["count"])


def _shipped(assessments: QuerySet[Assessment], evidence: QuerySet[Evidence]) -> Iterable[Event]:
    """All that the data set brought in a day is one line; of very much, what is counted is the newest of it."""
    judged, added = _by_day(assessments, "recorded_at"), _by_day(evidence, "added_at")
    for day in {*judged, *added}:
        moments = [*judged[day], *added[day]]
        is_cut = COUNTED in (len(judged[day]), len(added[day]))
        yield Event(max(moments), judged=len(judged[day]), added=len(added[day]), is_cut=is_cut)


def _by_day(rows: QuerySet[Any], field: str) -> defaultdict[date, list[datetime]]:
    found: defaultdict[date, list[datetime]] = defaultdict(list)
    for moment in rows.order_by(f"-{field}").values_list(field, flat=True)[:COUNTED]:
        found[localtime(moment).date()].append(moment)
    return found


def _failing_feeds() -> Iterable[Event]:
    failing = Feed.objects.active().filter(failing_since__isnull=False, failure_count__gt=1)
    for feed in failing.order_by("-failing_since", "pk")[:3]:
        yield Event(feed.failing_since or feed.created_at, feed=feed)
