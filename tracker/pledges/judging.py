"""Judging a pledge: recorded at once, or proposed for another editor to confirm where the declaration asks for two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from tracker.accounts.models import User
from tracker.multilingual import Texts
from tracker.pledges.judgement_rules import last_day, publisher_count
from tracker.pledges.models import (
    NEEDS_NO_EVIDENCE,
    Assessment,
    Evidence,
    Party,
    Pledge,
    Proposal,
    ProposalState,
    Status,
)


class StaleVersionError(Exception):
    """Someone else judged the pledge meanwhile; `latest` is their judgement."""

    def __init__(self, latest: Assessment | None) -> None:
        super().__init__("the pledge was judged meanwhile")
        self.latest = latest


class AssessmentError(ValueError):
    """The judgement lacks something; `field` names the form field at fault."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


class SecondPersonError(Exception):
    """This takes another editor: the declaration asks for a second person, or the proposal is one's own."""


class ProposalWaitingError(Exception):
    """One proposal at a time waits; `waiting` is that one."""

    def __init__(self, waiting: Proposal) -> None:
        super().__init__("a judgement waits for confirmation already")
        self.waiting = waiting


class ProposalDecidedError(Exception):
    """The proposal waits no more; `proposal` says who decided it and how."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__("the proposal was decided already")
        self.proposal = proposal


@dataclass(frozen=True)
class Draft:
    """A judgement before it is on record. Without a party it is about the pledge as a whole."""

    pledge: Pledge
    status: str
    confidence: str
    rationale: Texts
    evidence: Sequence[Evidence]
    effective_on: date
    party: Party | None = None
    corrects: Assessment | None = None

    def check(self, now: datetime) -> None:
        """The rules of the house: a judgement has a reason, and most have evidence. Raises AssessmentError."""
        if self.status not in Status.values:
            raise AssessmentError("status", "unknown_status")
        if not any(text.strip() for text in self.rationale.values()):
            raise AssessmentError("rationale", "reason_missing")
        if self.effective_on > last_day(now):
            raise AssessmentError("effective_on", "in_the_future")
        self._check_evidence()
        if self.party and not (
            self.pledge.is_judged_per_party and self.pledge.parties.filter(pk=self.party.pk).exists()
        ):
            raise AssessmentError("party", "not_judged_apart")
        target = self.corrects
        if target and (target.pledge_id, target.party_id) != (self.pledge.pk, self.party.pk if self.party else None):
            raise AssessmentError("corrects", "corrects_another_matter")

    def _check_evidence(self) -> None:
        if self.status not in NEEDS_NO_EVIDENCE and not self.evidence:
            raise AssessmentError("evidence", "evidence_missing")
        if any(item.pledge_id != self.pledge.pk or item.withdrawn_at for item in self.evidence):
            raise AssessmentError("evidence", "evidence_of_another_pledge")
        if self.status == Status.NOT_FULFILLED and publisher_count(item.publisher for item in self.evidence) < 2:
            raise AssessmentError("evidence", "two_publishers_needed")

    def values(self) -> dict[str, Any]:
        """What an assessment and a proposal both keep of it, but for the evidence."""
        names = ("pledge", "party", "status", "confidence", "rationale", "effective_on", "corrects")
        return {name: getattr(self, name) for name in names}

    def standing(self) -> Assessment | None:
        """The newest judgement of the same matter."""
        return self.pledge.assessments.filter(party=self.party).first()


@transaction.atomic
def assess(
    draft: Draft, *, expected_version: int, by: User | None, now: datetime, is_shipped: bool = False
) -> Assessment:
    """Records one judgement and moves the pledge's status, or neither. A data set was reviewed before it was shipped.

    Raises AssessmentError where a reason or evidence is missing, StaleVersionError when someone was faster,
    SecondPersonError where judgements have to be proposed.
    """
    if draft.pledge.declaration.needs_second_person and not is_shipped:
        raise SecondPersonError
    return _record(draft, expected_version=expected_version, now=now, recorded_by=by, is_shipped=is_shipped)


@transaction.atomic
def propose(draft: Draft, *, expected_version: int, by: User, now: datetime) -> Proposal:
    """Leaves a judgement for another editor. Raises AssessmentError, StaleVersionError, ProposalWaitingError."""
    draft.check(now)
    if not Pledge.objects.select_for_update().filter(pk=draft.pledge.pk, version=expected_version).exists():
        raise StaleVersionError(draft.pledge.assessments.first())
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                **draft.values(), based_on=draft.standing(), proposed_by=by, proposed_at=now
            )
    except IntegrityError as error:
        waiting = draft.pledge.proposals.filter(party=draft.party, state=ProposalState.WAITING).first()
        if waiting is None:
            raise
        raise ProposalWaitingError(waiting) from error
    proposal.evidence.set(draft.evidence)
    return proposal


@transaction.atomic
def confirm(*, proposal: Proposal, by: User, now: datetime) -> Assessment:
    """Puts a proposal on record under both names.

    Raises ProposalDecidedError, SecondPersonError for one's own, StaleVersionError where another judgement came
    between, AssessmentError where its evidence was withdrawn.
    """
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if row.state != ProposalState.WAITING:
        raise ProposalDecidedError(row)
    if row.proposed_by_id == by.pk:
        raise SecondPersonError
    pledge = Pledge.objects.select_for_update().get(pk=row.pledge_id)
    names = ("status", "confidence", "rationale", "effective_on", "party", "corrects")
    draft = Draft(pledge, evidence=list(row.evidence.all()), **{name: getattr(row, name) for name in names})
    if (standing := draft.standing()) != row.based_on:
        raise StaleVersionError(standing)
    row.assessment = _record(
        draft, expected_version=pledge.version, now=now, recorded_by=row.proposed_by, confirmed_by=by
    )
    row.state, row.decided_by, row.decided_at = ProposalState.CONFIRMED, by, now
    row.save(update_fields=("assessment", "state", "decided_by", "decided_at"))
    return row.assessment


def reject(*, proposal: Proposal, reason: str, by: User, now: datetime) -> bool:
    """Another editor says no, and why; False when it is one's own or was decided before."""
    others = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.WAITING).exclude(proposed_by=by)
    return _decide(others, ProposalState.REJECTED, by, now, reason)


def take_back(*, proposal: Proposal, by: User, now: datetime) -> bool:
    """Its editor thinks again; False when it is not one's own or was decided before."""
    own = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.WAITING, proposed_by=by)
    return _decide(own, ProposalState.TAKEN_BACK, by, now)


def _decide(rows: Any, state: str, by: User, now: datetime, reason: str = "") -> bool:
    return rows.update(state=state, decided_by=by, decided_at=now, decision_reason=reason[:500]) == 1


def _record(draft: Draft, *, expected_version: int, now: datetime, **who: Any) -> Assessment:
    """Compare-and-swap on the version, then history, in the caller's transaction."""
    draft.check(now)
    moved = {} if draft.party else {"status": draft.status}
    updated = Pledge.objects.filter(pk=draft.pledge.pk, version=expected_version).update(
        version=F("version") + 1, **moved
    )
    newest = draft.pledge.assessments.first()
    if not updated:
        raise StaleVersionError(newest)
    standing = draft.standing() if draft.pledge.is_judged_per_party else newest
    cited = {item.pk for item in draft.evidence}
    assessment = Assessment.objects.create(
        **draft.values(),
        previous_status=standing.status if standing else Status.NOT_ASSESSED,
        evidence_count=len(cited),
        # Two servers' clocks may differ; the newest judgement is the one recorded last.
        recorded_at=max(now, newest.recorded_at) if newest else now,
        **who,
    )
    assessment.evidence.add(*cited)
    for name, value in {**moved, "version": expected_version + 1}.items():
        setattr(draft.pledge, name, value)
    return assessment
