"""From a server's bytes to articles, through the real door, into the real database."""

import socket
import threading
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest
from django.db import connections

from tests import factories
from tests.feedserver import FeedServer
from tracker.feeds import actions, claims, polling
from tracker.feeds.models import Article, Feed, Host, Poll, Sighting
from tracker.feeds.parsed import ParsedEntry, ParsedFeed
from tracker.feeds.visiting import Visit
from tracker.fetching import Fetcher, Policy

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def server():
    with FeedServer(hosts=("127.0.0.1", "127.0.0.2", "127.0.0.3")) as server:
        yield server


def policy_for(server):
    return Policy(
        user_agent="Followthrough/test",
        allowed_networks=(ip_network("127.0.0.0/8"),),
        allowed_ports=frozenset({server.port, 9}),
        total_seconds=2,
        connect_seconds=1,
        read_seconds=1,
    )


def rss(*entries, head=""):
    """Entries are (number, more inner XML)."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>Dredger {number} reaches the lake</title>"
        f"<link>https://news.example.org/{number}</link><pubDate>Mon, 23 Nov 2026 {number % 24:02d}:00:00 GMT</pubDate>"
        f"<description>Work began on day {number}.</description>{inner}</item>"
        for number, inner in ((entry, "") if isinstance(entry, int) else entry for entry in entries)
    )
    return (
        f"<rss version='2.0'><channel><title>Lake Courier</title><language>en</language>{head}{items}</channel></rss>"
    )


def add(server, path="/rss", host="127.0.0.1", now=factories.NOW, **more):
    return actions.add_feed(url=server.url(path, host), policy=policy_for(server), now=now, **more)


def poll(server, now, *feeds, pace=0.0, lookup=socket.getaddrinfo):
    """Polls what is due, or these feeds; gives the polls."""
    claimed = [one for feed in feeds for one in claims.claim_one(feed, now=now)]
    return polling.poll_batch(
        feeds=claimed if feeds else claims.claim_due(now=now, limit=50),
        now=now,
        fetcher=Fetcher(policy_for(server), lookup=lookup),
        pace=pace,
    )


def no_answer(*_args):
    """A name server that cannot be reached."""
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


# -- What a poll brings


def test_a_poll_turns_entries_into_articles(server, now):
    server.serve("/rss", rss(1, 2))
    feed = add(server)
    (made,) = poll(server, now)
    assert (made.outcome, made.new_count, made.http_status, made.error_code) == ("new", 2, 200, "")
    article = Article.objects.get(url="https://news.example.org/1")
    assert (article.title, article.text) == ("Dredger 1 reaches the lake", "Work began on day 1.")
    assert (article.language, article.fetched_at, article.processed_at) == ("en", now, None)
    assert article.published_at.isoformat() == "2026-11-23T01:00:00+00:00"
    feed.refresh_from_db()
    assert (feed.title, feed.language, feed.last_success_at, feed.claim) == ("Lake Courier", "en", now, "")
    assert now + 10 * MINUTE < feed.next_poll_at < now + DAY


def test_polling_again_stores_nothing_and_says_so_with_the_validators(server, now):
    server.serve("/rss", rss(1, 2), last_modified="Mon, 23 Nov 2026 02:00:00 GMT")
    feed = add(server)
    poll(server, now)
    (again,) = poll(server, now + DAY)
    assert (again.outcome, again.http_status) == ("nothing", 304)
    first, second = server.hits("/rss")
    assert "if-none-match" not in first.headers
    assert second.headers["if-modified-since"] == "Mon, 23 Nov 2026 02:00:00 GMT"
    assert (Article.objects.count(), Sighting.objects.count(), Poll.objects.count()) == (2, 2, 2)
    feed.refresh_from_db()
    assert feed.etag == second.headers["if-none-match"]


def test_the_same_document_again_is_nothing_new_without_validators(server, now):
    server.serve("/rss", rss(1, 2), etag="")
    feed = add(server)
    poll(server, now)
    (again,) = poll(server, now + DAY)
    assert (again.outcome, again.http_status, Article.objects.count()) == ("nothing", 200, 2)
    feed.refresh_from_db()
    assert feed.next_poll_at >= now + DAY + 54 * MINUTE  # asking without validators is a whole download


def test_only_new_entries_of_a_changed_document_are_stored(server, now):
    server.serve("/rss", rss(1, 2))
    add(server)
    poll(server, now)
    server.serve("/rss", rss(2, 3))
    (again,) = poll(server, now + DAY)
    assert (again.new_count, Article.objects.count()) == (1, 3)


def test_a_known_identity_with_another_title_or_address_stays_one_article(server, now):
    server.serve("/rss", rss(1))
    add(server)
    poll(server, now)
    server.serve("/rss", rss(1).replace("Dredger 1", "Corrected").replace("https://news", "https://www.news"))
    poll(server, now + DAY)
    assert Article.objects.get().title == "Corrected reaches the lake"


def test_one_address_in_two_feeds_is_one_article_seen_twice(server, now):
    server.serve("/a", rss(1))
    server.serve("/b", rss(1).replace("org/1<", "org/1/?utm_source=b<").replace(">1</guid>", ">b-1</guid>"))
    add(server, "/a")
    add(server, "/b", host="127.0.0.2")
    assert sorted(made.new_count for made in poll(server, now)) == [0, 1]
    assert (Article.objects.count(), Sighting.objects.count()) == (1, 2)


def test_three_entries_sharing_one_guid_are_three_articles(server, now):
    document = rss(1, 2, 3)
    for number in (1, 2, 3):
        document = document.replace(f">{number}</guid>", ">same</guid>")
    server.serve("/rss", document, etag="")
    add(server)
    assert poll(server, now)[0].new_count == 3
    server.serve("/rss", document + " ", etag="")
    assert poll(server, now + DAY)[0].new_count == 0


def test_entries_without_guid_are_known_by_their_address(server, now):
    document = rss(1, 2).replace("<guid isPermaLink='false'>", "<x>").replace("</guid>", "</x>")
    server.serve("/rss", document)
    add(server)
    assert poll(server, now)[0].new_count == 2


def test_entries_nobody_could_open_are_left_out(server, now):
    server.serve("/rss", rss(1, 2).replace("https://news.example.org/2", "javascript:alert(1)"))
    add(server)
    assert poll(server, now)[0].new_count == 1


def test_text_no_database_can_hold_is_cleaned(server, now):
    server.serve(
        "/rss", rss((1, "<pubDate>\x00Never&#xD800;</pubDate>")).replace("Dredger 1", "Dre\x00dger&#0;&#xDFFF; 1")
    )
    add(server)
    assert poll(server, now)[0].new_count == 1
    assert Article.objects.get().title == "Dredger 1 reaches the lake"


def test_absurd_dates_are_none_with_the_words_kept(server, now):
    server.serve("/rss", rss(1).replace("23 Nov 2026", "23 Nov 2046"))
    add(server)
    poll(server, now)
    article = Article.objects.get()
    assert (article.published_at, article.published_raw) == (None, "Mon, 23 Nov 2046 01:00:00 GMT")
    assert article.dated_at == now


def test_the_language_somebody_chose_for_a_feed_wins_over_the_document_s(server, now):
    server.serve("/rss", rss(1).replace("Dredger 1 reaches the lake", "Rapport"))
    add(server, language="fr")
    poll(server, now)
    assert Article.objects.get().language == "fr"


# -- When something is wrong


@pytest.mark.parametrize(
    ("served", "code"),
    [
        ({"status": 404}, "not_found"),
        ({"status": 403}, "blocked"),
        ({"status": 500}, "server_error"),
        ({"status": 410}, "gone"),
        ({"body": "<html><body>Hi</body></html>"}, "not_a_feed"),
        ({"body": ""}, "not_a_feed"),
        ({"status": 302, "headers": {"Location": "http://10.0.0.1/"}}, "address_refused"),
        ({"body": "x", "headers": {"Content-Encoding": "gzip"}}, "bad_response"),
    ],
)
def test_a_failure_is_kept_on_the_feed_with_its_cause(server, now, served, code):
    server.serve("/rss", **served)
    feed = add(server)
    (made,) = poll(server, now)
    assert (made.outcome, made.error_code) == ("failed", code)
    feed.refresh_from_db()
    assert (feed.error_code, feed.failure_count, feed.failing_since, feed.claim) == (code, 1, now, "")
    assert feed.error_detail
    assert feed.next_poll_at > now + 30 * MINUTE
    assert feed.last_success_at is None


def test_a_failure_moves_the_next_poll_ever_further_and_a_success_forgets_it(server, now):
    server.serve("/rss", status=500)
    feed = add(server)
    waits = []
    for _ in range(4):
        poll(server, now)
        feed.refresh_from_db()
        waits.append(feed.next_poll_at - now)
        now = feed.next_poll_at
    assert waits == sorted(waits)
    server.serve("/rss", rss(1))
    poll(server, now)
    feed.refresh_from_db()
    assert (feed.error_code, feed.failure_count, feed.failure_score, feed.failing_since) == ("", 0, 0, None)


def test_one_feed_s_failure_never_fails_the_batch(server, now):
    server.serve("/good", rss(1))
    server.serve("/bad", "<html></html>")
    server.serve("/slow", rss(2), delay=3)
    good, _bad, _slow = add(server, "/good"), add(server, "/bad", "127.0.0.2"), add(server, "/slow", "127.0.0.3")
    outcomes = {made.feed.url.rpartition("/")[2]: made.error_code for made in poll(server, now)}
    assert outcomes == {"good": "", "bad": "not_a_feed", "slow": "timeout"}
    good.refresh_from_db()
    assert good.last_success_at == now


def test_entries_that_cannot_be_stored_fail_their_own_feed_only(now):
    """Whatever slips through the parser: here an address no library can split."""
    fine, poison = factories.feed(), factories.feed()
    entries = {
        feed.pk: ParsedEntry(f"{feed.pk}", url, "", None, "", "", "Title", "", "")
        for feed, url in ((fine, "https://news.example.org/1"), (poison, "http://[broken"))
    }
    visits = [
        Visit(feed, status=200, parsed=ParsedFeed("News", "", "en", None, (entries[feed.pk],)))
        for feed in (fine, poison)
    ]
    polls = {made.feed.pk: made for made in polling.keep(visits, now=now)}
    assert (polls[fine.pk].new_count, polls[poison.pk].error_code) == (1, "internal")
    poison.refresh_from_db()
    assert (poison.error_code, Article.objects.count()) == ("internal", 1)


def test_gone_three_times_over_two_days_retires_the_feed(server, now):
    server.serve("/rss", status=410)
    feed = add(server)
    for wait in (0, 1, 30, 49):
        feed.refresh_from_db()
        assert feed.retired_at is None
        poll(server, now + wait * HOUR, feed)
    feed.refresh_from_db()
    assert feed.retired_at == now + 49 * HOUR
    assert not claims.claim_due(now=now + 300 * DAY, limit=10)


def test_a_server_that_says_wait_is_left_alone_with_all_its_feeds(server, now):
    server.serve("/a", status=429, headers={"Retry-After": "7200"})
    server.serve("/b", rss(1))
    add(server, "/a")
    add(server, "/b", now=now + MINUTE)
    (made,) = poll(server, now + MINUTE)
    assert made.error_code == "rate_limited"
    assert server.hits("/b") == []
    assert Host.objects.get().not_before == now + MINUTE + 2 * HOUR
    assert poll(server, now + HOUR) == []
    server.serve("/a", rss(2))
    assert sorted(made.new_count for made in poll(server, now + 3 * HOUR)) == [1, 1]


def test_when_nothing_can_be_reached_no_feed_is_blamed(server, now):
    for number in range(6):
        factories.feed(url=f"http://feed{number}.example:9/rss", host=f"feed{number}.example")
    polls = poll(server, now, lookup=no_answer)
    assert {made.error_code for made in polls} == {"dns_busy"}
    for feed in Feed.objects.all():
        assert (feed.error_code, feed.failure_count, feed.failing_since) == ("offline", 0, None)
        assert feed.next_poll_at == now + 5 * MINUTE


def test_a_few_feeds_without_an_answer_are_judged_beside_the_latest_polls(server, now):
    """Polled one by one, as they come due, they look like the fault of each."""
    feeds = [factories.feed(url=f"http://feed{n}.example:9/rss", host=f"feed{n}.example") for n in range(9)]
    for number, feed in enumerate(feeds):
        poll(server, now + number * MINUTE, feed, lookup=no_answer)
    codes = list(Feed.objects.order_by("pk").values_list("error_code", flat=True))
    assert codes == 4 * ["dns_busy"] + 5 * ["offline"]
    Feed.objects.update(error_code="", last_polled_at=now + HOUR)
    poll(server, now + HOUR, feeds[0], lookup=no_answer)
    assert Feed.objects.get(pk=feeds[0].pk).error_code == "dns_busy"  # the others answered


@pytest.mark.parametrize("unchanged", [False, True])
def test_what_headers_and_document_ask_for_holds_for_unchanged_answers_too(server, now, unchanged):
    head = "<ttl>120</ttl><skipHours><hour>11</hour><hour>12</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    server.serve("/rss", rss(*range(20, 0, -1), head=head))
    feed = add(server)
    if unchanged:
        poll(server, now - DAY, feed)
    (made,) = poll(server, now, feed)
    assert made.http_status == (304 if unchanged else 200)
    feed.refresh_from_db()
    assert (feed.skip_hours, feed.skip_days) == (0b11 << 11, 1 << 6)
    assert now + 4 * HOUR <= feed.next_poll_at < now + 5 * HOUR
    server.serve("/rss", rss(1), headers={"Cache-Control": "max-age=21600"})
    poll(server, now, feed)
    feed.refresh_from_db()
    assert now + 6 * HOUR <= feed.next_poll_at <= now + 7 * HOUR


def test_a_server_that_is_down_for_a_while_is_asked_nothing_more_in_that_batch(server, now):
    server.serve("/a", status=503, headers={"Retry-After": "600"})
    server.serve("/b", rss(1))
    add(server, "/a")
    add(server, "/b", now=now + MINUTE)
    assert [made.error_code for made in poll(server, now + MINUTE)] == ["server_error"]
    assert server.hits("/b") == []


def test_after_a_server_is_found_out_its_other_feeds_are_not_tried(server, now):
    for number in range(3):
        factories.feed(url=f"http://feeds.example:9/{number}", host="feeds.example")
    assert len(poll(server, now, lookup=no_answer)) == 1
    assert Feed.objects.due(now).count() == 2


def test_an_etag_that_stays_while_the_document_changes_is_sent_no_more(server, now):
    server.serve("/rss", rss(1), etag='"fixed"')
    feed = add(server)
    poll(server, now)
    server.serve("/rss", rss(2), etag='"fixed"')
    assert poll(server, now + DAY)[0].outcome == "nothing"  # believed, for now
    assert poll(server, now + 3 * DAY)[0].new_count == 1  # asked in full after two days
    feed.refresh_from_db()
    assert not feed.is_conditional
    server.serve("/rss", rss(3), etag='"fixed"')
    assert poll(server, now + 4 * DAY)[0].new_count == 1


def test_a_permanent_redirect_is_believed_after_days(server, now):
    server.serve("/new", rss(1))
    server.redirect("/old", "/new", 301)
    feed = add(server, "/old")
    for day in range(5):
        feed.refresh_from_db()
        assert feed.url == server.url("/old")
        poll(server, now + day * DAY, feed)
    feed.refresh_from_db()
    assert (feed.url, feed.first_url) == (server.url("/new"), server.url("/old"))
    with pytest.raises(actions.DuplicateFeedError):
        add(server, "/old")


def test_a_redirect_that_changes_its_target_starts_over(server, now):
    server.serve("/new", rss(1))
    server.serve("/newer", rss(1))
    feed = add(server, "/old")
    for day in range(8):
        server.redirect("/old", "/newer" if day == 4 else "/new", 301)
        poll(server, now + day * DAY, feed)
    feed.refresh_from_db()
    assert (feed.url, feed.moved_count) == (server.url("/old"), 3)


# -- Claims: the database is the schedule


def test_claimed_feeds_are_not_due_until_the_claim_expires(now):
    factories.feed()
    (claimed,) = claims.claim_due(now=now, limit=10)
    assert claims.claim_due(now=now + claims.LEASE, limit=10) == []
    (again,) = claims.claim_due(now=now + claims.LEASE + SECOND, limit=10)
    assert again == claimed
    assert again.claim != claimed.claim


def test_a_claim_is_renewed_by_its_holder_only(now):
    factories.feed()
    held = claims.claim_due(now=now, limit=10)
    claims.renew(held, now=now + claims.LEASE)
    later = now + 2 * claims.LEASE
    assert claims.claim_due(now=later, limit=10) == []
    other = claims.claim_due(now=later + SECOND, limit=10)
    claims.renew(held, now=later + SECOND)
    claims.give_back(held)
    assert Feed.objects.get().claim == other[0].claim


def test_a_worker_that_lives_keeps_its_claims_however_long_a_server_takes(server, now):
    server.serve("/slow", rss(1), delay=2.8)
    server.serve("/rss", rss(2))
    slow = add(server, "/slow")
    add(server, host="127.0.0.2")
    fetcher = Fetcher(replace(policy_for(server), read_seconds=5, total_seconds=5))
    moments = iter(now + number * claims.RENEWED_EVERY for number in range(99))
    leases = []
    for _ in polling.poll_due(clock=lambda: next(moments), fetcher=fetcher, pace=0):
        slow.refresh_from_db()
        leases.append(slow.claimed_until)
    assert leases[0] < leases[1]
    assert leases[-1] is None


def test_what_becomes_free_meanwhile_is_polled_in_the_same_go(server, now):
    """A claim takes few feeds of a server; its others follow when these are done, however many there are."""
    for number in range(2 * claims.FEEDS_PER_HOST + 1):
        server.serve(f"/{number}", rss(number))
        add(server, f"/{number}")
    polls = polling.poll_due(clock=lambda: now, fetcher=Fetcher(policy_for(server)), pace=0)
    assert sum(map(len, polls)) == 2 * claims.FEEDS_PER_HOST + 1


def test_a_worker_whose_time_is_up_claims_nothing_more(server, now):
    server.serve("/rss", rss(1))
    add(server)
    polls = polling.poll_due(clock=lambda: now, until=now, fetcher=Fetcher(policy_for(server)))
    assert [*polls] == []
    assert Feed.objects.due(now).count() == 1


def test_a_worker_killed_in_the_middle_loses_nothing(server, now):
    server.serve("/rss", rss(1))
    add(server)
    claims.claim_due(now=now, limit=10)  # and then nothing: the worker is gone
    assert poll(server, now + claims.LEASE) == []
    assert poll(server, now + MINUTE)[0].new_count == 1


def test_a_worker_that_slept_past_its_claim_changes_nothing(server, now):
    server.serve("/rss", rss(1))
    feed = add(server)
    slow = claims.claim_due(now=now, limit=10)
    poll(server, now + 4 * MINUTE)
    feed.refresh_from_db()
    due = feed.next_poll_at
    polling.poll_batch(feeds=slow, now=now + 5 * MINUTE, fetcher=Fetcher(policy_for(server)))
    feed.refresh_from_db()
    assert (feed.next_poll_at, Article.objects.count()) == (due, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_claiming_at_once_share_the_feeds(now):
    for _ in range(20):
        factories.feed()
    start, claimed = threading.Barrier(4), []

    def work():
        start.wait()
        claimed.append([feed.pk for feed in claims.claim_due(now=now, limit=50)])
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pk for pks in claimed for pk in pks) == sorted(Feed.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_workers_storing_the_same_articles_store_them_once(server, now):
    server.serve("/a", rss(*range(20)))
    server.serve("/b", rss(*range(20)))
    feeds = [add(server, "/a"), add(server, "/b", "127.0.0.2")]
    start = threading.Barrier(2)

    def work(feed):
        claimed = claims.claim_one(feed, now=now)
        start.wait()
        polling.poll_batch(feeds=claimed, now=now, fetcher=Fetcher(policy_for(server)))
        connections.close_all()

    threads = [threading.Thread(target=work, args=(feed,)) for feed in feeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Article.objects.count(), Sighting.objects.count()) == (20, 40)


def test_paused_and_retired_feeds_are_not_due(now):
    feed = factories.feed(paused_at=now)
    factories.feed(retired_at=now)
    assert claims.claim_due(now=now + DAY, limit=10) == []
    actions.resume_feed(feed=feed, now=now + DAY)
    assert claims.claim_due(now=now + DAY, limit=10) == [feed]


# -- Politeness


def test_one_server_gets_one_request_at_a_time_with_a_pause(server, now):
    for number in range(3):
        server.serve(f"/{number}", rss(number))
        add(server, f"/{number}")
    poll(server, now, pace=0.3)
    times = [request.at for request in server.requests]
    assert all(later - earlier > 0.15 for earlier, later in pairwise(times))


def test_a_slow_server_does_not_hold_up_the_others(server, now):
    server.serve("/slow", rss(1), delay=1.5)
    server.serve("/fast", rss(2))
    add(server, "/slow")
    fast = add(server, "/fast", "127.0.0.2")
    assert next(polling.poll_due(clock=lambda: now, fetcher=Fetcher(policy_for(server))))[0].feed == fast


def test_a_claim_takes_few_feeds_of_a_server_and_none_while_one_is_busy_with_it(now):
    for number in range(12):
        factories.feed(url=f"https://big.example.org/{number}", host="big.example.org")
    other = factories.feed()
    claimed = claims.claim_due(now=now, limit=50)
    assert len(claimed) == claims.FEEDS_PER_HOST + 1
    assert other in claimed
    assert claims.claim_due(now=now, limit=50) == []


def test_thirty_polls_of_a_feed_are_remembered(server, now):
    server.serve("/rss", rss(1))
    feed = add(server)
    for number in range(33):
        poll(server, now + number * DAY, feed)
    polls = feed.polls.all()
    assert len(polls) == 30
    assert polls[0].polled_at == now + 32 * DAY


def test_a_poll_of_many_unchanged_feeds_writes_little(server, now, django_assert_max_num_queries):
    for number in range(10):
        server.serve(f"/{number}", rss(number))
        add(server, f"/{number}", f"127.0.0.{1 + number % 3}")
    for feed in Feed.objects.all():
        poll(server, now, feed)
    claimed = [one for feed in Feed.objects.all() for one in claims.claim_one(feed, now=now + DAY)]
    with django_assert_max_num_queries(12):
        polling.poll_batch(feeds=claimed, now=now + DAY, fetcher=Fetcher(policy_for(server)), pace=0)
