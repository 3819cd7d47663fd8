"""A site's or a feed's address → the feeds there, each read once; stores nothing."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.feeds.autodiscovery import common_addresses, feed_links
from tracker.feeds.canonical import feed_key
from tracker.feeds.parser import ParsedEntry, ParsedFeed, ParseError, parse
from tracker.feeds.schedule import code_of_status
from tracker.fetching import Fetcher, FetchError, Response

WHOLE_SECONDS = 25  # somebody waits for the page
AT_ONE_TIME = 2
SHOWN = 3


class NothingFoundError(Exception):
    """`code` names the cause as a poll would, `no_feed` where there is a page and no feed; `detail` is for experts."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class FoundFeed:
    """A feed that was read just now; `newest` are its newest entries."""

    url: str
    title: str
    language: str
    count: int
    newest_at: datetime | None
    newest: tuple[ParsedEntry, ...]


def find_feeds(url: str, *, fetcher: Fetcher, now: datetime) -> list[FoundFeed]:
    """The feed at this address or those its page names, likeliest first; NothingFoundError says why there is none.

    FetchError when the address itself gives no answer; links that give none are left out.
    """
    return asyncio.run(_find(url, fetcher, now))


async def _find(url: str, fetcher: Fetcher, now: datetime) -> list[FoundFeed]:
    async with fetcher:
        answer = await fetcher.fetch(url)
        if answer.status != 200:
            raise NothingFoundError(code_of_status(answer.status, answer.headers), f"HTTP {answer.status}")
        if parsed := _parsed(answer, now):
            return [_found(answer.permanent_redirect_to or url, parsed)]
        links = feed_links(answer.body, content_type=answer.headers.get("content-type", ""), url=answer.url)
        found: list[FoundFeed] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WHOLE_SECONDS):
                if links:
                    await _read_all([link.url for link in links], fetcher, now, found)
                else:
                    await _try(common_addresses(answer.url), fetcher, now, found)
    if not found:
        raise NothingFoundError("no_feed")
    order = [feed_key(link.url) for link in links]
    return sorted(found, key=lambda one: order.index(feed_key(one.url)) if feed_key(one.url) in order else len(order))


async def _read_all(urls: Iterable[str], fetcher: Fetcher, now: datetime, found: list[FoundFeed]) -> None:
    turns = asyncio.Semaphore(AT_ONE_TIME)

    async def read(url: str) -> None:
        async with turns:
            await _read(url, fetcher, now, found)

    await asyncio.gather(*map(read, urls))


async def _try(urls: Iterable[str], fetcher: Fetcher, now: datetime, found: list[FoundFeed]) -> None:
    """One after the other, and no more once there is one."""
    for url in urls:
        if not found:
            await _read(url, fetcher, now, found)


async def _read(url: str, fetcher: Fetcher, now: datetime, found: list[FoundFeed]) -> None:
    try:
        answer = await fetcher.fetch(url)
    except FetchError:
        return
    if answer.status == 200 and (parsed := _parsed(answer, now)):
        feed = _found(answer.permanent_redirect_to or url, parsed)
        if feed_key(feed.url) not in {feed_key(one.url) for one in found}:
            found.append(feed)


def _parsed(answer: Response, now: datetime) -> ParsedFeed | None:
    try:
        return parse(answer.body, content_type=answer.headers.get("content-type", ""), url=answer.url, now=now)
    except ParseError:
        return None


def _found(url: str, parsed: ParsedFeed) -> FoundFeed:
    dated = sorted((one for one in parsed.entries if one.published_at), key=_published, reverse=True)
    undated = [one for one in parsed.entries if not one.published_at]
    return FoundFeed(
        url=url,
        title=parsed.title,
        language=parsed.language,
        count=len(parsed.entries),
        newest_at=dated[0].published_at if dated else None,
        newest=tuple([*dated, *undated][:SHOWN]),
    )


def _published(entry: ParsedEntry) -> datetime:
    assert entry.published_at is not None
    return entry.published_at
