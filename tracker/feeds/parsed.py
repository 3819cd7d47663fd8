"""What a feed document says, as plain values: the same for every format."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tracker.feeds import plain_text
from tracker.feeds.canonical import web_link
from tracker.feeds.entry_dates import read_coarse, read_date
from tracker.feeds.language import code

ENTRY_LIMIT = 500
TITLE_LIMIT = 500
FEED_TITLE_LIMIT = 200
AUTHOR_LIMIT = 200
TEXT_LIMIT = 20_000
GUID_LIMIT = 2_000
# Held for one document until its entries are stored; what comes later keeps its title and loses its text.
MARKUP_BUDGET = 2_000_000


class ParseError(Exception):
    """Not a feed; the text says what it is instead."""


@dataclass(frozen=True)
class ParsedEntry:
    """One item. Title and text are made of its markup when asked for: entries known already never are."""

    guid: str
    url: str  # empty when the item has no address a browser may be sent to
    language: str  # as the item itself declares it
    published_at: datetime | None
    published_raw: str
    published_coarse: str  # `2024-07` or `2024` where the item names no day
    title_markup: str = field(repr=False)
    summary_markup: str = field(repr=False)
    content_markup: str = field(repr=False)
    author_markup: str = field(default="", repr=False)

    @cached_property
    def title(self) -> str:
        title = plain_text.plain(self.title_markup, TITLE_LIMIT).replace("\n", " ")
        return title or plain_text.clean(self.text, 120) or self.url[:TITLE_LIMIT]

    @cached_property
    def text(self) -> str:
        """The longer one: some feeds shorten the content, others the summary."""
        return self.content if len(self.content_markup) >= len(self.summary_markup) else self.summary

    @cached_property
    def summary(self) -> str:
        """Without one of its own, the content."""
        return plain_text.plain(self.summary_markup, TEXT_LIMIT) if self.summary_markup else self.content

    @cached_property
    def content(self) -> str:
        return plain_text.plain(self.content_markup, TEXT_LIMIT)

    @property
    def author(self) -> str:
        return plain_text.plain(self.author_markup, AUTHOR_LIMIT).replace("\n", " ")


@dataclass(frozen=True)
class ParsedFeed:
    title: str
    site_url: str
    language: str
    ttl_minutes: int | None
    entries: tuple[ParsedEntry, ...]
    hub: str = ""  # WebSub: who tells of news, and
    topic: str = ""  # the address it tells of
    skip_hours: int = 0  # one bit for each hour (UTC) in which the publisher asks not to be polled
    skip_days: int = 0  # and for each day, Monday first


@dataclass
class RawEntry:
    """An item's fields as they stand in the document, before they are judged."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    date: str = ""
    language: str = ""
    base: str = ""


def entries_of(raw: Iterator[RawEntry], *, base: str, now: datetime) -> tuple[ParsedEntry, ...]:
    """The entries, judged and bounded."""
    budget = MARKUP_BUDGET
    entries = []
    for item in raw:
        content = item.content[: min(budget, plain_text.MARKUP_LIMIT)]
        budget -= len(content)
        summary = item.summary[: min(budget, plain_text.MARKUP_LIMIT)]
        budget -= len(summary)
        date = plain_text.clean(item.date, 100)
        published_at = read_date(date, now=now)
        entries.append(
            ParsedEntry(
                guid=item.guid.strip()[:GUID_LIMIT],
                url=web_link(item.link, web_link(item.base, base) or base),
                language=code(item.language),
                published_at=published_at,
                published_raw=date,
                published_coarse=read_coarse(date, now=now) if date and not published_at else "",
                title_markup=item.title[: 4 * TITLE_LIMIT],
                summary_markup=summary,
                content_markup=content,
                author_markup=item.author[: 4 * AUTHOR_LIMIT],
            )
        )
    return tuple(entries)
