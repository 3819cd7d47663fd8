"""Entries of a checked declaration file → the values of their rows."""

from datetime import date
from decimal import Decimal
from typing import Any

from tracker.multilingual import Texts
from tracker.pledges import dates
from tracker.pledges.models import Confidence, DeclarationKind, Document, Party, Pledge, PledgeKind, Relation, Theme

Item = dict[str, Any]
PER_PARTY = "per party"


def declaration(item: Item) -> Item:
    return {
        "slug": item["slug"],
        "reference": item["reference"],
        "kind": item.get("kind", DeclarationKind.OTHER),
        "title": Texts(item["title"]),
        "summary": Texts(item.get("summary", {})),
        "place": Texts(item.get("place", {})),
        "signatories": item.get("signatories", []),
        "signed_on": date.fromisoformat(item["signed_on"]),
        "due_soon_days": item.get("due_soon_days", 45),
        "stale_days": item.get("stale_days", 180),
        "needs_second_person": item.get("needs_second_person", False),
        "watch": item.get("watch", {}),
    }


def party(item: Item) -> Item:
    return {"code": item["code"], "territory": item.get("territory", ""), "name": Texts(item.get("name", {}))}


def theme(item: Item, position: int) -> Item:
    return {"slug": item["slug"], "title": Texts(item["title"]), "position": position}


def document(item: Item) -> Item:
    return {
        "key": item["key"],
        "title": Texts(item["title"]),
        "publisher": item["publisher"],
        "language": item.get("language", ""),
        "published_edtf": _edtf(item.get("published")),
        "url": item.get("url", ""),
    }


def pledge(item: Item, themes: dict[str, Theme], documents: dict[str, Document]) -> Item:
    due, source = item.get("due", {}), item.get("source", {})
    edtf = _edtf(due.get("edtf"))
    earliest, latest = dates.bounds(edtf)
    return {
        "reference": item["reference"],
        "number": int(item["reference"].rpartition("-")[2]),
        "slug": item["slug"],
        "title": Texts(item["title"]),
        "statement": Texts(item["statement"]),
        "criterion": Texts(item.get("criterion", {})),
        "kind": item.get("kind", PledgeKind.CONTINUING),
        "theme": themes[f"theme {item['theme']}"],
        "document": documents[f"source {source['key']}"] if source else None,
        "locator": Texts(source.get("locator", {})),
        "due_words": Texts(due.get("words", {})),
        "due_edtf": edtf,
        "due_earliest": earliest,
        "due_latest": latest,
        "is_due_stated": due.get("stated", True),
        "review_by": date.fromisoformat(due["review_by"]) if due.get("review_by") else None,
        "is_judged_per_party": item.get("judged") == PER_PARTY,
        "watch": item.get("watch", {}),
    }


def lineage_name(earlier: str, later: Pledge | None, declaration: str) -> str:
    """By the later pledge, or by the declaration that dropped the earlier one."""
    return f"{later.reference}, continues {earlier}" if later else f"{declaration}, drops {earlier}"


def lineage(item: Item) -> Item:
    return {"relation": item.get("relation", Relation.DROPPED), "note": Texts(item.get("note", {}))}


def metric_name(of: Pledge, key: str) -> str:
    return f"{of.reference}, metric {key}"


def metric(item: Item) -> Item:
    baseline = item.get("baseline", {})
    return {
        "key": item["key"],
        "name": Texts(item["name"]),
        "unit": Texts(item["unit"]),
        "baseline_value": _decimal(baseline.get("value")),
        "baseline_period": _edtf(baseline.get("period")),
        "target_value": _decimal(item.get("target", {}).get("value")),
        "note": Texts(item.get("note", {})),
    }


def observation_name(of: str, item: Item) -> str:
    """A figure is known by its period and series."""
    series = " / ".join(text for _, text in sorted(item.get("series", {}).items()))
    return f"{of}, {item['period']}" + (f" ({series})" if series else "")


def observation(item: Item) -> Item:
    period = _edtf(item["period"])
    return {
        "series": Texts(item.get("series", {})),
        "period_edtf": period,
        "period_latest": dates.bounds(period)[1],
        "value": _decimal(item["value"]),
        "publisher": item.get("publisher", ""),
        "url": item.get("url", ""),
        "note": Texts(item.get("note", {})),
    }


def milestone(item: Item) -> Item:
    when = _edtf(item.get("date"))
    return {
        "key": item["key"],
        "title": Texts(item["title"]),
        "date_edtf": when,
        "date_earliest": dates.bounds(when)[0],
        "is_reached": item.get("reached", False),
        "url": item.get("url", ""),
    }


def evidence(item: Item, parties: dict[str, Party]) -> Item:
    voice, _, code = item["voice"].partition(":")
    published = _edtf(item["published"])
    return {
        "key": item["key"],
        "url": item["url"],
        "title": item["title"],
        "publisher": item["publisher"],
        "language": item["language"],
        "published_edtf": published,
        "published_on": dates.bounds(published)[0],
        "stance": item["stance"],
        "kind": item["kind"],
        "voice": voice,
        "voice_party": parties.get(code),
        "note": Texts(item.get("note", {})),
    }


def judgement(item: Item, parties: dict[str, Party]) -> Item:
    return {
        "party": parties.get(item.get("party", "")),
        "status": item["status"],
        "confidence": item.get("confidence", Confidence.MEDIUM),
        "rationale": Texts(item["rationale"]),
        "effective_on": date.fromisoformat(item["effective_on"]),
    }


def _edtf(value: object) -> str:
    """A bare year may stand in the file as a number."""
    return "" if value is None else str(value)


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))
