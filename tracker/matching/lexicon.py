"""Many phrases, found in one walk over a text; pure.

A term is plain words. `word*` stands for any word that begins so; `…` (or `...`) for up to four words between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_official_languages

from tracker.search.text import acronym, fold, stem, words

GAP = "…"
GAP_WORDS = 4
GAPS = 2  # in one term; each multiplies the places to look at
HITS = 100  # kept of one vocabulary; a text that repeats a word a thousand times says no more
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


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `start` to `end` of the title or the text."""

    start: int
    end: int
    in_title: bool
    surface: str


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
    """The country's name and its people's, as far as CLDR has them: Kazakhstan, Kazakh.

    The adjective is the name of the official language that is at home there.
    """
    found: list[str] = []
    home = [
        code
        for code in get_official_languages(territory, de_facto=True)
        if (get_global("likely_subtags").get(code) or "").endswith(f"_{territory}")
    ]
    for tag in (language, "zh_Hant") if language == "zh" else (language,):
        try:
            locale = Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
        adjectives = [] if language in ("zh", "ja", "kk", "ky") else [locale.languages.get(code) for code in home]
        found += [name for name in (locale.territories.get(territory), *adjectives) if name]
    return tuple(dict.fromkeys(found))


class Lexicon:
    """The phrases of many vocabularies for texts of one language, as a trie over word stems."""

    def __init__(self, vocabularies: Iterable[Vocabulary], language: str) -> None:
        self.language = language
        self._root: dict = {}
        self._known: set[str] = set()
        self._beginnings: set[str] = set()
        for vocabulary in vocabularies:
            for term in vocabulary.words(language):
                self._add(term, vocabulary)
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._symbols = lru_cache(maxsize=100_000)(self._symbols_of)

    def _add(self, term: str, vocabulary: Vocabulary) -> None:
        node = self._root
        for part in term.replace("...", GAP).replace(GAP, f" {GAP} ").split():
            if part == GAP:
                node = node.setdefault(GAP, {})
                continue
            pieces = words(part)
            for piece, _start, end in pieces:
                symbol = acronym(piece) or stem(piece, self.language)
                if part.endswith("*") and end == len(part) - 1:
                    symbol = f"{fold(piece)}*"
                    self._beginnings.add(symbol[:-1])
                self._known.add(symbol)
                node = node.setdefault(symbol, {})
        node.setdefault(None, []).append(vocabulary)

    def find(self, title: str, text: str) -> dict[Vocabulary, list[Hit]]:
        hits: dict[Vocabulary, list[Hit]] = {}
        for part, in_title in ((title, True), (text, False)):
            self._scan(part, in_title, hits)
        return hits

    def _scan(self, text: str, in_title: bool, hits: dict[Vocabulary, list[Hit]]) -> None:
        found = words(text)
        symbols = [self._symbols(surface) for surface, _start, _end in found]
        for start, here in enumerate(symbols):
            if not here:
                continue
            for end, vocabularies in self._walk(self._root, symbols, start):
                hit = Hit(start, end, in_title, text[found[start][1] : found[end - 1][2]])
                for vocabulary in vocabularies:
                    kept = hits.setdefault(vocabulary, [])
                    if len(kept) < HITS:
                        kept.append(hit)

    def _symbols_of(self, surface: str) -> tuple[str, ...]:
        """The ways this word stands in the trie; most words stand there in none."""
        symbols = [acronym(surface), stem(surface, self.language)]
        if not symbols[0]:
            folded = fold(surface)
            begun = (folded[:length] for length in self._lengths if length <= len(folded))
            symbols += [f"{beginning}*" for beginning in begun if beginning in self._beginnings]
        return tuple(symbol for symbol in symbols if symbol in self._known)

    def _walk(self, node: dict, symbols: list[tuple[str, ...]], at: int) -> Iterator[tuple[int, list[Vocabulary]]]:
        """Every phrase that goes on from here: where it ends and whose it is."""
        if at < len(symbols):
            for symbol in symbols[at]:
                if (following := node.get(symbol)) is not None:
                    if None in following:
                        yield at + 1, following[None]
                    yield from self._walk(following, symbols, at + 1)
        if (gap := node.get(GAP)) is not None:
            for skipped in range(min(GAP_WORDS, len(symbols) - at) + 1):
                yield from self._walk(gap, symbols, at + skipped)
