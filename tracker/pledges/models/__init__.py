"""The record of every pledge: what was promised, by whom, when it is due, what became of it."""

from tracker.pledges.models.assessment import Assessment, Confidence, Judgement, Proposal, ProposalState
from tracker.pledges.models.declaration import Declaration, DeclarationKind, Document, Party, Theme
from tracker.pledges.models.edit import FIELD_NAMES, Edit
from tracker.pledges.models.evidence import Evidence, EvidenceKind, Stance, Voice
from tracker.pledges.models.evidence_copy import EvidenceCopy, LinkState
from tracker.pledges.models.lineage import Lineage, Relation
from tracker.pledges.models.metric import Metric, Observation
from tracker.pledges.models.pledge import Milestone, Pledge, PledgeKind, PledgeQuerySet
from tracker.pledges.models.revised import Revised
from tracker.pledges.models.status import CLOSED, NEEDS_NO_EVIDENCE, STATUS_MEANING, Status

__all__ = [
    "CLOSED",
    "FIELD_NAMES",
    "NEEDS_NO_EVIDENCE",
    "STATUS_MEANING",
    "Assessment",
    "Confidence",
    "Declaration",
    "DeclarationKind",
    "Document",
    "Edit",
    "Evidence",
    "EvidenceCopy",
    "EvidenceKind",
    "Judgement",
    "Lineage",
    "LinkState",
    "Metric",
    "Milestone",
    "Observation",
    "Party",
    "Pledge",
    "PledgeKind",
    "PledgeQuerySet",
    "Proposal",
    "ProposalState",
    "Relation",
    "Revised",
    "Stance",
    "Status",
    "Theme",
    "Voice",
]
