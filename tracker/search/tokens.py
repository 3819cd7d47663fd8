"""What is written → the tokens it is found by; what is asked → the tokens to look for; pure.

One way of cutting serves both, so a database only compares strings and every database finds the same. A word counts
without case and accents, as it stands and without its endings. Scripts without spaces count by character and by pairs
of neighbours, so that a longer query is nearly a phrase.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tracker.search.text import fold, is_unspaced, language_of, stem, words

WORDS_INDEXED = 5000  # of one text
WORDS_ASKED = 10
TOKEN_LENGTH = 60
PREFIX_LENGTH = 3  # letters from which a word also finds those that begin with it
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_NOT_A_TOKEN = re.compile("[\x00-\x2f\x3a-\x60\x7b-\x7f]")  # what the query languages of databases give a meaning to


@dataclass(frozen=True)
class Term:
    """One word of a query: any of these tokens, or any that begins with `prefix` where there is one."""

    text: str
    tokens: tuple[str, ...]
    prefix: str = ""


@lru_cache(maxsize=100_000)
def plain(word: str) -> str:
    """Folded and without accents: `Électricité` and `electricite` are one."""
    decomposed = unicodedata.normalize("NFKD", fold(word))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_TOKEN.sub("", letters.casefold())[:TOKEN_LENGTH]


@lru_cache(maxsize=100_000)
def _forms(word: str, language: str) -> tuple[str, ...]:
    """As it stands first, then without endings, with and without its accents."""
    bare = plain(word)
    return tuple(
        dict.fromkeys(form for form in (bare, plain(stem(word, language)), plain(stem(bare, language))) if form)
    )


def _cut(text: str, limit: int) -> Iterator[str]:
    """Words, and runs of characters that no space parts."""
    run, ended = "", -1
    for word, start, end in words(text)[:limit]:
        if is_unspaced(word):
            if run and start != ended:
                yield run
                run = ""
            run, ended = run + word, end
            continue
        if run:
            yield run
            run = ""
        yield word
    if run:
        yield run


def _pairs(run: str) -> list[str]:
    folded = plain(run)
    return [folded[at : at + 2] for at in range(len(folded) - 1)]


def indexed(texts: Iterable[tuple[str, str]]) -> set[str]:
    """The tokens of (language tag, text); an empty tag is guessed from the letters."""
    found: set[str] = set()
    for tag, text in texts:
        language = language_of(tag, text)
        for word in _cut(text, WORDS_INDEXED):
            found |= {*plain(word), *_pairs(word)} if is_unspaced(word) else set(_forms(word, language))
    return found


def title_words(texts: Iterable[tuple[str, str]]) -> set[str]:
    """Words worth correcting a query by: four letters or more, of scripts that part words."""
    found = {plain(word) for _tag, text in texts for word in _cut(text, WORDS_INDEXED) if not is_unspaced(word)}
    return {word for word in found if is_correctable(word)}


def is_correctable(word: str) -> bool:
    return len(word) >= 4 and word.isalpha() and not is_unspaced(word)


def asked(query: str) -> list[Term]:
    """All of these have to be found. Whose language a word is, only its letters tell."""
    terms: list[Term] = []
    for word in _cut(query, WORDS_ASKED):
        if is_unspaced(word):
            terms += [Term(pair, (pair,)) for pair in _pairs(word) or [plain(word)]]
            continue
        languages = ("ru", "kk") if _CYRILLIC.search(word) else ("en", "fr")
        forms = tuple(dict.fromkeys(form for language in languages for form in _forms(word, language)))
        if forms:
            terms.append(Term(word, forms, plain(word) if len(plain(word)) >= PREFIX_LENGTH else ""))
    return terms


def finds(terms: Iterable[Term], word: str, language: str) -> bool:
    """Whether a word of a text is one of those looked for, to be marked there."""
    tokens = {*plain(word)} if is_unspaced(word) else set(_forms(word, language))
    for term in terms:
        if is_unspaced(word):
            if plain(word) in term.text:
                return True
        elif tokens & set(term.tokens) or (term.prefix and plain(word).startswith(term.prefix)):
            return True
    return False


def trigrams(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def distance(one: str, other: str) -> int:
    """How many letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def mistakes_forgiven(word: str) -> int:
    return 1 if len(word) < 8 else 2
