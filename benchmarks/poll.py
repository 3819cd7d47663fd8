"""How fast feeds are polled, next to what the machine can do at best and to another reader.

    python benchmarks/poll.py [--feeds 1000,5000] [--database sqlite,postgresql] [--hosts 100] [--reader 200]

A local server (benchmarks/polling/server.py) answers each feed after 50 to 300 ms. All feeds are polled three times:
cold (everything is new and stored), warm (nothing changed) and changed (every tenth feed has two new entries).
"ours" is the product: beat's message, a Redis, Celery workers, claims, articles, sightings, log; its processor time is
that of workers, Redis and PostgreSQL together, its memory that of the largest worker process. "limit" is a bare loop
that does nothing else (benchmarks/polling/limit.py), "reader" the library of that name on the first feeds, in SQLite.
The server's work is not counted.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.polling.processes import cpu_seconds, parent_of  # noqa: E402
from tools.postgres import private_server  # noqa: E402

PARTS = ROOT / "benchmarks" / "polling"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PROGRAMS = {"limit": "limit.py", "ours": "product.py", "reader": "peer.py"}
PHASES = ("cold", "warm", "changed")
Figures = dict[str, dict[str, float]]  # phase → feeds, wall (s), cpu (s), entries, megabytes


class Site:
    """The server, and what it was asked."""

    def __init__(self, feeds: int, asked: argparse.Namespace) -> None:
        hosts = asked.hosts or max(feeds // 10, 1)
        sizes = ["--feeds", feeds, "--entries", asked.entries, "--hosts", hosts, "--latency", asked.latency]
        self.process = subprocess.Popen(
            [sys.executable, str(PARTS / "server.py"), *map(str, sizes)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.urls = json.loads(self.process.stdout.readline())

    def tell(self, command: str) -> int:
        root = self.urls[0].rpartition("/")[0]
        with urllib.request.urlopen(f"{root}/{command}") as answer:
            return int(answer.read())


class Talk:
    """A part in a process of its own: addresses in, then the name of a phase in and its figures out."""

    def __init__(self, part: str, *arguments: object, urls: list[str]) -> None:
        command = [sys.executable, str(PARTS / part), *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(json.dumps(urls))

    def say(self, line: str) -> None:
        assert self.process.stdin
        print(line, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        assert self.process.stdout
        if not (line := self.process.stdout.readline()):
            raise SystemExit(f"{self.process.args} ended without an answer")
        return line

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def polled(site: Site, talk: Talk, feeds: int, postgres: list[int]) -> Figures:
    """The three phases of one part."""
    figures = {}
    for phase in PHASES:
        if phase == "changed":
            site.tell("change")
        site.tell("asked")
        before = cpu_seconds(postgres)
        talk.say(phase)
        took = json.loads(talk.hear())
        figures[phase] = {**took, "feeds": feeds, "cpu": took["cpu"] + cpu_seconds(postgres) - before}
        if (count := site.tell("asked")) != feeds:
            raise SystemExit(f"{phase}: only {count} of {feeds} feeds were asked")
    return figures


@contextmanager
def database(kind: str, folder: str, name: str) -> Iterator[tuple[str, list[int]]]:
    """Where to store, as a URL, and the server's process."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/{name}.sqlite3", []
        return
    with private_server() as url:
        with psycopg.connect(url) as connection:
            server = parent_of(connection.info.backend_pid)
        yield url, [server]


def compare(kind: str, feeds: int, asked: argparse.Namespace) -> dict[str, Figures]:
    """All parts, one after the other, against the same server."""
    print(f"\n{feeds:,} feeds of {asked.entries} entries, {NAMES[kind]}", flush=True)
    site, found = Site(feeds, asked), {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for part, *more in (("limit",), ("ours", folder, asked.workers)):
            with (
                database(kind, folder, part) as (url, server),
                Talk(PROGRAMS[part], url, *more, urls=site.urls) as talk,
            ):
                found[part] = polled(site, talk, feeds, server)
        if asked.reader and kind == "sqlite" and importlib.util.find_spec("reader"):
            with Talk(PROGRAMS["reader"], f"{folder}/reader.sqlite3", urls=site.urls[: asked.reader]) as talk:
                found["reader"] = polled(site, talk, min(asked.reader, feeds), [])
    site.process.terminate()
    site.process.wait()
    return found


def report(found: dict[str, Figures]) -> None:
    """A table of what was measured, and how ours compares."""
    print(f"{'':16}{'feeds/s':>10}{'CPU s per 1,000':>18}{'peak MB':>10}")
    for phase in PHASES:
        for part, figures in found.items():
            rate, cpu = rate_of(figures[phase]), cpu_of(figures[phase])
            print(f"{part + ', ' + phase:16}{rate:10.0f}{cpu:18.2f}{figures[phase]['megabytes']:10.0f}")
    limit, ours = found["limit"], found["ours"]
    for phase, least in (("cold", 0.5), ("warm", 0.8)):
        judge(f"{phase} feeds/s, of the limit's", rate_of(ours[phase]) / rate_of(limit[phase]), least)
    judge("cold CPU, times the limit's", cpu_of(ours["cold"]) / cpu_of(limit["cold"]), 3, is_most=True)
    if "reader" in found:
        judge("cold feeds/s, times reader's", rate_of(ours["cold"]) / rate_of(found["reader"]["cold"]), 10)
    judge("megabytes of the largest worker", max(ours[phase]["megabytes"] for phase in PHASES), 150, is_most=True)


def judge(what: str, figure: float, bound: float, *, is_most: bool = False) -> None:
    is_met = figure <= bound if is_most else figure >= bound
    print(
        f"{what:34}{figure:10.2f}   {'at most' if is_most else 'at least'} {bound:g}: {'met' if is_met else 'MISSED'}"
    )


def rate_of(figures: dict[str, float]) -> float:
    return figures["feeds"] / figures["wall"]


def cpu_of(figures: dict[str, float]) -> float:
    return 1000 * figures["cpu"] / figures["feeds"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Polls local feeds beside the machine's limit and the reader library.")
    parser.add_argument("--feeds", default="1000,5000", help="how many; several sizes with commas")
    parser.add_argument("--entries", type=int, default=30, help="in each feed")
    parser.add_argument("--hosts", type=int, default=0, help="servers they are spread over; a tenth of the feeds")
    parser.add_argument("--latency", default="50:300", help="milliseconds until a server answers, from:to")
    parser.add_argument("--database", default="sqlite,postgresql", help="one or both")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--reader", type=int, default=200, help="feeds for the reader library; 0 leaves it out")
    asked = parser.parse_args()
    if asked.reader and not importlib.util.find_spec("reader"):
        print("The reader library is not installed; its figures are left out (pip install reader).")
    sizes = [int(size) for size in asked.feeds.split(",")]
    for kind in asked.database.split(","):
        cpu = []
        for feeds in sizes:
            report(found := compare(kind, feeds, asked))
            cpu.append(cpu_of(found["ours"]["cold"]))
        if len(sizes) > 1:
            judge(f"cold CPU per feed, {sizes[-1]:,} to {sizes[0]:,}", cpu[-1] / cpu[0], 1.1, is_most=True)


if __name__ == "__main__":
    main()
