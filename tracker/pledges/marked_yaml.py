"""YAML text → plain data and the line of every field.

Narrower than YAML, so that a file means what it seems to mean and can do no harm: no aliases, tags or merge keys, each
field once, at most `DEPTH` levels. Only `true`, `false`, plain decimal numbers and nothing at all are not text: `no`
stays Norwegian, `2024-07-03` is left to whoever reads dates. Text loses the white space at its ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

DEPTH = 20
Path = tuple[str | int, ...]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, ten times faster, where the wheel has it
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
# What a database or a page cannot hold: controls other than tab and line ends, halves of surrogate pairs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong, where (1-based line, dotted field) and in words."""

    line: int
    field: str
    message: str


@dataclass
class MarkedYaml:
    """What a text says, where it says it, and what is wrong with it."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """At the line of the field, or of the nearest field around it."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.lines.get(known, 1), dotted(path), message)


def dotted(path: Path) -> str:
    """`pledges[3].due.edtf`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read(text: str) -> MarkedYaml:
    """Never raises: what cannot be read is a problem, and `data` is then None."""
    reader = _Reader(text)
    try:
        reader.read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.say(mark.line if mark else 0, (), f"not YAML: {error.problem or error.context}")
    except yaml.reader.ReaderError as error:
        # libyaml counts the position in bytes, PyYAML in characters; the character itself is sure.
        line = text.partition(chr(error.character))[0].count("\n") if isinstance(error.character, int) else 0
        reader.say(line, (), f"not YAML: {error.reason}")
    except yaml.YAMLError as error:
        reader.say(0, (), f"not YAML: {error}")
    return reader.found


def _line(event: Any) -> int:
    return event.start_mark.line


class _Reader:
    """Builds the data from the parser's events, so that nothing is expanded or constructed behind our back."""

    def __init__(self, text: str) -> None:
        self.found = MarkedYaml()
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=_Loader))

    def say(self, line: int, path: Path, message: str) -> None:
        self.found.problems.append(Problem(line + 1, dotted(path), message))

    def read(self) -> None:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and self.found.lines:
                self.say(_line(event), (), "a second document begins here; one file holds one")
                return
            if isinstance(event, yaml.NodeEvent):
                self.found.data = self.value(event, ())

    def value(self, event: Any, path: Path) -> Any:
        line = _line(event)
        self.found.lines.setdefault(path, line + 1)
        if isinstance(event, yaml.AliasEvent):
            self.say(line, path, f"refers to *{event.anchor}: write it out instead")
            return None
        if event.tag is not None:
            self.say(line, path, f"carries the tag {event.tag}: leave it out")
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path)
        if len(path) >= DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested more than {DEPTH} deep", problem_mark=event.start_mark)
        return self.items(path) if isinstance(event, yaml.SequenceStartEvent) else self.fields(path)

    def items(self, path: Path) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            made.append(self.value(event, (*path, len(made))))
        return made

    def fields(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = _line(event)
            key = event.value.strip() if isinstance(event, yaml.ScalarEvent) else None
            if key is None:
                self.say(line, path, "the name of a field must be plain text")
                self.value(event, (*path, ""))
            elif _UNFIT.search(key):
                self.say(line, path, "the name of a field holds a control character")
            elif key in made:
                self.say(line, (*path, key), "given twice")
            else:
                self.found.lines[(*path, key)] = line + 1
            value = self.value(next(self.events), (*path, key or ""))
            made.setdefault(key or "", value)
        return made

    def scalar(self, event: Any, path: Path) -> Any:
        text = event.value.strip()
        if unfit := _UNFIT.search(text):
            self.say(_line(event), path, f"holds a character that cannot be kept (U+{ord(unfit[0]):04X})")
            return ""
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _NUMBER.fullmatch(text) else text
