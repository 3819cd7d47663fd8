"""The news sites of the benchmark: the same bytes on every run, each feed with a delay of its own.

    python benchmarks/polling/server.py --feeds 1000 --entries 30 --hosts 100 --latency 50:300

The first line on standard output is the addresses as JSON. /change gives every tenth feed two new entries, /asked tells
how many feeds were asked since it was last called. Two thirds of the feeds are RSS, two fifths carry full text, three
fifths are compressed, one in twenty is in ISO-8859-1; one loopback address stands for one host.
"""

import argparse
import asyncio
import gzip
import hashlib
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import uvloop

VOCABULARY = (
    "lake dredger minister water treaty railway harbour budget council border trade visit energy school hospital "
    "report region export bridge harvest signed opened delayed announced monday together kilometre million new café"
)
WORDS = VOCABULARY.split()
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Feed:
    """One document, with the headers that go with it."""

    def __init__(self, number: int, entries: int, latency: tuple[float, float]) -> None:
        dice = random.Random(number)
        self.number, self.entries, self.newest = number, entries, entries
        self.is_rss = dice.random() < 0.63
        self.has_full_text = dice.random() < 0.4
        self.is_compressed = dice.random() < 0.6
        self.encoding = "iso-8859-1" if dice.random() < 0.05 else "utf-8"
        self.delay = dice.uniform(*latency) / 1000
        self.render()

    def render(self) -> None:
        """The newest entries only, the newest first, as sites do."""
        numbers = range(self.newest - 1, self.newest - 1 - self.entries, -1)
        items = "".join(self._rss(number) if self.is_rss else self._atom(number) for number in numbers)
        site = f"https://news{self.number}.example.org/"
        if self.is_rss:
            text = (
                '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
                ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"<channel><title>News {self.number}</title><link>{site}</link><language>en</language>{items}"
                "</channel></rss>"
            )
        else:
            text = (
                f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>News {self.number}</title>'
                f'<id>tag:{self.number}</id><link href="{site}"/>{items}</feed>'
            )
        body = f'<?xml version="1.0" encoding="{self.encoding}"?>{text}'.encode(self.encoding)
        etag = hashlib.md5(body).hexdigest()
        validators = f'ETag: "{etag}"\r\nLast-Modified: {format_datetime(self._time(self.newest), usegmt=True)}\r\n'
        coding = ""
        if self.is_compressed:
            body, coding = gzip.compress(body, 5, mtime=0), "Content-Encoding: gzip\r\n"
        kind = "rss" if self.is_rss else "atom"
        self.etag = etag.encode()
        self.unchanged = f"HTTP/1.1 304 Not Modified\r\n{validators}\r\n".encode()
        self.full = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/{kind}+xml; charset={self.encoding}\r\n{validators}{coding}"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def _time(self, entry: int) -> datetime:
        return FIRST + timedelta(minutes=self.number, hours=entry)

    def _rss(self, entry: int) -> str:
        title, link, summary, text = self._words(entry)
        full = f"<content:encoded><![CDATA[{text}]]></content:encoded>" if text else ""
        return (
            f'<item><title>{title}</title><link>{link}</link><guid isPermaLink="false">tag:{self.number}:{entry}</guid>'
            f"<pubDate>{format_datetime(self._time(entry), usegmt=True)}</pubDate><dc:creator>A. Writer</dc:creator>"
            f"<category>news</category><description><![CDATA[<p>{summary}</p>]]></description>{full}</item>\n"
        )

    def _atom(self, entry: int) -> str:
        title, link, summary, text = self._words(entry)
        full = f'<content type="html">{escape(text)}</content>' if text else ""
        date = self._time(entry).isoformat()
        return (
            f'<entry><title>{title}</title><id>tag:{self.number}:{entry}</id><link rel="alternate" href="{link}"/>'
            f"<published>{date}</published><updated>{date}</updated><author><name>A. Writer</name></author>"
            f'<category term="news"/><summary type="html">{escape(f"<p>{summary}</p>")}</summary>{full}</entry>\n'
        )

    def _words(self, entry: int) -> tuple[str, str, str, str]:
        dice = random.Random(f"{self.number}:{entry}")

        def words(least: int, most: int) -> str:
            return " ".join(dice.choices(WORDS, k=dice.randint(least, most)))

        title = words(6, 12).capitalize()
        slug = "-".join(title.lower().split()[:5]).encode("ascii", "ignore").decode()
        link = f"https://news{self.number}.example.org/2026/{entry}-{slug}"
        summary = words(30, 60)
        paragraphs = [
            f'<p>{words(30, 70)} <a href="https://example.org/{part}">{words(2, 2)}</a></p>'
            for part in range(dice.randint(3, 8))
        ]
        return title, link, summary, "".join(paragraphs) if self.has_full_text else ""


class Site(asyncio.Protocol):
    """One connection; requests one after the other."""

    def __init__(self, feeds: list[Feed], asked: set[int]) -> None:
        self.feeds, self.asked = feeds, asked
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            request, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1][1:].decode()
        commands: dict[str, Callable[[], int]] = {"asked": self._count, "change": self._change}
        if command := commands.get(path):
            text = str(command()).encode()
            self._write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
            return
        feed = self.feeds[int(path)]
        self.asked.add(feed.number)
        answer = feed.unchanged if feed.etag in request else feed.full
        asyncio.get_running_loop().call_later(feed.delay, self._write, answer)

    def _write(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)

    def _count(self) -> int:
        count = len(self.asked)
        self.asked.clear()
        return count

    def _change(self) -> int:
        changed = self.feeds[::10]
        for feed in changed:
            feed.newest += 2
            feed.render()
        return len(changed)


def host(number: int) -> str:
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


async def serve(feeds: list[Feed], hosts: int) -> None:
    asked: set[int] = set()
    loop = asyncio.get_running_loop()
    # One socket answers on every loopback address.
    server = await loop.create_server(lambda: Site(feeds, asked), "0.0.0.0", 0, backlog=4096)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps([f"http://{host(feed.number % hosts)}:{port}/{feed.number}" for feed in feeds]), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves the feeds of the polling benchmark on loopback.")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--latency", default="50:300", help="milliseconds, from:to")
    asked = parser.parse_args()
    low, high = map(float, asked.latency.split(":"))
    feeds = [Feed(number, asked.entries, (low, high)) for number in range(asked.feeds)]
    uvloop.run(serve(feeds, asked.hosts))


if __name__ == "__main__":
    main()
