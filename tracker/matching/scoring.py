"""Article × rules → scores that add up from their reasons; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tracker.matching.lexicon import Hit, Vocabulary
from tracker.matching.rules import Concept, Rule, Rulebook
from tracker.search.text import is_unspaced, language_of

THRESHOLD = Decimal("0.55")
# What a concept earns where the headline does not name it: for one word of it in the text, for two, for more.
IN_TEXT = (Decimal("0.6"), Decimal("0.8"), Decimal("0.9"))
CANDIDATES = 5  # pledges one article may be suggested for
TEXT_LIMIT = 20_000  # characters looked at
TERMS_SHOWN = 6
_CENT = Decimal("0.01")

type Hits = dict[Vocabulary, list[Hit]]


@dataclass(frozen=True)
class ArticleText:
    """What is looked at. `published_latest`: the last day it can be from; None when unknown."""

    title: str
    text: str
    language: str = ""
    published_latest: date | None = None


@dataclass(frozen=True)
class Match:
    """One rule that the article fits, and the bill: lines {concept, role, terms, points} that sum to the score."""

    key: Any
    score: Decimal
    reasons: list[dict[str, Any]]


def matches(article: ArticleText, book: Rulebook, *, with_dates: bool = True) -> list[Match]:
    """Every rule that the article fits at all, best first."""
    text = article.text[:TEXT_LIMIT]
    hits = book.lexicon(language_of(article.language, f"{article.title} {text}")).find(article.title, text)
    scored = [
        match
        for rule in book.candidates(hits)
        if not (with_dates and _is_too_old(article, rule)) and (match := _score(rule, hits))
    ]
    return sorted(scored, key=lambda match: -match.score)


def suggestible(found: list[Match]) -> list[Match]:
    """What is worth an editor's look: the few best at or above the threshold."""
    return [match for match in found if match.score >= THRESHOLD][:CANDIDATES]


def _is_too_old(article: ArticleText, rule: Rule) -> bool:
    day = article.published_latest
    return day is not None and rule.since is not None and day < rule.since


def _score(rule: Rule, hits: Hits) -> Match | None:
    if rule.excludes in hits:
        return None
    found = {name: counted for name, concept in rule.concepts.items() if (counted := _counted(concept, rule, hits))}
    if not all(any(name in found for name in group) for group in rule.needs):
        return None
    reasons = list(_bill(rule, found))
    total = sum((Decimal(str(line["points"])) for line in reasons), Decimal(0))
    return Match(rule.key, total, reasons) if total > 0 else None


def _counted(concept: Concept, rule: Rule, hits: Hits) -> list[Hit]:
    found = hits.get(concept.vocabulary, [])
    if not concept.near or not found:
        return found
    neighbours = hits.get(rule.concepts[concept.near].vocabulary, [])
    return [hit for hit in found if any(_are_near(hit, other, concept.within) for other in neighbours)]


def _are_near(hit: Hit, other: Hit, within: int) -> bool:
    if hit.in_title != other.in_title:
        return False
    between = max(hit.start - other.end, other.start - hit.end)
    # Two Chinese characters make about one word.
    return between < within * (2 if is_unspaced(hit.surface) else 1)


def _bill(rule: Rule, found: dict[str, list[Hit]]) -> Iterator[dict[str, Any]]:
    """What speaks for it, strongest first, until the whole is reached; then what speaks against it."""
    lines = [(rule.concepts[name], hits, _points(rule.concepts[name], hits)) for name, hits in found.items()]
    left = Decimal(1)
    for concept, hits, points in sorted(lines, key=lambda line: -line[2]):
        given = max(min(points, left), left - 1)
        left -= given
        if given:
            yield {"concept": concept.name, "role": concept.role, "terms": _terms(hits), "points": float(given)}


def _points(concept: Concept, hits: list[Hit]) -> Decimal:
    if any(hit.in_title for hit in hits):
        return concept.weight.quantize(_CENT, ROUND_HALF_UP)
    different = len({hit.surface.casefold() for hit in hits})
    return (concept.weight * IN_TEXT[min(different, len(IN_TEXT)) - 1]).quantize(_CENT, ROUND_HALF_UP)


def _terms(hits: list[Hit]) -> list[dict[str, str]]:
    shown = {(hit.surface.casefold(), hit.in_title): hit for hit in hits}
    return [
        {"text": hit.surface, "where": "title" if hit.in_title else "text"}
        for hit in list(shown.values())[:TERMS_SHOWN]
    ]
