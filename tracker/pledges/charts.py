"""Geometry of the charts: values in, places on the page out; templates draw them.

x is always a percentage and y a pixel, so a chart takes any width while its text and dots keep their size. Places are
text already, because templates write numbers with the reader's decimal comma.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Month = tuple[int, int]

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MONTHS = 92, 22, 46
METRIC_HEIGHT, _TOP, _BOTTOM = 300, 24, 34


def percent(value: float) -> str:
    return f"{value:.2f}%"


# -- The timeline of due dates


@dataclass(frozen=True)
class Tick:
    x: str
    year: int | None  # named at the first of January and at the left edge


@dataclass(frozen=True)
class Axis:
    """Days from the quarter of signing to the end of the year after today's, or of the last date."""

    first: date
    last: date

    @classmethod
    def over(cls, *, signed_on: date, today: date, days: Iterable[date]) -> "Axis":
        first = date(signed_on.year, (signed_on.month - 1) // 3 * 3 + 1, 1)
        year = max([today.year + 1, *(day.year for day in days if day.year <= today.year + 30)])
        return cls(first, date(max(year, first.year + 1), 12, 31))

    def place(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return max(0.0, min(1.0, share)) * 100

    def x(self, day: date) -> str:
        return percent(self.place(day))

    @property
    def ticks(self) -> list[Tick]:
        """Quarters where they have room, else years."""
        years = self.last.year - self.first.year + 1
        months = (1, 4, 7, 10) if years <= 5 else (1,)
        days = [date(y, m, 1) for y in range(self.first.year, self.last.year + 1) for m in months]
        step = math.ceil(years / 12)
        return [Tick(self.x(day), day.year if self._is_named(day, step) else None) for day in days if day >= self.first]

    def _is_named(self, day: date, step: int) -> bool:
        if day.month != 1:
            # The first year is named at the edge, unless the second one begins too close to it.
            return day == self.first and self.place(date(day.year + 1, 1, 1)) > 5
        return (day.year - self.first.year) % step == 0


@dataclass(frozen=True)
class Window:
    """When a pledge falls due; its width is how exactly that is known."""

    x: str
    width: str
    end: str
    is_day: bool


@dataclass(frozen=True)
class Track:
    """One pledge's line: a thin lead from the signing, then its window; without a date it is dotted to the edge."""

    start: str
    lead: str
    window: Window | None


def track(axis: Axis, *, signed_on: date, due_earliest: date | None, due_latest: date | None) -> Track:
    start = axis.x(signed_on)
    if due_latest is None:
        return Track(start, "100%", None)
    begins = due_earliest or signed_on
    left, right = axis.place(begins), axis.place(min(due_latest, axis.last) + timedelta(days=1))
    window = Window(percent(left), percent(right - left), percent(right), begins == due_latest)
    return Track(start, window.x, window)


# -- Coverage, month by month


@dataclass(frozen=True)
class Bar:
    x: str
    width: str
    y: str
    height: str
    foot_y: str
    foot_height: str | None


def spark(*, accepted: Mapping[Month, int], others: Mapping[Month, int], first: date, last: date) -> list[Bar]:
    """A bar for each month that has something; the dark foot is what was accepted as evidence."""
    count = min((last.year - first.year) * 12 + last.month - first.month + 1, SPARK_MONTHS)
    newest = last.year * 12 + last.month - 1
    months = [divmod(newest - back, 12) for back in range(count - 1, -1, -1)]
    keys = [(year, month + 1) for year, month in months]
    most = max([3, *(accepted.get(key, 0) + others.get(key, 0) for key in keys)])
    room, width, floor = SPARK_HEIGHT - 2, SPARK_WIDTH / max(count, 1), SPARK_HEIGHT - 1
    bars = []
    for index, key in enumerate(keys):
        foot = accepted.get(key, 0)
        total = foot + others.get(key, 0)
        if not total:
            continue
        height, foot_height = max(total / most * room, 2.5), max(foot / most * room, 2.5)
        bars.append(
            Bar(
                x=f"{index * width:.1f}",
                width=f"{max(width - 1.4, 1):.1f}",
                y=f"{floor - height:.1f}",
                height=f"{height:.1f}",
                foot_y=f"{floor - foot_height:.1f}",
                foot_height=f"{foot_height:.1f}" if foot else None,
            )
        )
    return bars


# -- A measured pledge


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


def pace_year(*, baseline: Point, latest: Point, target: float) -> int | None:
    """The year in which a straight line reaches the target; None when it never does, or not in a century."""
    days, gained = (latest.day - baseline.day).days, latest.value - baseline.value
    if days <= 0 or gained == 0 or (target - baseline.value) * gained < 0:
        return None
    needed = (target - latest.value) / gained * days
    if needed > 36525:
        return None
    return latest.day.year if needed <= 0 else (latest.day + timedelta(days=needed)).year


def metric(
    *,
    series: Sequence[tuple[str, Sequence[Point]]],
    baseline: Point | None,
    target: Point | None,
    signed_on: date,
    say: Callable[[float], str],
) -> MetricChart | None:
    """The first series is the one measured against the target. None when no series has two figures."""
    if not any(len(points) > 1 for _, points in series):
        return None
    points = [point for _, row in series for point in row] + ([baseline] if baseline else [])
    first, last = min(p.day for p in points), max(p.day for p in points)
    first = min(first, signed_on) if (last - first).days else first
    values = [p.value for p in points] + ([target.value] if target else [])
    step = _nice_step(max(*values, 0) - min(*values, 0))
    top, low = max(*values, 0) * 1.08, math.floor(min(*values, 0) / step) * step
    latest = series[0][1][-1]
    year = pace_year(baseline=baseline, latest=latest, target=target.value) if baseline and target else None
    right = 74.0 if target else 88.0

    def x(day: date) -> float:
        return 6 + (day - first).days / max((last - first).days, 1) * (right - 6)

    def y(value: float) -> float:
        return _TOP + (top - value) / (top - low) * (METRIC_HEIGHT - _TOP - _BOTTOM)

    def level(value: float, text: str, above: bool = True) -> Level:
        return Level(f"{y(value):.1f}", f"{y(value) + (-7 if above else 16):.1f}", text)

    is_after = first <= signed_on <= last
    return MetricChart(
        height=METRIC_HEIGHT,
        floor=f"{y(0):.1f}",
        grid=[level(value, say(value)) for value in _steps(step, low, top)],
        curves=[_curve(name, row, baseline, x, y) for name, row in series],
        signed_x=percent(x(signed_on)) if is_after else None,
        baseline=level(baseline.value, baseline.value_text, above=False) if baseline else None,
        baseline_x=percent(x(baseline.day)) if baseline else "",
        target=level(target.value, target.value_text) if target else None,
        pace=_pace(baseline, latest, year, x, y) if baseline and year else None,
    )


def _nice_step(most: float) -> float:
    """A round distance between grid lines: about five of them."""
    raw = max(most, 1e-9) / 4.5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)


def _steps(step: float, low: float, top: float) -> list[float]:
    return [index * step for index in range(round(low / step), math.floor(top / step) + 1)]


def _curve(
    name: str, row: Sequence[Point], baseline: Point | None, x: Callable[[date], float], y: Callable[[float], float]
) -> Curve:
    dots, axis_end = [], -100.0
    for index, point in enumerate(row):
        is_last, place = index == len(row) - 1, x(point.day)
        is_baseline = baseline is not None and point.day == baseline.day and point.value == baseline.value
        has_period = is_last or (place - axis_end > 9 and (x(row[-1].day) - place > 9))
        axis_end = place if has_period else axis_end
        is_named = is_last or is_baseline or index == len(row) - 2
        dots.append(
            Dot(percent(place), f"{y(point.value):.1f}", point.period, point.value_text, is_named, has_period, is_last)
        )
    path = " ".join(f"{x(point.day):.2f},{y(point.value):.1f}" for point in row)
    return Curve(name, path, dots)


def _pace(
    baseline: Point, latest: Point, year: int, x: Callable[[date], float], y: Callable[[float], float]
) -> Pace | None:
    """Drawn to the right edge, or as far as the plot is high."""
    from_x, to_x = x(latest.day), 100.0
    slope = (latest.value - baseline.value) / max(x(latest.day) - x(baseline.day), 1e-9)
    end = y(latest.value + slope * (to_x - from_x))
    if end < _TOP:
        to_x, end = from_x + (to_x - from_x) * (y(latest.value) - _TOP) / (y(latest.value) - end), _TOP
    return Pace(f"{from_x:.2f},{y(latest.value):.1f} {to_x:.2f},{end:.1f}", f"{end - 10:.1f}", year)
