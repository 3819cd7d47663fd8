"""The whole declaration at a glance: one mark per pledge, what needs a decision, themes by status."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from tracker.dashboard.finding import finding
from tracker.dashboard.ledger import Line
from tracker.pledges.charts import percent
from tracker.pledges.models import Declaration, Status, Theme

MARKS_AT_MOST = 60  # beyond, the strip shows shares instead of one mark per pledge
SHOWN_IN_ATTENTION = 3
SQUARES_AT_MOST = 6
# Statuses a reader asks for even when no pledge has them.
ALWAYS_SHOWN = (Status.FULFILLED, Status.PARTLY_FULFILLED, Status.IN_PROGRESS, Status.STALLED, Status.NOT_FULFILLED)


@dataclass(frozen=True)
class Group:
    """The pledges of one status, as the strip shows them."""

    status: str
    label: str
    lines: list[Line]
    x: str = "0%"
    width: str = "0%"

    @property
    def count(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Strip:
    groups: list[Group]
    is_proportional: bool


def strip(lines: Sequence[Line]) -> Strip:
    by_status: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_status[line.pledge.status].append(line)
    groups, before = [], 0
    for code, label in Status.choices:
        members = by_status[code]
        if members or code in ALWAYS_SHOWN:
            x, width = (percent(100 * n / max(len(lines), 1)) for n in (before, len(members)))
            groups.append(Group(code, str(label), members, x, width))
            before += len(members)
    return Strip(groups, is_proportional=len(lines) > MARKS_AT_MOST)


@dataclass(frozen=True)
class Attention:
    """One column of what an editor has to decide; three lines of it, then how many more."""

    code: str
    lines: list[Line]
    count: int

    @property
    def shown(self) -> list[Line]:
        return self.lines[:SHOWN_IN_ATTENTION]

    @property
    def more(self) -> int:
        return max(len(self.lines) - SHOWN_IN_ATTENTION, 0)


def attention(lines: Iterable[Line], *, is_editor: bool) -> list[Attention]:
    lines = list(lines)
    columns = []
    for code, urgency in (
        ("overdue", lambda line: -line.timeliness.days),
        ("due_soon", lambda line: line.timeliness.days),
        ("stale", lambda line: -(line.silent_days or 10**6)),
    ):
        found = sorted((line for line in lines if code in line.flags), key=urgency)
        columns.append(Attention(code, found, len(found)))
    if is_editor:
        found = sorted(
            (line for line in lines if line.waiting), key=lambda line: (-line.best_match, line.pledge.number)
        )
        columns.append(Attention("waiting", found, sum(line.waiting for line in found)))
    return columns


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


def matrix(groups: Sequence[Group]) -> Matrix:
    columns = [group for group in groups if group.count]
    by_theme: defaultdict[Theme, defaultdict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for group in columns:
        for line in group.lines:
            by_theme[line.pledge.theme][group.status].append(line)
    rows = []
    for theme in sorted(by_theme, key=lambda theme: theme.place):
        cells = [Group(column.status, column.label, by_theme[theme][column.status]) for column in columns]
        rows.append(MatrixRow(theme, cells, sum(cell.count for cell in cells)))
    return Matrix(columns, rows, sum(row.total for row in rows))


@dataclass(frozen=True)
class Card:
    """A declaration on the front page."""

    declaration: Declaration
    finding: SafeString
    strip: Strip
    attention: list[Attention]


def card(declaration: Declaration, lines: Iterable[Line], today: date) -> Card:
    own = [line for line in lines if line.pledge.declaration_id == declaration.pk]
    return Card(declaration, finding(declaration, own, today), strip(own), attention(own, is_editor=False))
