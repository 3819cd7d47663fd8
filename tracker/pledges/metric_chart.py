"""Geometry of a measured pledge's chart: its figures over time, the baseline, the target, the pace.

Period totals sit at the end of their period, so that the day of signing falls between the right two figures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tracker.pledges.charts import percent

HEIGHT, TOP, BOTTOM = 300, 24, 34
LEFT, RIGHT, RIGHT_WITH_TARGET = 6.0, 88.0, 74.0  # per cent; a target needs room for its pace and its name
LABEL = 14  # height of one
CENTURY = 36525  # days


@dataclass(frozen=True)
class Point:
    """A figure at the end of its period; `value_text` and `period` are in the reader's words."""

    day: date
    value: float
    period: str
    value_text: str


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    period: str
    value_text: str
    is_named: bool  # carries its value
    has_period: bool  # carries its period on the axis
    is_last: bool


@dataclass(frozen=True)
class Curve:
    name: str
    path: str
    dots: list[Dot]

    @property
    def end(self) -> Dot:
        return self.dots[-1]


@dataclass(frozen=True)
class Level:
    y: str
    label_y: str
    text: str


@dataclass(frozen=True)
class Pace:
    """The straight line on from baseline and last figure: not a forecast."""

    path: str
    y: str
    year: int


@dataclass(frozen=True)
class Needed:
    """The straight line from the last figure to the target on the due day: an illustration."""

    path: str
    y: str


@dataclass(frozen=True)
class MetricChart:
    height: int
    floor: str
    grid: list[Level]
    curves: list[Curve]
    signed_x: str | None
    baseline: Level | None
    baseline_x: str
    target: Level | None
    pace: Pace | None
    needed: Needed | None


def needed_a_year(*, baseline: Point, latest: Point, target: float, due: date) -> float | None:
    """What each year until the due day would have to add; None when that day or the target is behind us."""
    days, rest = (due - latest.day).days, target - latest.value
    if days <= 0 or rest * (target - baseline.value) <= 0:
        return None
    return rest / days * 365.25


def pace_year(*, baseline: Point, latest: Point, target: float) -> int | None:
    """The year in which a straight line reaches the target; None when it never does, or not in a century."""
    days, gained = (latest.day - baseline.day).days, latest.value - baseline.value
    if days <= 0 or gained == 0 or (target - baseline.value) * gained < 0:
        return None
    needed = (target - latest.value) / gained * days
    if needed > CENTURY or latest.day.year > 9000:
        return None
    return latest.day.year if needed <= 0 else (latest.day + timedelta(days=needed)).year


@dataclass(frozen=True)
class Plot:
    """Where days and values lie."""

    first: date
    last: date
    right: float
    low: float
    top: float

    def x(self, day: date) -> float:
        return LEFT + (day - self.first).days / max((self.last - self.first).days, 1) * (self.right - LEFT)

    def y(self, value: float) -> float:
        return TOP + (self.top - value) / (self.top - self.low) * (HEIGHT - TOP - BOTTOM)

    def level(self, value: float, text: str, *, is_above: bool = True) -> Level:
        return Level(f"{self.y(value):.1f}", f"{self.y(value) + (-7 if is_above else 16):.1f}", text)


def metric_chart(
    *,
    series: Sequence[tuple[str, Sequence[Point]]],
    baseline: Point | None,
    target: Point | None,
    signed_on: date,
    say: Callable[[float], str],
    due: date | None = None,
) -> MetricChart | None:
    """The first series is the one measured against the target. None when no series has two figures."""
    if not any(len(points) > 1 for _name, points in series):
        return None
    points = [point for _name, row in series for point in row] + ([baseline] if baseline else [])
    first, last = min(point.day for point in points), max(point.day for point in points)
    values = [0.0, *(point.value for point in points), *([target.value] if target else [])]
    step = _nice_step(max(values) - min(values))
    low = math.floor(min(values) / step) * step
    right = RIGHT_WITH_TARGET if target else RIGHT
    plot = Plot(min(first, signed_on), last, right, low, top=max(max(values) * 1.08, low + step))
    latest = series[0][1][-1]
    pace = _pace(plot, baseline, latest, target) if baseline and target else None
    needed = _needed(plot, baseline, latest, target, due) if baseline and target and due else None
    pace, needed = _labelled_apart(pace, needed)
    return MetricChart(
        height=HEIGHT,
        floor=f"{plot.y(0):.1f}",
        grid=[plot.level(value, say(value)) for value in _steps(step, low, plot.top)],
        curves=[_curve(plot, name, row, baseline) for name, row in series],
        signed_x=percent(plot.x(signed_on)) if signed_on <= last else None,
        baseline=plot.level(baseline.value, baseline.value_text, is_above=False) if baseline else None,
        baseline_x=percent(plot.x(baseline.day)) if baseline else "",
        target=plot.level(target.value, target.value_text) if target else None,
        pace=pace,
        needed=needed,
    )


def _nice_step(span: float) -> float:
    """A round distance between grid lines: about five of them."""
    raw = max(span, 1e-9) / 4.5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)


def _steps(step: float, low: float, top: float) -> list[float]:
    return [index * step for index in range(round(low / step), math.floor(top / step) + 1)]


def _curve(plot: Plot, name: str, row: Sequence[Point], baseline: Point | None) -> Curve:
    """The last figures and the baseline carry their value; periods are named where they have room."""
    dots, named_until, end = [], -100.0, plot.x(row[-1].day)
    for index, point in enumerate(row):
        place, is_last = plot.x(point.day), index == len(row) - 1
        is_baseline = baseline is not None and (point.day, point.value) == (baseline.day, baseline.value)
        has_period = is_last or (place - named_until > 9 and end - place > 9)
        named_until = place if has_period else named_until
        dots.append(
            Dot(
                x=percent(place),
                y=f"{plot.y(point.value):.1f}",
                period=point.period,
                value_text=point.value_text,
                is_named=is_last or is_baseline or index == len(row) - 2,
                has_period=has_period,
                is_last=is_last,
            )
        )
    path = " ".join(f"{plot.x(point.day):.2f},{plot.y(point.value):.1f}" for point in row)
    return Curve(name, path, dots)


def _pace(plot: Plot, baseline: Point, latest: Point, target: Point) -> Pace | None:
    """Drawn to the right edge, or until it leaves the plot."""
    year = pace_year(baseline=baseline, latest=latest, target=target.value)
    if year is None:
        return None
    x, y = plot.x(latest.day), plot.y(latest.value)
    slope = (y - plot.y(baseline.value)) / (x - plot.x(baseline.day))
    edge = TOP if slope < 0 else HEIGHT - BOTTOM
    end_x = min(100.0, x + (edge - y) / slope)
    end_y = y + slope * (end_x - x)
    return Pace(f"{x:.2f},{y:.1f} {end_x:.2f},{end_y:.1f}", f"{end_y - 10:.1f}", year)


def _needed(plot: Plot, baseline: Point, latest: Point, target: Point, due: date) -> Needed | None:
    """Drawn to the due day, or to the right edge when that lies beyond it."""
    if needed_a_year(baseline=baseline, latest=latest, target=target.value, due=due) is None:
        return None
    x, y = plot.x(latest.day), plot.y(latest.value)
    due_x = plot.x(due)
    share = min(1.0, (100.0 - x) / (due_x - x))
    end_x, end_y = x + share * (due_x - x), y + share * (plot.y(target.value) - y)
    return Needed(f"{x:.2f},{y:.1f} {end_x:.2f},{end_y:.1f}", f"{end_y - 10:.1f}")


def _labelled_apart(pace: Pace | None, needed: Needed | None) -> tuple[Pace | None, Needed | None]:
    """Names of lines that end close to each other stand above both, in the order of the lines."""
    if not pace or not needed or abs(float(pace.y) - float(needed.y)) > 2 * LABEL:
        return pace, needed
    low = min(float(pace.y), float(needed.y))
    is_pace_above = float(pace.y) < float(needed.y)
    return (
        replace(pace, y=f"{low - LABEL * is_pace_above:.1f}"),
        replace(needed, y=f"{low - LABEL * (not is_pace_above):.1f}"),
    )
