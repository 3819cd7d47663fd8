"""Serves a file of articles as feeds on loopback, one per language, for demonstrations.

    python tests/serve_articles.py articles.jsonl --port 8905

Every line is one article: `id`, `url`, `title`, `text`, `language`, `date` (a day, or less than one). Languages take
turns being RSS and Atom, each on a loopback address of its own, as feeds of one host are polled one by one. The
addresses are printed; poll them with FETCH_ALLOWED_NETWORKS=127.0.0.0/8 and FETCH_ALLOWED_PORTS=8905. Ctrl-C ends it.
"""

import argparse
import contextlib
import json
import sys
import threading
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.feedserver import FeedServer


def rss(language: str, articles: list[dict[str, str]]) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(article['id'])}</guid><link>{escape(article['url'])}</link>"
        f"<title>{escape(escape(article['title']))}</title>{_rss_date(article['date'])}"
        f"<description>{escape(escape(article['text']))}</description></item>"
        for article in articles
    )
    return (
        f"<rss version='2.0'><channel><title>Articles in {language}</title><link>http://127.0.0.1/</link>"
        f"<language>{language}</language>{items}</channel></rss>"
    )


def atom(language: str, articles: list[dict[str, str]]) -> str:
    entries = "".join(
        f"<entry><id>{escape(article['id'])}</id><title type='html'>{escape(escape(article['title']))}</title>"
        f"<link href={quoteattr(article['url'])}/><published>{escape(article['date'] or '')}</published>"
        f"<summary type='html'>{escape(escape(article['text']))}</summary></entry>"
        for article in articles
    )
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='{language}'><title>Articles in {language}</title>"
        f"{entries}</feed>"
    )


def _rss_date(date: str | None) -> str:
    """RSS knows whole days only; anything less stays as it is written."""
    try:
        moment = datetime.strptime(date or "", "%Y-%m-%d").replace(hour=9, tzinfo=UTC)
    except ValueError:
        return f"<pubDate>{escape(date or '')}</pubDate>"
    return f"<pubDate>{format_datetime(moment)}</pubDate>"


def feeds_of(path: Path) -> dict[str, str]:
    """Language → document."""
    by_language = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        article = json.loads(line)
        by_language[article["language"]].append(article)
    return {
        language: (rss, atom)[number % 2](language, articles)
        for number, (language, articles) in enumerate(sorted(by_language.items()))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves a file of articles as feeds on loopback, one per language.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, default=8905)
    asked = parser.parse_args()
    feeds = feeds_of(asked.file)
    hosts = tuple(f"127.0.0.{number}" for number in range(1, len(feeds) + 1))
    with FeedServer(hosts=hosts, port=asked.port) as server, contextlib.suppress(KeyboardInterrupt):
        for host, (language, document) in zip(hosts, feeds.items(), strict=True):
            server.serve(f"/{language}.xml", document, "application/xml")
            print(server.url(f"/{language}.xml", host), flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
