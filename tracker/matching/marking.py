"""Which words of an article matched, and how to show them; pure.

`reasons` are the lines of a suggestion: {concept, label, role, terms: [{text, where}], points}.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tracker.search.text import LETTER, acronym, is_unspaced

TERMS_SHOWN = 6  # in the bill
_BY_ROLE = {"who": "p", "where": "e", "when": "d"}


@dataclass(frozen=True)
class Line:
    """One line of the bill. `mark` is the CSS class of its terms, `found` every form of them, as it stands there."""

    concept: str
    role: str
    mark: str
    found: tuple[str, ...]
    in_title: bool
    points: float

    @property
    def terms(self) -> tuple[str, ...]:
        """The few that the bill names; a word in two cases is one."""
        return tuple({each.casefold(): each for each in reversed(self.found)}.values())[: -TERMS_SHOWN - 1 : -1]


def bill(reasons: list[dict[str, Any]], language: str = "en") -> list[Line]:
    """`language` is the reader's, such as `fr` or `fr-ca`: concepts go by their name in it, where they have one."""
    return [_line(reason, language) for reason in reasons if isinstance(reason, dict)]


def _line(reason: dict[str, Any], language: str) -> Line:
    terms = [term for term in reason.get("terms") or () if isinstance(term, dict) and term.get("text")]
    in_title = any(term.get("where") == "title" for term in terms)
    role = str(reason.get("role", ""))
    label = reason.get("label") or {}
    return Line(
        concept=str(label.get(language) or label.get(language.partition("-")[0]) or reason.get("concept", "")),
        role=role,
        mark=_BY_ROLE.get(role, "h" if in_title else "e"),
        found=tuple(dict.fromkeys(str(term["text"]) for term in terms)),
        in_title=in_title,
        points=float(reason.get("points") or 0),
    )


def pieces(text: str, lines: list[Line]) -> Iterator[tuple[str, str]]:
    """The text cut into (mark or "", words): joined again it is the text, letter for letter.

    What was found across a line break is marked on both sides of it.
    """
    found = {part: line.mark for line in reversed(lines) for term in line.found for part in _lines(term)}
    marks = {_key(part): mark for part, mark in found.items()}
    end = 0
    for each in _pattern(found).finditer(text) if found else ():
        start, stop = each.span(1)
        if start > end:
            yield "", text[end:start]
        if stop > end:
            yield marks.get(_key(each[1]), "e"), text[max(start, end) : stop]
            end = stop
    if end < len(text) or not text:
        yield "", text[end:]


def _lines(term: str) -> Iterator[str]:
    return (part for line in term.splitlines() if (part := line.strip()))


def _key(term: str) -> str:
    """Case makes no difference, but for short words in capitals."""
    return term if acronym(term) else term.casefold()


def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
    """The longest term at every place where one begins, also within another."""
    return re.compile(f"(?=({'|'.join(_bounded(term) for term in sorted(terms, key=len, reverse=True))}))")


def _bounded(term: str) -> str:
    """Whole words only; where there are no spaces, a term may stand in the middle of a run of letters."""
    before = "" if is_unspaced(term[0]) else f"(?<!{LETTER})"
    after = "" if is_unspaced(term[-1]) else f"(?!{LETTER})"
    literal = re.escape(term) if acronym(term) else f"(?i:{re.escape(term)})"
    return f"{before}{literal}{after}"


def paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
