"""Everything that happened to the public record, newest first, a page at a time however long it grew.

A page begins below the last line of the one before (its cursor), so that what happens meanwhile moves nothing. Each
sort of happening is asked for one page, and these are merged.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from tracker.accounts.models import User
from tracker.pledges.models import Assessment, Edit, Evidence, Observation, Pledge

PAGE_LENGTH = 50
KINDS = {
    "judgements": _("Judgements"),
    "evidence": _("Evidence"),
    "figures": _("Figures"),
    "texts": _("Texts"),
}


@dataclass(frozen=True)
class Source:
    """Rows of one sort, the moment and the person to tell, and the way from a row to its pledge."""

    name: str
    kind: str
    rows: QuerySet[Any]
    at: str
    by: str
    way: str = "pledge__"


_EVIDENCE = Evidence.objects.select_related("pledge", "added_by", "withdrawn_by")
_FIGURES = Observation.objects.select_related("metric__pledge", "added_by", "withdrawn_by")
SOURCES = (
    Source(
        "judged",
        "judgements",
        Assessment.objects.select_related("pledge", "recorded_by", "party"),
        "recorded_at",
        "recorded_by",
    ),
    Source("evidence_added", "evidence", _EVIDENCE, "added_at", "added_by"),
    Source("evidence_withdrawn", "evidence", _EVIDENCE, "withdrawn_at", "withdrawn_by"),
    Source("figure_added", "figures", _FIGURES, "added_at", "added_by", "metric__pledge__"),
    Source("figure_withdrawn", "figures", _FIGURES, "withdrawn_at", "withdrawn_by", "metric__pledge__"),
    Source("edited", "texts", Edit.objects.select_related("pledge", "by", "declaration"), "at", "by", ""),
)
NAMES = [source.name for source in SOURCES]


@dataclass(frozen=True)
class Happening:
    """`by` is None for what a declaration file brought."""

    name: str
    at: datetime
    by: User | None
    row: Any
    pledge: Pledge | None

    @property
    def day(self) -> date:
        """In the reader's zone."""
        return localtime(self.at).date()

    @property
    def cursor(self) -> str:
        return f"{self.at.isoformat()}~{self.name}~{self.row.pk}"


@dataclass(frozen=True)
class Cursor:
    at: datetime
    place: int
    pk: int


def cursor_of(text: str) -> Cursor | None:
    """What `Happening.cursor` wrote; None for anything else."""
    at, name, pk = text.split("~") if text.count("~") == 2 else ("", "", "")
    if name not in NAMES or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Cursor(moment, NAMES.index(name), int(pk)) if moment.tzinfo else None


def happenings(
    *, kind: str = "", declaration: str = "", before: Cursor | None = None, length: int = PAGE_LENGTH
) -> tuple[list[Happening], bool]:
    """A page, and whether another follows. `declaration` is a slug."""
    found: list[tuple[tuple[float, int, int], Happening]] = []
    for place, source in enumerate(SOURCES):
        if kind and source.kind != kind:
            continue
        rows = source.rows.filter(**{f"{source.at}__isnull": False})
        if declaration:
            rows = rows.filter(**{f"{source.way}declaration__slug": declaration})
        if before:
            rows = rows.filter(_below(before, source.at, place))
        for row in rows.order_by(f"-{source.at}", "-pk")[: length + 1]:
            at = getattr(row, source.at)
            found.append(((-at.timestamp(), place, -row.pk), _happening(source, row, at)))
    found.sort(key=lambda pair: pair[0])
    return [happening for _key, happening in found[:length]], len(found) > length


def _below(cursor: Cursor, at: str, place: int) -> Q:
    """At one moment, sorts stand in their order and rows with the newest first."""
    earlier = Q(**{f"{at}__lt": cursor.at})
    if place > cursor.place:
        return earlier | Q(**{at: cursor.at})
    return earlier | Q(**{at: cursor.at, "pk__lt": cursor.pk}) if place == cursor.place else earlier


def _happening(source: Source, row: Any, at: datetime) -> Happening:
    pledge = row.metric.pledge if source.kind == "figures" else row.pledge
    return Happening(source.name, at, getattr(row, source.by), row, pledge)
