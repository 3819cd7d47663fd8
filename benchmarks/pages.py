"""How long the server takes for each page, and for how many queries, as the record grows.

    python benchmarks/pages.py [--pledges 22 1000 100000] [--articles 100000] [--runs 20] [--sqlite]

One declaration has all the pledges, each with evidence and a judgement; a tenth have an article that waits. "Limit" is
the page's own SQL alone: the very statements it sent, sent again and read to the end in the same run. "Admin" is Django
admin's list of the same pledges. Promised is the same number of queries at every size. Two aims are told and not kept
yet: a page of at most four times its SQL or 15 ms above it (the rest is mostly the rendering of templates), and a
dashboard of the most pledges within three times one of 1,000.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
NOW = datetime.now(UTC)
FACTOR, OVERHEAD_MS, GROWTH = 4, 15, 3
BATCH = 5000
THEMES = 20
STATUSES = ("fulfilled", "partly_fulfilled", "in_progress", "in_progress", "stalled", "not_assessed")
PUBLIC = {
    "dashboard": "/",
    "list": "/?status=in_progress&sort=due&page=2",
    "pledge": "/pledges/BIG-1/",
    "search": "/search/?q=bridge+1",
    "activity": "/activity/",
}
EDITOR = {"dashboard, editor": "/", "review": "/review/", "feeds": "/feeds/", "search, editor": "/search/?q=river"}


def main() -> int:
    options = arguments()
    with database(options) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
        os.environ["FOLLOWTHROUGH_DATA"] = os.environ["STATIC_ROOT"] = tempfile.mkdtemp()
        os.environ["ALLOWED_HOSTS"] = "testserver"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        figures = {}
        for size in options.pledges:
            begun = time.monotonic()
            fill(size, options.articles if size == max(options.pledges) else 1000)
            print(f"\n{size:,} pledges, filled in {time.monotonic() - begun:.0f} s")
            figures[size] = measure(options.runs)
        return verdict(figures)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pledges", type=int, nargs="+", default=[22, 1000, 100_000])
    parser.add_argument("--articles", type=int, default=100_000, help="beside the most pledges")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--sqlite", action="store_true", help="SQLite instead of a PostgreSQL of its own")
    return parser.parse_args()


@contextmanager
def database(options: argparse.Namespace) -> Iterator[str]:
    from postgres import private_server

    if options.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/pages.sqlite3"
    else:
        with private_server() as url:
            yield url


def fill(pledges: int, articles: int) -> None:
    """Adds what is missing up to these numbers."""
    from django.db import connection

    from tracker.pledges.indexing import index
    from tracker.pledges.latest import refresh_latest
    from tracker.pledges.models import Assessment, Evidence, Pledge, Theme

    of = declaration()
    themes = list(Theme.objects.order_by("pk"))
    for numbers in batched(range(of.pledges.count() + 1, pledges + 1), BATCH):
        rows = Pledge.objects.bulk_create(pledge(of, themes, number) for number in numbers)
        for model in (Pledge.parties.through,):
            owing = [party.pk for party in of.parties.all()]
            model.objects.bulk_create(model(pledge_id=row.pk, party_id=pk) for row in rows for pk in owing)
        Evidence.objects.bulk_create(evidence(row) for row in rows)
        Assessment.objects.bulk_create(assessment(row) for row in rows if row.status != "not_assessed")
        index(Pledge.objects.filter(pk__in=[row.pk for row in rows]).select_related("theme"))
    refresh_latest(of.pledges.all())
    fill_articles(articles)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def declaration() -> Any:
    from tracker.accounts.models import Role, User
    from tracker.feeds.models import Feed
    from tracker.pledges.models import Declaration, Party, Theme

    of, is_new = Declaration.objects.get_or_create(
        slug="big", defaults={"reference": "BIG", "title": {"en": "Big declaration"}, "signed_on": date(2024, 7, 3)}
    )
    if is_new:
        of.parties.set([Party.objects.create(code=code, territory=code[:2]) for code in ("CHN", "KAZ")])
        for position in range(THEMES):
            Theme.objects.create(
                declaration=of, slug=f"theme-{position}", title={"en": f"Theme {position}"}, position=position
            )
        User.objects.create_superuser("editor@example.org", "benchmark only", role=Role.ADMIN)
        Feed.objects.create(
            url="https://news.example.org/", host="news.example.org", title="Courier", created_at=NOW, next_poll_at=NOW
        )
    return of


def pledge(of: Any, themes: list[Any], number: int) -> Any:
    from tracker.pledges.models import Pledge

    due = None if number % 3 == 0 else NOW.date() + timedelta(days=number % 800 - 300)
    statement = f"The parties will build bridge {number} over the river and open it to traffic, with two lanes."
    return Pledge(
        declaration=of,
        number=number,
        reference=f"BIG-{number}",
        slug=f"pledge-{number}",
        title={"en": f"Build bridge {number}", "fr": f"Construire le pont {number}"},
        statement={"en": statement, "fr": statement},
        theme=themes[number % THEMES],
        due_edtf=str(due or ""),
        due_earliest=due,
        due_latest=due,
        status=STATUSES[number % len(STATUSES)],
    )


def evidence(row: Any) -> Any:
    from tracker.pledges.models import Evidence

    day = NOW.date() - timedelta(days=row.number % 500)
    return Evidence(
        pledge=row,
        url=f"https://news.example.org/{row.number}",
        title=f"Bridge {row.number} opens",
        publisher="Courier",
        language="en",
        published_edtf=str(day),
        published_on=day,
        stance="progress",
        kind="action",
        voice="independent",
        added_at=NOW,
    )


def assessment(row: Any) -> Any:
    from tracker.pledges.models import Assessment

    return Assessment(
        pledge=row,
        status=row.status,
        previous_status="not_assessed",
        rationale={"en": "Traffic was seen."},
        effective_on=NOW.date(),
        recorded_at=NOW,
        is_shipped=True,
    )


def fill_articles(total: int) -> None:
    """Every tenth pledge has one that waits."""
    from tracker.feeds.models import Article, Feed
    from tracker.matching.models import Suggestion
    from tracker.pledges.models import Pledge
    from tracker.search.index import Entry, Kind, put

    feed = Feed.objects.get()
    for numbers in batched(range(Article.objects.count(), total), BATCH):
        rows = Article.objects.bulk_create(
            Article(
                feed=feed,
                url=f"https://news.example.org/a/{number}",
                canonical_url=f"https://news.example.org/a/{number}",
                canonical_hash=f"{number:064d}",
                title=f"Work goes on at site {number % 997}",
                text="Two dredgers went to the river on Monday." if number % 1000 == 0 else "Work went on.",
                language="en",
                published_at=NOW - timedelta(minutes=number),
                fetched_at=NOW,
                processed_at=NOW,
            )
            for number in numbers
        )
        put(Kind.ARTICLE, [Entry(row.pk, (("en", row.title),), (("en", row.text),)) for row in rows])
    ids = Article.objects.order_by("pk").values_list("pk", flat=True)
    tenth = Pledge.objects.filter(suggestions=None, number__in=range(10, 10 * total, 10)).order_by("pk")
    for pairs in batched(zip(tenth.values_list("pk", flat=True), list(ids[:100_000]), strict=False), BATCH):
        Suggestion.objects.bulk_create(
            [Suggestion(article_id=a, pledge_id=p, score="0.70", reasons=[], created_at=NOW) for p, a in pairs],
            ignore_conflicts=True,
        )


def measure(runs: int) -> dict[str, tuple[float, float, int]]:
    """By page: its median and its limit in milliseconds, and its queries."""
    from django.test import Client

    from tracker.accounts.models import User

    stranger, editor = Client(), Client()
    editor.force_login(User.objects.get())
    print(f"  {'page':<20}{'p50 ms':>9}{'p95 ms':>9}{'limit ms':>10}{'queries':>9}")
    found = {}
    for client, pages in ((stranger, PUBLIC), (editor, EDITOR), (editor, {"admin": "/admin/pledges/pledge/"})):
        for name, address in pages.items():
            found[name] = one_page(name, lambda client=client, address=address: client.get(address), runs)
    return found


def one_page(name: str, ask: Callable[[], Any], runs: int) -> tuple[float, float, int]:
    from django.db import connection

    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    assert ask().status_code == 200, name
    with connection.execute_wrapper(note):
        ask()
    reads = [(sql, params) for sql, params in sent if sql.lstrip().startswith(("SELECT", "WITH"))]
    times, limits = [], []
    for _ in range(runs):
        times.append(took(ask))
        limits.append(took(lambda: [read(sql, params) for sql, params in reads]))
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    limit = statistics.median(limits)
    print(f"  {name:<20}{p50:9.1f}{p95:9.1f}{limit:10.1f}{len(sent):9}")
    return p50, limit, len(sent)


def read(sql: str, params: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.fetchall()


def took(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def verdict(figures: dict[int, dict[str, tuple[float, float, int]]]) -> int:
    slow, faults = [], []
    first = next(iter(figures.values()))
    for size, pages in figures.items():
        for name, (p50, limit, queries) in pages.items():
            if name != "admin" and p50 > FACTOR * limit and p50 > limit + OVERHEAD_MS:
                slow.append(
                    f"{name} at {size:,} pledges: {p50 / limit:.1f} times its SQL, {p50 - limit:.0f} ms above it"
                )
            if name != "admin" and queries != first[name][2]:
                faults.append(f"{name} at {size:,} pledges: {queries} queries instead of {first[name][2]}")
    if 1000 in figures and max(figures) > 1000:
        growth = figures[max(figures)]["dashboard"][0] / figures[1000]["dashboard"][0]
        print(f"\ndashboard of {max(figures):,} pledges: {growth:.2f} times one of 1,000 (the aim is {GROWTH})")
    print("\n".join(["above the aim:", *slow] if slow else ["every page is within the aim"]))
    print("\n".join(faults or ["the number of queries is the same at every size"]))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
