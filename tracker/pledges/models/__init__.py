"""The record of every pledge: what was promised, by whom, when it is due, what became of it."""

from tracker.pledges.models.assessment import Assessment, Confidence
from tracker.pledges.models.declaration import Declaration, DeclarationKind, Document, Party, Theme
from tracker.pledges.models.evidence import Evidence, EvidenceKind, Stance, Voice
from tracker.pledges.models.metric import Metric, Observation
from tracker.pledges.models.pledge import Milestone, Pledge, PledgeKind, PledgeQuerySet
from tracker.pledges.models.status import CLOSED, NEEDS_NO_EVIDENCE, STATUS_MEANING, Status

__all__ = [
    "CLOSED",
    "NEEDS_NO_EVIDENCE",
    "STATUS_MEANING",
    "Assessment",
    "Confidence",
    "Declaration",
    "DeclarationKind",
    "Document",
    "Evidence",
    "EvidenceKind",
    "Metric",
    "Milestone",
    "Observation",
    "Party",
    "Pledge",
    "PledgeKind",
    "PledgeQuerySet",
    "Stance",
    "Status",
    "Theme",
    "Voice",
]
