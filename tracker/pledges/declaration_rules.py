"""What a schema cannot say of a declaration file: keys that must exist elsewhere, unique names, dates, judgement."""

from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from typing import Any

from tracker.pledges.dates import FuzzyDateError, bounds
from tracker.pledges.judgement_rules import publisher_count
from tracker.pledges.marked_yaml import Path

Found = Iterator[tuple[Path, str]]
Row = dict[str, Any]
HIGHEST_NUMBER = 20_000


def check(data: Row, unsound: Collection[Path]) -> Found:
    """Where and what. Values that the schema found `unsound` are passed over, so that all else is still said."""
    concepts = _fields(_fields(_fields(data, "declaration"), "watch"), "concepts")
    known = {
        "themes": {str(row.get("slug")) for _, row in _rows(data, "themes")},
        "parties": {str(row.get("code")) for _, row in _rows(data, "parties")},
        "sources": {str(row.get("key")) for _, row in _rows(_fields(data, "declaration"), "sources")},
        "concepts": set(concepts),
    }
    data = _without(data, unsound)
    declaration = _fields(data, "declaration")
    yield from _check_declaration(declaration)
    for place, key in (("themes", "slug"), ("parties", "code"), ("pledges", "reference"), ("pledges", "slug")):
        yield from _check_unique(data, place, (key,), ())
    numbers: dict[int, str] = {}
    dropped = {item.get("reference") for _, item in _rows(declaration, "drops")} - {None}
    for index, pledge in _rows(data, "pledges"):
        path: Path = ("pledges", index)
        yield from _check_reference(pledge.get("reference"), declaration.get("reference"), numbers, path)
        yield from _check_names(pledge, known, path)
        yield from _check_continues(pledge, dropped, path)
        yield from _check_dates(pledge, path)
        yield from _check_watch(_fields(pledge, "watch"), known["concepts"], (*path, "watch"))
        yield from _check_figures(pledge, path)
        yield from _check_evidence(pledge, known["parties"], path)
        yield from _check_judgements(pledge, path)


def _without(data: Row, unsound: Collection[Path]) -> Row:
    """A copy in which nothing stands at the unsound places."""
    if not unsound:
        return data
    data = deepcopy(data)
    for *way, last in sorted(unsound, key=len, reverse=True):
        place: Any = data
        for part in way:
            place = place[part]
        place[last] = None
    return data


def _fields(row: Row, key: str) -> Row:
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def _rows(row: Row, key: str) -> Iterable[tuple[int, Row]]:
    value = row.get(key)
    return [(n, item) for n, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def _check_declaration(item: Row) -> Found:
    path: Path = ("declaration",)
    yield from _day(item.get("signed_on"), (*path, "signed_on"))
    yield from _check_unique(item, "sources", ("key",), path)
    yield from _check_unique(item, "drops", ("reference",), path)
    for index, source in _rows(item, "sources"):
        yield from _date(source.get("published"), (*path, "sources", index, "published"))
    yield from _check_watch(_fields(item, "watch"), (), (*path, "watch"))


def _check_reference(reference: str | None, declaration: str | None, numbers: dict[int, str], path: Path) -> Found:
    if reference is None:
        return
    head, _, number = reference.rpartition("-")
    if declaration is not None and head != declaration:
        yield (*path, "reference"), f"must be {declaration}- and a number"
    elif int(number) == 0:
        yield (*path, "reference"), "pledges are numbered from 1"
    elif int(number) > HIGHEST_NUMBER:
        yield (*path, "reference"), f"pledges are numbered up to {HIGHEST_NUMBER:,}"
    elif (other := numbers.setdefault(int(number), reference)) != reference:
        yield (*path, "reference"), f"has the same number as {other}"


def _check_names(pledge: Row, known: dict[str, set[str]], path: Path) -> Found:
    theme, source = pledge.get("theme"), _fields(pledge, "source").get("key")
    if theme is not None and theme not in known["themes"]:
        yield (*path, "theme"), f"“{theme}” is not among the themes"
    for position, code in enumerate(pledge.get("parties") or ()):
        if code is not None and code not in known["parties"]:
            yield (*path, "parties", position), f"“{code}” is not among the parties"
    if source is not None and source not in known["sources"]:
        yield (*path, "source", "key"), f"“{source}” is not among the declaration's sources"


def _check_continues(pledge: Row, dropped: Collection[Any], path: Path) -> Found:
    yield from _check_unique(pledge, "continues", ("reference",), path)
    for index, item in _rows(pledge, "continues"):
        if (reference := item.get("reference")) in dropped:
            yield (*path, "continues", index, "reference"), f"{reference} is among what the declaration drops"


def _check_dates(pledge: Row, path: Path) -> Found:
    due = _fields(pledge, "due")
    yield from _date(due.get("edtf"), (*path, "due", "edtf"))
    yield from _day(due.get("review_by"), (*path, "due", "review_by"))
    yield from _check_unique(pledge, "milestones", ("key",), path)
    for index, milestone in _rows(pledge, "milestones"):
        yield from _date(milestone.get("date"), (*path, "milestones", index, "date"))


def _check_figures(pledge: Row, path: Path) -> Found:
    yield from _check_unique(pledge, "metrics", ("key",), path)
    for index, metric in _rows(pledge, "metrics"):
        here = (*path, "metrics", index)
        for name in ("baseline", "target"):
            yield from _decimals(_fields(metric, name).get("value"), (*here, name, "value"))
        yield from _date(_fields(metric, "baseline").get("period"), (*here, "baseline", "period"))
        yield from _check_unique(metric, "observations", ("period", "series"), here)
        for position, observation in _rows(metric, "observations"):
            yield from _decimals(observation.get("value"), (*here, "observations", position, "value"))
            yield from _date(observation.get("period"), (*here, "observations", position, "period"), ends=1)


def _check_evidence(pledge: Row, parties: set[str], path: Path) -> Found:
    yield from _check_unique(pledge, "evidence", ("key",), path)
    yield from _check_unique(pledge, "evidence", ("url",), path)
    for index, item in _rows(pledge, "evidence"):
        here = (*path, "evidence", index)
        yield from _date(item.get("published"), (*here, "published"), ends=0)
        voice, _, code = (item.get("voice") or "").partition(":")
        if voice == "party" and code not in parties:
            yield (*here, "voice"), f"“{code}” is not among the parties"


def _check_judgements(pledge: Row, path: Path) -> Found:
    publishers = {item.get("key"): item.get("publisher") for _, item in _rows(pledge, "evidence")}
    for index, assessment in _rows(pledge, "assessments"):
        here = (*path, "assessments", index)
        yield from _day(assessment.get("effective_on"), (*here, "effective_on"))
        cited = assessment.get("evidence") or ()
        if code := assessment.get("party"):
            yield from _check_party(code, pledge, (*here, "party"))
        for position, key in enumerate(cited):
            if key not in publishers and None not in publishers:
                yield (*here, "evidence", position), f"“{key}” is not evidence of this pledge"
        named = publisher_count(str(publishers.get(key)) for key in cited)
        if assessment.get("status") == "not_fulfilled" and named < 2:
            yield (*here, "evidence"), "“not_fulfilled” needs two sources from different publishers"
        yield from _check_correction(pledge["assessments"], index, (*here, "corrects"))


def _check_correction(judgements: list[Any], index: int, path: Path) -> Found:
    """A place in the list, counted from 1, where an earlier judgement of the same matter stands."""
    if (place := judgements[index].get("corrects")) is None:
        return
    if place > index:
        yield path, f"“{place}” is no judgement before this one (count them from 1)"
    elif isinstance(other := judgements[place - 1], dict) and other.get("party") != judgements[index].get("party"):
        yield path, f"judgement {place} is about another party’s part"


def _check_party(code: str, pledge: Row, path: Path) -> Found:
    if code not in (pledge.get("parties") or ()):
        yield path, f"“{code}” is not a party of this pledge"
    elif "judged" not in pledge:
        yield path, "the pledge is judged as a whole (write judged: per party)"


def _check_watch(watch: Row, shared: Collection[str], path: Path) -> Found:
    yield from _day(watch.get("since"), (*path, "since"))
    concepts = _fields(watch, "concepts")
    known = {*concepts, *shared}
    for name in concepts:
        yield from _decimals(_fields(concepts, name).get("weight"), (*path, "concepts", name, "weight"))
        near = _fields(concepts, name).get("near")
        if near is not None and near not in known:
            yield (*path, "concepts", name, "near"), f"“{near}” is not among the concepts"
    for index, need in enumerate(watch.get("needs") or ()):
        for name in need if isinstance(need, list) else [need]:
            if name is not None and name not in known:
                yield (*path, "needs", index), f"“{name}” is not among the concepts"


def _check_unique(row: Row, place: str, keys: tuple[str, ...], path: Path) -> Found:
    """Together, the fields named by `keys` occur once; the first of them is named."""
    seen: set[str] = set()
    for index, item in _rows(row, place):
        if (first := item.get(keys[0])) is None:
            continue
        given = repr(
            [sorted(value.items()) if isinstance(value, dict) else str(value) for value in map(item.get, keys)]
        )
        if given in seen:
            yield (*path, place, index, keys[0]), f"“{str(first)[:60]}” is given twice"
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
