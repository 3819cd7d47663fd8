"""What a person does with a suggestion: accept it as evidence, dismiss it, put it off, or take that back."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from tracker.accounts.models import User
from tracker.feeds.models import Article
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

type Held = dict[tuple[int, int], Suggestion]  # by article and pledge


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
    copies: Container[int] | None = None,
) -> Evidence:
    """The article becomes evidence of the pledge, and its near-copies are attached: decided with it, no evidence apart.

    With another `pledge` the article is filed there, and this suggestion is dismissed as off topic along with it.
    `copies`: the articles that may be attached; None for all. Nothing is recorded when this raises
    AlreadyDecidedError, DuplicateEvidenceError, or what `judging` raises.
    """
    held, article = _hold(suggestion), suggestion.article
    opened = held[suggestion.article_id, suggestion.pledge_id]
    chosen = _filed_under(pledge, held, opened, now) if pledge and pledge.pk != opened.pledge_id else opened
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
    _carry_along(_copies(held, chosen, copies), chosen, accepted)
    if chosen != opened:
        elsewhere = _decided(SuggestionState.DISMISSED, by, now, dismiss_reason=DismissReason.OFF_TOPIC)
        _carry_along([opened, *_copies(held, opened, copies)], chosen, elsewhere)
    return evidence


def _hold(suggestion: Suggestion) -> Held:
    """What was suggested of the whole story, locked for this transaction in one order, so that nobody deadlocks.

    Raises AlreadyDecidedError unless this one is still pending.
    """
    story = list(Article.objects.of_stories([suggestion.article.story_key]).values_list("pk", flat=True))
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("pledge__declaration")
    held = {(row.article_id, row.pledge_id): row for row in rows.filter(article__in=story).order_by("pk")}
    own = held[suggestion.article_id, suggestion.pledge_id]
    if own.state != SuggestionState.PENDING:
        raise AlreadyDecidedError(own)
    return held


def _copies(held: Held, lead: Suggestion, chosen: Container[int] | None) -> list[Suggestion]:
    """The pending near-copies for the same pledge, of these articles or of all."""
    pending = [row for row in held.values() if row.pledge_id == lead.pledge_id and row.state == SuggestionState.PENDING]
    return [row for row in pending if row != lead and (chosen is None or row.article_id in chosen)]


def _carry_along(rows: Iterable[Suggestion], lead: Suggestion, decision: dict[str, Any]) -> None:
    """The same into the rows that follow the lead's; a judgement belongs to the lead alone."""
    own = {"decided_with": lead, "assessment": None, "proposal": None}
    Suggestion.objects.filter(pk__in=[row.pk for row in rows]).update(**{**decision, **own})


def _filed_under(pledge: Pledge, held: Held, opened: Suggestion, now: datetime) -> Suggestion:
    """The article's suggestion for that pledge, made where no rule made one; a dismissed one may be thought over."""
    row = held.get((opened.article_id, pledge.pk))
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


@transaction.atomic
def dismiss(
    *,
    suggestion: Suggestion,
    reason: str,
    by: User,
    now: datetime,
    note: str = "",
    copies: Container[int] | None = None,
) -> None:
    """Neither the article nor its near-copies return for this pledge. Raises AlreadyDecidedError."""
    held = _hold(suggestion)
    decision = _decided(SuggestionState.DISMISSED, by, now, dismiss_reason=reason, dismiss_note=note[:300])
    Suggestion.objects.filter(pk=suggestion.pk).update(**decision)
    _carry_along(_copies(held, suggestion, copies), suggestion, decision)


@transaction.atomic
def snooze(*, suggestion: Suggestion, until: datetime, by: User) -> None:
    """Puts it off for everybody, its near-copies too. Raises AlreadyDecidedError."""
    held = _hold(suggestion)
    decision = {**UNDECIDED, "snoozed_until": until, "snoozed_by": by}
    Suggestion.objects.filter(pk=suggestion.pk).update(**decision)
    _carry_along(_copies(held, suggestion, None), suggestion, decision)


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
