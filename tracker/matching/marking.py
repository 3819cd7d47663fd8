"""Which words of an article matched, and how to show them; pure.

`reasons` are the lines of a suggestion: {concept, role, terms: [{text, where}], points}.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracker.search.text import UNSPACED

_BY_ROLE = {"who": "p", "where": "e", "when": "d"}
# Scripts written without spaces between words: a term may stand in the middle of a run of letters.
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True)
class Line:
    """One line of the bill. `mark` is the CSS class of its terms."""

    concept: str
    role: str
    mark: str
    terms: tuple[str, ...]
    in_title: bool
    points: float


def bill(reasons: list[dict[str, Any]]) -> list[Line]:
    return [_line(reason) for reason in reasons if isinstance(reason, dict)]


def _line(reason: dict[str, Any]) -> Line:
    terms = [term for term in reason.get("terms") or () if isinstance(term, dict) and term.get("text")]
    in_title = any(term.get("where") == "title" for term in terms)
    role = str(reason.get("role", ""))
    return Line(
        concept=str(reason.get("concept", "")),
        role=role,
        mark=_BY_ROLE.get(role, "h" if in_title else "e"),
        terms=tuple(dict.fromkeys(str(term["text"]) for term in terms)),
        in_title=in_title,
        points=float(reason.get("points") or 0),
    )


def pieces(text: str, lines: list[Line]) -> Iterator[tuple[str, str]]:
    """The text cut into (mark or "", words): joined again it is the text, letter for letter."""
    marks = {term.casefold(): line.mark for line in reversed(lines) for term in line.terms}
    if not marks:
        yield "", text
        return
    longest_first = sorted({term for line in lines for term in line.terms}, key=len, reverse=True)
    pattern = re.compile("|".join(_bounded(term) for term in longest_first), re.IGNORECASE)
    end = 0
    for found in pattern.finditer(text):
        if found.start() > end:
            yield "", text[end : found.start()]
        yield marks.get(found[0].casefold(), "e"), found[0]
        end = found.end()
    if end < len(text):
        yield "", text[end:]


def _bounded(term: str) -> str:
    literal = re.escape(term)
    return literal if _UNSPACED.search(term) else rf"(?<!\w){literal}(?!\w)"


def paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
