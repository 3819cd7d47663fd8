"""Asks the feeds of one batch, many at once, each server politely; stores nothing."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from tracker.feeds.models import Feed
from tracker.feeds.parser import ParsedFeed, ParseError, parse
from tracker.feeds.schedule import code_of_status, wants_full_answer
from tracker.fetching import Fetcher, FetchError

logger = logging.getLogger(__name__)

PACE = 1.0  # seconds between the starts of two requests to one server
SLOWER = 5  # times as long for one that ever complained
# After one of these the server's other feeds would meet the same.
HOST_IS_OUT = {"dns", "dns_busy", "unreachable", "connection", "rate_limited"}


@dataclass
class Visit:
    """What one feed answered: `code` names a failure, `parsed` holds news, neither means unchanged."""

    feed: Feed
    status: int | None = None
    headers: Any = field(default_factory=dict)
    moved_to: str | None = None
    body_hash: str = ""
    parsed: ParsedFeed | None = None
    code: str = ""
    detail: str = ""
    duration_ms: int = 0


def visit_all(
    feeds: Iterable[Feed],
    *,
    fetcher: Fetcher,
    now: datetime,
    slow_hosts: Collection[str] = (),
    pace: float = PACE,
    on_visit: Callable[[Visit], None] = lambda visit: None,
) -> list[Visit]:
    """One visit for each feed that was asked; those of a server that is out are left for another time."""

    async def visit_hosts() -> list[Visit]:
        async with fetcher, asyncio.TaskGroup() as group:
            by_host = groupby(sorted(feeds, key=_host), key=_host)
            hosts = [
                group.create_task(
                    _visit_host(
                        list(feeds_of_host), fetcher, now, pace * (SLOWER if host in slow_hosts else 1), on_visit
                    )
                )
                for host, feeds_of_host in by_host
            ]
        return [visit for host in hosts for visit in host.result()]

    return asyncio.run(visit_hosts(), loop_factory=_loop_factory())


async def _visit_host(
    feeds: list[Feed], fetcher: Fetcher, now: datetime, pace: float, on_visit: Callable[[Visit], None]
) -> list[Visit]:
    """One request at a time, with a pause between the starts of two."""
    visits: list[Visit] = []
    for feed in feeds:
        started = time.monotonic()
        visit = await _visit(feed, fetcher, now)
        visit.duration_ms = round((time.monotonic() - started) * 1000)
        visits.append(visit)
        on_visit(visit)
        if visit.code in HOST_IS_OUT:
            break
        if feed is not feeds[-1]:
            await asyncio.sleep(max(0, started + pace - time.monotonic()))
    return visits


async def _visit(feed: Feed, fetcher: Fetcher, now: datetime) -> Visit:
    try:
        return await _ask(feed, fetcher, now)
    except FetchError as error:
        return Visit(feed, code=error.code, detail=str(error))
    except Exception:  # one feed's failure never fails the batch
        logger.exception("feed %s could not be polled", feed.pk)
        return Visit(feed, code="internal")


async def _ask(feed: Feed, fetcher: Fetcher, now: datetime) -> Visit:
    conditions: dict[str, Any] = {}
    if feed.is_conditional and not wants_full_answer(feed.last_full_at, now):
        conditions = {"etag": feed.etag, "last_modified": feed.last_modified}
    answer = await fetcher.fetch(feed.url, **conditions)
    visit = Visit(feed, status=answer.status, headers=answer.headers, moved_to=answer.permanent_redirect_to)
    if answer.status == 304 and any(conditions.values()):
        return visit
    if answer.status != 200:
        visit.code = code_of_status(answer.status, answer.headers)
        visit.detail = f"HTTP {answer.status}"
        return visit
    visit.body_hash = hashlib.sha256(answer.body).hexdigest()
    if visit.body_hash != feed.body_hash:
        try:
            visit.parsed = parse(
                answer.body, content_type=answer.headers.get("content-type", ""), url=answer.url, now=now
            )
        except ParseError as error:
            visit.code, visit.detail = "not_a_feed", str(error)
    return visit


def _host(feed: Feed) -> str:
    return feed.host


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop halves the cost of a request; where it cannot be installed the standard loop does the same."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
