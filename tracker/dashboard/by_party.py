"""Pledges by party: what each party made of its own part, beside the pledge as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from tracker.dashboard.ledger import Line
from tracker.pledges.models import Assessment, Pledge, Status


@dataclass(frozen=True)
class PartyRow:
    pledge: Pledge
    cells: list[tuple[str, str]]  # each party of the matrix and its status; none where it owes nothing here


@dataclass(frozen=True)
class PartyMatrix:
    codes: list[tuple[str, str]]
    rows: list[PartyRow]


def party_matrix(lines: Sequence[Line], assessments: QuerySet[Assessment]) -> PartyMatrix | None:
    """Of these pledges, whose parties are judged apart; None where there is none."""
    apart = [line.pledge for line in lines]
    if not apart:
        return None
    judged = assessments.filter(pledge__in=apart, party__isnull=False).order_by("recorded_at", "id")
    newest = {(pledge, party): status for pledge, party, status in judged.values_list("pledge", "party", "status")}
    parties = sorted({party for pledge in apart for party in pledge.parties.all()}, key=lambda party: party.code)
    rows = []
    for pledge in apart:
        owing = set(pledge.parties.all())
        cells = [
            (str(party), newest.get((pledge.pk, party.pk), Status.NOT_ASSESSED.value) if party in owing else "")
            for party in parties
        ]
        rows.append(PartyRow(pledge, cells))
    return PartyMatrix([(party.code, str(party)) for party in parties], rows)
