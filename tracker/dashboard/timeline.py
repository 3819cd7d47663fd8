"""Due dates and evidence on one axis: a row for each pledge that has either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.dashboard.census import Census
from tracker.dashboard.ledger import Line, Mark
from tracker.pledges import charts
from tracker.pledges.models import Declaration


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


def timeline(declaration: Declaration, shown: Sequence[Line], census: Census, today: date) -> Timeline:
    """The dated by their last day, then those without a date as they come."""
    dated = [line for line in shown if line.pledge.due_latest]
    dated.sort(key=lambda line: (line.pledge.due_latest, line.pledge.number))
    undated = [line for line in shown if not line.pledge.due_latest]
    days = [line.pledge.due_latest for line in dated if line.pledge.due_latest]
    axis = charts.Axis.over(signed_on=declaration.signed_on, today=today, days=days)
    return Timeline(
        axis=axis,
        today_x=axis.x(today),
        rows=[_row(axis, declaration, line) for line in (*dated, *undated)],
        dated=census.dated,
        stated=census.stated,
        left_out=census.total - len(shown),
    )


def _row(axis: charts.Axis, declaration: Declaration, line: Line) -> Row:
    pledge = line.pledge
    drawn = charts.track(
        axis, signed_on=declaration.signed_on, due_earliest=pledge.due_earliest, due_latest=pledge.due_latest
    )
    return Row(line, drawn, [(axis.x(mark.published_on), mark) for mark in line.marks])
