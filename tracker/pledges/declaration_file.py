"""Reads a declaration file: YAML text → checked data, or every problem at once with its line and field.

The format is published as a JSON Schema (2020-12) in `fixtures/declaration.schema.json`; what a schema cannot say
(keys that must exist elsewhere in the file, dates, rules of judgement) is checked here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tracker.pledges.dates import FuzzyDateError, bounds

SIZE_LIMIT = 2_000_000  # characters; the shipped declaration has about 100,000
Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong, where (1-based line, dotted field) and in words."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field or 'the file'}: {self.message}"


class DeclarationFileError(Exception):
    """The file cannot be loaded; `problems` holds all that is wrong, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems)


class _Loader(yaml.SafeLoader):
    """Dates stay text: fuzzy and exact ones are then read by one rule."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The data of the file. Raises DeclarationFileError."""
    if len(text) > SIZE_LIMIT:
        raise DeclarationFileError([Problem(1, "", f"longer than {SIZE_LIMIT:,} characters")])
    root = _compose(text)
    lines: dict[Path, int] = {}
    problems = list(_walk(root, (), lines))
    if problems:
        raise DeclarationFileError(problems)
    data = _Loader(text).construct_document(root)
    problems = [_problem(error, lines) for error in Draft202012Validator(schema).iter_errors(data)]
    if not problems:
        problems = [Problem(_line(path, lines), _dotted(path), message) for path, message in _check_references(data)]
    if problems:
        raise DeclarationFileError(problems)
    return data


def _compose(text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DeclarationFileError(
            [Problem(mark.line + 1 if mark else 1, "", f"not YAML: {error.problem or error.context}")]
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DeclarationFileError([Problem(1, "", f"not YAML: {error}")]) from error
    if not isinstance(root, yaml.MappingNode):
        raise DeclarationFileError([Problem(1, "", "holds no declaration (expected `format:` and `declaration:`)")])
    return root


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Iterator[Problem]:
    """Notes the line of every field; finds keys given twice and aliases, which could hide a bomb."""
    if path in lines:
        return
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield Problem(key.start_mark.line + 1, _dotted(path), "a field name must be plain text")
                continue
            if key.value in seen:
                yield Problem(key.start_mark.line + 1, _dotted((*path, key.value)), "given twice")
                continue
            seen.add(key.value)
            yield from _walk(value, (*path, key.value), lines)
            lines[(*path, key.value)] = key.start_mark.line + 1


def _problem(error: ValidationError, lines: dict[Path, int]) -> Problem:
    path = tuple(error.absolute_path)
    message = error.message
    if error.validator == "type" and error.validator_value == "string":
        message = f"{error.instance!r} must be text: put it in quotes"
    elif error.validator == "additionalProperties":
        message = f"unknown field ({message.partition('(')[2].rstrip(')')})"
    elif len(message) > 200:
        message = f"{message[:120]}… (rule: {error.validator} {str(error.validator_value)[:60]})"
    return Problem(_line(path, lines), _dotted(path), message)


def _line(path: Path, lines: dict[Path, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _dotted(path: Path) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _check_references(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Keys that must exist elsewhere, keys that must be unique, dates that must be read."""
    themes = {theme["slug"] for theme in data["themes"]}
    parties = {party["code"] for party in data["parties"]}
    documents = {document["key"] for document in data["declaration"].get("sources", [])}
    yield from _check_day(data["declaration"]["signed_on"], ("declaration", "signed_on"))
    for place, key in (("themes", "slug"), ("parties", "code"), ("pledges", "reference")):
        yield from _check_unique(data[place], key, (place,))
    for index, pledge in enumerate(data["pledges"]):
        path: Path = ("pledges", index)
        if pledge["theme"] not in themes:
            yield (*path, "theme"), f"“{pledge['theme']}” is not among the themes"
        for position, code in enumerate(pledge["parties"]):
            if code not in parties:
                yield (*path, "parties", position), f"“{code}” is not among the parties"
        if (key := pledge.get("source", {}).get("key")) and key not in documents:
            yield (*path, "source", "key"), f"“{key}” is not among the declaration's sources"
        if not pledge["reference"].rpartition("-")[2].isdigit():
            yield (*path, "reference"), "must end in the pledge's number, such as CN-KZ-2024-03"
        yield from _check_pledge(pledge, path, parties)


def _check_pledge(pledge: dict[str, Any], path: Path, parties: set[str]) -> Iterator[tuple[Path, str]]:
    due = pledge.get("due", {})
    yield from _check_date(due.get("edtf"), (*path, "due", "edtf"))
    yield from _check_day(due.get("review_by"), (*path, "due", "review_by"))
    for index, milestone in enumerate(pledge.get("milestones", [])):
        yield from _check_date(milestone.get("date"), (*path, "milestones", index, "date"))
    yield from _check_unique(pledge.get("metrics", []), "key", (*path, "metrics"))
    for index, metric in enumerate(pledge.get("metrics", [])):
        for position, observation in enumerate(metric.get("observations", [])):
            yield from _check_date(observation["period"], (*path, "metrics", index, "observations", position, "period"))
    evidence = pledge.get("evidence", [])
    yield from _check_unique(evidence, "key", (*path, "evidence"))
    yield from _check_unique(evidence, "url", (*path, "evidence"))
    for index, item in enumerate(evidence):
        yield from _check_date(item["published"], (*path, "evidence", index, "published"))
        voice, _, code = item["voice"].partition(":")
        if voice == "party" and code not in parties:
            yield (*path, "evidence", index, "voice"), f"“{code}” is not among the parties"
    keys = {item["key"] for item in evidence}
    for index, assessment in enumerate(pledge.get("assessments", [])):
        yield from _check_day(assessment["effective_on"], (*path, "assessments", index, "effective_on"))
        for position, key in enumerate(assessment.get("evidence", [])):
            if key not in keys:
                yield (*path, "assessments", index, "evidence", position), f"“{key}” is not evidence of this pledge"


def _check_unique(rows: list[dict[str, Any]], key: str, path: Path) -> Iterator[tuple[Path, str]]:
    seen: set[Any] = set()
    for index, row in enumerate(rows):
        if row[key] in seen:
            yield (*path, index, key), f"“{row[key]}” is given twice"
        seen.add(row[key])


def _check_date(value: str | None, path: Path) -> Iterator[tuple[Path, str]]:
    try:
        bounds(value or "")
    except FuzzyDateError as error:
        yield path, str(error)


def _check_day(value: str | None, path: Path) -> Iterator[tuple[Path, str]]:
    if value and (len(value) != 10 or list(_check_date(value, path))):
        yield path, f"“{value}” is not a day (write 2024-07-03)"
