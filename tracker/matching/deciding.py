"""What a person does with a suggestion: accept it as evidence, dismiss it, put it off, or take that back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from tracker.accounts.models import User
from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.multilingual import Texts
from tracker.pledges import judging
from tracker.pledges.actions import add_evidence, withdraw_evidence
from tracker.pledges.models import Assessment, Confidence, Evidence, Party, Pledge, Status

# What a suggestion says of its decision while there is none.
UNDECIDED: dict[str, Any] = {
    "state": SuggestionState.PENDING,
    "dismiss_reason": "",
    "dismiss_note": "",
    **dict.fromkeys(("decided_at", "decided_by", "evidence", "decided_with", "assessment", "proposal")),
    **dict.fromkeys(("snoozed_until", "snoozed_by")),
}


class AlreadyDecidedError(Exception):
    """Someone else decided it first; `decided` says who, when and how."""

    def __init__(self, decided: Suggestion) -> None:
        super().__init__("decided already")
        self.decided = decided


@dataclass(frozen=True)
class Judgement:
    """The status that an editor gives in the same step; the accepted article is cited, `also` besides it."""

    status: str
    confidence: str
    rationale: Texts
    effective_on: date
    expected_version: int
    also: Sequence[Evidence] = ()


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
    pledge: Pledge | None = None,
    judgement: Judgement | None = None,
) -> Evidence:
    """The article becomes evidence of the pledge.

    With another `pledge` the article is filed there, and this suggestion is dismissed as off topic along with it.
    Nothing is recorded when this raises AlreadyDecidedError, DuplicateEvidenceError, or what `judging` raises.
    """
    rows, article = _hold(suggestion), suggestion.article
    opened = rows[suggestion.pledge_id]
    chosen = _filed_under(pledge, rows, opened, now) if pledge and pledge.pk != opened.pledge_id else opened
    evidence = add_evidence(
        pledge=chosen.pledge,
        url=article.url,
        title=article.title,
        publisher=article.feed.title,
        language=article.language,
        published_edtf=article.published_edtf,
        stance=stance,
        kind=kind,
        voice=voice,
        voice_party=voice_party,
        note=note,
        by=by,
        now=now,
    )
    judged = _judge(chosen.pledge, judgement, evidence, by, now) if judgement else {}
    accepted = _decided(SuggestionState.ACCEPTED, by, now, evidence=evidence, **judged)
    Suggestion.objects.filter(pk=chosen.pk).update(**accepted)
    if chosen != opened:
        reason = {"dismiss_reason": DismissReason.OFF_TOPIC, "decided_with": chosen}
        Suggestion.objects.filter(pk=opened.pk).update(**_decided(SuggestionState.DISMISSED, by, now, **reason))
    return evidence


def _hold(suggestion: Suggestion) -> dict[int, Suggestion]:
    """The article's suggestions by pledge, locked for this transaction in one order, so that nobody deadlocks.

    Raises AlreadyDecidedError unless this one is still pending.
    """
    held = Suggestion.objects.select_for_update(of=("self",)).select_related("pledge__declaration")
    rows = {row.pledge_id: row for row in held.filter(article=suggestion.article_id).order_by("pk")}
    if rows[suggestion.pledge_id].state != SuggestionState.PENDING:
        raise AlreadyDecidedError(rows[suggestion.pledge_id])
    return rows


def _filed_under(pledge: Pledge, rows: dict[int, Suggestion], opened: Suggestion, now: datetime) -> Suggestion:
    """The article's suggestion for that pledge, made where no rule made one; a dismissed one may be thought over."""
    row = rows.get(pledge.pk)
    if row is None:
        return Suggestion.objects.create(
            article_id=opened.article_id, pledge=pledge, score=0, reasons=[], created_at=now
        )
    if row.state == SuggestionState.ACCEPTED:
        raise AlreadyDecidedError(row)
    return row


def _decided(state: str, by: User, now: datetime, **fields: Any) -> dict[str, Any]:
    """What a decision writes into the row."""
    return {**UNDECIDED, "state": state, "decided_at": now, "decided_by": by, **fields}


def _judge(pledge: Pledge, judgement: Judgement, evidence: Evidence, by: User, now: datetime) -> dict[str, Any]:
    draft = judging.Draft(
        pledge,
        status=judgement.status,
        confidence=judgement.confidence,
        rationale=judgement.rationale,
        evidence=[evidence, *judgement.also],
        effective_on=judgement.effective_on,
    )
    if pledge.declaration.needs_second_person:
        return {"proposal": judging.propose(draft, expected_version=judgement.expected_version, by=by, now=now)}
    return {"assessment": judging.assess(draft, expected_version=judgement.expected_version, by=by, now=now)}


def dismiss(*, suggestion: Suggestion, reason: str, by: User, now: datetime, note: str = "") -> None:
    """The pair never returns. Raises AlreadyDecidedError."""
    decided = _decided(SuggestionState.DISMISSED, by, now, dismiss_reason=reason, dismiss_note=note[:300])
    if not Suggestion.objects.pending().filter(pk=suggestion.pk).update(**decided):
        raise AlreadyDecidedError(Suggestion.objects.get(pk=suggestion.pk))


def snooze(*, suggestion: Suggestion, until: datetime, by: User, now: datetime) -> None:
    """Puts it off for everybody. Raises AlreadyDecidedError."""
    if not Suggestion.objects.pending().filter(pk=suggestion.pk).update(snoozed_until=until, snoozed_by=by):
        raise AlreadyDecidedError(Suggestion.objects.get(pk=suggestion.pk))


@transaction.atomic
def undo(*, suggestion: Suggestion, by: User, now: datetime) -> Suggestion | None:
    """All that the decision carried along is waiting again; evidence that came of it is withdrawn, never deleted.

    A status given with it is put back by a correcting judgement, unless the pledge was judged again since. Does
    nothing to what is waiting. Gives back the suggestion to look at again.
    """
    lead = suggestion.decided_with_id or suggestion.pk
    held = Suggestion.objects.select_for_update().filter(Q(pk=lead) | Q(decided_with=lead))
    again = []
    for row in held.order_by("pk"):
        if row.evidence:
            withdraw_evidence(evidence=row.evidence, reason="undone in review", by=by, now=now)
        if row.proposal:
            judging.take_back(proposal=row.proposal, by=by, now=now)
        if row.assessment:
            _put_status_back(row.assessment, by, now)
        if row.is_by_hand:  # nobody but the person who takes it back ever proposed it
            row.delete()
        else:
            again.append(row)
    Suggestion.objects.filter(pk__in=[row.pk for row in again]).update(**UNDECIDED)
    return next((row for row in again if row.pk == suggestion.pk), next(iter(again), None))


def _put_status_back(undone: Assessment, by: User, now: datetime) -> None:
    """What stood before stands again, by a judgement that says so; whatever is wrong with it leaves the status."""
    pledge = Pledge.objects.select_related("declaration").get(pk=undone.pledge_id)
    newest, *older = pledge.assessments.filter(party=undone.party)[:2]
    if newest != undone:
        return
    before = older[0] if older else None
    draft = judging.Draft(
        pledge,
        status=before.status if before else Status.NOT_ASSESSED,
        confidence=before.confidence if before else Confidence.LOW,
        rationale=_said_of_undoing(),
        evidence=list(before.evidence.filter(withdrawn_at__isnull=True)) if before else [],
        effective_on=before.effective_on if before else undone.effective_on,
        party=undone.party,
        corrects=undone,
    )
    try:
        judging.assess(draft, expected_version=pledge.version, by=by, now=now)
    except (judging.AssessmentError, judging.StaleVersionError, judging.SecondPersonError):
        return


def _said_of_undoing() -> Texts:
    texts = Texts()
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts[language] = gettext("Taken back in review: the article it rested on is undecided again.")
    return texts
