"""Workers and beat killed without a word, again and again: nothing is stored twice, nothing is left out."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.feedserver import FeedServer
from tests.operations.program import ROOT, environment, free_port, manage, wait_until
from tracker.operations.broker import server_program

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8"),
    pytest.mark.timeout(180),
]
FEEDS, ENTRIES, KILLS = 300, 3, 20
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 31))
POLLED_WITHIN = 60  # seconds after the last restart
ITEM = "<item><title>Lake news {0}</title><link>https://news.example.org/{0}</link><guid>{0}</guid></item>"
NEVER_POLLED = "SELECT count(*) FROM feeds_feed WHERE last_success_at IS NULL"
CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "config"]
WORKER = [*CELERY, "worker", "--pool", "threads", "--concurrency", "2", "--queues", "poll"]
SERVICES = {"worker 1": [*WORKER, "-n", "one@%h"], "worker 2": [*WORKER, "-n", "two@%h"], "beat": [*CELERY, "beat"]}


def serve(server):
    """Three hundred feeds that take a while, and the list of them."""
    outlines = []
    for number in range(FEEDS):
        items = "".join(ITEM.format(f"{number}-{entry}") for entry in range(ENTRIES))
        body = f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
        server.serve(f"/{number}", body.encode(), "application/rss+xml", delay=1.0)
        url = server.url(f"/{number}", HOSTS[number % len(HOSTS)])
        outlines.append(f'<outline type="rss" text="Feed {number}" xmlUrl="{url}"/>')
    return f'<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'


def until_asked_again(server, most):
    """Kills are worth most while feeds are asked; but a dead service may be the one that asks."""
    before, deadline = len(server.requests), time.monotonic() + most
    while len(server.requests) == before and time.monotonic() < deadline:
        time.sleep(0.05)


class Crew:
    """Two workers, beat and a broker, each in a process group of its own."""

    def __init__(self, data, **more):
        self.data, self.port = data, free_port()
        self.environment = environment(
            data, REDIS_URL=f"redis://127.0.0.1:{self.port}/0", TICK_SECONDS="1", PYTHONWARNINGS="ignore", **more
        )
        self.running = {}

    def __enter__(self):
        broker = [server_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "."]
        for name, command in {"broker": broker, **SERVICES}.items():
            self.start(name, command)
        return self

    def __exit__(self, *_):
        for name in [*self.running]:
            self.kill(name)

    def start(self, name, command):
        with (self.data / "crew.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name):
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def rows(self, query):
        with closing(sqlite3.connect(self.data / "followthrough.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(query).fetchall()


def test_twenty_kills_at_random_lose_and_double_nothing(tmp_path):
    data, dice = tmp_path / "data", random.Random(20)
    with FeedServer(hosts=HOSTS) as server:
        (tmp_path / "feeds.opml").write_text(serve(server))
        network = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FETCH_ALLOWED_PORTS": str(server.port)}
        for command in (("set_up", "--without-data"), ("load_feeds", str(tmp_path / "feeds.opml"))):
            assert manage(*command, data=data, **network).returncode == 0
        with Crew(data, **network) as crew:
            for number in range(KILLS):
                until_asked_again(server, most=40 if number == 0 else 2)
                time.sleep(dice.uniform(0, 0.5))
                name = dice.choice([*SERVICES])
                crew.kill(name)
                if number < KILLS - 1:
                    # Leases end at once, the dead one's and even the living one's; only the last take their time.
                    crew.rows("UPDATE feeds_feed SET claimed_until = '2020-01-01' WHERE claimed_until IS NOT NULL")
                crew.start(name, SERVICES[name])
            wait_until(lambda: crew.rows(NEVER_POLLED) == [(0,)], POLLED_WITHIN)
        articles = crew.rows("SELECT count(*), count(DISTINCT canonical_url) FROM feeds_article")
        assert articles == [(FEEDS * ENTRIES,) * 2]
        assert crew.rows("SELECT count(*) FROM feeds_sighting") == [(FEEDS * ENTRIES,)]
        assert len({request.path for request in server.requests}) == FEEDS
