"""Pages name their feeds in many ways; nothing a stranger writes is worse than finding none."""

import pytest

from tracker.feeds.autodiscovery import common_addresses, feed_links

URL = "https://lake.example/news/today"


def links(html, **more):
    body = html if isinstance(html, bytes) else html.encode()
    return [(link.url, link.title) for link in feed_links(body, url=URL, **more)]


def test_links_with_rel_alternate_count_whatever_their_order_and_case():
    page = """<!doctype html><HEAD><title>Lake</title>
      <link rel="alternate" type="application/rss+xml" title="Comments on Lake" href="/comments/feed">
      <LINK REL="Alternate stylesheet" TYPE="application/atom+xml; charset=utf-8" HREF="atom.xml" title=" All   news ">
      <link rel=alternate type=application/feed+json href=//cdn.example/feed.json>
      <link rel="feed" href="https://other.example/rss?lang=kk&amp;x=1">
      <link rel="alternate" hreflang="kk" href="/kk/"><link rel="stylesheet" href="/rss.css">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
      <link rel="alternate" type="application/rss+xml">
      </HEAD><body><a href="/feed">RSS</a>"""
    assert links(page) == [
        ("https://lake.example/news/atom.xml", "All news"),
        ("https://cdn.example/feed.json", ""),
        ("https://other.example/rss?lang=kk&x=1", ""),
        ("https://lake.example/comments/feed", "Comments on Lake"),
    ]


def test_addresses_are_seen_from_the_base_and_told_once():
    page = (
        '<base href="https://www.lake.example/"><link rel=alternate type=text/xml href=rss><link rel=feed href=/rss/>'
    )
    assert links(page) == [("https://www.lake.example/rss", "")]


def test_without_any_the_links_of_the_page_that_look_like_feeds_are_tried():
    page = """<a href="/rss/kk.xml"><img>Қазақша <b>RSS</b></a><a href="https://feeds.lake.example/all">All</a>
      <a href="/news/feedback">Write</a><a href="https://elsewhere.example/rss">Else</a><a href="?feed=rss2">2</a>"""
    assert links(page) == [
        ("https://lake.example/rss/kk.xml", "Қазақша RSS"),
        ("https://lake.example/news/today?feed=rss2", "2"),
    ]


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        ("<link rel=feed href=/rss title='Жаңалықтар'>".encode("cp1251", "replace"), "text/html; charset=windows-1251"),
        ("<link rel=feed href=/rss title='x'>".encode("utf-16"), "text/html"),
    ],
)
def test_other_encodings_are_read(page, content_type):
    assert [url for url, _title in links(page, content_type=content_type)] == ["https://lake.example/rss"]


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"\0\xff\xfe",
        b"%PDF-1.7",
        b"<" * 100_000,
        b"<div>" * 100_000,
        b"<link rel=feed href='http://[broken'>",
        b"<base href='http://[broken'><p>",
        b"<a href=/rss" + b" x=1" * 50_000,
        b"<!DOCTYPE html [<!ENTITY a 'b'>]><html>&a;",
    ],
)
def test_what_is_no_page_names_no_feeds(page):
    assert [url for url, _title in links(page) if url != "https://lake.example/rss"] == []


def test_ten_are_enough_and_only_so_much_of_a_page_is_read():
    assert len(links("".join(f"<link rel=feed href=/{n}>" for n in range(5000)))) == 10
    assert links(b" " * 2_000_000 + b"<link rel=feed href=/rss>") == []


def test_the_usual_places_are_those_of_the_site():
    assert common_addresses(URL)[:2] == ["https://lake.example/feed", "https://lake.example/rss"]
