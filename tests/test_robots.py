"""robots.txt is heeded where pages are fetched, and asked for once."""

import asyncio
from ipaddress import ip_network

import pytest

from tests.feedserver import FeedServer
from tracker.fetching import Fetcher, FetchError, Policy

PAGE = b"<html><body>News</body></html>"


@pytest.fixture
def server():
    with FeedServer(hosts=("127.0.0.1", "127.0.0.2")) as server:
        server.serve("/news/1", PAGE, "text/html")
        server.serve("/news/2", PAGE, "text/html")
        yield server


def fetch(server, *urls, obeys_robots=True):
    """What each fetch gave: a status, or the code of its failure."""
    policy = Policy(
        user_agent="Followthrough/test (+https://example.org)",
        allowed_networks=(ip_network("127.0.0.0/8"),),
        allowed_ports=frozenset({server.port}),
        total_seconds=3,
        connect_seconds=1,
        read_seconds=1,
    )

    async def one(fetcher, url):
        try:
            return (await fetcher.fetch(url, obeys_robots=obeys_robots)).status
        except FetchError as error:
            return error.code

    async def all_of_them():
        async with Fetcher(policy) as fetcher:
            return await asyncio.gather(*(one(fetcher, url) for url in urls))

    return asyncio.run(all_of_them())


def robots(server, text, **more):
    server.serve("/robots.txt", text, "text/plain", **more)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User-agent: *\nDisallow: /news/", "robots_refused"),
        ("User-agent: *\nDisallow: /*/1$", "robots_refused"),
        ("User-agent: *\nDisallow: /\nAllow: /news/", 200),
        ("User-agent: followthrough\nDisallow: /\n\nUser-agent: *\nAllow: /", "robots_refused"),
        ("User-agent: otherbot\nDisallow: /", 200),
        ("", 200),
        ("<html>not a robots file</html>", 200),
        (b"\xff\xfe\x00" * 1000, 200),
        ("User-agent: *\nDisallow: /" + "*a" * 1000 + "b$", 200),
    ],
)
def test_what_the_server_asks_is_done(server, text, expected):
    robots(server, text)
    assert fetch(server, server.url("/news/1")) == [expected]
    assert bool(server.hits("/news/1")) == (expected == 200)


@pytest.mark.parametrize(
    ("status", "expected"), [(404, 200), (403, 200), (500, "robots_refused"), (503, "robots_refused")]
)
def test_no_file_means_no_rules_and_trouble_means_no_permission(server, status, expected):
    robots(server, "User-agent: *\nDisallow: /", status=status)
    assert fetch(server, server.url("/news/1")) == [expected]


def test_each_server_is_asked_once(server):
    robots(server, "")
    assert fetch(server, server.url("/news/1"), server.url("/news/2")) == [200, 200]
    assert len(server.hits("/robots.txt")) == 1


def test_a_redirect_does_not_lead_past_the_rules_of_where_it_leads(server):
    robots(server, "User-agent: *\nDisallow: /news/")
    server.redirect("/short", server.url("/news/1", host="127.0.0.2"))
    assert fetch(server, server.url("/short")) == ["robots_refused"]
    assert not server.hits("/news/1")


def test_a_server_that_does_not_answer_fails_as_ever(server):
    assert fetch(server, f"http://127.0.0.3:{server.port}/news/1") == ["connection"]


def test_feeds_are_fetched_unasked(server):
    robots(server, "User-agent: *\nDisallow: /")
    assert fetch(server, server.url("/news/1"), obeys_robots=False) == [200]
    assert not server.hits("/robots.txt")
