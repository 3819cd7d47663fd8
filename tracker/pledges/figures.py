"""Adding figures to a metric, one or many: all or nothing, each with who added it and when. And withdrawing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from tracker.accounts.models import User
from tracker.multilingual import Texts
from tracker.pledges import dates
from tracker.pledges.models import Metric, Observation


@dataclass(frozen=True)
class Figure:
    """`series` is its name in any one language; an empty one where there is only one count."""

    series: str
    period_edtf: str
    value: Decimal
    publisher: str
    url: str = ""
    note: str = ""


class DuplicateFiguresError(Exception):
    """These figures, by their place, have a period and series that another has already."""

    def __init__(self, places: list[int]) -> None:
        super().__init__(f"{len(places)} known already")
        self.places = places


@transaction.atomic
def add_figures(*, metric: Metric, figures: Sequence[Figure], language: str, by: User, now: datetime) -> None:
    """Raises DuplicateFiguresError and adds nothing: a wrong figure is withdrawn before the right one is added."""
    Metric.objects.select_for_update().get(pk=metric.pk)  # one addition after the other
    on_record = list(metric.observations.all())
    series = {name: row.series for row in on_record for name in row.series.values()}
    known = {(row.period_edtf, _key(row.series)) for row in on_record if row.withdrawn_at is None}
    fresh, duplicates = [], []
    for place, figure in enumerate(figures):
        texts = series.setdefault(figure.series, Texts({language: figure.series}) if figure.series else Texts())
        if (figure.period_edtf, _key(texts)) in known:
            duplicates.append(place)
        known.add((figure.period_edtf, _key(texts)))
        fresh.append(_observation(metric, figure, texts, language, by, now))
    if duplicates:
        raise DuplicateFiguresError(duplicates)
    Observation.objects.bulk_create(fresh)


def withdraw_figure(*, figure: Observation, reason: str, by: User, now: datetime) -> bool:
    """Takes it out of charts and counts and leaves it on record; False when it was withdrawn before."""
    changed = Observation.objects.filter(pk=figure.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason[:500]
    )
    return changed == 1


def _key(series: Texts) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(series.items()))


def _observation(metric: Metric, figure: Figure, series: Texts, language: str, by: User, now: datetime) -> Observation:
    latest = dates.bounds(figure.period_edtf)[1]
    if latest is None:
        raise dates.FuzzyDateError("a figure needs a period that ends")
    return Observation(
        metric=metric,
        series=series,
        period_edtf=figure.period_edtf,
        period_latest=latest,
        value=figure.value,
        publisher=figure.publisher,
        url=figure.url,
        note=Texts({language: figure.note}) if figure.note else Texts(),
        added_by=by,
        added_at=now,
    )
