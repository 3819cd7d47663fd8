"""How fast feeds are polled, next to what the same machine can do at best.

    python benchmarks/feeds.py [--feeds 300] [--entries 30] [--runs 3]

Three hundred feeds on a local server, polled twice: cold (everything is new and stored) and warm (everything answers
304). "Ours" is the product's own path, claims, checks, articles, sightings and log included. "The limit" is a bare
aiohttp and lxml loop writing one bare table. Both run in processes of their own; the server's work is not counted.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
VOCABULARY = (
    "lake dredger minister water treaty railway harbour budget council border trade visit energy school hospital "
    "report region export bridge harvest signed opened delayed announced monday together kilometre million new"
)
WORDS = VOCABULARY.split()
IN_FLIGHT = 50


# -- The server


def document(number: int, entries: int) -> bytes:
    """The same bytes on every run: three quarters RSS, the rest Atom; two fifths carry full text."""
    dice = random.Random(number)

    def words(count: int) -> str:
        return " ".join(dice.choices(WORDS, k=count))

    is_rss, has_full_text = dice.random() < 0.75, dice.random() < 0.4
    site, items = f"https://news{number}.example.org", []
    for entry in range(entries):
        text = "".join(f"&lt;p&gt;{words(60)}&lt;/p&gt;" for _ in range(6)) if has_full_text else words(50)
        title, link = words(9), f"{site}/2026/{entry}/{'-'.join(dice.choices(WORDS, k=5))}"
        hour = f"2026-11-{1 + entry % 24:02d}T{number % 24:02d}:00:00+00:00"
        if is_rss:
            date = format_datetime(datetime.fromisoformat(hour))
            items.append(
                f"<item><guid>{link}</guid><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>"
                f"<description>{text}</description></item>"
            )
        else:
            items.append(
                f'<entry><id>{link}</id><title>{title}</title><link href="{link}"/><published>{hour}</published>'
                f'<content type="html">{text}</content></entry>'
            )
    inside = f"<title>News {number}</title>{''.join(items)}"
    if is_rss:
        return f"<rss version='2.0'><channel><language>en</language>{inside}</channel></rss>".encode()
    return f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'>{inside}</feed>".encode()


async def serve(feeds: int, entries: int, hosts: int) -> None:
    """Answers as fast as it can, so that waiting for it hides nothing."""
    bodies = [document(number, entries) for number in range(feeds)]
    etags = [hashlib.md5(body).hexdigest() for body in bodies]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            number = int(request.split(b" ", 2)[1][1:])
            head = f'ETag: "{etags[number]}"\r\n'
            if etags[number].encode() in request:
                writer.write(f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode())
            else:
                head += f"Content-Type: application/xml\r\nContent-Length: {len(bodies[number])}\r\n"
                writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + bodies[number])
            await writer.drain()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    names = [f"127.0.1.{1 + number}" for number in range(hosts)]
    server = await asyncio.start_server(quietly, names[0], 0, backlog=500)
    port = server.sockets[0].getsockname()[1]
    for name in names[1:]:
        await asyncio.start_server(quietly, name, port, backlog=500)
    print(json.dumps([f"http://{names[number % hosts]}:{port}/{number}" for number in range(feeds)]), flush=True)
    await asyncio.Event().wait()


# -- The limit


def limit(urls: list[str], folder: str) -> None:
    """What is left when everything but asking, parsing and writing rows is taken away."""
    import aiohttp
    import uvloop
    from lxml import etree

    atom = "{http://www.w3.org/2005/Atom}"
    base = sqlite3.connect(f"{folder}/limit.sqlite3")
    base.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE feed (url PRIMARY KEY, etag);"
        "CREATE TABLE entry (url, guid, title, text, date, UNIQUE (url, guid));"
    )
    etags: dict[str, str] = {}

    def parse(url: str, body: bytes) -> list[tuple[object, ...]]:
        root = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
        rows: list[tuple[object, ...]] = []
        for item in root.iter("item"):
            date = parsedate_to_datetime(item.findtext("pubDate")).isoformat()
            rows.append((url, item.findtext("guid"), item.findtext("title"), item.findtext("description"), date))
        for item in root.iter(f"{atom}entry"):
            texts = [item.findtext(f"{atom}{name}") for name in ("id", "title", "content", "published")]
            rows.append((url, *texts))
        return rows

    async def poll() -> None:
        waiting, rows = iter(urls), []

        async def work(session: aiohttp.ClientSession) -> None:
            for url in waiting:
                conditions = {"If-None-Match": etags[url]} if url in etags else {}
                async with session.get(url, headers=conditions) as answer:
                    if answer.status == 200:
                        rows.extend(parse(url, await answer.read()))
                        etags[url] = answer.headers["ETag"]

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=IN_FLIGHT)) as session:
            await asyncio.gather(*(work(session) for _ in range(IN_FLIGHT)))
        with base:
            base.executemany("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?)", rows)
            base.executemany("INSERT OR REPLACE INTO feed VALUES (?, ?)", etags.items())

    measure(lambda: uvloop.run(poll()), lambda: base.execute("SELECT count(*) FROM entry").fetchone()[0])


# -- Ours


def ours(urls: list[str], folder: str) -> None:
    os.environ |= {
        "FOLLOWTHROUGH_DATA": folder,
        "DATABASE_URL": f"sqlite:///{folder}/ours.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    import django

    django.setup()
    from datetime import timedelta
    from ipaddress import ip_network

    from django.core.management import call_command
    from django.utils import timezone

    from tracker.feeds import actions
    from tracker.feeds.models import Article, Feed
    from tracker.fetching import Fetcher, Policy

    call_command("migrate", verbosity=0)
    policy = Policy(
        user_agent="benchmark",
        allowed_networks=(ip_network("127.0.0.0/8"),),
        allowed_ports=frozenset({int(urls[0].split(":")[2].split("/")[0])}),
    )
    for url in urls:
        actions.add_feed(url=url, policy=policy, now=timezone.now())

    def poll() -> None:
        while feeds := actions.claim_due(now=timezone.now(), limit=IN_FLIGHT):
            actions.poll_batch(feeds=feeds, now=timezone.now(), fetcher=Fetcher(policy), pace=0)

    def make_due() -> None:
        Feed.objects.update(next_poll_at=timezone.now() - timedelta(minutes=1))

    measure(poll, Article.objects.count, make_due)


def measure(poll: Callable[[], object], count: Callable[[], int], between: Callable[[], object] = lambda: None) -> None:
    """Polls cold and warm; prints seconds of both clocks."""
    figures = {}
    for name in ("cold", "warm"):
        between()
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        poll()
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        figures[name] = {"wall": time.monotonic() - start, "cpu": cpu}
    print(json.dumps({**figures, "entries": count(), "megabytes": after.ru_maxrss / 1024}))


# -- Side by side


def main() -> None:
    parser = argparse.ArgumentParser(description="Polls local feeds, cold and warm, beside the machine's limit.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--part", choices=("serve", "limit", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part == "serve":
        asyncio.run(serve(asked.feeds, asked.entries, asked.hosts))
    elif asked.part:
        {"limit": limit, "ours": ours}[asked.part](json.load(sys.stdin), asked.folder)
    else:
        compare(asked)


def compare(asked: argparse.Namespace) -> None:
    sizes = ["--feeds", str(asked.feeds), "--entries", str(asked.entries), "--hosts", str(asked.hosts)]
    here = [sys.executable, __file__]
    with subprocess.Popen([*here, "--part", "serve", *sizes], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        urls = server.stdout.readline()
        results: dict[str, list[dict]] = {"limit": [], "ours": []}
        for run in range(asked.runs):
            for part, figures in results.items():
                print(f"run {run + 1} of {asked.runs}: {part}", file=sys.stderr)
                with tempfile.TemporaryDirectory() as folder:
                    command = [*here, "--part", part, "--folder", folder]
                    done = subprocess.run(command, input=urls, stdout=subprocess.PIPE, text=True, check=True)
                figures.append(json.loads(done.stdout))
        server.terminate()
    assert all(one["entries"] == asked.feeds * asked.entries for figures in results.values() for one in figures)
    report(results, asked.feeds, asked.entries)


def report(results: dict[str, list[dict]], feeds: int, entries: int) -> None:
    """Medians, and how far ours is from the limit."""

    def median(part: str, phase: str, clock: str) -> float:
        return statistics.median(one[phase][clock] for one in results[part])

    print(f"{feeds} feeds of {entries} entries, SQLite, median of {len(results['ours'])} runs")
    print(f"{'':14}{'feeds/s':>10}{'CPU s per 1,000':>18}{'peak MB':>10}")
    for phase in ("cold", "warm"):
        for part in results:
            rate, cpu = feeds / median(part, phase, "wall"), 1000 / feeds * median(part, phase, "cpu")
            megabytes = statistics.median(one["megabytes"] for one in results[part])
            print(f"{part + ', ' + phase:14}{rate:10.0f}{cpu:18.2f}{megabytes:10.0f}")
        ratio = median("ours", phase, "cpu") / median("limit", phase, "cpu")
        print(f"{'ratio, ' + phase:14}{'':10}{ratio:18.1f}")


if __name__ == "__main__":
    main()
