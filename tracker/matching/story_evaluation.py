"""How good the grouping into stories is, on articles whose stories people named; pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from tracker.matching.evaluation import LabelledFileError, latest_day
from tracker.matching.likeness import Story, keys, nearest, story
from tracker.search.text import language_of


@dataclass(frozen=True)
class Told:
    """An article, its language, and the names of the stories it tells: two with a name in common belong together."""

    story: Story
    language: str
    names: frozenset[str]


def read(lines: Iterable[str], fields: Sequence[str] = ("story", "cluster")) -> list[Told]:
    """JSON lines {url, title, text, date, language} and the fields that name a story; without a name it stands alone.

    What has no date is left out, as it could never be put beside anything: articles are grouped within days.
    """
    told, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told.append(_told(json.loads(line), fields))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            problems.append(f"line {number}: {what}")
    if problems:
        raise LabelledFileError(problems)
    return sorted(filter(None, told), key=lambda one: one.story.day)


def _told(row: Any, fields: Sequence[str]) -> Told | None:
    if not isinstance(row, dict):
        raise TypeError("not an object with fields")
    title, text = str(row["title"]), str(row.get("text") or "")
    language = language_of(str(row.get("language") or ""), title)
    names = frozenset(f"{field}:{row[field]}" for field in fields if row.get(field))
    day = latest_day(row.get("date") or "")
    outlet = urlsplit(str(row.get("url") or "")).hostname or ""
    return Told(story(title, text, language, outlet=outlet, day=day), language, names) if day else None


@dataclass(frozen=True)
class Measured:
    """Of all pairs of articles: how many were put together, how many belong together, how many are both."""

    grouped: int
    right: int
    both: int

    @property
    def precision(self) -> float | None:
        return self.both / self.grouped if self.grouped else None

    @property
    def recall(self) -> float | None:
        return self.both / self.right if self.right else None


def grouped(stories: Sequence[Story]) -> list[int]:
    """For each the position of the first of its story, told in this order."""
    firsts: list[int] = []
    holders: dict[int, list[int]] = defaultdict(list)
    for position, newcomer in enumerate(stories):
        own = keys(newcomer)
        met = sorted({elder for key in own for elder in holders[key]})
        elder = nearest(newcomer, [(elder, stories[elder]) for elder in met])
        firsts.append(position if elder is None else firsts[elder])
        for key in own:
            holders[key].append(position)
    return firsts


def measured(told: Sequence[Told], *, within_languages: bool = False) -> Measured:
    """The grouping of these articles, told in this order; on request only the pairs that share a language."""
    firsts = grouped([one.story for one in told])
    pairs = [
        (firsts[one] == firsts[other], bool(told[one].names & told[other].names))
        for one, other in combinations(range(len(told)), 2)
        if not within_languages or told[one].language == told[other].language
    ]
    return Measured(
        grouped=sum(is_grouped for is_grouped, _ in pairs),
        right=sum(is_right for _, is_right in pairs),
        both=sum(is_grouped and is_right for is_grouped, is_right in pairs),
    )
