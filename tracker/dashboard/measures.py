"""The figures of a pledge in the reader's words: three numbers, a chart, and the table behind it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from django.db.models import Prefetch
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.dates import FuzzyDateError, bounds, describe
from tracker.pledges.metric_chart import MetricChart, Point, metric_chart, needed_a_year, pace_year
from tracker.pledges.models import Metric, Observation, Pledge


@dataclass(frozen=True)
class Measure:
    metric: Metric
    observations: list[Observation]  # newest first, the withdrawn among them
    latest: Observation | None
    baseline_text: str
    target_text: str
    way: str
    way_text: str
    year: int | None
    needed: str  # a year, until the due day
    chart: MetricChart | None

    @property
    def table(self) -> list[tuple[Observation, str]]:
        return [(row, number(row.value)) for row in self.observations]

    @property
    def latest_text(self) -> str:
        return number(self.latest.value) if self.latest else ""


def measures(pledge: Pledge, as_of: AsOf = NOW) -> list[Measure]:
    figures = as_of.added(Observation.objects.select_related("added_by", "withdrawn_by"))
    metrics = as_of.recorded(pledge.metrics.all()).prefetch_related(Prefetch("observations", figures))
    return [_measure(metric, as_of.seen(metric.observations.all()), pledge) for metric in as_of.worded(metrics)]


def number(value: Decimal | float) -> str:
    """`655,000`, `43.8`: as the reader's language writes it, without empty decimals."""
    return format_decimal(value, format="#,##0.####", locale=_locale())


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


def _measure(metric: Metric, on_record: list[Observation], pledge: Pledge) -> Measure:
    observations = [row for row in on_record if row.withdrawn_at is None]
    baseline, target = _baseline(metric), _target(metric, pledge)
    series = _series(observations, baseline)
    way, way_text, year, needed = "", "", None, ""
    if series and baseline and target:
        newest = series[0][1][-1]
        way, way_text = _way(metric, newest, baseline, target)
        year = pace_year(baseline=baseline, latest=newest, target=target.value)
        needed = _needed(pledge, newest, baseline, target)
    return Measure(
        metric=metric,
        observations=on_record[::-1],
        latest=_latest(observations, series[0][0]) if series else None,
        baseline_text=number(metric.baseline_value) if metric.baseline_value is not None else "",
        target_text=number(metric.target_value) if metric.target_value is not None else "",
        way=way,
        way_text=way_text,
        year=year,
        needed=needed,
        chart=metric_chart(
            series=series,
            baseline=baseline,
            target=target,
            signed_on=pledge.declaration.signed_on,
            say=number,
            due=pledge.due_latest,
        ),
    )


def _point(period: str, value: Decimal, text: str) -> Point | None:
    try:
        day = bounds(period)[1]
    except FuzzyDateError:
        return None
    return Point(day, float(value), describe(period, get_language() or "en"), text) if day else None


def _baseline(metric: Metric) -> Point | None:
    if metric.baseline_value is None:
        return None
    words = _("Baseline %(value)s (%(period)s)")
    period = describe(metric.baseline_period, get_language() or "en")
    said = {"value": number(metric.baseline_value), "period": period}
    return _point(metric.baseline_period, metric.baseline_value, words % said)


def _target(metric: Metric, pledge: Pledge) -> Point | None:
    if metric.target_value is None:
        return None
    text = _("Target %(value)s") % {"value": number(metric.target_value)}
    return Point(pledge.declaration.signed_on, float(metric.target_value), "", text)


def _series(observations: Iterable[Observation], baseline: Point | None) -> list[tuple[str, list[Point]]]:
    """By whose count; first the one that the baseline belongs to, else the one recorded first."""
    by_name: defaultdict[str, list[Point]] = defaultdict(list)
    for observation in sorted(observations, key=lambda row: row.pk):
        point = _point(observation.period_edtf, observation.value, number(observation.value))
        if point:
            by_name[str(observation.series)].append(point)
    series = [(name, sorted(points, key=lambda point: point.day)) for name, points in by_name.items()]

    def holds_baseline(points: list[Point]) -> bool:
        return baseline is not None and any((p.day, p.value) == (baseline.day, baseline.value) for p in points)

    series.sort(key=lambda item: not holds_baseline(item[1]))
    if baseline and series and not holds_baseline(series[0][1]):
        name, points = series[0]
        start = Point(baseline.day, baseline.value, baseline.period, number(baseline.value))
        series[0] = (name, sorted([start, *points], key=lambda point: point.day))
    return series


def _latest(observations: list[Observation], name: str) -> Observation | None:
    """The newest figure of the series that is measured."""
    return next((row for row in reversed(observations) if str(row.series) == name), None)


def _way(metric: Metric, latest: Point, baseline: Point, target: Point) -> tuple[str, str]:
    """How far from baseline to target: `7%`, `2.8 of 41 bn USD to add`."""
    whole, done = target.value - baseline.value, latest.value - baseline.value
    if whole == 0:
        return "", ""
    words = _("%(done)s of %(whole)s %(unit)s to add") if whole > 0 else _("%(done)s of %(whole)s %(unit)s to cut")
    said = {"done": number(round(done, 4)), "whole": number(round(abs(whole), 4)), "unit": str(metric.unit)}
    if whole < 0:
        said["done"] = number(round(-done, 4))
    return format_percent(done / whole, locale=_locale()), words % said


def _needed(pledge: Pledge, latest: Point, baseline: Point, target: Point) -> str:
    """What each year would have to add, to three figures; empty without a due day ahead."""
    if not pledge.due_latest:
        return ""
    rate = needed_a_year(baseline=baseline, latest=latest, target=target.value, due=pledge.due_latest)
    return number(float(f"{rate:.3g}")) if rate is not None else ""
