"""The whole declaration at a glance: one mark per pledge, what needs a decision, themes by status."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.safestring import SafeString

from tracker.dashboard.census import FLAGS, Census
from tracker.dashboard.finding import finding
from tracker.dashboard.ledger import Line
from tracker.pledges.charts import percent
from tracker.pledges.models import Declaration, Status, Theme

SQUARES_AT_MOST = 6
# Statuses a reader asks for even when no pledge has them.
ALWAYS_SHOWN = (Status.FULFILLED, Status.PARTLY_FULFILLED, Status.IN_PROGRESS, Status.STALLED, Status.NOT_FULFILLED)


@dataclass(frozen=True)
class Group:
    """The pledges of one status; `lines` are empty where there are too many to draw."""

    status: str
    label: str
    count: int
    lines: list[Line] = field(default_factory=list)
    x: str = "0%"
    width: str = "0%"

    @property
    def squares(self) -> range:
        return range(self.count)


@dataclass(frozen=True)
class Strip:
    groups: list[Group]
    is_proportional: bool


def strip(census: Census, marked: Sequence[Line]) -> Strip:
    by_status: defaultdict[str, list[Line]] = defaultdict(list)
    for line in marked:
        by_status[line.pledge.status].append(line)
    groups, before, counts = [], 0, census.statuses
    for code, label in Status.choices:
        count = counts[code]
        if count or code in ALWAYS_SHOWN:
            x, width = (percent(100 * n / max(census.total, 1)) for n in (before, count))
            groups.append(Group(code, str(label), count, by_status[code], x, width))
            before += count
    return Strip(groups, is_proportional=census.total > len(marked))


@dataclass(frozen=True)
class Attention:
    """One column of what an editor has to decide: the first lines of it, and of how many."""

    code: str
    shown: list[Line]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


def attention(census: Census, urgent: dict[str, list[Line]]) -> list[Attention]:
    return [Attention(flag, urgent.get(flag, []), census.flags[flag]) for flag in FLAGS]


@dataclass(frozen=True)
class MatrixRow:
    theme: Theme
    cells: list[Group]
    total: int


@dataclass(frozen=True)
class Matrix:
    """Themes by status; only statuses that some pledge has."""

    columns: list[Group]
    rows: list[MatrixRow]
    total: int

    @property
    def has_squares(self) -> bool:
        """One for each pledge, as long as they fit a cell."""
        return all(cell.count <= SQUARES_AT_MOST for row in self.rows for cell in row.cells)


def matrix(census: Census, groups: Sequence[Group], themes: Iterable[Theme]) -> Matrix:
    columns = [group for group in groups if group.count]
    named = {theme.pk: theme for theme in themes}
    used = [named[pk] for pk in {pk for pk, _status in census.cells} if pk in named]
    rows = []
    for theme in sorted(used, key=lambda theme: theme.place):
        cells = [Group(group.status, group.label, census.cells[theme.pk, group.status]) for group in columns]
        rows.append(MatrixRow(theme, cells, sum(cell.count for cell in cells)))
    return Matrix(columns, rows, sum(row.total for row in rows))


@dataclass(frozen=True)
class Card:
    """A declaration on the front page."""

    declaration: Declaration
    finding: SafeString
    strip: Strip
    attention: list[Attention]


def card(declaration: Declaration, census: Census, marked: Sequence[Line], today: date) -> Card:
    return Card(declaration, finding(declaration, census, today), strip(census, marked), attention(census, {}))
