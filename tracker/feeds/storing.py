"""Parsed entries → rows: an article once per address, a sighting once per feed and identity.

What takes time and may wait, the language and the search index, is left to `refining`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from operator import itemgetter

from django.db.models import Max

from tracker.feeds.canonical import URL_LENGTH, canonical_hash, canonical_url
from tracker.feeds.models import Article, Feed, Sighting
from tracker.feeds.parser import ParsedEntry, ParsedFeed
from tracker.feeds.revising import Edit, content_hash, revise
from tracker.feeds.rows import Row, add

QUERY_LENGTH = 500  # values in one IN (…)
News = tuple[Feed, ParsedFeed]
ARTICLE = (
    *("feed_id", "url", "canonical_url", "canonical_hash", "title", "text", "language"),
    *("published_at", "published_raw", "published_coarse", "fetched_at", "is_raw"),
)
SIGHTING = ("feed_id", "guid_hash", "content_hash", "seen_at", "article_id")
FEED, HASH = ARTICLE.index("feed_id"), ARTICLE.index("canonical_hash")


@dataclass(frozen=True)
class Prepared:
    """What a batch of polls would add; made before the transaction, which others wait for."""

    articles: list[Row] = field(default_factory=list)  # the values of `ARTICLE`
    sightings: list[Row] = field(default_factory=list)  # feed, identity, content, time, the article's canonical hash
    edits: list[Edit] = field(default_factory=list)


def prepare(news: Iterable[News], *, now: datetime) -> Prepared:
    """The entries not seen before, as rows; reads the database and writes nothing."""
    prepared = Prepared()
    for feed, parsed in news:
        entries = dict(_identified(parsed.entries))
        known = _known(feed, entries)
        prepared.edits.extend(_edits(feed, entries, known))
        for guid_hash in entries.keys() - known.keys():
            article = _article(feed, parsed, entries[guid_hash], now)
            prepared.articles.append(article)
            prepared.sightings.append((feed.pk, guid_hash, content_hash(entries[guid_hash]), now, article[HASH]))
    # Always in the same order: two workers that insert the same rows wait for each other instead of deadlocking.
    prepared.articles.sort(key=itemgetter(HASH))
    return prepared


def store(prepared: Prepared, *, now: datetime) -> Counter[int]:
    """How many new articles each feed brought. Safe to repeat, and beside another worker doing the same.

    Who comes second finds the row there: a known identity, an address another feed brought, a worker that was faster.
    """
    revise(prepared.edits, now=now)
    if not prepared.articles:
        return Counter()
    newest = Article.objects.aggregate(id=Max("id"))["id"] or 0
    add("feeds_article", ARTICLE, prepared.articles)
    stored = _stored([row[HASH] for row in prepared.articles])
    add("feeds_sighting", SIGHTING, [(*row, stored[name][0]) for *row, name in prepared.sightings])
    offered = {(row[HASH], row[FEED]) for row in prepared.articles}
    return Counter(feed for name, (pk, feed) in stored.items() if pk > newest and (name, feed) in offered)


def _stored(hashes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Canonical hash → article and the feed that brought it."""
    found: dict[str, tuple[int, int]] = {}
    for chunk in batched(hashes, QUERY_LENGTH):
        rows = Article.objects.filter(canonical_hash__in=chunk).values_list("canonical_hash", "pk", "feed_id")
        found |= {name: (pk, feed) for name, pk, feed in rows.order_by()}
    return found


def _identified(entries: Iterable[ParsedEntry]) -> Iterator[tuple[str, ParsedEntry]]:
    """Each entry with the hash it is known by; an identity several entries claim is none without the address."""
    entries = [entry for entry in entries if entry.url]  # what cannot be opened cannot be evidence
    claimed = Counter(entry.guid for entry in entries)
    for entry in entries:
        identity = entry.guid or entry.url
        if claimed[entry.guid] > 1:
            identity = f"{entry.guid}\n{entry.url}"
        yield hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest(), entry


def _known(feed: Feed, hashes: Iterable[str]) -> dict[str, str]:
    """Those of the identities that the feed brought before, and what they said; nothing on its first answer."""
    if not feed.last_success_at:
        return {}
    seen = Sighting.objects.filter(feed=feed)
    return {
        name: content
        for chunk in batched(hashes, QUERY_LENGTH)
        for name, content in seen.filter(guid_hash__in=chunk).values_list("guid_hash", "content_hash")
    }


def _edits(feed: Feed, entries: Mapping[str, ParsedEntry], known: Mapping[str, str]) -> Iterator[Edit]:
    """Known entries that no longer say what they said."""
    for guid_hash, before in known.items():
        entry = entries[guid_hash]
        if (now := content_hash(entry)) != before:
            yield Edit(feed.pk, guid_hash, now, entry.url, entry.title, entry.text, is_first_look=not before)


def _article(feed: Feed, parsed: ParsedFeed, entry: ParsedEntry, now: datetime) -> Row:
    """The values of `ARTICLE`."""
    canonical = canonical_url(entry.url)
    return (
        feed.pk,
        entry.url,
        canonical[:URL_LENGTH],
        canonical_hash(canonical),
        entry.title,
        entry.text,
        entry.language or feed.language or parsed.language,
        entry.published_at,
        entry.published_raw,
        entry.published_coarse,
        now,
        True,
    )
