"""Brings the database to what a declaration file says, and tells each difference.

Loading twice changes nothing the second time. What people judged, added, withdrew or changed is never overwritten; what
the file no longer names is kept and said. Table by table, so that a large file costs few queries.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import batched

from django.db import transaction

from tracker.pledges import clashes, file_rows, indexing, shipped
from tracker.pledges.bringing import BATCH, Bringing, Fields, Wanted
from tracker.pledges.changes import Change
from tracker.pledges.declaration_file import DeclarationFileError
from tracker.pledges.latest import refresh_latest
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
    Theme,
)

PARTS = ("metrics", "milestones", "evidence", "assessments")


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


class _Loading(Bringing):
    """One run, table by table."""

    def __init__(self, data: Fields, now: datetime, progress: Callable[[int], object]) -> None:
        super().__init__(data["declaration"]["reference"], now, progress)
        self.data = data

    def run(self) -> list[Change]:
        item = self.data["declaration"]
        reference = item["reference"]
        known = {row.reference: row for row in Declaration.objects.filter(reference=reference)}
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
        self.index()
        return self.changes

    def index(self) -> None:
        """New and changed pledges; all of them where a theme is called otherwise."""
        differing = {change.what.partition(", ")[0] for change in self.changes if change.kind != "kept"}
        has_theme = any(name.startswith("theme ") for name in differing)
        indexing.index(row for name, row in self.pledges.items() if has_theme or name in differing)

    def load_parties(self) -> dict[str, Party]:
        items = {item["code"]: item for item in self.data["parties"]}
        known = {f"party {row.code}": row for row in Party.objects.filter(code__in=items)}
        wanted: dict[str, Wanted] = {f"party {code}": ({}, file_rows.party(item)) for code, item in items.items()}
        parties = {row.code: row for row in self.bring(Party, known, wanted).values()}
        before = {party.code for party in self.declaration.parties.all()}
        if not before or self.bring_parties(self.declaration, before, parties):
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
        for row in Observation.objects.filter(metric__in=metrics.values()).select_related("metric__pledge"):
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
        told = len(self.changes)
        rows = self.bring(Evidence, known, wanted)
        if any(change.kind != "kept" for change in self.changes[told:]):
            refresh_latest(self.declaration.pledges.all())
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
