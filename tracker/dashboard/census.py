"""How many pledges stand where: counted by the database for today, from lines for a day of the past."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from tracker.dashboard.ledger import Line
from tracker.pledges.models import CLOSED, Declaration, Pledge, Status

FLAGS = ("overdue", "due_soon", "stale")
NEAR_DAYS = 90


@dataclass
class Census:
    """`cells`: how many by (theme id, status)."""

    cells: Counter[tuple[int, str]] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    dated: int = 0
    stated: int = 0

    @property
    def total(self) -> int:
        return self.cells.total()

    @property
    def statuses(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for (_theme, status), count in self.cells.items():
            counts[status] += count
        return counts


def of_lines(lines: Iterable[Line]) -> Census:
    census = Census()
    for line in lines:
        census.cells[line.pledge.theme_id, line.pledge.status] += 1
        census.flags.update(line.flags)
        census.flagged += bool(line.flags)
        census.dated += line.pledge.due_latest is not None
        census.stated += line.pledge.due_latest is not None and line.pledge.is_due_stated
    return census


def conditions(declarations: Sequence[Declaration], today: date) -> dict[str, Q]:
    """What today's flags and filters of dates mean to the database; declarations count their days differently."""
    is_open = ~Q(status__in=CLOSED)
    soon, stale = Q(), Q()
    for days, slugs in _by_days(declarations).items():
        own = Q(declaration__in=slugs) if len(declarations) > 1 else Q()
        silent_since = today - timedelta(days=days[1])
        soon |= own & Q(due_latest__range=(today, today + timedelta(days=days[0])))
        stale |= own & (Q(latest_evidence_on=None) | Q(latest_evidence_on__lt=silent_since))
    return {
        "overdue": is_open & Q(due_latest__lt=today),
        "due_soon": is_open & soon,
        "near": is_open & Q(due_latest__range=(today, today + timedelta(days=NEAR_DAYS))),
        "stale": Q(status=Status.IN_PROGRESS) & stale,
        "dated": Q(due_latest__isnull=False),
        "none": Q(due_latest=None),
    }


def _by_days(declarations: Sequence[Declaration]) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    for row in declarations:
        found.setdefault((row.due_soon_days, row.stale_days), []).append(row.pk)
    return found


def of_pledges(pledges: QuerySet[Pledge], where: dict[str, Q]) -> dict[int, Census]:
    """By declaration, for one query."""
    flagged = where["overdue"] | where["due_soon"] | where["stale"]
    counts = {flag: Count("pk", filter=where[flag]) for flag in FLAGS}
    counts |= {"flagged": Count("pk", filter=flagged), "dated": Count("due_latest")}
    counts |= {"stated": Count("due_latest", filter=Q(is_due_stated=True)), "all": Count("pk")}
    rows: Any = pledges.order_by().values("declaration_id", "theme_id", place=F("status")).annotate(**counts)
    found: dict[int, Census] = {}
    for row in rows:
        census = found.setdefault(row["declaration_id"], Census())
        census.cells[row["theme_id"], row["place"]] += row["all"]
        census.flags.update({flag: row[flag] for flag in FLAGS})
        census.flagged += row["flagged"]
        census.dated += row["dated"]
        census.stated += row["stated"]
    return found
