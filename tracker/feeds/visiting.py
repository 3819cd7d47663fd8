"""Asks many feeds at once, each server politely; stores nothing.

The requests run on an event loop in a thread of their own, so that the caller may write to the database meanwhile
without holding up an answer, and no slow server holds up the others.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tracker.feeds.models import Feed
from tracker.feeds.parser import ParsedFeed, ParseError, parse
from tracker.feeds.schedule import code_of_status, wants_full_answer
from tracker.fetching import Fetcher, FetchError

logger = logging.getLogger(__name__)

PACE = 1.0  # seconds between the starts of two requests to one server
SLOWER = 5  # times as long for one that ever complained
AT_ONCE = 64  # requests in flight
# After one of these the server's other feeds would meet the same.
HOST_IS_OUT = {"dns", "dns_busy", "unreachable", "connection", "timeout", "rate_limited"}


@dataclass
class Visit:
    """What one feed answered: `code` names a failure, `parsed` holds news, neither means unchanged.

    A feed that was not asked, because its server was found out before its turn, has `was_asked` False.
    """

    feed: Feed
    status: int | None = None
    headers: Any = field(default_factory=dict)
    moved_to: str | None = None
    final_url: str = ""  # where redirects led, if anywhere
    body_hash: str = ""
    parsed: ParsedFeed | None = None
    code: str = ""
    detail: str = ""
    duration_ms: int = 0
    was_asked: bool = True


class Visitors:
    """Sent to ask, collected when they are back: `with Visitors(fetcher) as visitors: …`."""

    def __init__(self, fetcher: Fetcher, *, pace: float = PACE) -> None:
        self.away = 0  # feeds sent and not yet collected
        self._fetcher = fetcher
        self._pace = pace
        self._back: SimpleQueue[Visit] = SimpleQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = asyncio.Semaphore(AT_ONCE)

    def __enter__(self) -> Self:
        self._loop = _new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="visitors", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._fetcher.__aenter__(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Whoever is still away is called back without an answer."""
        asyncio.run_coroutine_threadsafe(self._call_back(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send(self, feeds: Iterable[Feed], *, now: datetime, slow_hosts: Collection[str] = ()) -> None:
        """Asks them, those of one server one after the other."""
        for host, group in groupby(sorted(feeds, key=_host), key=_host):
            of_host = list(group)
            self.away += len(of_host)
            pace = self._pace * (SLOWER if host in slow_hosts else 1)
            self._loop.call_soon_threadsafe(self._start, of_host, now, pace)

    def collect(self, *, at_most: int, seconds: float) -> list[Visit]:
        """The visits that are back; waits until there are `at_most`, nobody is away, or so many seconds have passed."""
        visits: list[Visit] = []
        deadline = time.monotonic() + seconds
        while len(visits) < at_most and self.away:
            try:
                visits.append(self._back.get(timeout=max(0, deadline - time.monotonic())))
            except Empty:
                break
            self.away -= 1
        return visits

    def _start(self, feeds: list[Feed], now: datetime, pace: float) -> None:
        task = self._loop.create_task(self._visit_host(feeds, now, pace))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call_back(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._fetcher.__aexit__(None, None, None)

    async def _visit_host(self, feeds: list[Feed], now: datetime, pace: float) -> None:
        """One request at a time, with a pause between the starts of two."""
        is_out = False
        for feed in feeds:
            if is_out:
                self._back.put(Visit(feed, was_asked=False))
                continue
            async with self._in_flight:
                started = time.monotonic()
                visit = await _visit(feed, self._fetcher, now)
                visit.duration_ms = round((time.monotonic() - started) * 1000)
            self._back.put(visit)
            is_out = visit.code in HOST_IS_OUT or bool(visit.code and "retry-after" in visit.headers)
            if feed is not feeds[-1]:
                await asyncio.sleep(max(0, started + pace - time.monotonic()))


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
    if answer.url != feed.url:
        visit.final_url = answer.url
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


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop halves the cost of a request; where it cannot be installed the standard loop does the same."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
