"""Which pledges a declaration's page shows and how many it counts: one way for today, another for a day of the past.

Today's are chosen and counted by the database, so that a page reads the rows it shows and no others. A past day is told
by undoing what happened since, row by row, so there all rows are read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Max, QuerySet

from tracker.dashboard import census, ledger
from tracker.dashboard.census import Census
from tracker.dashboard.filters import Filters
from tracker.dashboard.ledger import Line
from tracker.matching.models import Suggestion
from tracker.pledges.as_of import AsOf
from tracker.pledges.models import CLOSED, Declaration, Pledge

MARKS_AT_MOST = 60  # beyond, the strip shows shares instead of one mark per pledge
SHOWN_IN_ATTENTION = 3
TIMELINE_ROWS = 40
APART_ROWS = 40


@dataclass(frozen=True)
class Waiting:
    """Articles that wait for review: how many, of which pledges first, and how many pledges need nothing else."""

    articles: int
    first: list[int]
    otherwise_quiet: int


class Today:
    """Everything is ids until `lines` is asked for the rows that are shown."""

    def __init__(self, declaration: Declaration, *, today: date, waiting_at: datetime | None = None) -> None:
        self.today, self.waiting_at = today, waiting_at
        self.pledges: QuerySet[Pledge] = declaration.pledges.all()
        self.where = census.conditions([declaration], today)
        self.declaration = declaration

    @cached_property
    def census(self) -> Census:
        return census.of_pledges(self.pledges, self.where).get(self.declaration.pk, Census())

    def found(self, wanted: Filters, followed: set[int]) -> Any:
        """The ids that a list shows, in its order: a sequence that is read where it is cut."""
        return wanted.applied(self.pledges, self.where, self._waiting_pledges, followed).values_list("pk", flat=True)

    def marks(self) -> list[int]:
        found = list(self._ids(self.pledges.order_by("number"), MARKS_AT_MOST + 1))
        return found if len(found) <= MARKS_AT_MOST else []

    def urgent(self, flag: str) -> list[int]:
        """The first that carry it, most urgent first."""
        order = F("latest_evidence_on").asc(nulls_first=True) if flag == "stale" else F("due_latest")
        return self._ids(self.pledges.filter(self.where[flag]).order_by(order, "number"), SHOWN_IN_ATTENTION)

    @property
    def _waiting_pledges(self) -> QuerySet[Any]:
        if self.waiting_at is None:
            return Suggestion.objects.none().values("pledge")
        return Suggestion.objects.waiting(self.waiting_at).filter(pledge__in=self.pledges).order_by().values("pledge")

    def waiting(self) -> Waiting:
        if self.waiting_at is None:
            return Waiting(0, [], 0)
        counted = self._waiting_pledges.annotate(count=Count("pk"), best=Max("score"))
        rows = list(counted.order_by("-best", "pledge__number").values_list("pledge_id", "count"))
        flagged = self.where["overdue"] | self.where["due_soon"] | self.where["stale"]
        quiet = self.pledges.filter(pk__in=self._waiting_pledges).exclude(pk__in=self.pledges.filter(flagged)).count()
        return Waiting(sum(count for _pk, count in rows), [pk for pk, _count in rows[:SHOWN_IN_ATTENTION]], quiet)

    def on_timeline(self) -> list[int]:
        """Dated pledges by their last day (open ones first to get room), then those last told of without a date."""
        dated = self.pledges.filter(due_latest__isnull=False).order_by("due_latest", "number")
        still_open = self._ids(dated.exclude(status__in=CLOSED), TIMELINE_ROWS)
        closed = self._ids(dated.filter(status__in=CLOSED), TIMELINE_ROWS)
        told = self.pledges.filter(due_latest=None, latest_evidence_on__isnull=False)
        undated = self._ids(told.order_by("-latest_evidence_on", "number"), TIMELINE_ROWS)
        return [*still_open, *closed, *undated][:TIMELINE_ROWS]

    def judged_apart(self) -> list[int]:
        return self._ids(self.pledges.filter(is_judged_per_party=True).order_by("number"), APART_ROWS)

    def newly_overdue(self, since: date) -> int:
        return self.pledges.filter(self.where["overdue"], due_latest__gte=since).count()

    def lines(self, ids: Iterable[int]) -> dict[int, Line]:
        rows = Pledge.objects.filter(pk__in=set(ids))
        return {line.pledge.pk: line for line in ledger.lines(rows, today=self.today, waiting_at=self.waiting_at)}

    def _ids(self, pledges: QuerySet[Pledge], limit: int) -> list[int]:
        return list(pledges.values_list("pk", flat=True)[:limit])


class Past:
    """The same of a day that is over; nothing waits there."""

    def __init__(self, declaration: Declaration, *, as_of: AsOf, today: date) -> None:
        self.all = ledger.lines(declaration.pledges.all(), today=today, as_of=as_of)
        self.by_id = {line.pledge.pk: line for line in self.all}

    @cached_property
    def census(self) -> Census:
        return census.of_lines(self.all)

    def found(self, wanted: Filters, followed: set[int]) -> list[int]:
        return _ids(wanted.narrow(self.all, followed))

    def marks(self) -> list[int]:
        return _ids(self.all) if len(self.all) <= MARKS_AT_MOST else []

    def urgent(self, flag: str) -> list[int]:
        def order(line: Line) -> tuple[date, int]:
            latest = line.latest.published_on if line.latest else date.min
            return latest if flag == "stale" else line.pledge.due_latest or date.max, line.pledge.number

        return _ids(sorted((line for line in self.all if flag in line.flags), key=order))[:SHOWN_IN_ATTENTION]

    def waiting(self) -> Waiting:
        return Waiting(0, [], 0)

    def on_timeline(self) -> list[int]:
        dated = [line for line in self.all if line.pledge.due_latest]
        dated.sort(key=lambda line: (line.pledge.status in CLOSED, line.pledge.due_latest, line.pledge.number))
        told = [line for line in self.all if not line.pledge.due_latest and line.latest]
        told.sort(key=lambda line: (line.silent_days, line.pledge.number))
        return _ids([*dated, *told])[:TIMELINE_ROWS]

    def judged_apart(self) -> list[int]:
        return _ids(line for line in self.all if line.pledge.is_judged_per_party)[:APART_ROWS]

    def lines(self, ids: Iterable[int]) -> dict[int, Line]:
        return self.by_id


def _ids(lines: Iterable[Line]) -> list[int]:
    return [line.pledge.pk for line in lines]


Reading = Today | Past


Card = tuple[Declaration, Census, list[Line]]


def cards(declarations: Sequence[Declaration], *, today: date, as_of: AsOf) -> list[Card]:
    """Of every declaration its census and, where it has few pledges, their lines."""
    if as_of.day:
        by_declaration: dict[int, list[Line]] = {}
        for line in ledger.lines(Pledge.objects.all(), today=today, as_of=as_of):
            by_declaration.setdefault(line.pledge.declaration_id, []).append(line)
        counted = {pk: census.of_lines(lines) for pk, lines in by_declaration.items()}
    else:
        counted = census.of_pledges(Pledge.objects.all(), census.conditions(declarations, today))
        few = [pk for pk, count in counted.items() if count.total <= MARKS_AT_MOST]
        by_declaration = {}
        for line in ledger.lines(Pledge.objects.filter(declaration__in=few), today=today):
            by_declaration.setdefault(line.pledge.declaration_id, []).append(line)
    return [
        (declaration, counted.get(declaration.pk, Census()), by_declaration.get(declaration.pk, []))
        for declaration in declarations
    ]
