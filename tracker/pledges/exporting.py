"""A declaration on record → the file that `load_declaration` takes, as YAML or JSON, and its pledges as CSV.

Left out is what the format has no place for: who judged and when it was recorded, withdrawn evidence and judgements
that rest on nothing else, judgements of a part that is no longer owed, metrics' and evidence's contributors, copies of
pages, suggestions and follows.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any

import yaml
from django.db.models import Prefetch, prefetch_related_objects

from tracker.multilingual import Texts
from tracker.pledges import file_items
from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.csv_cells import guarded
from tracker.pledges.judgement_rules import publisher_count
from tracker.pledges.models import (
    NEEDS_NO_EVIDENCE,
    Assessment,
    Declaration,
    Document,
    Evidence,
    Lineage,
    Metric,
    Milestone,
    Observation,
    Status,
    Theme,
)

Item = dict[str, Any]
# YAML takes these for the end of a line, inside quotes too.
_LINE_ENDS = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "\x7f\x85\u2028\u2029\ufeff"})


def data(declaration: Declaration, as_of: AsOf = NOW) -> Item:
    """The content of the file, in a fixed number of queries."""
    oldest = as_of.assessments(Assessment.objects.select_related("party").order_by("recorded_at", "id"))
    links = as_of.standing(Evidence.objects.select_related("voice_party").order_by("id"))
    metrics = as_of.recorded(Metric.objects.order_by("id"))
    figures = as_of.standing(Observation.objects.order_by("id"))
    lineage = as_of.signed(Lineage.objects.select_related("earlier").order_by("id"))
    pledges = as_of.recorded(declaration.pledges.select_related("theme", "document")).prefetch_related(
        "parties",
        Prefetch("milestones", as_of.recorded(Milestone.objects.order_by("id"))),
        Prefetch("continues", lineage),
        Prefetch("metrics", metrics.prefetch_related(Prefetch("observations", figures))),
        Prefetch("evidence", links),
        Prefetch("assessments", oldest.prefetch_related(Prefetch("evidence", links))),
    )
    themes, documents = as_of.recorded(Theme.objects.all()), as_of.recorded(Document.objects.all())
    prefetch_related_objects([declaration], "parties", Prefetch("themes", themes), Prefetch("documents", documents))
    rows, dropped = list(pledges.order_by("number")), list(lineage.filter(declaration=declaration, later=None))
    as_of.worded([declaration, *rows, *dropped])
    return {
        "format": 1,
        "declaration": file_items.declaration(declaration, declaration.documents.all(), dropped),
        "parties": [file_items.party(row) for row in declaration.parties.all()],
        "themes": [file_items.theme(row) for row in sorted(declaration.themes.all(), key=attrgetter("place"))],
        "pledges": [_pledge(row, as_of) for row in rows],
    }


def _pledge(row: Any, as_of: AsOf) -> Item:
    milestones = sorted(as_of.reached(row.milestones.all()), key=attrgetter("pk"))
    judged = [each for each in row.assessments.all() if _still_stands(each, row)]
    places = {each.pk: place for place, each in enumerate(judged, 1)}
    below = {
        "continues": [file_items.continuation(each) for each in row.continues.all()],
        "metrics": [file_items.metric(each, each.observations.all()) for each in row.metrics.all()],
        "milestones": [file_items.milestone(each) for each in milestones],
        "evidence": [file_items.evidence(each) for each in row.evidence.all()],
        "assessments": [
            file_items.judgement(each, each.evidence.all(), places.get(each.corrects_id)) for each in judged
        ],
    }
    return {**file_items.pledge(row, row.parties.all()), **{name: items for name, items in below.items() if items}}


def _still_stands(row: Assessment, pledge: Any) -> bool:
    """On evidence not withdrawn since, of a part that is still owed; the file could not be loaded otherwise."""
    if row.party and not (pledge.is_judged_per_party and row.party in pledge.parties.all()):
        return False
    cited = row.evidence.all()
    if row.status == Status.NOT_FULFILLED:
        return publisher_count(each.publisher for each in cited) >= 2
    return row.status in NEEDS_NO_EVIDENCE or bool(cited)


def as_json(declaration: Declaration, as_of: AsOf = NOW) -> str:
    return json_text(data(declaration, as_of))


def as_yaml(declaration: Declaration, as_of: AsOf = NOW) -> str:
    return yaml_text(data(declaration, as_of))


def json_text(content: Item) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2).translate(_LINE_ENDS) + "\n"


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Days stay bare as people write them; the reader takes them for text."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }

    def ignore_aliases(self, value: Any) -> bool:
        return True


def yaml_text(content: Item) -> str:
    return "# yaml-language-server: $schema=declaration.schema.json\n" + yaml_part(content)


def yaml_part(content: Item) -> str:
    """Plain data as a person would write it; `marked_yaml` reads it back."""
    return str(yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))


def as_csv(declaration: Declaration, as_of: AsOf = NOW) -> str:
    """One line for each pledge; texts in every language that the declaration speaks, in columns of their own."""
    items = data(declaration, as_of)["pledges"]
    statuses = dict(declaration.pledges.values_list("reference", "status"))
    if as_of.day:
        judged = as_of.assessments(Assessment.objects.filter(pledge__declaration=declaration, party=None))
        newest = dict(judged.order_by("recorded_at", "id").values_list("pledge__reference", "status"))
        statuses = {reference: newest.get(reference, Status.NOT_ASSESSED) for reference in statuses}
    columns: list[tuple[str, Callable[[Item], object]]] = [
        ("reference", lambda item: item["reference"]),
        ("status", lambda item: statuses[item["reference"]]),
        ("kind", lambda item: item["kind"]),
        ("theme", lambda item: item["theme"]),
        ("parties", lambda item: " ".join(item["parties"])),
        ("due", lambda item: item.get("due", {}).get("edtf", "")),
        ("due_is_stated", lambda item: item.get("due", {}).get("stated", True)),
        ("due_words", lambda item: Texts(item.get("due", {}).get("words", {}))),
        ("review_by", lambda item: item.get("due", {}).get("review_by", "")),
        ("evidence_count", lambda item: len(item.get("evidence", []))),
    ]
    columns += [
        (f"{name}_{language}", partial(_text, name, language))
        for name in ("title", "statement", "criterion")
        for language in _languages(item.get(name, {}) for item in items)
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([name for name, _ in columns])
    writer.writerows([[_cell(value(item)) for _, value in columns] for item in items])
    return out.getvalue()


def _text(name: str, language: str, item: Item) -> str:
    return str(item.get(name, {}).get(language, ""))


def _languages(texts: Iterable[Item]) -> list[str]:
    return sorted({language for each in texts for language in each})


def _cell(value: object) -> str:
    """On one line, and no formula."""
    text = " ".join(str(value).split()) if not isinstance(value, bool) else str(value).lower()
    return text if isinstance(value, int) else guarded(text)


FORMATS: dict[str, tuple[str, Callable[[Declaration, AsOf], str]]] = {
    "yaml": ("application/yaml", as_yaml),
    "json": ("application/json", as_json),
    "csv": ("text/csv", as_csv),
}
