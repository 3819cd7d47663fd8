"""Writes to the record that span rows: adding and withdrawing evidence, assessing."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from tracker.accounts.models import User
from tracker.multilingual import Texts
from tracker.pledges import dates
from tracker.pledges.models import NEEDS_NO_EVIDENCE, Assessment, Evidence, Party, Pledge, Status


class StaleVersionError(Exception):
    """Someone else assessed the pledge since the form was opened; `latest` is their judgement."""

    def __init__(self, latest: Assessment | None) -> None:
        super().__init__("the pledge was assessed meanwhile")
        self.latest = latest


class AssessmentError(ValueError):
    """The judgement lacks something; `field` names the form field at fault."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


class DuplicateEvidenceError(Exception):
    """The link already stands as evidence of this pledge; `existing` is that evidence."""

    def __init__(self, existing: Evidence) -> None:
        super().__init__("already evidence of this pledge")
        self.existing = existing


def add_evidence(
    *,
    pledge: Pledge,
    url: str,
    title: str,
    publisher: str,
    language: str,
    published_edtf: str,
    stance: str,
    kind: str,
    voice: str,
    voice_party: Party | None,
    note: Texts,
    by: User | None,
    now: datetime,
) -> Evidence:
    """One more link under a pledge. Raises DuplicateEvidenceError, FuzzyDateError."""
    published_on, _ = dates.bounds(published_edtf)
    if published_on is None:
        raise dates.FuzzyDateError("evidence needs a date")
    try:
        with transaction.atomic():
            return Evidence.objects.create(
                pledge=pledge,
                url=url,
                title=title[:500],
                publisher=publisher[:120],
                language=language,
                published_edtf=published_edtf,
                published_on=published_on,
                stance=stance,
                kind=kind,
                voice=voice,
                voice_party=voice_party,
                note=note,
                added_by=by,
                added_at=now,
            )
    except IntegrityError as error:
        existing = Evidence.objects.filter(pledge=pledge, url=url, withdrawn_at__isnull=True).first()
        if existing is None:
            raise
        raise DuplicateEvidenceError(existing) from error


def withdraw_evidence(*, evidence: Evidence, reason: str, by: User, now: datetime) -> bool:
    """Takes a link out of the count and leaves it on record; False when it was withdrawn before."""
    changed = Evidence.objects.filter(pk=evidence.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason[:500]
    )
    return changed == 1


@transaction.atomic
def assess(
    *,
    pledge: Pledge,
    expected_version: int,
    status: str,
    confidence: str,
    rationale: Texts,
    evidence: Iterable[Evidence],
    effective_on: date,
    by: User | None,
    now: datetime,
    is_shipped: bool = False,
) -> Assessment:
    """Records one judgement and moves the pledge's status, or neither.

    Raises AssessmentError where a reason or evidence is missing, StaleVersionError when someone was faster.
    """
    cited = list(evidence)
    _check(pledge, status, rationale, cited, effective_on, now)
    updated = Pledge.objects.filter(pk=pledge.pk, version=expected_version).update(
        status=status, version=F("version") + 1
    )
    if not updated:
        raise StaleVersionError(pledge.assessments.first())
    assessment = Assessment.objects.create(
        pledge=pledge,
        status=status,
        previous_status=pledge.status,
        confidence=confidence,
        rationale=rationale,
        effective_on=effective_on,
        recorded_at=now,
        recorded_by=by,
        is_shipped=is_shipped,
    )
    assessment.evidence.set(cited)
    pledge.status, pledge.version = status, expected_version + 1
    return assessment


def _check(
    pledge: Pledge, status: str, rationale: Texts, cited: list[Evidence], effective_on: date, now: datetime
) -> None:
    """The rules of the house: a change has a reason, and most changes have evidence."""
    if status not in Status.values:
        raise AssessmentError("status", "unknown_status")
    if not any(text.strip() for text in rationale.values()):
        raise AssessmentError("rationale", "reason_missing")
    if status not in NEEDS_NO_EVIDENCE and not cited:
        raise AssessmentError("evidence", "evidence_missing")
    if any(item.pledge_id != pledge.pk or item.withdrawn_at for item in cited):
        raise AssessmentError("evidence", "evidence_of_another_pledge")
    if status == Status.NOT_FULFILLED and len({item.publisher for item in cited}) < 2:
        raise AssessmentError("evidence", "two_publishers_needed")
    somewhere_today = (now + timedelta(hours=14)).date()  # the judge may sit east of UTC
    if effective_on > somewhere_today:
        raise AssessmentError("effective_on", "in_the_future")
