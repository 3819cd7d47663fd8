"""Brings the database to what a declaration file says, and tells each difference.

Loading twice changes nothing the second time. What people judged, added or withdrew is never overwritten; what the
file no longer names is kept and said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from tracker.multilingual import Texts
from tracker.pledges import actions, dates
from tracker.pledges.models import (
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


@dataclass(frozen=True)
class Change:
    """One difference: `kind` is added, changed or kept; `detail` says from what to what, or why it was kept."""

    kind: str
    what: str
    detail: str = ""


@dataclass
class _Loading:
    """One run: the clock and the differences so far."""

    now: datetime
    changes: list[Change] = field(default_factory=list)

    def upsert(self, model: type[models.Model], what: str, key: dict[str, Any], values: dict[str, Any]) -> Any:
        """The row with `key`, made or brought to `values`; each difference is noted."""
        row = model._default_manager.filter(**key).first()
        if row is None:
            self.changes.append(Change("added", what))
            return model._default_manager.create(**key, **values)
        different = {name: new for name, new in values.items() if getattr(row, name) != new}
        for name, new in different.items():
            self.changes.append(Change("changed", f"{what}, {name}", f"{_short(getattr(row, name))} → {_short(new)}"))
            setattr(row, name, new)
        if different:
            row.save(update_fields=list(different))
        return row

    def set_parties(self, owner: Declaration | Pledge, parties: list[Party], what: str) -> None:
        before = {party.pk for party in owner.parties.all()}
        if before == {party.pk for party in parties}:
            return
        if before:
            self.changes.append(Change("changed", f"{what}, parties", ", ".join(party.code for party in parties)))
        owner.parties.set(parties)


def load(data: dict[str, Any], *, now: datetime, dry_run: bool = False) -> list[Change]:
    """Applies checked data (see declaration_file.parse) in one transaction; `dry_run` only tells."""
    loading = _Loading(now)
    with transaction.atomic():
        declaration = _load_declaration(loading, data)
        parties = {party["code"]: _load_party(loading, party) for party in data["parties"]}
        loading.set_parties(declaration, list(parties.values()), declaration.reference)
        themes = {theme.slug: theme for theme in _load_themes(loading, declaration, data["themes"])}
        documents = {document.key: document for document in _load_documents(loading, declaration, data)}
        for pledge in data["pledges"]:
            _load_pledge(loading, declaration, pledge, themes, documents, parties)
        references = [pledge["reference"] for pledge in data["pledges"]]
        for pledge in declaration.pledges.exclude(reference__in=references):
            loading.changes.append(Change("kept", pledge.reference, "no longer in the file"))
        if dry_run:
            transaction.set_rollback(True)
    return loading.changes


def _load_declaration(loading: _Loading, data: dict[str, Any]) -> Declaration:
    item = data["declaration"]
    return loading.upsert(
        Declaration,
        item["reference"],
        {"slug": item["slug"]},
        {
            "reference": item["reference"],
            "kind": item["kind"],
            "title": Texts(item["title"]),
            "summary": Texts(item.get("summary", {})),
            "place": Texts(item.get("place", {})),
            "signatories": item.get("signatories", []),
            "signed_on": date.fromisoformat(item["signed_on"]),
            "due_soon_days": item.get("due_soon_days", 45),
            "stale_days": item.get("stale_days", 180),
            "watch": item.get("watch", {}),
        },
    )


def _load_party(loading: _Loading, item: dict[str, Any]) -> Party:
    values = {"territory": item.get("territory", ""), "name": Texts(item.get("name", {}))}
    return loading.upsert(Party, f"party {item['code']}", {"code": item["code"]}, values)


def _load_themes(loading: _Loading, declaration: Declaration, items: list[dict[str, Any]]) -> Iterator[Theme]:
    for position, item in enumerate(items):
        yield loading.upsert(
            Theme,
            f"theme {item['slug']}",
            {"declaration": declaration, "slug": item["slug"]},
            {"title": Texts(item["title"]), "position": position},
        )


def _load_documents(loading: _Loading, declaration: Declaration, data: dict[str, Any]) -> Iterator[Document]:
    for item in data["declaration"].get("sources", []):
        yield loading.upsert(
            Document,
            f"source {item['key']}",
            {"declaration": declaration, "key": item["key"]},
            {
                "title": Texts(item["title"]),
                "publisher": item["publisher"],
                "language": item.get("language", ""),
                "published_edtf": item.get("published", ""),
                "url": item.get("url", ""),
            },
        )


def _load_pledge(
    loading: _Loading,
    declaration: Declaration,
    item: dict[str, Any],
    themes: dict[str, Theme],
    documents: dict[str, Document],
    parties: dict[str, Party],
) -> None:
    due = item.get("due", {})
    source = item.get("source", {})
    earliest, latest = dates.bounds(due.get("edtf") or "")
    pledge = loading.upsert(
        Pledge,
        item["reference"],
        {"declaration": declaration, "reference": item["reference"]},
        {
            "number": int(item["reference"].rpartition("-")[2]),
            "slug": item["slug"],
            "title": Texts(item["title"]),
            "statement": Texts(item["statement"]),
            "criterion": Texts(item.get("criterion", {})),
            "kind": item["kind"],
            "theme": themes[item["theme"]],
            "document": documents.get(source.get("key", "")),
            "locator": Texts(source.get("locator", {})),
            "due_words": Texts(due.get("words", {})),
            "due_edtf": due.get("edtf") or "",
            "due_earliest": earliest,
            "due_latest": latest,
            "is_due_stated": due.get("stated", True),
            "review_by": date.fromisoformat(due["review_by"]) if due.get("review_by") else None,
            "watch": item.get("watch", {}),
        },
    )
    loading.set_parties(pledge, [parties[code] for code in item["parties"]], pledge.reference)
    _load_metrics(loading, pledge, item.get("metrics", []))
    _load_milestones(loading, pledge, item.get("milestones", []))
    evidence = {entry["key"]: _load_evidence(loading, pledge, entry, parties) for entry in item.get("evidence", [])}
    for entry in item.get("assessments", []):
        _load_assessment(loading, pledge, entry, evidence)


def _load_metrics(loading: _Loading, pledge: Pledge, items: list[dict[str, Any]]) -> None:
    for item in items:
        what = f"{pledge.reference}, metric {item['key']}"
        baseline = item.get("baseline", {})
        metric = loading.upsert(
            Metric,
            what,
            {"pledge": pledge, "key": item["key"]},
            {
                "name": Texts(item["name"]),
                "unit": Texts(item["unit"]),
                "baseline_value": _decimal(baseline.get("value")),
                "baseline_period": baseline.get("period", ""),
                "target_value": _decimal(item.get("target", {}).get("value")),
                "note": Texts(item.get("note", {})),
            },
        )
        for entry in item.get("observations", []):
            loading.upsert(
                Observation,
                f"{what}, {entry['period']}",
                {"metric": metric, "period_edtf": entry["period"], "series": Texts(entry.get("series", {}))},
                {
                    "period_latest": dates.bounds(entry["period"])[1],
                    "value": _decimal(entry["value"]),
                    "publisher": entry.get("publisher", ""),
                    "url": entry.get("url", ""),
                    "note": Texts(entry.get("note", {})),
                },
            )


def _load_milestones(loading: _Loading, pledge: Pledge, items: list[dict[str, Any]]) -> None:
    for item in items:
        when = item.get("date", "")
        loading.upsert(
            Milestone,
            f"{pledge.reference}, milestone {when}",
            {"pledge": pledge, "date_edtf": when, "url": item.get("url", "")},
            {
                "title": Texts(item["title"]),
                "date_earliest": dates.bounds(when)[0],
                "is_reached": item.get("reached", False),
            },
        )


def _load_evidence(loading: _Loading, pledge: Pledge, item: dict[str, Any], parties: dict[str, Party]) -> Evidence:
    """People's own additions and withdrawals of the same link stand; only shipped rows follow the file."""
    what = f"{pledge.reference}, evidence {item['key']}"
    voice, _, code = item["voice"].partition(":")
    values = {
        "title": item["title"],
        "publisher": item["publisher"],
        "language": item["language"],
        "published_edtf": item["published"],
        "stance": item["stance"],
        "kind": item["kind"],
        "voice": voice,
        "voice_party": parties.get(code),
        "note": Texts(item.get("note", {})),
    }
    existing = pledge.evidence.filter(models.Q(key=item["key"]) | models.Q(url=item["url"])).order_by("id").first()
    if existing and (existing.withdrawn_at or existing.added_by_id):
        loading.changes.append(Change("kept", what, "people added or withdrew this link"))
        return existing
    if existing:
        values |= {"url": item["url"], "published_on": dates.bounds(item["published"])[0]}
        return loading.upsert(Evidence, what, {"pk": existing.pk}, values)
    loading.changes.append(Change("added", what))
    return actions.add_evidence(pledge=pledge, url=item["url"], key=item["key"], by=None, now=loading.now, **values)


def _load_assessment(loading: _Loading, pledge: Pledge, item: dict[str, Any], evidence: dict[str, Evidence]) -> None:
    what = f"{pledge.reference}, judgement “{item['status']}”"
    rationale, effective_on = Texts(item["rationale"]), date.fromisoformat(item["effective_on"])
    shipped = pledge.assessments.filter(is_shipped=True)
    if any(
        row.rationale == rationale and row.confidence == item["confidence"]
        for row in shipped.filter(status=item["status"], effective_on=effective_on)
    ):
        return
    if pledge.assessments.filter(is_shipped=False).exists():
        loading.changes.append(Change("kept", what, "people have judged this pledge"))
        return
    actions.assess(
        pledge=pledge,
        expected_version=pledge.version,
        status=item["status"],
        confidence=item["confidence"],
        rationale=rationale,
        evidence=[evidence[key] for key in item.get("evidence", []) if not evidence[key].withdrawn_at],
        effective_on=effective_on,
        by=None,
        now=loading.now,
        is_shipped=True,
    )
    loading.changes.append(Change("added", what))


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def _short(value: object) -> str:
    text = str(value) if value not in (None, "") else "nothing"
    return text if len(text) <= 60 else f"{text[:57]}…"
