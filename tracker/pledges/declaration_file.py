"""Reads a declaration file: bytes → checked data, or every problem at once with its line and field.

The format is published as a JSON Schema (2020-12) in `fixtures/declaration.schema.json`; `declaration_rules` checks
what a schema cannot say.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tracker.pledges import declaration_rules, marked_yaml
from tracker.pledges.marked_yaml import MarkedYaml, Path, Problem

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "fields",
}
VALUE_RULES = ("type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum")
SIZE_LIMIT = 40_000_000  # bytes; a declaration of 10,000 pledges has about 16 million


class DeclarationFileError(Exception):
    """The file cannot be loaded; `problems` holds all that is wrong, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(set(problems))


def parse(raw: bytes, schema: dict[str, Any]) -> MarkedYaml:
    """The data of the file and its lines. Raises DeclarationFileError."""
    if len(raw) > SIZE_LIMIT:
        raise DeclarationFileError([Problem(1, "", f"longer than {SIZE_LIMIT:,} bytes")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DeclarationFileError([Problem(line, "", "not UTF-8 text: save the file as UTF-8")]) from error
    file = marked_yaml.read(text)
    if not isinstance(file.data, dict):
        file.problems = file.problems or [Problem(1, "", "holds no declaration: expected “format: 1” at the beginning")]
        raise DeclarationFileError(file.problems)
    errors = [] if _is_sound(file.data, schema) else list(Draft202012Validator(schema).iter_errors(file.data))
    found = [item for error in errors for item in _explained(error)]
    found += declaration_rules.check(
        file.data, {tuple(error.absolute_path) for error in errors if _is_of_a_value(error)}
    )
    file.problems += [file.problem(path, message) for path, message in found]
    if file.problems:
        raise DeclarationFileError(file.problems)
    return file


def _is_sound(data: Any, schema: dict[str, Any]) -> bool:
    """Says yes a hundred times as fast; what is wrong, and where, is then found at leisure."""
    return jsonschema_rs.Draft202012Validator(schema).is_valid(data)


def check_entry(item: dict[str, Any], entry: str, schema: dict[str, Any]) -> list[tuple[Path, str]]:
    """What the schema finds wrong with one entry of a file, such as a `pledge`: where and what."""
    part = {"$ref": f"#/$defs/{entry}", "$defs": schema["$defs"]}
    return [found for error in Draft202012Validator(part).iter_errors(item) for found in _explained(error)]


def _is_of_a_value(error: ValidationError) -> bool:
    """Not of what stands beside it, or of its number."""
    return bool(error.absolute_path) and error.validator in VALUE_RULES and not _is_of_a_name(error)


def _is_of_a_name(error: ValidationError) -> bool:
    return "propertyNames" in error.relative_schema_path


def _explained(error: ValidationError) -> Iterator[tuple[Path, str]]:
    """What a validator found, in words for whoever writes the file."""
    path: Path = tuple(error.absolute_path)
    rule, wanted, given = error.validator, error.validator_value, error.instance
    if _is_of_a_name(error):  # which has no path of its own
        yield (*path, given), f"“{_short(given)}” is no fitting name here: expected {_hint(error)}"
    elif rule == "required":
        missing = next((name for name in wanted if f"'{name}'" in error.message), wanted[0])
        yield (*path, missing), "is missing"
    elif rule == "additionalProperties":
        known = list(error.schema["properties"])
        for name in given.keys() - set(known):
            meant = get_close_matches(name, known, 1)
            yield (*path, name), "is no field of this place" + (f"; did you mean “{meant[0]}”?" if meant else "")
    elif rule == "dependentRequired":
        yield path, "“within” needs “near”"
    elif rule == "anyOf":
        yield path, "needs a territory or a name"
    else:
        yield path, _words(rule, wanted, given, error)


def _words(rule: Any, wanted: Any, given: Any, error: ValidationError) -> str:
    if rule == "type":
        if wanted == "string" and isinstance(given, int | float):
            return f"{_short(given)} must be text: put it in quotes"
        names = " or ".join(KINDS[kind] for kind in _listed(wanted))
        return f"is empty: expected {names}" if given is None else f"“{_short(given)}” does not fit: expected {names}"
    if rule in ("enum", "const"):
        return f"“{_short(given)}” is not one of: {', '.join(map(str, _listed(wanted)))}"
    if rule in ("minLength", "minItems", "minProperties"):
        return "is empty"
    if rule == "maxLength":
        return f"has {len(given)} characters; at most {wanted} fit"
    if rule == "maxItems":
        return f"has {len(given)} entries; at most {wanted} fit"
    if rule in ("minimum", "maximum"):
        return f"{_short(given)} is {'below' if rule == 'minimum' else 'above'} {wanted}"
    if rule == "uniqueItems":
        return "names something twice"
    return f"“{_short(given)}” does not fit: expected {_hint(error)}"


def _hint(error: ValidationError) -> str:
    return str(error.schema.get("description") or error.validator_value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
