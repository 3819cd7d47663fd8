"""The database is the schedule: what broker and worker held when they died is done all the same, once."""

import os
import signal
import sys

import pytest

from tests.feedserver import FeedServer
from tests.operations.program import DECLARATION, Program, manage, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs all of 127.0.0.0/8"),
    pytest.mark.timeout(90),
]
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 17))
ENTRIES = 3
ITEM = "<item><title>Lake news {0}</title><link>https://news.example.org/{0}</link><guid>{0}</guid></item>"


def serve(server):
    """One slow feed on every address, and the list of them."""
    server.serve("/other", b"<rss/>")
    outlines = []
    for host in HOSTS:
        items = "".join(ITEM.format(f"{host}-{number}") for number in range(ENTRIES))
        body = f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'
        server.serve(f"/{host}", body.encode(), "application/rss+xml", delay=1.0)
        outlines.append(f'<outline type="rss" text="{host}" xmlUrl="http://{host}:{server.port}/{host}"/>')
    return f'<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'


def test_flushing_the_broker_and_killing_the_worker_lose_and_double_nothing(tmp_path):
    data = tmp_path / "data"
    with FeedServer(hosts=HOSTS) as server:
        (tmp_path / "feeds.opml").write_text(serve(server))
        network = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FETCH_ALLOWED_PORTS": str(server.port)}
        assert manage("set_up", "--without-data", data=data, **network).returncode == 0
        for command, file in (("load_declaration", DECLARATION), ("load_feeds", tmp_path / "feeds.opml")):
            loaded = manage(command, str(file), data=data, **network)
            assert loaded.returncode == 0, loaded.stderr
        with Program(data, TICK_SECONDS="1", **network) as program:
            wait_until(lambda: server.requests)
            os.kill(program.pid_of("celery --quiet --app config worker"), signal.SIGKILL)
            program.broker().flushall()
            assert program.rows("SELECT count(*) FROM feeds_feed WHERE last_success_at IS NULL") != [(0,)]
            # The leases of the dead worker end; here they end at once.
            program.rows("UPDATE feeds_feed SET claimed_until = '2020-01-01 00:00:00' WHERE claimed_until IS NOT NULL")
            wait_until(
                lambda: program.rows("SELECT count(*) FROM feeds_feed WHERE last_success_at IS NULL") == [(0,)], 40
            )
            wait_until(lambda: program.rows("SELECT count(*) FROM feeds_article WHERE processed_at IS NULL") == [(0,)])
            found = program.rows("SELECT count(*), count(DISTINCT canonical_url) FROM feeds_article")
            assert found == [(len(HOSTS) * ENTRIES,) * 2]
            assert program.get("/readyz")[0] == 200
