"""What a file brings and people may since have touched: evidence and judgements. Theirs stands."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tracker.pledges import file_rows, judging
from tracker.pledges.changes import GONE, Change
from tracker.pledges.models import Assessment, Declaration, Evidence, Party, Pledge

Item = dict[str, Any]


def is_touched(row: Evidence) -> bool:
    """Added by a person (by hand or by accepting a suggestion), or withdrawn by one."""
    return bool(row.withdrawn_at or row.added_by_id)


class EvidenceOnRecord:
    """All evidence of a declaration's pledges, found by key or link."""

    def __init__(self, declaration: Declaration) -> None:
        rows = Evidence.objects.filter(pledge__declaration=declaration).select_related("pledge", "voice_party")
        self.rows = list(rows.order_by("id"))
        self.by_key = {(row.pledge_id, row.key): row for row in self.rows if row.key}
        self.by_link = {(row.pledge_id, row.url): row for row in self.rows if not row.withdrawn_at}
        self.withdrawn = {(row.pledge_id, row.url): row for row in self.rows if row.withdrawn_at}

    def match(self, pledge_id: int, item: Item) -> Evidence | None:
        """The row an entry of the file speaks of; one that people touched comes first."""
        named = self.by_key.get((pledge_id, item["key"]))
        linked = self.by_link.get((pledge_id, item["url"]))
        rows = [row for row in (linked, named, self.withdrawn.get((pledge_id, item["url"]))) if row]
        return next((row for row in rows if is_touched(row)), named or linked)

    def untouched(self) -> list[Evidence]:
        return [row for row in self.rows if row.key and not is_touched(row)]


def judge(
    pledge: Pledge,
    item: Item,
    past: list[Assessment],
    evidence: dict[tuple[int, str], Evidence],
    parties: dict[str, Party],
    now: datetime,
) -> Iterator[Change]:
    """Records the judgements of the file that are not yet on record, unless people have judged the pledge.

    `past` is all that was judged, oldest first. The file's list is on record as far as its beginning is the end of
    what was shipped before; so an edited judgement is a new one after the old, and none is changed.
    """
    entries = [file_rows.judgement(entry, parties) for entry in item.get("assessments", [])]
    ours = [row for row in past if row.is_shipped]
    if ours and not entries:
        yield Change("kept", f"{pledge.reference}, judgement “{ours[-1].status}”", GONE)
    cited = [[evidence[pledge.pk, key] for key in entry.get("evidence", [])] for entry in item.get("assessments", [])]
    pairs = list(zip(entries, cited, strict=True))
    known = next(n for n in range(min(len(pairs), len(ours)), -1, -1) if _same(pairs[:n], ours[len(ours) - n :]))
    for entry, rows in pairs[known:]:
        name = f"{pledge.reference}, judgement “{entry['status']}”"
        if len(ours) < len(past):
            yield Change("kept", name, "people have judged this pledge")
            return
        try:
            draft = judging.Draft(pledge, evidence=[row for row in rows if not row.withdrawn_at], **entry)
            judging.assess(draft, expected_version=pledge.version, by=None, now=now, is_shipped=True)
        except judging.AssessmentError:
            # All else was checked with the file; only withdrawn evidence is left.
            yield Change("kept", name, "not recorded, the evidence it rests on was withdrawn")
            return
        yield Change("added", name)


def _same(pairs: list[tuple[Item, list[Evidence]]], rows: list[Assessment]) -> bool:
    return all(
        all(getattr(row, field) == value for field, value in entry.items())
        and _standing(cited) == _standing(row.evidence.all())
        for (entry, cited), row in zip(pairs, rows, strict=True)
    )


def _standing(evidence: Any) -> set[int]:
    return {row.pk for row in evidence if not row.withdrawn_at}
