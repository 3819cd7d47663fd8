"""A feed's bytes → its values: RSS 0.9 to 2.0, RSS 1.0, Atom and JSON Feed, written well or badly."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tracker.feeds import xml_documents
from tracker.feeds.canonical import web_link
from tracker.feeds.encodings import to_utf8
from tracker.feeds.language import code
from tracker.feeds.parsed import (
    ENTRY_LIMIT,
    FEED_TITLE_LIMIT,
    ParsedEntry,
    ParsedFeed,
    ParseError,
    RawEntry,
    entries_of,
)
from tracker.feeds.plain_text import plain

__all__ = ["ParseError", "ParsedEntry", "ParsedFeed", "parse"]


def parse(body: bytes, *, content_type: str = "", url: str, now: datetime) -> ParsedFeed:
    """ParseError when it is no feed; what can be read of a damaged one is read."""
    document = to_utf8(body, content_type)
    if not document:
        raise ParseError("The document is empty.")
    if document.startswith(b"{"):
        return _parse_json(document, url, now)
    if not document.startswith(b"<"):
        raise ParseError("This is neither XML nor JSON.")
    root, is_cut = xml_documents.read(document)
    channel = xml_documents.channel_of(root)
    base = web_link(channel.base, url) or url
    return ParsedFeed(
        title=plain(channel.title, FEED_TITLE_LIMIT).replace("\n", " "),
        site_url=web_link(channel.link, base),
        language=code(channel.language),
        ttl_minutes=channel.ttl_minutes,
        entries=entries_of(xml_documents.entries_of(root, is_cut=is_cut), base=base, now=now),
        hub=web_link(channel.hub, base),
        topic=web_link(channel.topic, base),
        skip_hours=channel.skip_hours,
        skip_days=channel.skip_days,
    )


def _parse_json(document: bytes, url: str, now: datetime) -> ParsedFeed:
    try:
        feed = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise ParseError("The document is damaged JSON.") from error
    items = feed.get("items")
    if not isinstance(items, list) or "jsonfeed.org" not in _text(feed, "version"):
        raise ParseError("This is JSON, but no JSON Feed.")
    return ParsedFeed(
        title=plain(_text(feed, "title"), FEED_TITLE_LIMIT).replace("\n", " "),
        site_url=web_link(_text(feed, "home_page_url"), url),
        language=code(_text(feed, "language")),
        ttl_minutes=None,
        entries=entries_of(_json_entries(items), base=url, now=now),
        hub=web_link(_json_hub(feed), url),
        topic=web_link(_text(feed, "feed_url"), url),
    )


def _json_hub(feed: dict[str, Any]) -> str:
    hubs = feed.get("hubs")
    kinds = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    return next((_text(hub, "url") for hub in kinds if _text(hub, "type").lower() == "websub"), "")


def _json_entries(items: list[Any]) -> Iterator[RawEntry]:
    for item in items[:ENTRY_LIMIT]:
        if isinstance(item, dict):
            yield RawEntry(
                guid=_text(item, "id"),
                link=_text(item, "url") or _text(item, "external_url"),
                title=_text(item, "title"),
                summary=_text(item, "summary"),
                content=_text(item, "content_html") or _text(item, "content_text"),
                author=_json_author(item),
                date=_text(item, "date_published") or _text(item, "date_modified"),
                language=_text(item, "language"),
            )


def _json_author(item: dict[str, Any]) -> str:
    """1.1 has a list of authors, 1.0 had one."""
    authors = item.get("authors")
    named = [*authors[:10], item.get("author")] if isinstance(authors, list) else [item.get("author")]
    names = (_text(author, "name") for author in named if isinstance(author, dict))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _text(of: dict[str, Any], name: str) -> str:
    """The value as text; the standard wants strings, feeds give numbers too."""
    value = of.get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
