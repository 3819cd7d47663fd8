"""How good the rules are on labelled articles: average precision, precision and recall; pure.

A pair is one article with one watched pledge. All pairs are ranked by what their bills add up to, before the score,
which keeps their order, is made of it and rounded; a pair without a bill counts as 0. Ties are broken against us: among
equals the wrong pairs come first, so that a figure never rests on luck.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from tracker.matching.calibration import Curve
from tracker.matching.rules import Rulebook
from tracker.matching.scoring import ArticleText, matches, suggestible
from tracker.search.text import language_of

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Labelled:
    """An article and the keys of the pledges it is about. `story`: what other reports of the same event share."""

    article: ArticleText
    labels: frozenset[str]
    story: str = ""


@dataclass(frozen=True)
class Pair:
    pledge: str
    language: str
    score: float
    weight: float
    is_suggested: bool
    is_right: bool


@dataclass(frozen=True)
class Figures:
    """Of one set of pairs. A figure that cannot be (nothing right, nothing suggested) is None."""

    right: int
    suggested: int
    average_precision: float | None
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Bin:
    """The pairs whose score lies in one tenth: how many, what was said on average, and how often it was right."""

    low: float
    pairs: int
    said: float
    right: float


@dataclass(frozen=True)
class Report:
    articles: int
    micro: Figures
    macro_average_precision: float | None
    by_language: dict[str, Figures]
    by_pledge: dict[str, Figures]
    reliability: list[Bin]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class LabelledFileError(ValueError):
    """`problems` says each bad line by its number."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read(lines: Iterable[str], references: dict[int, str]) -> list[Labelled]:
    """JSON lines {title, text, date, language, labels: [{id}]}; a label is `P11`, `11` or a full reference."""
    labelled, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            labelled.append(_labelled(json.loads(line), references))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            problems.append(f"line {number}: {what}")
    if problems:
        raise LabelledFileError(problems)
    return labelled


def _labelled(row: Any, references: dict[int, str]) -> Labelled:
    if not isinstance(row, dict):
        raise TypeError("not an object with fields")
    article = ArticleText(
        title=str(row["title"]),
        text=str(row.get("text") or ""),
        language=str(row.get("language") or ""),
        published_latest=latest_day(row.get("date") or _named_year(f"{row['title']} {row.get('text') or ''}")),
    )
    labels = frozenset(_reference(label["id"], references) for label in row["labels"])
    return Labelled(article, labels, str(row.get("story") or ""))


def _reference(label: str, references: dict[int, str]) -> str:
    if label in references.values():
        return label
    digits = str(label).removeprefix("P")
    if not (digits.isascii() and digits.isdigit()) or int(digits[:9]) not in references:
        raise ValueError(f"label “{label}” is no pledge that is watched")
    return references[int(digits[:9])]


def _named_year(words: str) -> str:
    """The latest year that an undated article names; one that names none is not shown to follow anything.

    In the program itself no article is without a date: one that has none is of the day its feed brought it.
    """
    return max(_YEAR.findall(words), default=str(date.min.year))


def latest_day(value: str) -> date | None:
    """The last day of `2025`, `2025-06` or `2025-06-17`."""
    if not value:
        return None
    year, month, day = ([int(part) for part in str(value).split("-")] + [0, 0])[:3]
    if day:
        return date(year, month, day)
    following = date(year + 1, 1, 1) if month in (0, 12) else date(year, month + 1, 1)
    return following - timedelta(days=1)


def pairs(
    labelled: Sequence[Labelled],
    book: Rulebook,
    *,
    with_dates: bool,
    curve: Curve | None = None,
    threshold: float | None = None,
) -> Iterator[Pair]:
    """Every article with every rule. `curve` and `threshold` take the place of the shipped ones."""
    for item in labelled:
        language = language_of(item.article.language, item.article.title)
        found = {match.key: match for match in matches(item.article, book, with_dates=with_dates, curve=curve)}
        suggested = {match.key for match in suggestible(list(found.values()), threshold=threshold)}
        for rule in book.rules:
            yield Pair(
                pledge=rule.key,
                language=language,
                score=float(found[rule.key].score) if rule.key in found else 0.0,
                weight=float(found[rule.key].weight) if rule.key in found else 0.0,
                is_suggested=rule.key in suggested,
                is_right=rule.key in item.labels,
            )


def report(labelled: Sequence[Labelled], book: Rulebook, *, with_dates: bool = True) -> Report:
    every = list(pairs(labelled, book, with_dates=with_dates))
    by_pledge = _grouped(every, "pledge")
    known = [each.average_precision for each in by_pledge.values() if each.average_precision is not None]
    return Report(
        articles=len(labelled),
        micro=figures(every),
        macro_average_precision=sum(known) / len(known) if known else None,
        by_language=_grouped(every, "language"),
        by_pledge=by_pledge,
        reliability=reliability(every),
    )


def reliability(of: Iterable[Pair]) -> list[Bin]:
    """Whether 0.8 means that about 80 % are right."""
    tenths: dict[int, list[Pair]] = defaultdict(list)
    for pair in of:
        if pair.score:
            tenths[min(int(pair.score * 10 + 1e-9), 9)].append(pair)
    return [
        Bin(
            low=tenth / 10,
            pairs=len(inside),
            said=sum(pair.score for pair in inside) / len(inside),
            right=sum(pair.is_right for pair in inside) / len(inside),
        )
        for tenth, inside in sorted(tenths.items())
    ]


def _grouped(every: list[Pair], name: str) -> dict[str, Figures]:
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in every:
        groups[getattr(pair, name)].append(pair)
    return {key: figures(groups[key]) for key in sorted(groups)}


def figures(of: Sequence[Pair]) -> Figures:
    right = sum(pair.is_right for pair in of)
    suggested = sum(pair.is_suggested for pair in of)
    both = sum(pair.is_right and pair.is_suggested for pair in of)
    return Figures(
        right=right,
        suggested=suggested,
        average_precision=average_precision((pair.weight, pair.is_right) for pair in of) if right else None,
        precision=both / suggested if suggested else None,
        recall=both / right if right else None,
        f1=2 * both / (suggested + right) if right else None,
    )


def average_precision(ranked: Iterable[tuple[float, bool]]) -> float:
    """The mean precision at each right pair; among equal scores the wrong ones come first."""
    total, right, seen = 0.0, 0, 0
    ordered = sorted(ranked, key=lambda pair: -pair[0])
    for _score, group in groupby(ordered, key=lambda pair: pair[0]):
        flags = [is_right for _, is_right in group]
        seen += flags.count(False)
        for _ in range(flags.count(True)):
            right, seen = right + 1, seen + 1
            total += right / seen
    return total / right if right else 0.0
