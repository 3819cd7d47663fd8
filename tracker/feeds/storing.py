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

from django.db.models import Count, Max

from tracker.feeds.canonical import URL_LENGTH, canonical_hash, canonical_url
from tracker.feeds.models import Article, Feed, Sighting
from tracker.feeds.parser import ParsedEntry, ParsedFeed
from tracker.feeds.revising import Edit, content_hash, revise
from tracker.feeds.rows import Row, run_for_each

QUERY_LENGTH = 500  # values in one IN (…)
News = tuple[Feed, ParsedFeed]
ARTICLE = (
    *("feed_id", "url", "canonical_url", "canonical_hash", "title", "text", "language"),
    *("published_at", "published_raw", "published_coarse", "fetched_at", "is_raw"),
)
HASH = ARTICLE.index("canonical_hash")
# Who comes second finds the row there: a known identity, an address another feed brought, a worker that was faster.
ADD_ARTICLE = f"""
    INSERT INTO feeds_article ({", ".join(ARTICLE)}) VALUES ({", ".join(["%s"] * len(ARTICLE))})
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own names
ADD_SIGHTING = """
    INSERT INTO feeds_sighting (feed_id, guid_hash, content_hash, seen_at, article_id)
    SELECT %s, %s, %s, %s, id FROM feeds_article WHERE canonical_hash = %s
    ON CONFLICT DO NOTHING
"""


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
    """How many new articles each feed brought. Safe to repeat, and beside another worker doing the same."""
    revise(prepared.edits, now=now)
    if not prepared.articles:
        return Counter()
    newest = Article.objects.aggregate(id=Max("id"))["id"] or 0
    run_for_each(ADD_ARTICLE, prepared.articles)
    run_for_each(ADD_SIGHTING, prepared.sightings)
    added = Article.objects.filter(feed__in={feed for feed, *_ in prepared.sightings}, id__gt=newest)
    return Counter(dict(added.order_by().values_list("feed_id").annotate(Count("id"))))


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
