"""Documents made to exhaust or to reach out: read or refused, within bounds, and nothing beyond the document."""

import json
import subprocess
import sys

import pytest

from tests import factories
from tests.feedserver import FeedServer
from tracker.feeds import polling
from tracker.feeds.models import Article
from tracker.feeds.parsed import ParsedEntry, ParsedFeed
from tracker.feeds.visiting import Visit

# The caps of the fetcher come first, so a document is at most ten megabytes long; seconds of CPU are ten times what
# was measured.
SECONDS, MEGABYTES = 4, 100
PROGRAM = """
import json, resource, sys
from datetime import UTC, datetime
from tracker.feeds.parser import ParseError, parse
body = sys.stdin.buffer.read()
def spent(): return resource.getrusage(resource.RUSAGE_SELF)
before = spent()
try:
    feed = parse(body, url="https://news.example.org/feed", now=datetime(2026, 11, 24, tzinfo=UTC))
    entries = [(entry.title, entry.text, entry.url) for entry in feed.entries]
except ParseError:
    entries = None
after = spent()
print(json.dumps({
    "entries": entries,
    "seconds": after.ru_utime - before.ru_utime,
    "megabytes": (after.ru_maxrss - before.ru_maxrss) / 1024,
}))
"""


def read(document):
    """The entries as (title, text, address), or None where it is called no feed; fails where a bound is passed."""
    body = document if isinstance(document, bytes) else document.encode()
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=body, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["seconds"] < SECONDS
    assert told["megabytes"] < MEGABYTES
    return told["entries"]


def rss(items, head="", start="<rss version='2.0'>"):
    return f"<?xml version='1.0'?>{head}{start}<channel><title>News</title>{items}</channel></rss>"


def item(title="Dredgers", inner=""):
    return f"<item><title>{title}</title><link>https://news.example.org/1</link>{inner}</item>"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "dtd",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "hahaha">{LAUGHS}]>',
        f'<!DOCTYPE rss [<!ENTITY l9 "{"ha" * 50_000}">]>',
        '<!DOCTYPE rss [<!ENTITY l9 "]>">',
    ],
    ids=["a billion laughs", "quadratic", "unclosed"],
)
def test_b01_entities_are_never_expanded(dtd):
    for title, _text, _url in read(rss(item("&l9;" * 1000), dtd)) or []:
        assert "ha" not in title


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{path}">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "{url}">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{url}"> %p;]>',
        '<!DOCTYPE rss SYSTEM "{url}">',
        '<!DOCTYPE rss PUBLIC "-//x//y" "{url}">',
        '<?xml-stylesheet href="{url}"?>',
        "",
    ],
)
def test_b02_a_document_brings_in_nothing_from_outside(dtd, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("The moon is made of basalt.")
    with FeedServer() as server:
        where = {"path": secret, "url": server.url("/secret")}
        server.serve("/secret", "The moon is made of basalt.")
        include = (
            '<description><x:include xmlns:x="http://www.w3.org/2001/XInclude" parse="text" href="{path}"/>'
            '<x:include xmlns:x="http://www.w3.org/2001/XInclude" parse="text" href="{url}"/></description>'
        )
        entries = read(rss(item("&x;", include.format(**where)), dtd.format(**where)))
        assert "basalt" not in json.dumps(entries)
        assert not server.requests


@pytest.mark.parametrize("where", ["rss", "item"])
def test_b03_a_hundred_thousand_attributes_are_no_burden(where):
    attributes = " ".join(f'a{n}="x"' for n in range(100_000))
    if where == "rss":
        read(rss(item(), start=f"<rss {attributes}>"))
    else:
        read(rss(f"<item {attributes}><title>x</title></item>"))


@pytest.mark.parametrize("document", ["<a>" * 30_000, "<a>" * 200_000 + "</a>" * 200_000, "<a/>" * 2_000_000])
def test_b04_neither_depth_nor_number_of_elements_is_a_burden(document):
    read(rss(document))
    read("<rss><channel>" + document)


def test_b05_of_a_hundred_thousand_items_five_hundred_are_read():
    entries = read(rss("".join(f"<item><title>{n}</title><link>/{n}</link></item>" for n in range(100_000))))
    assert len(entries) == 500


def test_b05_what_is_too_long_is_cut_and_says_so():
    long = "Dredgers " * 1_000_000
    ((title, text, _url),) = read(rss(item(long, f"<description>{long}</description>")))
    assert (len(title), title[-1]) == (500, "…")
    assert (len(text) <= 20_000, text[-1]) == (True, "…")


@pytest.mark.parametrize(
    "html",
    [
        "&lt;" * 300_000,
        "<a href='" + "x" * 90_000,
        "<div>" * 50_000,
        "<b><p>" * 15_000,
        "<!--" * 25_000,
        "<" * 100_000,
        "<![CDATA[" * 10_000,
        "<svg><math><mtext><table>" * 4_000,
        "<select><option>" * 6_000,
    ],
    ids=["escaped", "open attribute", "nested", "formatting", "comments", "brackets", "sections", "foreign", "options"],
)
def test_b06_texts_made_to_exhaust_are_done_with(html):
    escaped = html.replace("&", "&amp;").replace("<", "&lt;")
    for _title, text, _url in read(rss(item(inner=f"<description>{escaped}</description>") * 10)):
        assert len(text) <= 20_000


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel>" + "<![CDATA[&" * 500_000,
        "<rss><channel><title>" + "&" * 2_000_000 + "</title></channel></rss>",
        '<rss version="' + "x" * 1_000_000,
        "<!DOCTYPE rss [" + "] " * 500_000 + "<rss/>",
        "<!--" * 500_000,
        "<?x " * 500_000,
        "{" * 500_000,
        '{"version": ' + "[" * 500_000,
        "\x00" * 1_000_000,
        "<rss>" + "\u00ff" * 1_000_000,
        rss(
            "".join(f"<item><link>/{n}</link><pubDate>{'9' * 5000} {'Jan ' * 2000}</pubDate></item>" for n in range(20))
        ),
    ],
)
def test_b18_nothing_in_a_document_raises_what_is_not_expected(document):
    read(document)
    read(document.encode("utf-16"))
    read(document.encode("latin-1", "replace"))


@pytest.mark.django_db
def test_b18_what_still_slips_through_is_counted_against_its_feed_alone(now):
    fine, poisoned = factories.feed(), factories.feed()
    entries = {
        feed: ParsedEntry("1", url, "", None, "", "", "Title", "", "")
        for feed, url in ((fine, "https://news.example.org/1"), (poisoned, "http://[no library can split this"))
    }
    polling.keep(
        [Visit(feed, status=200, parsed=ParsedFeed("", "", "", None, (entry,))) for feed, entry in entries.items()],
        now=now,
    )
    poisoned.refresh_from_db()
    assert (poisoned.error_code, poisoned.failure_count, poisoned.failing_since) == ("internal", 1, now)
    assert Article.objects.get().feed == fine
