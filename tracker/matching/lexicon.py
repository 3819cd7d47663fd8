"""Many phrases, found in one walk over a text; pure.

A term is plain words. `word*` stands for any word that begins so; `…` (or `...`) for up to four words between.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, takewhile
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from tracker.search.text import acronym, fold, spans, stem, surfaces, words

GAP = "…"
GAP_WORDS = 4
GAPS = 2  # in one term; each multiplies the places to look at
HITS = 100  # kept of one vocabulary; a text that repeats a word a thousand times says no more
REMEMBERED, REMEMBERED_LENGTH = 100_000, 40  # pieces of text, and how many characters one may have
ZONES = 12  # of a country; where it has more, their cities are no longer its greatest
LEAST_SHARED = 5  # letters
_SCRIPTS = ("Cyrl", "Latn", "Arab", "Hant")
_WITHOUT_ADJECTIVES = ("zh", "ja", "kk", "ky")  # there, the name of a language holds the word “language”
# Neighbours whose words are also looked for, inflected as the text's own; English always is.
_NEIGHBOURS = {
    "kk": ("ru",),
    "ky": ("kk", "ru"),
    "ja": ("zh",),
    "uk": ("ru",),
    "bg": ("ru",),
    "be": ("ru",),
    "tg": ("ru",),
}


class Word(NamedTuple):
    """What one word of an article is to a lexicon."""

    symbols: tuple[str, ...]  # the ways it stands in phrases
    alone: tuple["Vocabulary", ...]  # those that look for it as it is
    begun: tuple[tuple[str, set[str]], ...]  # the phrases that may begin with it, and what may follow next
    has_gap: bool  # whether a gap may follow


UNKNOWN = Word((), (), (), False)


class Part:
    """A title or a text that was looked through; where its words stand is found out when somebody asks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._cut: dict[tuple[int, int], str] = {}

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return spans(self.text)

    def cut(self, start: int, end: int) -> str:
        """What stands there from one word to before another."""
        if (start, end) not in self._cut:
            self._cut[start, end] = self.text[self._spans[start][0] : self._spans[end - 1][1]]
        return self._cut[start, end]


class Hit(NamedTuple):
    """Words `start` to `end` of the title or the text."""

    start: int
    end: int
    in_title: bool
    part: Part

    @property
    def surface(self) -> str:
        """As it stands there, inflected."""
        return self.part.cut(self.start, self.end)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The terms of one concept by language, and the country whose names belong to it. Compared by identity."""

    terms: tuple[tuple[str, tuple[str, ...]], ...]
    territory: str = ""

    def words(self, language: str) -> Iterator[str]:
        """What to look for in a text of this language."""
        looked_for = (language, *_NEIGHBOURS.get(language, ()), "en", "any")
        for own, terms in self.terms:
            if own in looked_for:
                yield from terms
        if self.territory:
            for each in dict.fromkeys(looked_for[:-1]):
                yield from country_names(self.territory, each)


@lru_cache(maxsize=10_000)
def country_names(territory: str, language: str) -> tuple[str, ...]:
    """The country's name, its people's and its great cities', as far as CLDR has them: Kazakhstan, Kazakh*, Almaty.

    The adjective is the name of the official language that is at home there; what it shares with the country's name
    stands for all its forms. The cities are those by which CLDR names the country's time zones.
    """
    home = [
        code
        for code in get_official_languages(territory, de_facto=True)
        if (get_global("likely_subtags").get(code) or "").endswith(f"_{territory}")
    ]
    zones = [zone for zone, where in get_global("zone_territories").items() if where == territory]
    found: list[str] = []
    for locale in _locales(language):
        country = locale.territories.get(territory)
        adjectives = [] if language in _WITHOUT_ADJECTIVES else [locale.languages.get(code) for code in home]
        cities = [_city(locale, zone) for zone in zones] if len(zones) <= ZONES else []
        names = [name for name in (country, *adjectives, *cities) if name]
        found += [*names, *(f"{stem}*" for each in adjectives if each and country and (stem := _shared(country, each)))]
    return tuple(dict.fromkeys(found))


def _locales(language: str) -> Iterator[Locale]:
    """The language as it is usually written, and in its other scripts."""
    for tag in (language, *(f"{language}_{script}" for script in _SCRIPTS)):
        try:
            yield Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue


def _city(locale: Locale, zone: str) -> str:
    """Where CLDR has no name for it, it is written as in English."""
    own = locale.time_zones.get(zone, {}).get("city")
    return own or (zone.rpartition("/")[2].replace("_", " ") if locale.script in (None, "Latn") else "")


def _shared(country: str, adjective: str) -> str:
    """What both begin with, where that is long enough to stand for itself: `kasach` of Kasachstan and Kasachisch."""
    together = zip(country.casefold(), adjective.casefold(), strict=False)
    shared = "".join(one for one, _other in takewhile(lambda pair: pair[0] == pair[1], together))
    return shared if len(shared) >= LEAST_SHARED else ""


# Whose phrase, and where: made into hits only where a rule may fit.
type Found = list[tuple[tuple[Vocabulary, ...], tuple[int, int, bool, Part]]]
type Hits = dict[Vocabulary, list[Hit]]


class Lexicon:
    """The phrases of many vocabularies for texts of one language, as a trie over word stems.

    The trie is one table, by the words up to a place in a phrase: strings, which the collector of garbage leaves alone.
    """

    def __init__(self, vocabularies: Iterable[Vocabulary], language: str) -> None:
        self.language = language
        self._paths: dict[str, tuple[Vocabulary, ...]] = {}  # words so far → whose phrase is complete
        self._onward: dict[str, set[str]] = {}  # first words of phrases → second words
        self._known: set[str] = set()
        self._beginnings: set[str] = set()
        for vocabulary in vocabularies:
            only = (vocabulary,)
            for term in vocabulary.words(language):
                path = self._path(term)
                self._paths[path] = (self._paths[path] + only) if self._paths.get(path) else only
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._words = _Remembered(self._word)
        self._chunks = _Remembered(self._read)

    def _path(self, term: str) -> str:
        path = ""
        for symbol in self._symbols(term):
            if path:
                self._paths.setdefault(path, ())
            if path and " " not in path:
                self._onward.setdefault(path, set()).add(symbol)
            path = f"{path} {symbol}" if path else symbol
        return path

    def _symbols(self, term: str) -> Iterator[str]:
        """How the words of a term stand in the trie."""
        for part in term.replace("...", GAP).replace(GAP, f" {GAP} ").split():
            if part == GAP:
                yield GAP
                continue
            for piece, _start, end in words(part):
                symbol = acronym(piece) or stem(piece, self.language)
                if part.endswith("*") and end == len(part) - 1:
                    symbol = f"{fold(piece)}*"
                    self._beginnings.add(symbol[:-1])
                self._known.add(symbol)
                yield symbol

    def find(self, title: str, text: str) -> Found:
        """Every phrase that stands in them, with those whose it is."""
        found: Found = []
        for part, in_title in ((title, True), (text, False)):
            self._scan(part, in_title, found)
        return found

    def _scan(self, text: str, in_title: bool, found: Found) -> None:
        read = list(chain.from_iterable(map(self._chunks.__getitem__, text.split())))
        read.append(UNKNOWN)
        part = Part(text)
        for start, word in enumerate(read):
            if word is UNKNOWN:
                continue
            if word.alone:
                found.append((word.alone, (start, start + 1, in_title, part)))
            for path, onward in word.begun:
                # Most phrases end here: looking one word ahead saves the walk.
                if word.has_gap or not onward.isdisjoint(read[start + 1].symbols):
                    ends = self._ends(path, read, start + 1)
                    found += [(whose, (start, end, in_title, part)) for end, whose in ends]

    def _ends(self, path: str, read: list[Word], at: int) -> Iterator[tuple[int, tuple[Vocabulary, ...]]]:
        """The phrases that go on from here, by where they end; past the last word stands an unknown one."""
        ways = [(path, at)]
        while ways:
            path, at = ways.pop()
            for symbol in read[at].symbols:
                following = f"{path} {symbol}"
                if (whose := self._paths.get(following)) is not None:
                    ways.append((following, at + 1))
                    if whose:
                        yield at + 1, whose
            if (gap := f"{path} {GAP}") in self._paths:
                ways += [(gap, at + skipped) for skipped in range(min(GAP_WORDS, len(read) - 1 - at) + 1)]

    def _read(self, chunk: str) -> tuple[Word, ...]:
        """The words between two spaces."""
        return tuple(map(self._words.__getitem__, surfaces(chunk)))

    def _word(self, surface: str) -> Word:
        """The ways this word stands in the trie; most words stand there in none."""
        symbols = [acronym(surface), stem(surface, self.language)]
        if not symbols[0]:
            folded = fold(surface)
            begun = (folded[:length] for length in self._lengths if length <= len(folded))
            symbols += [f"{beginning}*" for beginning in begun if beginning in self._beginnings]
        known = tuple(symbol for symbol in symbols if symbol in self._known)
        if not known:
            return UNKNOWN
        return Word(
            known,
            alone=tuple(vocabulary for symbol in known for vocabulary in self._paths.get(symbol, ())),
            begun=tuple((symbol, self._onward[symbol]) for symbol in known if symbol in self._onward),
            has_gap=any(GAP in self._onward.get(symbol, ()) for symbol in known),
        )


def by_vocabulary(found: Found) -> Hits:
    hits: Hits = {}
    for vocabularies, place in found:
        hit = Hit(*place)
        for vocabulary in vocabularies:
            kept = hits.setdefault(vocabulary, [])
            if len(kept) < HITS:
                kept.append(hit)
    return hits


class _Remembered(dict):
    """What was made of a short piece of text: a few thousand pieces are most of all news."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, piece: str) -> Any:
        made = self._make(piece)
        if len(piece) <= REMEMBERED_LENGTH:
            if len(self) >= REMEMBERED:
                self.clear()
            self[piece] = made
        return made
