"""Puts rows into the index and finds them again: the same rows in the same order in SQLite and in PostgreSQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched

from django.db import connection
from django.db.models import Count
from django.db.models.expressions import RawSQL

from tracker.search import tokens
from tracker.search.models import TitleWord, Trigram
from tracker.search.tokens import Term

BATCH = 500
CANDIDATES = 50
Texts = Iterable[tuple[str, str]]  # language tag (empty where unknown) and text


class Kind(StrEnum):
    PLEDGE = "pledge"
    ARTICLE = "article"


@dataclass(frozen=True)
class Entry:
    """A row's id, its title and what else it says."""

    pk: int
    title: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...] = ()


def put(kind: Kind, entries: Iterable[Entry]) -> None:
    """Adds rows to the index, or replaces what it holds of them; in one order, so that writers never wait in a ring."""
    for batch in batched(sorted(entries, key=lambda entry: entry.pk), BATCH):
        rows = []
        for entry in batch:
            title = tokens.indexed(entry.title)
            rows.append((entry.pk, _joined(title), _joined(title | tokens.indexed(entry.body))))
        with connection.cursor() as cursor:
            cursor.executemany(_replacing(kind), rows)
        _learn(kind, {word for entry in batch for word in tokens.title_words(entry.title)})


def _joined(found: set[str]) -> str:
    return " ".join(sorted(found))


def _replacing(kind: Kind) -> str:
    if connection.vendor == "postgresql":
        vector = "array_to_tsvector(string_to_array(%s, ' '))"
        return (
            f"INSERT INTO search_{kind} (id, title, words) VALUES (%s, {vector}, {vector})"
            " ON CONFLICT (id) DO UPDATE SET title = excluded.title, words = excluded.words"
        )
    return f"INSERT OR REPLACE INTO search_{kind} (rowid, title, words) VALUES (%s, %s, %s)"


def _learn(kind: Kind, words: set[str]) -> None:
    known: set[str] = set()
    for batch in batched(sorted(words), BATCH):
        known |= set(TitleWord.objects.filter(kind=kind, word__in=batch).values_list("word", flat=True))
    for batch in batched(sorted(words - known), BATCH):
        TitleWord.objects.bulk_create([TitleWord(kind=kind, word=word) for word in batch], ignore_conflicts=True)
        rows = TitleWord.objects.filter(kind=kind, word__in=batch).order_by("pk")
        grams = [Trigram(kind=kind, gram=gram, word=row) for row in rows for gram in sorted(tokens.trigrams(row.word))]
        Trigram.objects.bulk_create(grams, ignore_conflicts=True)


def is_empty(kind: Kind) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM search_{kind} LIMIT 1")
        return cursor.fetchone() is None


def clear(kind: Kind) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM search_{kind}")
    Trigram.objects.filter(kind=kind).delete()
    TitleWord.objects.filter(kind=kind).delete()


def ids(kind: Kind, terms: Iterable[Term], *, in_title: bool = False) -> RawSQL:
    """The ids of the rows that hold every term, as a subquery: `filter(pk__in=ids(…))`."""
    if connection.vendor == "postgresql":
        column = "title" if in_title else "words"
        return RawSQL(f"SELECT id FROM search_{kind} WHERE {column} @@ %s::tsquery", [_tsquery(terms)])
    return RawSQL(f"SELECT rowid FROM search_{kind} WHERE search_{kind} MATCH %s", [_fts5(terms, in_title)])


def _tsquery(terms: Iterable[Term]) -> str:
    return " & ".join(f"({' | '.join(_either(term, ':*'))})" for term in terms)


def _fts5(terms: Iterable[Term], in_title: bool) -> str:
    column = "title" if in_title else "words"
    return f"{column} : ({' AND '.join(f'({" OR ".join(_either(term, "*", quote=chr(34)))})' for term in terms)})"


def _either(term: Term, wildcard: str, quote: str = "'") -> list[str]:
    quoted = [f"{quote}{token}{quote}" for token in term.tokens]
    return [*quoted, f"{quote}{term.prefix}{quote}{wildcard}"] if term.prefix else quoted


def corrected(kind: Kind, query: str) -> str:
    """The query with each word that stands nowhere replaced by the likest word of a title; empty where none is like."""
    better = query
    for term in tokens.asked(query):
        likest = "" if _is_known(kind, term) else _likest(kind, tokens.plain(term.text))
        better = better.replace(term.text, likest or term.text, 1)
    return better if better != query else ""


def _is_known(kind: Kind, term: Term) -> bool:
    found = ids(kind, [term])
    with connection.cursor() as cursor:
        cursor.execute(f"{found.sql} LIMIT 1", found.params)
        return cursor.fetchone() is not None


def _likest(kind: Kind, word: str) -> str:
    if not tokens.is_correctable(word):
        return ""
    shared = Trigram.objects.filter(kind=kind, gram__in=tokens.trigrams(word)).values_list("word__word")
    near = shared.annotate(count=Count("pk")).order_by("-count", "word_id")[:CANDIDATES]
    ranked = sorted((tokens.distance(word, other), -count, other) for other, count in near)
    return ranked[0][2] if ranked and ranked[0][0] <= tokens.mistakes_forgiven(word) else ""
