"""Article × rules → scores that add up from their reasons; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from tracker.matching import learning
from tracker.matching.calibration import Curve, settled, shipped
from tracker.matching.lexicon import Hit, Hits, by_vocabulary
from tracker.matching.rules import Concept, Rule, Rulebook
from tracker.search.text import is_unspaced, language_of

THRESHOLD = Decimal("0.35")  # of three suggested at the threshold one is right; of all suggested, four in five
# What a concept earns where the headline does not name it: for one word of it in the text, for two, for more.
IN_TEXT = (Decimal("0.6"), Decimal("0.8"), Decimal("0.9"))
CANDIDATES = 5  # pledges one article may be suggested for
TEXT_LIMIT = 20_000  # characters looked at
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class ArticleText:
    """What is looked at. `published_latest`: the last day it can be from; None when unknown."""

    title: str
    text: str
    language: str = ""
    published_latest: date | None = None


@dataclass(frozen=True)
class Match:
    """One rule that the article fits, and the bill: lines {concept, label, role, terms, points} that sum to the score.

    `weight` is what the lines add up to as the rule weighs them, before the score is made of it.
    """

    key: Any
    score: Decimal
    weight: Decimal
    reasons: list[dict[str, Any]]


def matches(
    article: ArticleText, book: Rulebook, *, with_dates: bool = True, curve: Curve | None = None
) -> list[Match]:
    """Every rule that the article fits at all, best first. `curve` makes the score of what was found."""
    curve = curve or shipped()
    text = article.text[:TEXT_LIMIT]
    language = language_of(article.language, "" if article.language else f"{article.title} {text}")
    found = book.lexicon(language).find(article.title, text)
    if not (rules := book.candidates({each for whose, _hit in found for each in whose})):
        return []
    hits = by_vocabulary(found)
    scored = [
        match
        for rule in rules
        if not (with_dates and _is_too_old(article, rule)) and (match := _score(rule, hits, curve))
    ]
    return sorted(scored, key=lambda match: (-match.score, -match.weight))


def suggestible(found: list[Match], *, threshold: float | None = None) -> list[Match]:
    """What is worth an editor's look: the few best at or above the threshold, the shipped one if not told."""
    least = THRESHOLD if threshold is None else threshold
    return [match for match in found if match.score >= least][:CANDIDATES]


def _is_too_old(article: ArticleText, rule: Rule) -> bool:
    day = article.published_latest
    return day is not None and rule.since is not None and day < rule.since


def _score(rule: Rule, hits: Hits, curve: Curve) -> Match | None:
    if rule.excludes in hits:
        return None
    found = {name: counted for name, concept in rule.concepts.items() if (counted := _counted(concept, rule, hits))}
    if not all(any(name in found for name in group) for group in rule.needs):
        return None
    lines = list(_lines(rule, found))
    weight = sum((points for _concept, _hits, points in lines), Decimal(0))
    if weight <= 0:
        return None
    score = curve.at(weight)
    shares = settled([points for _concept, _hits, points in lines], score)
    reasons = [
        {
            "concept": concept.name,
            **_label(concept),
            "role": concept.role,
            "terms": _terms(hits),
            "points": float(points),
        }
        for (concept, hits, _points), points in zip(lines, shares, strict=True)
        if points
    ]
    if rule.learned and (points := rule.learned.line(score, {str(line["concept"]) for line in reasons})):
        score += points
        reasons.append({"concept": "", "role": learning.ROLE, "terms": [], "points": float(points)})
    return Match(rule.key, score, weight, reasons)


def _label(concept: Concept) -> dict[str, dict[str, str]]:
    return {"label": dict(concept.label)} if concept.label else {}


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
    return between < within or (between < 2 * within and is_unspaced(hit.surface))


def _lines(rule: Rule, found: dict[str, list[Hit]]) -> Iterator[tuple[Concept, list[Hit], Decimal]]:
    """What speaks for it, strongest first, then what speaks against it."""
    lines = [(rule.concepts[name], hits, _points(rule.concepts[name], hits)) for name, hits in found.items()]
    yield from sorted((line for line in lines if line[2]), key=lambda line: -line[2])


def _points(concept: Concept, hits: list[Hit]) -> Decimal:
    if any(hit.in_title for hit in hits):
        return _share(concept.weight, Decimal(1))
    different = len({hit.surface.casefold() for hit in hits})
    return _share(concept.weight, IN_TEXT[min(different, len(IN_TEXT)) - 1])


@lru_cache(maxsize=10_000)
def _share(weight: Decimal, share: Decimal) -> Decimal:
    return (weight * share).quantize(_CENT, ROUND_HALF_UP)


def _terms(hits: list[Hit]) -> list[dict[str, str]]:
    """Each form that was found, as it stands there: all of them, for all of them are marked."""
    found = dict.fromkeys((hit.surface, hit.in_title) for hit in hits)
    return [{"text": surface, "where": "title" if in_title else "text"} for surface, in_title in found]
