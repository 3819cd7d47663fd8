"""Whether two articles tell the same story in nearly the same words: shared words, shared figures, like titles; pure.

Compared are the beginnings, because one feed gives the whole text and another its first sentence. Words count by their
stems, so that an ending changed by an editor changes nothing; scripts without spaces count by pairs of characters.
Finding the few articles worth comparing among many works by keys: the smallest hashes of an article's words
(Broder's bottom-k sketch, 1997). Two articles with a quarter of their words in common share one of eight keys nine
times in ten.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from tracker.search.text import fold, is_unspaced, stem, words

KEYS = 8
WINDOW_DAYS = 7
SAME = 0.25  # from here on two outlets tell the same story
SAME_OUTLET = 0.5  # an outlet hardly repeats itself, but writes of exchange rates and weather every day
SHARED_LEAST = 5  # words; two titles of three words are alike by chance
_LEAD = 2_000  # characters of the text that are read
_LENGTH = 80  # different words that are compared
_TWICE = 2  # of a longer text, so many times the length of the shorter one is compared
_SHORTEST = 4  # letters; shorter words are mostly grammar
_SPREAD = 2_654_435_761  # Knuth's multiplier: orders checksums anew, so that "smallest" favours no spelling


@dataclass(frozen=True)
class Story:
    """What of an article is compared."""

    title: frozenset[str]
    words: tuple[str, ...]  # in their order, each once; those of the title first
    figures: frozenset[str]
    outlet: str
    day: date


@lru_cache(maxsize=512)
def story(title: str, text: str, language: str, *, outlet: str, day: date) -> Story:
    """Of a title, a text, the base language of both, the host that published it and the day it did."""
    of_title = _features(title, language)
    ordered = list(dict.fromkeys(of_title + _features(text[:_LEAD], language)))[:_LENGTH]
    return Story(
        title=frozenset(of_title),
        words=tuple(ordered),
        figures=frozenset(word for word in ordered if word.isdigit()),
        outlet=outlet,
        day=day,
    )


def _features(text: str, language: str) -> list[str]:
    found = [word for word, _start, _end in words(text)]
    spaced = [stem(word, language) for word in found if not is_unspaced(word)]
    signs = [fold(first + second) for first, second in pairwise(found) if is_unspaced(first) and is_unspaced(second)]
    return [word for word in spaced if word.isdigit() or len(word) >= _SHORTEST] + signs


def keys(of: Story) -> list[int]:
    """Up to eight numbers below 2³²; articles without a key in common are not compared."""
    return sorted(zlib.crc32(word.encode()) * _SPREAD & 0xFFFFFFFF for word in of.words)[:KEYS]


def likeness(one: Story, other: Story) -> float:
    """From 0 to 1.25: the share of common words, more for common figures and like titles."""
    length = _TWICE * min(len(one.words), len(other.words))
    these, those = frozenset(one.words[:length]), frozenset(other.words[:length])
    if len(these & those) < SHARED_LEAST:
        return 0.0
    telling = [figure for figure in one.figures & other.figures if len(figure) > 1 and not _is_year(figure)]
    return _share(these, those) + 0.05 * min(3, len(telling)) + 0.1 * _share(one.title, other.title)


def is_same_story(one: Story, other: Story) -> bool:
    if abs((one.day - other.day).days) > WINDOW_DAYS or not _figures_agree(one, other):
        return False
    return likeness(one, other) >= (SAME_OUTLET if one.outlet == other.outlet else SAME)


def nearest(newcomer: Story, elders: Iterable[tuple[int, Story]]) -> int | None:
    """The name of the elder that tells the same story, of several the most alike; of equals the first."""
    same = [(likeness(newcomer, elder), -name) for name, elder in elders if is_same_story(newcomer, elder)]
    return -max(same)[1] if same else None


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index; 0 where there is nothing to compare."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _figures_agree(one: Story, other: Story) -> bool:
    """Yesterday's exchange rates read like today's but for their figures."""
    fewer = min(len(one.figures), len(other.figures))
    return 2 * len(one.figures & other.figures) >= fewer


def _is_year(figure: str) -> bool:
    return len(figure) == 4 and figure.startswith(("19", "20"))
