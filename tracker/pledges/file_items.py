"""Rows → the entries of a declaration file; `file_rows` is the way back. What is empty is left out."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.pledges.file_rows import PER_PARTY
from tracker.pledges.models import (
    Assessment,
    Declaration,
    Document,
    Evidence,
    Lineage,
    Metric,
    Milestone,
    Observation,
    Party,
    Pledge,
    Theme,
    Voice,
)

Item = dict[str, Any]


def declaration(row: Declaration, documents: Iterable[Document], dropped: Iterable[Lineage] = ()) -> Item:
    return _filled(
        reference=row.reference,
        slug=row.slug,
        kind=row.kind,
        title=dict(row.title),
        summary=dict(row.summary),
        place=dict(row.place),
        signatories=list(row.signatories),
        signed_on=_day(row.signed_on),
        due_soon_days=row.due_soon_days,
        stale_days=row.stale_days,
        needs_second_person=row.needs_second_person or None,
        sources=[document(each) for each in documents],
        drops=[drop(each) for each in dropped],
        watch=row.watch,
    )


def party(row: Party) -> Item:
    return _filled(code=row.code, territory=row.territory, name=dict(row.name))


def theme(row: Theme) -> Item:
    return _filled(slug=row.slug, title=dict(row.title))


def document(row: Document) -> Item:
    return _filled(
        key=row.key,
        title=dict(row.title),
        publisher=row.publisher,
        language=row.language,
        published=_date(row.published_edtf),
        url=row.url,
    )


def pledge(row: Pledge, parties: Iterable[Party]) -> Item:
    """Without what hangs below it."""
    source = _filled(key=row.document.key if row.document else "", locator=dict(row.locator))
    due = _filled(
        words=dict(row.due_words),
        edtf=_date(row.due_edtf),
        stated=None if row.is_due_stated else False,
        review_by=_day(row.review_by),
    )
    return _filled(
        reference=row.reference,
        slug=row.slug,
        title=dict(row.title),
        statement=dict(row.statement),
        criterion=dict(row.criterion),
        kind=row.kind,
        theme=row.theme.slug,
        parties=sorted(each.code for each in parties),
        judged=PER_PARTY if row.is_judged_per_party else None,
        source=source if row.document else None,
        due=due,
        watch=row.watch,
    )


def continuation(row: Lineage) -> Item:
    return _filled(reference=row.earlier.reference, relation=row.relation, note=dict(row.note))


def drop(row: Lineage) -> Item:
    return _filled(reference=row.earlier.reference, note=dict(row.note))


def metric(row: Metric, observations: Iterable[Observation]) -> Item:
    return _filled(
        key=row.key,
        name=dict(row.name),
        unit=dict(row.unit),
        baseline=_filled(value=number(row.baseline_value), period=_date(row.baseline_period)),
        target=_filled(value=number(row.target_value)),
        note=dict(row.note),
        observations=[observation(each) for each in observations],
    )


def observation(row: Observation) -> Item:
    return _filled(
        period=_date(row.period_edtf),
        value=number(row.value),
        series=dict(row.series),
        publisher=row.publisher,
        url=row.url,
        note=dict(row.note),
    )


def milestone(row: Milestone) -> Item:
    return _filled(
        key=row.key or f"step-{row.pk}",
        title=dict(row.title),
        date=_date(row.date_edtf),
        reached=row.is_reached or None,
        url=row.url,
    )


def evidence_key(row: Evidence) -> str:
    """What people added has no name in a file yet."""
    return row.key or f"added-{row.pk}"


def evidence(row: Evidence) -> Item:
    return _filled(
        key=evidence_key(row),
        url=row.url,
        title=row.title,
        publisher=row.publisher,
        language=row.language or "und",
        published=_date(row.published_edtf),
        stance=row.stance,
        kind=row.kind,
        voice=f"party:{row.voice_party.code}" if row.voice == Voice.PARTY and row.voice_party else row.voice,
        note=dict(row.note),
    )


def judgement(row: Assessment, cited: Iterable[Evidence], corrects: int | None = None) -> Item:
    """`corrects` is the place of the judgement that it corrects, counted from 1."""
    return _filled(
        status=row.status,
        effective_on=_day(row.effective_on),
        party=row.party.code if row.party else "",
        confidence=row.confidence,
        rationale=dict(row.rationale),
        evidence=sorted(evidence_key(each) for each in cited),
        corrects=corrects,
    )


def _filled(**fields: Any) -> Item:
    return {name: value for name, value in fields.items() if value is not None and value not in ("", {}, [])}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(edtf: str) -> str | int | None:
    """A bare year stands as a number, as people write it."""
    return int(edtf) if re.fullmatch(r"[1-9]\d{3}", edtf, re.ASCII) else edtf or None


def number(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
