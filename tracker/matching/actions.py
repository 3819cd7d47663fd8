"""What becomes of a suggestion: accepted as evidence, dismissed, or put back among the waiting."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tracker.accounts.models import User
from tracker.matching.models import Suggestion, SuggestionState
from tracker.multilingual import Texts
from tracker.pledges.actions import add_evidence, withdraw_evidence
from tracker.pledges.models import Evidence, Party


class AlreadyDecidedError(Exception):
    """Someone else decided it first; the row says who and when."""


@transaction.atomic
def accept(
    *,
    suggestion: Suggestion,
    stance: str,
    kind: str,
    voice: str,
    voice_party: Party | None,
    note: Texts,
    by: User,
    now: datetime,
) -> Evidence:
    """The article becomes evidence of the pledge. Raises AlreadyDecidedError, DuplicateEvidenceError."""
    article = suggestion.article
    _take(suggestion)
    evidence = add_evidence(
        pledge=suggestion.pledge,
        url=article.url,
        title=article.title,
        publisher=article.feed.title,
        language=article.language,
        published_edtf=f"{timezone.localdate(article.dated_at):%Y-%m-%d}",
        stance=stance,
        kind=kind,
        voice=voice,
        voice_party=voice_party,
        note=note,
        by=by,
        now=now,
    )
    Suggestion.objects.filter(pk=suggestion.pk).update(
        state=SuggestionState.ACCEPTED, decided_at=now, decided_by=by, evidence=evidence
    )
    return evidence


def dismiss(*, suggestion: Suggestion, reason: str, by: User, now: datetime) -> None:
    """The pair never returns. Raises AlreadyDecidedError."""
    changed = Suggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.PENDING).update(
        state=SuggestionState.DISMISSED, decided_at=now, decided_by=by, dismiss_reason=reason
    )
    if not changed:
        raise AlreadyDecidedError


@transaction.atomic
def undo(*, suggestion: Suggestion, by: User, now: datetime) -> None:
    """Waiting again; evidence that came of it is withdrawn, never deleted. Does nothing to a waiting one."""
    decided = Suggestion.objects.select_for_update().select_related("evidence").get(pk=suggestion.pk)
    if decided.evidence:
        withdraw_evidence(evidence=decided.evidence, reason="undone in review", by=by, now=now)
    Suggestion.objects.filter(pk=decided.pk).update(
        state=SuggestionState.PENDING, decided_at=None, decided_by=None, dismiss_reason="", evidence=None
    )


def _take(suggestion: Suggestion) -> None:
    """Locks the row for this transaction. Raises AlreadyDecidedError unless it still waits."""
    held = Suggestion.objects.select_for_update().filter(pk=suggestion.pk, state=SuggestionState.PENDING)
    if not held.exists():
        raise AlreadyDecidedError
