"""What a schema cannot say of a declaration file: keys that must exist elsewhere, unique names, dates, judgement."""

from collections.abc import Collection, Iterator
from typing import Any

from tracker.pledges.dates import FuzzyDateError, bounds
from tracker.pledges.marked_yaml import Path

Found = Iterator[tuple[Path, str]]
Row = dict[str, Any]


def check(data: Row, unsound: Collection[Path]) -> Found:
    """Where and what; parts the schema found `unsound` are passed over, so that everything else is still said."""
    bad = {path[:2] for path in unsound}
    declaration = data.get("declaration")
    if isinstance(declaration, dict) and not any(path[:1] == ("declaration",) for path in bad):
        yield from _check_declaration(declaration)
    concepts = _get(_get(declaration, "watch"), "concepts")
    known = {
        "themes": _names(data.get("themes"), "slug"),
        "parties": _names(data.get("parties"), "code"),
        "sources": _names(_get(declaration, "sources"), "key"),
        "concepts": set(concepts) if isinstance(concepts, dict) else set(),
    }
    for place, key in (("themes", "slug"), ("parties", "code"), ("pledges", "reference"), ("pledges", "slug")):
        yield from _check_unique(data.get(place), (key,), (place,))
    pledges = data.get("pledges")
    numbers: dict[int, str] = {}
    for index, pledge in enumerate(pledges if isinstance(pledges, list) and ("pledges",) not in bad else []):
        path: Path = ("pledges", index)
        if path in bad:
            continue
        yield from _check_reference(pledge["reference"], _get(declaration, "reference"), numbers, (*path, "reference"))
        yield from _check_names(pledge, known, path)
        yield from _check_dates(pledge, path)
        yield from _check_watch(pledge.get("watch", {}), known["concepts"], (*path, "watch"))
        yield from _check_figures(pledge.get("metrics", []), (*path, "metrics"))
        yield from _check_evidence(pledge, known["parties"], path)


def _get(row: Any, key: str) -> Any:
    return row.get(key) if isinstance(row, dict) else None


def _names(rows: Any, key: str) -> set[Any]:
    return {str(_get(row, key)) for row in rows} if isinstance(rows, list) else set()


def _check_declaration(item: Row) -> Found:
    yield from _day(item["signed_on"], ("declaration", "signed_on"))
    yield from _check_unique(item.get("sources"), ("key",), ("declaration", "sources"))
    for index, source in enumerate(item.get("sources", [])):
        yield from _date(source.get("published"), ("declaration", "sources", index, "published"))
    yield from _check_watch(item.get("watch", {}), (), ("declaration", "watch"))


def _check_reference(reference: str, declaration: Any, numbers: dict[int, str], path: Path) -> Found:
    head, _, number = reference.rpartition("-")
    if isinstance(declaration, str) and head != declaration:
        yield path, f"must be {declaration}- and a number"
    elif int(number) == 0:
        yield path, "pledges are numbered from 1"
    elif (other := numbers.setdefault(int(number), reference)) != reference:
        yield path, f"has the same number as {other}"


def _check_names(pledge: Row, known: dict[str, set[Any]], path: Path) -> Found:
    if pledge["theme"] not in known["themes"]:
        yield (*path, "theme"), f"“{pledge['theme']}” is not among the themes"
    for position, code in enumerate(pledge["parties"]):
        if code not in known["parties"]:
            yield (*path, "parties", position), f"“{code}” is not among the parties"
    if (key := pledge.get("source", {}).get("key")) and key not in known["sources"]:
        yield (*path, "source", "key"), f"“{key}” is not among the declaration's sources"


def _check_dates(pledge: Row, path: Path) -> Found:
    due = pledge.get("due", {})
    yield from _date(due.get("edtf"), (*path, "due", "edtf"))
    yield from _day(due.get("review_by"), (*path, "due", "review_by"))
    yield from _check_unique(pledge.get("milestones"), ("key",), (*path, "milestones"))
    for index, milestone in enumerate(pledge.get("milestones", [])):
        yield from _date(milestone.get("date"), (*path, "milestones", index, "date"))


def _check_figures(metrics: list[Row], path: Path) -> Found:
    yield from _check_unique(metrics, ("key",), path)
    for index, metric in enumerate(metrics):
        here = (*path, index)
        for name in ("baseline", "target"):
            yield from _decimals(metric.get(name, {}).get("value"), (*here, name, "value"))
        yield from _date(metric.get("baseline", {}).get("period"), (*here, "baseline", "period"))
        observations = metric.get("observations", [])
        yield from _check_unique(observations, ("period", "series"), (*here, "observations"))
        for position, observation in enumerate(observations):
            yield from _decimals(observation["value"], (*here, "observations", position, "value"))
            yield from _date(observation["period"], (*here, "observations", position, "period"), ends=1)


def _check_evidence(pledge: Row, parties: set[Any], path: Path) -> Found:
    evidence = pledge.get("evidence", [])
    yield from _check_unique(evidence, ("key",), (*path, "evidence"))
    yield from _check_unique(evidence, ("url",), (*path, "evidence"))
    for index, item in enumerate(evidence):
        yield from _date(item["published"], (*path, "evidence", index, "published"), ends=0)
        voice, _, code = item["voice"].partition(":")
        if voice == "party" and code not in parties:
            yield (*path, "evidence", index, "voice"), f"“{code}” is not among the parties"
    publishers = {item["key"]: item["publisher"] for item in evidence}
    for index, assessment in enumerate(pledge.get("assessments", [])):
        here = (*path, "assessments", index)
        yield from _day(assessment["effective_on"], (*here, "effective_on"))
        cited = assessment.get("evidence", [])
        for position, key in enumerate(cited):
            if key not in publishers:
                yield (*here, "evidence", position), f"“{key}” is not evidence of this pledge"
        if assessment["status"] == "not_fulfilled" and len({publishers.get(key) for key in cited}) < 2:
            yield (*here, "evidence"), "“not_fulfilled” needs two sources from different publishers"


def _check_watch(watch: Row, shared: Collection[str], path: Path) -> Found:
    yield from _day(watch.get("since"), (*path, "since"))
    concepts = watch.get("concepts", {})
    known = {*concepts, *shared}
    for name, concept in concepts.items():
        if (near := concept.get("near")) is not None and near not in known:
            yield (*path, "concepts", name, "near"), f"“{near}” is not among the concepts"
    for index, need in enumerate(watch.get("needs", [])):
        for name in [need] if isinstance(need, str) else need:
            if name not in known:
                yield (*path, "needs", index), f"“{name}” is not among the concepts"


def _check_unique(rows: Any, keys: tuple[str, ...], path: Path) -> Found:
    """Together, the fields named by `keys` occur once; the first of them is named."""
    seen: set[str] = set()
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if (first := _get(row, keys[0])) is None:
            continue
        given = repr([sorted(value.items()) if isinstance(value, dict) else str(value) for value in map(row.get, keys)])
        if given in seen:
            yield (*path, index, keys[0]), f"“{str(first)[:60]}” is given twice"
        seen.add(given)


def _date(value: Any, path: Path, ends: int | None = None) -> Found:
    """`ends` asks for a first (0) or last (1) day."""
    if value is None:
        return
    try:
        days = bounds(str(value))
    except FuzzyDateError as error:
        yield path, str(error)
        return
    if ends is not None and days[ends] is None:
        yield path, f"“{value}” has no {('first', 'last')[ends]} day"


def _day(value: Any, path: Path) -> Found:
    if value is not None and any(True for _ in _date(value, path)):
        yield path, f"“{value}” is not a day (write 2024-07-03)"


def _decimals(value: float | None, path: Path) -> Found:
    if value is not None and round(value, 4) != value:
        yield path, f"{value} has more than four decimals"
