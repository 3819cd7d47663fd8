"""Parsed entries → rows: an article once per address, a sighting once per feed and identity."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched

from tracker.feeds.canonical import URL_LENGTH, canonical_hash, canonical_url
from tracker.feeds.language import language_of
from tracker.feeds.models import Article, Feed, Sighting
from tracker.feeds.parser import ParsedEntry, ParsedFeed
from tracker.search.index import Entry, Kind, put

QUERY_LENGTH = 500  # values in one IN (…)
News = tuple[Feed, ParsedFeed]


def store_entries(news: Iterable[News], *, now: datetime) -> Counter[int]:
    """How many new articles each feed brought. Safe to repeat, and beside another worker doing the same."""
    seen = {
        (feed.pk, guid_hash): (feed, parsed, entry)
        for feed, parsed in news
        for guid_hash, entry in _identified(parsed.entries)
    }
    for key in _known(seen):
        del seen[key]
    canonical = {key: canonical_url(entry.url) for key, (_feed, _parsed, entry) in seen.items()}
    hashes = {key: canonical_hash(url) for key, url in canonical.items()}
    stored = _articles(hashes.values())
    drafts = {}
    for key, (feed, parsed, entry) in seen.items():
        if hashes[key] not in stored and hashes[key] not in drafts:
            drafts[hashes[key]] = _draft(feed, parsed, entry, canonical[key], hashes[key], now)
    # Always in the same order: two workers that insert the same rows wait for each other instead of deadlocking.
    Article.objects.bulk_create([drafts[name] for name in sorted(drafts)], ignore_conflicts=True)
    created = _articles(drafts)
    put(Kind.ARTICLE, [index_entry(created[name][0], draft) for name, draft in drafts.items()])
    Sighting.objects.bulk_create(
        [
            Sighting(feed_id=key[0], guid_hash=key[1], article_id=(stored | created)[hashes[key]][0], seen_at=now)
            for key in seen
        ],
        ignore_conflicts=True,
    )
    return Counter(feed_id for _article_id, feed_id in created.values())


def _identified(entries: Iterable[ParsedEntry]) -> Iterator[tuple[str, ParsedEntry]]:
    """Each entry with the hash it is known by; an identity several entries claim is none without the address."""
    entries = [entry for entry in entries if entry.url]  # what cannot be opened cannot be evidence
    claimed = Counter(entry.guid for entry in entries)
    for entry in entries:
        identity = entry.guid or entry.url
        if claimed[entry.guid] > 1:
            identity = f"{entry.guid}\n{entry.url}"
        yield hashlib.sha256(identity.encode()).hexdigest(), entry


def _known(keys: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of the identities that were seen before."""
    known: list[tuple[int, str]] = []
    by_hash = list(keys)
    for chunk in batched(by_hash, QUERY_LENGTH):
        found = Sighting.objects.filter(
            feed_id__in={feed_id for feed_id, _hash in chunk}, guid_hash__in=[name for _feed_id, name in chunk]
        )
        known += set(found.values_list("feed_id", "guid_hash")) & set(chunk)
    return known


def _articles(hashes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Canonical hash → article and the feed that brought it."""
    found: dict[str, tuple[int, int]] = {}
    for chunk in batched(sorted(set(hashes)), QUERY_LENGTH):
        rows = Article.objects.filter(canonical_hash__in=chunk).values_list("canonical_hash", "pk", "feed_id")
        found |= {name: (article_id, feed_id) for name, article_id, feed_id in rows}
    return found


def _draft(feed: Feed, parsed: ParsedFeed, entry: ParsedEntry, canonical: str, name: str, now: datetime) -> Article:
    declared = entry.language or feed.language or parsed.language
    return Article(
        feed=feed,
        url=entry.url,
        canonical_url=canonical[:URL_LENGTH],
        canonical_hash=name,
        title=entry.title,
        text=entry.text,
        language=language_of(f"{entry.title} {entry.text}", declared),
        published_at=entry.published_at,
        published_raw=entry.published_raw,
        fetched_at=now,
    )


def index_entry(pk: int, article: Article) -> Entry:
    """What an article is found by."""
    return Entry(pk, ((article.language, article.title),), ((article.language, article.text),))
