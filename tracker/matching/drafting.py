"""A first watch rule for a pledge that has none, from what it says, its parties and its theme; pure.

The topics whose words the pledge uses become its subjects, the names it mentions (Luban, BRICS) are looked for as they
are. A draft refers to topics rather than copying their words, so it stays short enough to read, adopt and change.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any

from babel import Locale

from tracker.matching import topics
from tracker.matching.lexicon import Hit, Lexicon, Vocabulary, country_names
from tracker.search.text import fold, language_of

TOPICS = 2  # of one draft
IN_TITLE, IN_STATEMENT, IN_THEME = 3.0, 1.0, 0.5
HINTED = 0.3  # of what a name is worth
AMONG_THE_BEST = 0.6  # of the best topic's points, for another one to be taken as well
_NOT_SUBJECTS = ("step", "figures")
# A capital inside a sentence, and what hangs on it: “Luban”, “Global Development Initiative”, “BRICS”.
_NAME = re.compile(r"(?<=[\w,;:)»”\"’'] )[«“\"]?([A-ZА-ЯЁӘҒҚҢӨҰҮІ][\w-]+(?: [A-ZА-ЯЁӘҒҚҢӨҰҮІ][\w-]+)*)")


@dataclass(frozen=True)
class Said:
    """What a pledge says in one language."""

    language: str
    title: str
    statement: str
    theme: str = ""


@dataclass(frozen=True)
class Party:
    """A country by its territory, or another party by its names, (language, name) each."""

    code: str
    territory: str = ""
    names: tuple[tuple[str, str], ...] = ()


def draft(
    said: tuple[Said, ...], parties: tuple[Party, ...], signing: tuple[tuple[str, tuple[str, ...]], ...] = ()
) -> dict[str, Any]:
    """The `watch` of a declaration file; empty where the words give nothing to look for.

    `signing` are the names of the place and of those who signed, by language: they point to the parties as well.
    """
    chosen, names = _topics(said), _names(said, parties)
    if not chosen and not names:
        return {}
    acting = {_name_of(party): _party(party) for party in parties}
    if signing:
        terms = {language: list(each) for language, each in signing}
        acting["place and signatories"] = {"role": "who", "weight": 0.1, "terms": terms}
    if short := _chinese_pairs(parties):
        acting["both together"] = {"role": "who", "weight": 0.3, "terms": {"zh": short}}
    subjects = {each: {"role": "what", "topic": each, "weight": 0.4} for each in chosen}
    if names:
        subjects["named"] = {"role": "what", "weight": 0.4, "terms": {"any": names}}
    hints = {
        f"signs of {each}": {"role": "what", "hints_of": each, "weight": 0.15} for each in chosen if topics.hints(each)
    }
    return {
        "needs": [list(acting), [*subjects, *hints]],
        "concepts": {**acting, **subjects, **hints, "a step taken": {"role": "what", "topic": "step", "weight": 0.05}},
    }


def _party(party: Party) -> dict[str, Any]:
    where = {"territory": party.territory} if party.territory else {}
    named = {"terms": {language: [name] for language, name in party.names}} if party.names else {}
    return {"role": "who", "weight": 0.2, **where, **named}


def _name_of(party: Party) -> str:
    if party.names:
        return dict(party.names).get("en", party.names[0][1])
    return Locale("en").territories.get(party.territory, party.code)


def _chinese_pairs(parties: tuple[Party, ...]) -> list[str]:
    """Chinese names two countries by their first characters: 中哈 are China and Kazakhstan."""
    territories = Locale("zh").territories
    first = [territories[party.territory][0] for party in parties if party.territory in territories]
    return [f"{one}{other}" for one, other in permutations(first, 2) if one != other]


def _topics(said: tuple[Said, ...]) -> list[str]:
    """What the pledge speaks of most, the best first; a subject of the theme counts only beside the pledge's own."""
    points: Counter[str] = Counter()
    for each in said:
        own = _spoken(each.language, each.title, each.statement)
        points.update(own)
        theme = _spoken(each.language, "", each.theme)
        points.update({topic: IN_THEME for topic in theme if topic in own})
    best = max(points.values(), default=0)
    return [topic for topic, value in points.most_common(TOPICS) if value >= best * AMONG_THE_BEST]


def _spoken(language: str, title: str, statement: str) -> dict[str, float]:
    base = language_of(language, title)
    lexicon, named = _lexicon(base)
    points: dict[str, float] = defaultdict(float)
    seen: set[tuple[str, str]] = set()
    for whose, place in lexicon.find(title, statement):
        hit = Hit(*place)
        for topic, worth in (named[vocabulary] for vocabulary in whose):
            if (topic, fold(hit.surface)) not in seen:
                seen.add((topic, fold(hit.surface)))
                points[topic] += worth * (IN_TITLE if hit.in_title else IN_STATEMENT)
    return points


@cache
def _lexicon(language: str) -> tuple[Lexicon, dict[Vocabulary, tuple[str, float]]]:
    """The words of all topics, each with its topic and with what one of them is worth."""
    named = {
        Vocabulary(tuple((own, tuple(each)) for own, each in terms.items())): (topic, worth)
        for topic in topics.known()
        if topic not in _NOT_SUBJECTS
        for terms, worth in ((topics.spoken_of(topic), 1.0), (topics.hints(topic), HINTED))
    }
    return Lexicon(named, language), named


def _names(said: tuple[Said, ...], parties: tuple[Party, ...]) -> list[str]:
    """The names that a pledge mentions, but for its parties', in the order they come.

    One word with a capital is a name where every language has it: “Luban”, not “Year” and “Année”.
    """
    by_language = [
        [
            match[1]
            for text in (each.title, each.statement)
            for match in _NAME.finditer(text.strip())
            if not any(_is_about(match[1], name) for name in _party_names(parties, each.language))
        ]
        for each in said
    ]
    everywhere = set.intersection(*map(set, by_language)) if by_language else set()
    every = dict.fromkeys(name for names in by_language for name in names)
    return [name for name in every if " " in name or name in everywhere]


def _is_about(name: str, party: str) -> bool:
    """“Chinese” and “Kazakhstan’s” are of China and Kazakhstan."""
    return any(fold(word)[:4] == fold(party)[:4] for word in name.split())


def _party_names(parties: tuple[Party, ...], language: str) -> Iterator[str]:
    for party in parties:
        yield from (name for _language, name in party.names)
        if party.territory:
            yield from country_names(party.territory, language_of(language, ""))
