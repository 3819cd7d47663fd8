"""The product itself: its Celery workers, a Redis, its database; asked to poll as beat asks it.

    python benchmarks/polling/product.py DATABASE_URL FOLDER WORKERS < addresses.json

For every line on standard input after the addresses (the name of a phase) it makes all feeds due, sends the message
that beat sends, waits until every feed was polled, and prints what workers and Redis took as JSON; the work of
PostgreSQL is not in it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from benchmarks.polling.processes import cpu_seconds, peak_megabytes, tree  # noqa: E402
from tools.postgres import free_port  # noqa: E402


@contextmanager
def started(command: list[str], log: Path) -> Iterator[int]:
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output) as process:
        try:
            yield process.pid
        finally:
            process.terminate()


def set_up(urls: list[str], folder: Path, database: str, redis_port: int) -> None:
    os.environ |= {
        "FOLLOWTHROUGH_DATA": str(folder),
        "DATABASE_URL": database,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FETCH_ALLOWED_PORTS": urls[0].split(":")[2].split("/")[0],
        "POLL_PACE_SECONDS": "0",  # the others do not wait between two requests to a server either
        "PYTHONWARNINGS": "ignore",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from tracker.feeds.actions import add_feed
    from tracker.fetching import Policy

    call_command("migrate", verbosity=0)
    for url in urls:
        add_feed(url=url, policy=Policy.of(settings), now=timezone.now())


def poll() -> float:
    """Seconds from the message until the last feed is written."""
    from django.utils import timezone

    from tracker.feeds.models import Feed
    from tracker.feeds.tasks import poll_due_feeds

    Feed.objects.update(next_poll_at=timezone.now())
    began, clock = timezone.now(), time.monotonic()
    poll_due_feeds.delay()
    while Feed.objects.filter(last_success_at__gte=began).count() < Feed.objects.count():
        time.sleep(0.05)
    return time.monotonic() - clock


def measure(worker: int, broker: int) -> dict[str, float]:
    from tracker.feeds.models import Article

    before = cpu_seconds([worker, broker])
    wall = poll()
    time.sleep(0.5)  # what is still running belongs to it
    return {
        "wall": wall,
        "cpu": cpu_seconds([worker, broker]) - before,
        "entries": Article.objects.count(),
        "megabytes": max(map(peak_megabytes, tree(worker))),
    }


def main() -> None:
    database, folder, workers = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    port = free_port()
    set_up(json.loads(sys.stdin.readline()), folder, database, port)
    redis = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes"]
    pool = ["--pool", "prefork", "--concurrency", workers, "--queues", "poll"]
    worker = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", *pool]
    with started(redis, folder / "redis.log") as broker, started(worker, folder / "worker.log") as crew:
        from config.celery import app

        while not app.control.ping(timeout=1):
            time.sleep(0.2)
        for _phase in sys.stdin:
            print(json.dumps(measure(crew, broker)), flush=True)


if __name__ == "__main__":
    main()
