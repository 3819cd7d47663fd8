"""Brings the database to what a declaration file says, and tells each difference.

Loading twice changes nothing the second time. What people judged, added or withdrew is never overwritten; what the
file no longer names is kept and said. Table by table, so that a large file costs few queries.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from tracker.pledges import clashes, file_rows, shipped
from tracker.pledges.changes import GONE, Change, difference
from tracker.pledges.declaration_file import DeclarationFileError
from tracker.pledges.marked_yaml import MarkedYaml
from tracker.pledges.models import (
    Assessment,
    Declaration,
    Document,
    Evidence,
    Metric,
    Milestone,
    Observation,
    Party,
    Pledge,
    Theme,
)

Fields = dict[str, Any]
Wanted = tuple[Fields, Fields]  # what a new row is given besides; what every row is brought to


def load(file: MarkedYaml, *, now: datetime, dry_run: bool = False) -> list[Change]:
    """Applies a parsed file in one transaction; `dry_run` only tells. Raises DeclarationFileError."""
    with transaction.atomic():
        if problems := [file.problem(path, message) for path, message in clashes.find(file.data, now)]:
            raise DeclarationFileError(problems)
        changes = _Loading(file.data, now).run()
        if dry_run:
            transaction.set_rollback(True)
    order = {pledge["reference"]: position for position, pledge in enumerate(file.data["pledges"])}
    return sorted(changes, key=lambda change: order.get(change.what.partition(",")[0], -1))


class _Loading:
    """One run: the data, the clock and the differences so far.

    Every row has a name by which the file, the database and the report speak of it, such as
    `CN-KZ-2024-11, milestone opening`.
    """

    def __init__(self, data: Fields, now: datetime) -> None:
        self.data, self.now = data, now
        self.changes: list[Change] = []

    def run(self) -> list[Change]:
        item = self.data["declaration"]
        reference = item["reference"]
        known = {row.reference: row for row in Declaration.objects.filter(reference=reference)}
        wanted: dict[str, Wanted] = {reference: ({}, file_rows.declaration(item))}
        self.declaration = self.bring(Declaration, known, wanted)[reference]
        self.parties = self.load_parties()
        self.pledges = self.load_pledges()
        self.load_pledge_parties()
        self.load_figures()
        self.load_milestones()
        evidence = self.load_evidence()
        self.load_judgements(evidence)
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
            different = [field for field, new in values.items() if getattr(row, field) != new]
            for field in different:
                told = difference(getattr(row, field), values[field])
                self.changes.append(Change("changed", f"{name}, {field}", told))
                setattr(row, field, values[field])
            if different:
                row.save(update_fields=different)
        model._default_manager.bulk_create(fresh.values())
        return {**known, **fresh}

    def load_parties(self) -> dict[str, Party]:
        items = {item["code"]: item for item in self.data["parties"]}
        known = {f"party {row.code}": row for row in Party.objects.filter(code__in=items)}
        wanted: dict[str, Wanted] = {f"party {code}": ({}, file_rows.party(item)) for code, item in items.items()}
        parties = {row.code: row for row in self.bring(Party, known, wanted).values()}
        before = {party.code for party in self.declaration.parties.all()}
        if before and before != set(parties):
            what = f"{self.declaration.reference}, parties"
            self.changes.append(Change("changed", what, f"{_listed(before)} → {_listed(parties)}"))
        self.declaration.parties.set(parties.values())
        return parties

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
            if had and had != wanted:
                detail = f"{_listed(codes[pk] for pk in had)} → {_listed(item['parties'])}"
                self.changes.append(Change("changed", f"{pledge.reference}, parties", detail))
                through._default_manager.filter(pledge=pledge, party__in=had - wanted).delete()
            fresh += [through(pledge_id=pledge.pk, party_id=pk) for pk in wanted - had]
        through._default_manager.bulk_create(fresh)

    def each(self, part: str) -> Iterable[tuple[Pledge, Fields]]:
        for item in self.data["pledges"]:
            for entry in item.get(part, []):
                yield self.pledges[item["reference"]], entry

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
        """Figures that people added stay as they are, also where the file has one of the same name."""
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
            if row.added_by_id is None:
                known[name] = row
            elif wanted.pop(name, None):
                self.changes.append(Change("kept", name, "people added this figure"))
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
        for item in self.data["pledges"]:
            pledge = self.pledges[item["reference"]]
            self.changes += shipped.judge(pledge, item, past.get(pledge.pk, []), evidence, self.parties, self.now)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))
