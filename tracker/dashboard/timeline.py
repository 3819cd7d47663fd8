"""Due dates and evidence on one axis: a row for each pledge that has either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.dashboard.ledger import Line, Mark
from tracker.pledges import charts
from tracker.pledges.models import CLOSED, Declaration

ROWS_AT_MOST = 40


@dataclass(frozen=True)
class Row:
    line: Line
    track: charts.Track
    marks: list[tuple[str, Mark]]


@dataclass(frozen=True)
class Timeline:
    axis: charts.Axis
    today_x: str
    rows: list[Row]
    dated: int
    stated: int
    left_out: int


def timeline(declaration: Declaration, lines: Sequence[Line], today: date) -> Timeline:
    """Dated pledges by their last day (open ones first to get room), then the most told of without a date."""
    dated = [line for line in lines if line.pledge.due_latest]
    dated.sort(key=lambda line: (line.pledge.status in CLOSED, line.pledge.due_latest, line.pledge.number))
    room = sorted(dated[:ROWS_AT_MOST], key=lambda line: (line.pledge.due_latest, line.pledge.number))
    told = sorted(
        (line for line in lines if not line.pledge.due_latest and line.marks),
        key=lambda line: (-len(line.marks), line.pledge.number),
    )
    shown = (room + told)[:ROWS_AT_MOST]
    days = [line.pledge.due_latest for line in shown if line.pledge.due_latest]
    axis = charts.Axis.over(signed_on=declaration.signed_on, today=today, days=days)
    return Timeline(
        axis=axis,
        today_x=axis.x(today),
        rows=[_row(axis, declaration, line) for line in shown],
        dated=len(dated),
        stated=sum(1 for line in dated if line.pledge.is_due_stated),
        left_out=len(lines) - len(shown),
    )


def _row(axis: charts.Axis, declaration: Declaration, line: Line) -> Row:
    pledge = line.pledge
    drawn = charts.track(
        axis, signed_on=declaration.signed_on, due_earliest=pledge.due_earliest, due_latest=pledge.due_latest
    )
    return Row(line, drawn, [(axis.x(mark.published_on), mark) for mark in line.marks])
