"""A page's bytes → the feeds it names: links with rel=alternate, else links that look like one; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree

from tracker.feeds.canonical import feed_key, web_link
from tracker.feeds.encodings import to_utf8
from tracker.feeds.plain_text import HTML, clean

READ_LIMIT = 2_000_000  # bytes of a page; its head comes first
LINK_LIMIT = 10
TYPES = {
    *("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"),
    *("application/json", "application/xml", "text/xml"),
}
FEED_LIKE = re.compile(r"(^|[/._=-])(rss|atom|feeds?|xml)([/._-]|$|\d|2$)", re.IGNORECASE)
SECONDARY = re.compile(r"comment|kommentar|коммент|пікір|评论", re.IGNORECASE)
# Where feeds of the usual programs lie, likeliest first.
COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")


@dataclass(frozen=True)
class FeedLink:
    url: str
    title: str


def feed_links(body: bytes, *, content_type: str = "", url: str) -> list[FeedLink]:
    """At most ten, each address once, feeds of comments last; nothing when this is no page."""
    root = _tree(to_utf8(body[:READ_LIMIT], content_type))
    if root is None:
        return []
    base = web_link(next((node.get("href", "") for node in root.iter("base")), ""), url) or url
    links = list(_announced(root, base)) or list(_linked(root, base))
    kept: dict[str, FeedLink] = {}
    for link in links:
        kept.setdefault(feed_key(link.url), link)
    ordered = sorted(kept.values(), key=lambda link: bool(SECONDARY.search(f"{link.title} {link.url}")))
    return ordered[:LINK_LIMIT]


def common_addresses(url: str) -> list[str]:
    return [urljoin(url, path) for path in COMMON_PATHS]


def _tree(document: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(document, HTML) if document else None
    except etree.XMLSyntaxError:
        return None


def _announced(root: etree._Element, base: str) -> Iterator[FeedLink]:
    for node in root.iter("link"):
        relations = node.get("rel", "").lower().split()
        kind = node.get("type", "").partition(";")[0].strip().lower()
        if "feed" in relations or ("alternate" in relations and kind in TYPES):
            yield from _link(node, base, node.get("title", ""))


def _linked(root: etree._Element, base: str) -> Iterator[FeedLink]:
    """Links to an address of the same site, or of a host named after its feeds, that looks like a feed's."""
    site = urlsplit(base).hostname
    for node in root.iter("a"):
        for link in _link(node, base, "".join(node.itertext())):
            parts = urlsplit(link.url)
            is_near = parts.hostname == site or (parts.hostname or "").startswith(("feed", "rss"))
            if is_near and FEED_LIKE.search(f"{parts.path}?{parts.query}"):
                yield link


def _link(node: etree._Element, base: str, title: str) -> Iterator[FeedLink]:
    if url := web_link(node.get("href", ""), base):
        yield FeedLink(url, clean(title, 200))
