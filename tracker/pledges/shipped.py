"""What a file brings and people may since have touched: evidence and judgements. Theirs stands."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tracker.pledges import file_rows, judging
from tracker.pledges.changes import GONE, Change
from tracker.pledges.models import Assessment, Declaration, Evidence, Party, Pledge, Status

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
    first: "FirstJudgements",
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
    places = [entry.get("corrects") for entry in item.get("assessments", [])]
    pairs = list(zip(entries, cited, strict=True))
    known = next(n for n in range(min(len(pairs), len(ours)), -1, -1) if _same(pairs[:n], ours[len(ours) - n :]))
    made = ours[len(ours) - known :]
    for (entry, rows), place in list(zip(pairs, places, strict=True))[known:]:
        part = f" of {entry['party'].code}" if entry["party"] else ""
        name = f"{pledge.reference}, judgement{part} “{entry['status']}”"
        if len(ours) < len(past):
            yield Change("kept", name, "people have judged this pledge")
            return
        try:
            draft = judging.Draft(
                pledge,
                evidence=[row for row in rows if not row.withdrawn_at],
                corrects=made[place - 1] if place else None,
                **entry,
            )
            if past or any(places):  # what a correction names has to be on record before
                made.append(
                    judging.assess(draft, expected_version=pledge.version, by=None, now=first.now, is_shipped=True)
                )
            else:
                first.add(draft)
        except judging.AssessmentError:
            # All else was checked with the file; only withdrawn evidence is left.
            yield Change("kept", name, "not recorded, the evidence it rests on was withdrawn")
            return
        yield Change("added", name)


class FirstJudgements:
    """Shipped judgements of pledges that nobody judged yet: the same as `judging.assess` each, in few queries."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows: list[Assessment] = []
        self.cited: list[list[int]] = []
        self.standing: dict[tuple[int, int | None], str] = {}

    def add(self, draft: judging.Draft) -> None:
        """Raises AssessmentError."""
        draft.check(self.now)
        pledge, matter = draft.pledge, (draft.pledge.pk, draft.party.pk if draft.party else None)
        links = sorted({row.pk for row in draft.evidence})
        self.rows.append(
            Assessment(
                **draft.values(),
                previous_status=self.standing.get(matter, Status.NOT_ASSESSED),
                evidence_count=len(links),
                recorded_at=self.now,
                is_shipped=True,
            )
        )
        self.cited.append(links)
        self.standing[matter] = draft.status
        pledge.version += 1
        if not draft.party:
            pledge.status = draft.status

    def save(self) -> None:
        """What was added since the last time. Raises StaleVersionError."""
        moved: dict[tuple[str, int], set[int]] = {}
        for row in self.rows:
            moved.setdefault((row.pledge.status, row.pledge.version), set()).add(row.pledge_id)
        for (status, version), ids in moved.items():
            unjudged = Pledge.objects.filter(pk__in=ids, version=0)
            if unjudged.update(status=status, version=version) != len(ids):
                raise judging.StaleVersionError(None)
        made = Assessment.objects.bulk_create(self.rows)
        through = Assessment.evidence.through
        through._default_manager.bulk_create(
            through(assessment_id=row.pk, evidence_id=pk)
            for row, links in zip(made, self.cited, strict=True)
            for pk in links
        )
        self.rows, self.cited, self.standing = [], [], {}


def _same(pairs: list[tuple[Item, list[Evidence]]], rows: list[Assessment]) -> bool:
    return all(
        all(getattr(row, field) == value for field, value in entry.items())
        and _standing(cited) == _standing(row.evidence.all())
        for (entry, cited), row in zip(pairs, rows, strict=True)
    )


def _standing(evidence: Any) -> set[int]:
    return {row.pk for row in evidence if not row.withdrawn_at}
