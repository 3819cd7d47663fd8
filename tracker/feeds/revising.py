"""Articles that their feed has changed: the new words stand, the old ones are kept as a revision."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from tracker.feeds.canonical import canonical_hash, canonical_url
from tracker.feeds.models import Article, Revision, Sighting
from tracker.feeds.parsed import ParsedEntry
from tracker.feeds.rows import run_for_each

REVISIONS_KEPT = 20  # of one article; a feed that writes the hour into its texts is not followed for ever


@dataclass(frozen=True)
class Edit:
    """An entry seen before whose title or text reads differently now."""

    feed_id: int
    guid_hash: str
    content_hash: str
    url: str
    title: str
    text: str
    is_first_look: bool  # nobody had looked at the words before, so whether they changed is unknown


def content_hash(entry: ParsedEntry) -> str:
    """Of the markup as it came, which costs less than making text of it; 16 hexadecimal digits."""
    digest = hashlib.blake2b(entry.title_markup.encode("utf-8", "replace"), digest_size=8)
    for markup in (entry.summary_markup, entry.content_markup):
        digest.update(b"\0" + markup.encode("utf-8", "replace"))
    return digest.hexdigest()


def revise(edits: Sequence[Edit], *, now: datetime) -> None:
    """Only the feed that brought an article first changes it, and only at its address: what others write is their
    version of the same, and an identity that turns up at another address was given to something else.

    A changed article is read again: its language, the search index, and what it is about.
    """
    run_for_each(
        "UPDATE feeds_sighting SET content_hash = %s WHERE feed_id = %s AND guid_hash = %s",
        [(edit.content_hash, edit.feed_id, edit.guid_hash) for edit in edits],
    )
    changed: dict[int, dict[str, Edit]] = {}
    for edit in edits:
        if not edit.is_first_look:
            changed.setdefault(edit.feed_id, {})[edit.guid_hash] = edit
    for feed_id, by_hash in changed.items():
        _revise(feed_id, by_hash, now)


def _revise(feed_id: int, edits: dict[str, Edit], now: datetime) -> None:
    sightings = Sighting.objects.filter(feed=feed_id, guid_hash__in=edits, article__feed=feed_id)
    edit_of = {pk: edits[guid_hash] for pk, guid_hash in sightings.values_list("article", "guid_hash")}
    articles = Article.objects.filter(pk__in=edit_of).annotate(revision_count=Count("revisions")).order_by("pk")
    revised, revisions = [], []
    for article in articles:
        edit = edit_of[article.pk]
        if canonical_hash(canonical_url(edit.url)) != article.canonical_hash:
            continue
        has_changed = article.title != edit.title or (article.text != edit.text and not article.text_dropped_at)
        if has_changed and article.revision_count < REVISIONS_KEPT:
            revisions.append(Revision(article=article, title=article.title, text=article.text, replaced_at=now))
            article.title, article.text, article.text_dropped_at = edit.title, edit.text, None
            article.is_raw, article.processed_at = True, None
            revised.append(article)
    Revision.objects.bulk_create(revisions)
    Article.objects.bulk_update(revised, ["title", "text", "text_dropped_at", "is_raw", "processed_at"])
