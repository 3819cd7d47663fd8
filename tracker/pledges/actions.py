"""Adding evidence to the record and withdrawing it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tracker.accounts.models import User
from tracker.multilingual import Texts
from tracker.pledges import dates
from tracker.pledges.latest import refresh_latest
from tracker.pledges.models import Evidence, Party, Pledge


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
            added = Evidence.objects.create(
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
            refresh_latest(Pledge.objects.filter(pk=pledge.pk))
            return added
    except IntegrityError as error:
        existing = Evidence.objects.filter(pledge=pledge, url=url, withdrawn_at__isnull=True).first()
        if existing is None:
            raise
        raise DuplicateEvidenceError(existing) from error


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, reason: str, by: User, now: datetime) -> bool:
    """Takes a link out of the count and leaves it on record; False when it was withdrawn before."""
    changed = Evidence.objects.filter(pk=evidence.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason[:500]
    )
    refresh_latest(Pledge.objects.filter(pk=evidence.pledge_id))
    return changed == 1
