"""Geometry of the timeline and of the coverage bars: values in, places on the page out; templates draw them.

x is always a percentage and y a pixel, so a chart takes any width while its text and dots keep their size. Places are
text already, because templates write numbers with the reader's decimal comma.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

Month = tuple[int, int]

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MONTHS = 92, 22, 46


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
