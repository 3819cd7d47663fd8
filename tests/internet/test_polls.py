"""Group A of the fault matrix, third part: what a hostile answer does to a feed and to its articles."""

import contextlib
import time
from datetime import timedelta
from email.utils import format_datetime
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.factories import NOW
from tracker.feeds import actions
from tracker.feeds.models import Article, Feed, Sighting
from tracker.fetching import Policy

pytestmark = [pytest.mark.enable_socket, pytest.mark.django_db]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "http://news.test/feed"


def rss(*numbers):
    items = "".join(
        f"<item><guid>{n}</guid><title>Dredger {n} reaches the lake</title><link>http://news.test/{n}</link></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>Lake Courier</title>{items}</channel></rss>"


@pytest.fixture
def site(internet):
    internet.name("news.test")
    internet.name("new.test")
    internet.server.serve("/feed", rss(1, 2))
    return internet


@pytest.fixture
def feed(site):
    return actions.add_feed(url=URL, policy=Policy.of(settings), now=NOW)


def poll(feed, after=timedelta(0)):
    """The feed after one poll by the command that people use, `after` the fixed moment."""
    with time_machine.travel(NOW + after, tick=True), contextlib.suppress(CommandError):
        call_command("poll_feeds", "--feed", feed.url, stdout=StringIO())
    feed.refresh_from_db()
    return feed


def answer(site, status=200, body="", **headers):
    site.server.serve("/feed", body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_a15_of_a_body_that_ends_early_nothing_is_stored(site, feed):
    body = rss(1, 2, 3).encode()

    def cut(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:-100])

    site.server.serve("/feed", respond=cut)
    assert poll(feed).error_code == "bad_response"
    assert not Article.objects.exists()


@pytest.mark.parametrize("more_follows", [True, False])
def test_a15_of_a_body_that_is_longer_than_it_says_no_half_entry_is_stored(site, feed, more_follows):
    """Where more follows it is an error; where the server stops there, only what is whole counts."""
    body = rss(1, 2, 3).encode()
    told = body.index(b"reaches the lake", body.index(b"Dredger 3"))

    def short(handler):
        sent = body if more_follows else body[:told]
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % told + sent)

    site.server.serve("/feed", respond=short)
    poll(feed)
    titles = sorted(Article.objects.values_list("title", flat=True))
    whole = [f"Dredger {n} reaches the lake" for n in (1, 2)]
    assert (feed.error_code, titles) == (("bad_response", []) if more_follows else ("", whole))


def test_a17_where_redirects_led_is_on_record(site, feed):
    site.server.serve("/new", rss(1))
    site.server.redirect("/feed", "http://new.test/new")
    poll(feed)
    assert (feed.url, feed.polls.get().final_url) == (URL, "http://new.test/new")


def test_a18_a_permanent_redirect_is_believed_after_five_times_over_four_days(site, feed):
    site.server.serve("/new", rss(1, 2))
    site.server.redirect("/feed", "http://new.test/new", 301)
    for day in range(4):
        assert poll(feed, day * DAY).url == URL
    assert poll(feed, 4 * DAY + HOUR).url == "http://new.test/new"
    assert (feed.first_url, feed.host, Article.objects.count()) == (URL, "new.test", 2)
    move = feed.moves.get()
    assert (move.from_url, move.to_url) == (URL, feed.url)


@pytest.mark.parametrize("target", ["http://127.0.0.1/feed", "http://[::1]/feed", "ftp://new.test/feed"])
def test_a18_but_never_to_a_closed_address_or_another_scheme(site, feed, target):
    site.server.redirect("/feed", target, 301)
    for day in range(6):
        assert (poll(feed, day * DAY).error_code, feed.url) == ("address_refused", URL)


def test_a19_an_unchanged_feed_writes_no_article_and_no_sighting(site, feed, django_assert_max_num_queries):
    site.server.serve("/feed", rss(1, 2), last_modified="Mon, 23 Nov 2026 02:00:00 GMT")
    poll(feed)
    stored = list(Article.objects.values()), list(Sighting.objects.values())
    poll(feed, HOUR)
    assert (list(Article.objects.values()), list(Sighting.objects.values())) == stored
    asked = site.server.hits("/feed")[1].headers
    assert asked["if-none-match"] == feed.etag
    assert asked["if-modified-since"] == "Mon, 23 Nov 2026 02:00:00 GMT"
    assert feed.polls.first().http_status == 304


def test_a19_unchanged_without_having_been_asked_so_is_an_error(site, feed):
    answer(site, 304)
    assert poll(feed).error_code == "http_error"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7200", 2 * HOUR, 2 * HOUR),
        (format_datetime(NOW + 3 * HOUR, usegmt=True), 3 * HOUR, 3 * HOUR),
        ("315360000", DAY, DAY),
        (format_datetime(NOW + 3650 * DAY, usegmt=True), DAY, DAY),
        ("9" * 5000, DAY, DAY),
        ("0", 10 * MINUTE, 3 * HOUR),
        ("-5", 10 * MINUTE, 3 * HOUR),
        (format_datetime(NOW - DAY, usegmt=True), 10 * MINUTE, 3 * HOUR),
        ("soon", 10 * MINUTE, 3 * HOUR),
    ],
)
def test_a20_retry_after_is_heeded_within_a_day(site, feed, status, asked, least, most):
    answer(site, status, Retry_After=asked)
    waits = poll(feed).next_poll_at - NOW
    assert least - MINUTE <= waits <= most + MINUTE


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "blocked"), (403, "blocked"), (404, "not_found"), (410, "gone"), (500, "server_error")],
)
def test_a21_refusals_have_names_and_back_off(site, feed, status, code):
    answer(site, status)
    first = poll(feed).next_poll_at - NOW
    second = poll(feed, DAY).next_poll_at - NOW - DAY
    assert (feed.error_code, feed.failure_count, feed.is_conditional) == (code, 2, True)
    assert second > first or code == "blocked"  # who is not let in asks again every four hours


def test_a21_gone_three_times_over_two_days_ends_it_with_the_reason(site, feed):
    answer(site, 410)
    for day in range(3):
        assert feed.retired_at is None
        poll(feed, day * (DAY + HOUR))
    assert feed.retired_at is not None
    assert feed.error_code == "gone"


@pytest.mark.parametrize(
    ("kind", "body", "code", "count"),
    [
        ("application/pdf", b"%PDF-1.7\n%\xe2\xe3", "not_a_feed", 0),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_feed", 0),
        ("text/html", b"<!doctype html><html><title>News</title><body>Welcome", "not_a_feed", 0),
        ("application/rss+xml", b"", "not_a_feed", 0),
        ("text/html", rss(1, 2).encode(), "", 2),
        ("image/png", rss(1, 2).encode(), "", 2),
        ("text/xml; charset=nonsense-8", rss(1, 2).encode(), "", 2),
        ("text/xml; charset=utf-16", rss(1, 2).encode(), "", 2),
        ("text/xml", rss(1, 2).encode("utf-16"), "", 2),
        ("text/xml", b"\xef\xbb\xbf" + rss(1, 2).encode(), "", 2),
        ("text/xml; charset=utf-7", b"+/v8-" + rss(1, 2).encode("utf-7"), "not_a_feed", 0),
    ],
)
def test_a23_what_is_no_feed_has_a_name_and_what_is_one_is_read(site, feed, kind, body, code, count):
    site.server.serve("/feed", body, kind)
    assert (poll(feed).error_code, Article.objects.count()) == (code, count)
    assert Feed.objects.get().claim == ""


def test_a24_fifty_feeds_at_one_server_are_asked_one_by_one_and_hold_up_nobody(site, settings):
    """Neither they nor a server that takes two seconds delay the others."""
    settings.POLL_PACE_SECONDS = 0.05
    in_flight, most = [], []

    def busy(handler):
        in_flight.append(handler)
        most.append(len(in_flight))
        time.sleep(0.01)
        in_flight.remove(handler)
        handler.wfile.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    policy = Policy.of(settings)
    for number in range(50):
        site.server.serve(f"/busy/{number}", respond=busy)
        actions.add_feed(url=f"http://{site.name('busy.test')}/busy/{number}", policy=policy, now=NOW)
    site.server.serve("/slow", rss(1), delay=2)
    actions.add_feed(url=f"http://{site.name('slow.test')}/slow", policy=policy, now=NOW)
    for number in range(5):
        actions.add_feed(url=f"http://{site.name(f'other-{number}.test')}/feed", policy=policy, now=NOW)
    with contextlib.suppress(CommandError):
        call_command("poll_feeds", stdout=StringIO())
    assert Feed.objects.filter(last_polled_at=None).count() == 0
    starts = [request.at for request in site.server.requests if request.path.startswith("/busy/")]
    assert (len(starts), max(most)) == (50, 1)
    assert starts[-1] - starts[0] > 49 * settings.POLL_PACE_SECONDS * 0.9
    others = [request.at for request in site.server.requests if request.path == "/feed"]
    assert len(others) == 5
    assert max(others) < min(starts[25:])
