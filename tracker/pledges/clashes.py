"""What a sound declaration file cannot do to the record as it is."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tracker.pledges.judgement_rules import last_day
from tracker.pledges.marked_yaml import Path
from tracker.pledges.models import Declaration, Evidence, Pledge

Found = Iterator[tuple[Path, str]]
Item = dict[str, Any]


def find(data: Item, now: datetime) -> Found:
    """Where and why, for each entry that the database would refuse or a judge could not have meant."""
    item = data["declaration"]
    if other := Declaration.objects.filter(slug=item["slug"]).exclude(reference=item["reference"]).first():
        yield ("declaration", "slug"), f"“{item['slug']}” is the slug of {other.reference}"
    yield from _pledges(data["pledges"], item["reference"])
    yield from _evidence(data["pledges"], item["reference"])
    yield from _lineage(data)
    somewhere_today = last_day(now)
    for index, pledge in enumerate(data["pledges"]):
        for position, entry in enumerate(pledge.get("assessments", [])):
            if date.fromisoformat(entry["effective_on"]) > somewhere_today:
                path = ("pledges", index, "assessments", position, "effective_on")
                yield path, f"{entry['effective_on']} has not come yet"


def _pledges(items: list[Item], declaration: str) -> Found:
    """References are unique in the world, numbers in the declaration."""
    owners = dict(Pledge.objects.values_list("reference", "declaration__reference"))
    numbers = dict(Pledge.objects.filter(declaration__reference=declaration).values_list("number", "reference"))
    for index, item in enumerate(items):
        path: Path = ("pledges", index, "reference")
        reference = item["reference"]
        if owners.get(reference, declaration) != declaration:
            yield path, f"{reference} is a pledge of {owners[reference]}"
        elif (other := numbers.get(int(reference.rpartition("-")[2]), reference)) != reference:
            yield path, f"has the number of {other}, which is on record"


def _lineage(data: Item) -> Found:
    """Earlier pledges are on record already, of declarations that were not signed after this one."""
    item = data["declaration"]
    named: list[tuple[Path, str]] = [
        (("declaration", "drops", n, "reference"), entry["reference"]) for n, entry in enumerate(item.get("drops", []))
    ]
    for index, pledge in enumerate(data["pledges"]):
        for n, entry in enumerate(pledge.get("continues", [])):
            named.append((("pledges", index, "continues", n, "reference"), entry["reference"]))
    if not named:
        return
    rows = Pledge.objects.filter(reference__in={reference for _, reference in named})
    known = {row.reference: row.declaration for row in rows.select_related("declaration")}
    for path, reference in named:
        if (earlier := known.get(reference)) is None:
            yield path, f"{reference} is not on record"
        elif earlier.reference == item["reference"]:
            yield path, f"{reference} is a pledge of this declaration itself"
        elif earlier.signed_on > date.fromisoformat(item["signed_on"]):
            yield path, f"{reference} is of {earlier.reference}, which was signed later"


def _evidence(items: list[Item], declaration: str) -> Found:
    """Two keys cannot trade links, nor one key take over another's; a link without a key may get one."""
    ours = Evidence.objects.filter(pledge__declaration__reference=declaration, withdrawn_at=None, added_by=None)
    rows = list(ours.values_list("pledge__reference", "url", "key"))
    links = {(reference, url): key for reference, url, key in rows}
    named = {(reference, key) for reference, _, key in rows}
    for index, item in enumerate(items):
        keys = {entry["key"] for entry in item.get("evidence", [])}
        for position, entry in enumerate(item.get("evidence", [])):
            other = links.get((item["reference"], entry["url"]), entry["key"])
            if other != entry["key"] and (other in keys or (item["reference"], entry["key"]) in named):
                yield ("pledges", index, "evidence", position, "url"), f"is the link of “{other}” on record"
