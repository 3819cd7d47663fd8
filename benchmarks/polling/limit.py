"""What the machine can do at best: a bare aiohttp and lxml loop into one bare table, and nothing else.

    python benchmarks/polling/limit.py DATABASE < addresses.json

DATABASE is sqlite:///FILE or postgres://…. It claims nothing, checks nothing, decides nothing and forgets nothing:
markup is stored as it came. For every line on standard input after the addresses (the name of a phase) it polls all
feeds and prints what it took as JSON; the work of PostgreSQL is not in it.
"""

import json
import resource
import sqlite3
import sys
import time
from asyncio import TaskGroup
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import aiohttp
import psycopg
import uvloop
from lxml import etree

IN_FLIGHT = 64
PER_HOST = 2
AT_ONCE = 100  # feeds in one transaction
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
Row = tuple[Any, ...]


class Table(Protocol):
    validators: dict[str, tuple[str, str]]

    def write(self, feeds: list[Row], entries: list[Row]) -> None: ...
    def count(self) -> int: ...


class SQLiteTable:
    def __init__(self, path: str) -> None:
        self.base = sqlite3.connect(path)
        self.base.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE TABLE IF NOT EXISTS feed (url PRIMARY KEY, etag, modified);"
            "CREATE TABLE IF NOT EXISTS entry (feed, guid, url, title, date, summary, content, UNIQUE (feed, guid));"
        )
        self.validators = {}

    def write(self, feeds: list[Row], entries: list[Row]) -> None:
        with self.base:
            self.base.executemany("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
            self.base.executemany("INSERT OR REPLACE INTO feed VALUES (?, ?, ?)", feeds)

    def count(self) -> int:
        return self.base.execute("SELECT count(*) FROM entry").fetchone()[0]


class PostgreSQLTable:
    def __init__(self, url: str) -> None:
        self.base = psycopg.connect(url)
        self.base.execute("CREATE SCHEMA IF NOT EXISTS bare")
        self.base.execute("CREATE TABLE IF NOT EXISTS bare.feed (url text PRIMARY KEY, etag text, modified text)")
        self.base.execute(
            "CREATE TABLE IF NOT EXISTS bare.entry (feed text, guid text, url text, title text, date timestamptz,"
            " summary text, content text, UNIQUE (feed, guid))"
        )
        self.base.commit()
        self.validators = {}

    def write(self, feeds: list[Row], entries: list[Row]) -> None:
        with self.base.transaction():
            if entries:
                columns = [list(column) for column in zip(*entries, strict=True)]
                arrays = "%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[]"
                self.base.execute(
                    f"INSERT INTO bare.entry SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING", columns
                )
            self.base.execute(
                "INSERT INTO bare.feed SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])"
                " ON CONFLICT (url) DO UPDATE SET etag = excluded.etag, modified = excluded.modified",
                [list(column) for column in zip(*feeds, strict=True)],
            )

    def count(self) -> int:
        row = self.base.execute("SELECT count(*) FROM bare.entry").fetchone()
        assert row
        return row[0]


def parse(url: str, body: bytes) -> list[Row]:
    root = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    rows: list[Row] = []
    for item in root.iter("item"):
        date = parsedate_to_datetime(item.findtext("pubDate"))
        texts = [item.findtext(name) for name in ("guid", "link", "title")]
        rows.append((url, *texts, str(date), item.findtext("description"), item.findtext(CONTENT)))
    for item in root.iter(f"{ATOM}entry"):
        date = datetime.fromisoformat(item.findtext(f"{ATOM}published"))
        guid, title, summary, content = (
            item.findtext(f"{ATOM}{name}") for name in ("id", "title", "summary", "content")
        )
        rows.append((url, guid, item.find(f"{ATOM}link").get("href"), title, str(date), summary, content))
    return rows


async def poll(urls: list[str], table: Table) -> None:
    waiting = iter(urls)
    feeds: list[Row] = []
    entries: list[Row] = []

    def keep() -> None:
        if feeds:
            table.write(feeds, entries)
            feeds.clear()
            entries.clear()

    async def work(session: aiohttp.ClientSession) -> None:
        for url in waiting:
            etag, at = table.validators.get(url, ("", ""))
            headers = {"If-None-Match": etag, "If-Modified-Since": at} if etag else {}
            async with session.get(url, headers=headers) as answer:
                body = await answer.read() if answer.status == 200 else b""
            if body:
                entries.extend(parse(url, body))
            table.validators[url] = (answer.headers["ETag"], answer.headers["Last-Modified"])
            feeds.append((url, *table.validators[url]))
            if len(feeds) >= AT_ONCE:
                keep()

    connector = aiohttp.TCPConnector(limit=IN_FLIGHT, limit_per_host=PER_HOST)
    async with aiohttp.ClientSession(connector=connector) as session, TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(work(session))
    keep()


def main() -> None:
    place = sys.argv[1]
    table = SQLiteTable(place.removeprefix("sqlite:///")) if "sqlite" in place else PostgreSQLTable(place)
    urls = json.loads(sys.stdin.readline())
    for _phase in sys.stdin:
        started, before = time.monotonic(), time.process_time()
        uvloop.run(poll(urls, table))
        figures = {"wall": time.monotonic() - started, "cpu": time.process_time() - before, "entries": table.count()}
        figures["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
