"""Brings the database to what a declaration file says, and tells each difference.

Loading twice changes nothing the second time. What people judged, added, withdrew or changed is never overwritten; what
the file no longer names is kept and said. Table by table, so that a large file costs few queries.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from tracker.pledges import clashes, editing, file_rows, shipped
from tracker.pledges.changes import GONE, Change, difference
from tracker.pledges.declaration_file import DeclarationFileError
from tracker.pledges.marked_yaml import MarkedYaml
from tracker.pledges.models import (
    Assessment,
    Declaration,
    Document,
    Edit,
    Evidence,
    Lineage,
    Metric,
    Milestone,
    Observation,
    Party,
    Pledge,
    Revised,
    Theme,
)

Fields = dict[str, Any]
Wanted = tuple[Fields, Fields]  # what a new row is given besides; what every row is brought to
PARTS = ("metrics", "milestones", "evidence", "assessments")
BATCH = 1000
THEIRS = "people changed it"


def size(data: Fields) -> int:
    """How many steps `load` reports as progress: an entry of the file is one."""
    return sum(1 + sum(len(pledge.get(part, ())) for part in PARTS) for pledge in data["pledges"])


def load(
    file: MarkedYaml, *, now: datetime, dry_run: bool = False, progress: Callable[[int], object] = lambda steps: None
) -> list[Change]:
    """Applies a parsed file in one transaction; `dry_run` only tells. `progress` is told of steps as they are done.

    Raises DeclarationFileError; StaleVersionError or EditConflictError where someone else was at work too.
    """
    with transaction.atomic():
        if problems := [file.problem(path, message) for path, message in clashes.find(file.data, now)]:
            raise DeclarationFileError(problems)
        changes = _Loading(file.data, now, progress).run()
        if dry_run:
            transaction.set_rollback(True)
    order = {pledge["reference"]: position for position, pledge in enumerate(file.data["pledges"])}
    return sorted(changes, key=lambda change: order.get(change.what.partition(",")[0], -1))


class _Loading:
    """One run: the data, the clock and the differences so far.

    Every row has a name by which the file, the database and the report speak of it, such as
    `CN-KZ-2024-11, milestone opening`.
    """

    def __init__(self, data: Fields, now: datetime, progress: Callable[[int], object]) -> None:
        self.data, self.now, self.progress = data, now, progress
        self.changes: list[Change] = []
        self.edits: list[Edit] = []

    def run(self) -> list[Change]:
        item = self.data["declaration"]
        reference = item["reference"]
        known = {row.reference: row for row in Declaration.objects.filter(reference=reference)}
        self.theirs = _changed_by_people(reference)
        wanted: dict[str, Wanted] = {reference: ({}, file_rows.declaration(item))}
        self.declaration = self.bring(Declaration, known, wanted)[reference]
        self.parties = self.load_parties()
        self.pledges = self.load_pledges()
        self.load_pledge_parties()
        self.load_lineage()
        self.load_figures()
        self.load_milestones()
        evidence = self.load_evidence()
        self.load_judgements(evidence)
        Edit.objects.bulk_create(self.edits)
        return self.changes

    def bring(self, model: type[models.Model], known: dict[str, Any], wanted: dict[str, Wanted]) -> dict[str, Any]:
        """The rows by name, made or brought to the wanted values."""
        fresh = {name: model(**owner, **values) for name, (owner, values) in wanted.items() if name not in known}
        self.changes += [Change("added", name) for name in fresh]
        for name, row in known.items():
            if name not in wanted:
                self.changes.append(Change("kept", name, GONE))
                continue
            values = wanted[name][1]
            different = {field: new for field, new in values.items() if getattr(row, field) != new}
            self.bring_row(row, name, self.but_theirs(row, name, different))
        for rows in batched(fresh.values(), BATCH):
            model._default_manager.bulk_create(rows)
            if model in STEPS:
                self.progress(len(rows))
        return {**known, **fresh}

    def but_theirs(self, row: Any, name: str, different: Fields) -> Fields:
        """Without the fields that people changed in the app, which are said to be kept."""
        theirs = self.theirs.get((row._meta.model_name, row.pk), set())
        kept = {field for field in different if "" in theirs or editing.DERIVED_FROM.get(field, field) in theirs}
        self.changes += [
            Change("kept", f"{name}, {field}", THEIRS) for field in different if field in kept - {*editing.DERIVED_FROM}
        ]
        return {field: new for field, new in different.items() if field not in kept}

    def bring_row(self, row: Any, name: str, values: Fields) -> None:
        """One row to its new values, each difference told and, where people edit such rows, on record."""
        if not values:
            return
        for field, new in values.items():
            old = getattr(row, field)
            self.changes.append(Change("changed", f"{name}, {field}", difference(old, new)))
            if isinstance(row, Revised) and field not in editing.DERIVED_FROM:
                self.note(row, field, editing.plain(old), editing.plain(new))
            setattr(row, field, new)
        if isinstance(row, Revised):
            self.revise(row, values)
        else:
            row.save(update_fields=list(values))

    def note(self, row: Any, field: str, old: object, new: object) -> None:
        self.edits.append(editing.entry(row, field, old, new, row.revision + 1, None, self.now))

    def revise(self, row: Any, values: Fields) -> None:
        rows: Any = type(row)._default_manager.filter(pk=row.pk, revision=row.revision)
        row.revision += 1
        if not rows.update(revision=row.revision, **values):
            raise editing.EditConflictError([])

    def load_parties(self) -> dict[str, Party]:
        items = {item["code"]: item for item in self.data["parties"]}
        known = {f"party {row.code}": row for row in Party.objects.filter(code__in=items)}
        wanted: dict[str, Wanted] = {f"party {code}": ({}, file_rows.party(item)) for code, item in items.items()}
        parties = {row.code: row for row in self.bring(Party, known, wanted).values()}
        before = {party.code for party in self.declaration.parties.all()}
        if not before or self.bring_parties(self.declaration, before, parties):
            self.declaration.parties.set(parties.values())
        return parties

    def bring_parties(self, row: Any, before: Iterable[str], after: Iterable[str]) -> bool:
        """Tells and notes a difference; whether the row is to get the new ones."""
        old, new = sorted(before), sorted(after)
        if old == new or not self.but_theirs(row, row.reference, {"parties": new}):
            return False
        self.changes.append(Change("changed", f"{row.reference}, parties", f"{', '.join(old)} → {', '.join(new)}"))
        self.note(row, "parties", old, new)
        self.revise(row, {})
        return True

    def load_pledges(self) -> dict[str, Pledge]:
        owner = {"declaration": self.declaration}
        themes = self.bring(
            Theme,
            {f"theme {row.slug}": row for row in self.declaration.themes.all()},
            {f"theme {i['slug']}": (owner, file_rows.theme(i, n)) for n, i in enumerate(self.data["themes"])},
        )
        sources = self.data["declaration"].get("sources", [])
        documents = self.bring(
            Document,
            {f"source {row.key}": row for row in self.declaration.documents.all()},
            {f"source {item['key']}": (owner, file_rows.document(item)) for item in sources},
        )
        return self.bring(
            Pledge,
            {row.reference: row for row in self.declaration.pledges.select_related("theme", "document")},
            {item["reference"]: (owner, file_rows.pledge(item, themes, documents)) for item in self.data["pledges"]},
        )

    def load_pledge_parties(self) -> None:
        through = Pledge.parties.through
        before: dict[int, set[int]] = {}
        for row in through._default_manager.filter(pledge__declaration=self.declaration):
            before.setdefault(row.pledge_id, set()).add(row.party_id)
        codes = {party.pk: party.code for party in Party.objects.all()}
        fresh = []
        for item in self.data["pledges"]:
            pledge = self.pledges[item["reference"]]
            had, wanted = before.get(pledge.pk, set()), {self.parties[code].pk for code in item["parties"]}
            if had and not self.bring_parties(pledge, (codes[pk] for pk in had), item["parties"]):
                continue
            if had - wanted:
                through._default_manager.filter(pledge=pledge, party__in=had - wanted).delete()
            fresh += [through(pledge_id=pledge.pk, party_id=pk) for pk in wanted - had]
        through._default_manager.bulk_create(fresh, batch_size=BATCH)

    def each(self, part: str) -> Iterable[tuple[Pledge, Fields]]:
        for item in self.data["pledges"]:
            for entry in item.get(part, []):
                yield self.pledges[item["reference"]], entry

    def load_lineage(self) -> None:
        drops = [(None, entry) for entry in self.data["declaration"].get("drops", [])]
        entries: list[tuple[Pledge | None, Fields]] = [*self.each("continues"), *drops]
        named = Pledge.objects.filter(reference__in={entry["reference"] for _, entry in entries})
        earlier = {row.reference: row for row in named}
        ours = self.declaration.reference
        self.bring(
            Lineage,
            {
                file_rows.lineage_name(row.earlier.reference, row.later, ours): row
                for row in self.declaration.lineage.select_related("earlier", "later")
            },
            {
                file_rows.lineage_name(entry["reference"], later, ours): (
                    {"declaration": self.declaration, "earlier": earlier[entry["reference"]], "later": later},
                    file_rows.lineage(entry),
                )
                for later, entry in entries
            },
        )

    def load_figures(self) -> None:
        rows = Metric.objects.filter(pledge__declaration=self.declaration).select_related("pledge")
        metrics = self.bring(
            Metric,
            {file_rows.metric_name(row.pledge, row.key): row for row in rows},
            {
                file_rows.metric_name(pledge, item["key"]): ({"pledge": pledge}, file_rows.metric(item))
                for pledge, item in self.each("metrics")
            },
        )
        self.load_observations(metrics)

    def load_observations(self, metrics: dict[str, Metric]) -> None:
        """What people added or withdrew stays as it is, also where the file has a figure of the same name."""
        names = {row.pk: name for name, row in metrics.items()}
        wanted: dict[str, Wanted] = {}
        for pledge, item in self.each("metrics"):
            name = file_rows.metric_name(pledge, item["key"])
            for entry in item.get("observations", []):
                owner = {"metric": metrics[name], "added_at": self.now}
                wanted[file_rows.observation_name(name, entry)] = (owner, file_rows.observation(entry))
        known = {}
        for row in Observation.objects.filter(metric__in=metrics.values()):
            said = {"period": row.period_edtf, "series": row.series}
            name = file_rows.observation_name(names[row.metric_id], said)
            is_shipped, is_withdrawn = row.added_by_id is None, row.withdrawn_at is not None
            if is_shipped and not is_withdrawn:
                known[name] = row
            elif (is_shipped or not is_withdrawn) and name in wanted:
                del wanted[name]
                self.changes.append(Change("kept", name, "people added or withdrew this figure"))
        self.bring(Observation, known, wanted)

    def load_milestones(self) -> None:
        rows = Milestone.objects.filter(pledge__declaration=self.declaration).exclude(key="").select_related("pledge")
        self.bring(
            Milestone,
            {f"{row.pledge.reference}, milestone {row.key}": row for row in rows},
            {
                f"{pledge.reference}, milestone {item['key']}": ({"pledge": pledge}, file_rows.milestone(item))
                for pledge, item in self.each("milestones")
            },
        )

    def load_evidence(self) -> dict[tuple[int, str], Evidence]:
        """By pledge and key in the file. Only shipped rows follow the file."""
        record = shipped.EvidenceOnRecord(self.declaration)
        cited: dict[tuple[int, str], Evidence] = {}
        known: dict[str, Evidence] = {}
        wanted: dict[str, Wanted] = {}
        for pledge, item in self.each("evidence"):
            name = f"{pledge.reference}, evidence {item['key']}"
            row = record.match(pledge.pk, item)
            if row and shipped.is_touched(row):
                self.changes.append(Change("kept", name, "people added or withdrew this link"))
                cited[pledge.pk, item["key"]] = row
                continue
            if row:
                known[name] = row
            wanted[name] = ({"pledge": pledge, "added_at": self.now}, file_rows.evidence(item, self.parties))
        matched = {row.pk for row in known.values()}
        known |= {
            f"{row.pledge.reference}, evidence {row.key}": row
            for row in record.untouched()
            if row.pk not in matched and (row.pledge_id, row.key) not in cited
        }
        rows = self.bring(Evidence, known, wanted)
        return cited | {(row.pledge_id, row.key): row for row in rows.values()}

    def load_judgements(self, evidence: dict[tuple[int, str], Evidence]) -> None:
        past: dict[int, list[Assessment]] = {}
        rows = Assessment.objects.filter(pledge__declaration=self.declaration).select_related("party")
        for row in rows.prefetch_related("evidence").order_by("recorded_at", "id"):
            past.setdefault(row.pledge_id, []).append(row)
        first = shipped.FirstJudgements(self.now)
        for items in batched(self.data["pledges"], BATCH):
            for item in items:
                pledge = self.pledges[item["reference"]]
                self.changes += shipped.judge(pledge, item, past.get(pledge.pk, []), evidence, self.parties, first)
            first.save()
            self.progress(sum(len(item.get("assessments", ())) for item in items))


STEPS = (Pledge, Metric, Milestone, Evidence)


def _changed_by_people(reference: str) -> dict[tuple[str, int], set[str]]:
    """The fields of each record that people changed in the app; an empty one where they added the record."""
    theirs: dict[tuple[str, int], set[str]] = {}
    edits = Edit.objects.by_people().filter(Q(declaration__reference=reference) | Q(declaration=None))
    for record, pk, field in edits.values_list("record", "record_id", "field"):
        theirs.setdefault((record, pk), set()).add(field)
    return theirs
