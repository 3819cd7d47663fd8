"""News pushed by a real hub on this machine, and what strangers get who pretend to be one."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.feeds.test_polling import rss
from tests.feedserver import FeedServer
from tests.hub import Hub
from tracker.feeds import actions, claims, polling, pushing
from tracker.feeds.models import Article, Feed, PushSubscription
from tracker.fetching import Fetcher, Policy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(settings):
    """A feed's server and its hub; the product may speak to both."""
    with FeedServer() as server, Hub() as hub:
        settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
        settings.FETCH_ALLOWED_PORTS = [server.port, hub.port]
        settings.WEBSUB_CALLBACK = "http://callback.example"
        server.hub = hub
        yield server


def document(server, *entries):
    links = f"<link rel='hub' href='{server.hub.url}'/><link rel='self' href='{server.url('/rss')}'/>"
    atom = "xmlns='http://www.w3.org/2005/Atom'"
    return rss(*entries).replace("<channel>", f"<channel>{links.replace('<link', f'<link {atom}')}").encode()


def fetcher(settings):
    return Fetcher(Policy.of(settings))


def poll(server, settings, now):
    (feed,) = Feed.objects.all() or [actions.add_feed(url=server.url("/rss"), policy=Policy.of(settings), now=now)]
    polling.poll_batch(feeds=claims.claim_one(feed, now=now), now=now, fetcher=fetcher(settings))
    feed.refresh_from_db()
    return feed


def subscription(**fields):
    given = {"hub": "https://hub.example/", "topic": "https://lake.example/rss", "token": "t0ken", "secret": "s"}
    return PushSubscription.objects.create(
        **{"feed": factories.feed(), "next_at": factories.NOW, "asked_at": timezone.now(), **given, **fields}
    )


@pytest.mark.django_db(transaction=True)
def test_a_hub_is_asked_grants_and_pushes_and_the_news_go_the_usual_way(world, settings, live_server):
    settings.WEBSUB_CALLBACK = live_server.url
    now, hub = timezone.now(), world.hub
    world.serve("/rss", document(world, 1))
    feed = poll(world, settings, now)
    assert pushing.subscribe_due(now=now, fetcher=fetcher(settings)) == 1
    assert hub.verified.wait(5)
    assert hub.answers == [(200, "challenge-é-123".encode())]
    (form,) = hub.asked
    assert (form["hub.mode"], form["hub.topic"], form["hub.lease_seconds"]) == (
        "subscribe",
        world.url("/rss"),
        "864000",
    )
    push = PushSubscription.objects.get()
    assert now + 0.99 * DAY < push.lease_until < now + 1.01 * DAY
    assert now + 0.79 * DAY < push.next_at < now + 0.81 * DAY
    assert pushing.subscribe_due(now=now, fetcher=fetcher(settings)) == 0
    assert hub.push(document(world, 1, 2, 3)) == 202
    assert hub.push(document(world, 1, 2, 3), method="sha1") == 202
    assert Article.objects.count() == 3
    assert [(one.is_push, one.new_count) for one in feed.polls.all()] == [(True, 0), (True, 2), (False, 1)]
    assert hub.push(document(world, 4), signature="") == 202
    assert hub.push(document(world, 4), signature="sha256=" + "0" * 64) == 202
    assert hub.push(b"no feed") == 202
    assert Article.objects.count() == 3
    assert poll(world, settings, now + HOUR).next_poll_at >= now + HOUR + pushing.SAFETY_POLL
    actions.pause_feed(feed=feed, now=now)
    assert hub.push(document(world, 4)) == 410


@pytest.mark.django_db
def test_without_a_callback_address_no_hub_is_noted_or_asked(world, settings):
    settings.WEBSUB_CALLBACK = ""
    world.serve("/rss", document(world, 1))
    poll(world, settings, factories.NOW)
    assert not PushSubscription.objects.exists()
    subscription()
    assert pushing.subscribe_due(now=factories.NOW, fetcher=fetcher(settings)) == 0


@pytest.mark.django_db
def test_what_a_document_no_longer_announces_is_forgotten_and_another_hub_asked_anew(world, settings):
    world.serve("/rss", document(world, 1))
    poll(world, settings, factories.NOW)
    first = PushSubscription.objects.get()
    world.serve("/rss", document(world, 1, 2), headers={"Link": "<https://new.example/>; rel=hub, </rss>; rel=self"})
    poll(world, settings, factories.NOW + HOUR)
    second = PushSubscription.objects.get()
    assert (second.hub, second.topic) == ("https://new.example/", world.url("/rss"))
    assert (second.token != first.token, second.secret != first.secret) == (True, True)
    world.serve("/rss", rss(1, 2, 3))
    poll(world, settings, factories.NOW + DAY)
    assert not PushSubscription.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_hub_that_refuses_is_asked_ever_more_rarely(world, settings, status):
    now = factories.NOW
    world.hub.status = status
    push = subscription(hub=world.hub.url)
    waits = []
    for _ in range(7):
        assert pushing.subscribe_due(now=now, fetcher=fetcher(settings)) == 1
        push.refresh_from_db()
        waits.append((push.next_at - now) / HOUR)
        now = push.next_at
    assert waits == [1, 2, 4, 8, 16, 24, 24]
    assert push.error == f"HTTP {status}"


@pytest.mark.django_db
def test_a_hub_inside_is_not_asked(settings):
    settings.WEBSUB_CALLBACK = "http://callback.example"
    push = subscription(hub="http://10.0.0.1/")
    assert pushing.subscribe_due(now=factories.NOW, fetcher=fetcher(settings)) == 1
    push.refresh_from_db()
    assert push.error.startswith("address_refused")


@pytest.mark.django_db
def test_of_two_workers_one_asks(settings):
    push = subscription()
    assert [pushing._claim(push, factories.NOW) for _ in range(2)] == [True, False]


def verification(token="t0ken", **more):
    asked = {"mode": "subscribe", "topic": "https://lake.example/rss", "challenge": "<b>c</b>", "lease_seconds": "7200"}
    return reverse("push", args=[token]), {f"hub.{name}": value for name, value in {**asked, **more}.items()}


@pytest.mark.django_db
def test_a_challenge_comes_back_as_plain_text(client):
    push = subscription()
    answer = client.get(*verification())
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        b"<b>c</b>",
        "text/plain; charset=utf-8",
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    push.refresh_from_db()
    assert push.lease_until > timezone.now() + HOUR


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"token": "other"},
        {"topic": "https://other.example/"},
        {"mode": "unsubscribe"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 1001},
        {"topic": "\x00"},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(client, changed):
    push = subscription()
    assert client.get(*verification(**changed)).status_code == 404
    push.refresh_from_db()
    assert push.lease_until is None


@pytest.mark.django_db
def test_nor_is_what_was_asked_long_ago_or_for_a_feed_that_is_paused(client):
    push = subscription(asked_at=timezone.now() - 2 * DAY)
    assert client.get(*verification()).status_code == 404
    PushSubscription.objects.update(asked_at=timezone.now())
    actions.pause_feed(feed=push.feed, now=factories.NOW)
    assert client.get(*verification()).status_code == 404


@pytest.mark.django_db
def test_a_denial_is_kept_with_its_reason_and_the_hub_asked_again_in_a_week(client):
    push = subscription(lease_until=timezone.now() + DAY)
    assert client.get(*verification(mode="denied", reason="too many\x00\r\n<b>")).status_code == 204
    push.refresh_from_db()
    assert (push.error, push.lease_until) == ("denied: too many <b>", None)
    assert push.next_at > timezone.now() + 6 * DAY


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "body", "status"), [("other", b"x", 410), ("t0ken", b"x" * 5_000_001, 413), ("t0ken", b"", 202)]
)
def test_strangers_bring_nothing(client, token, body, status):
    subscription(lease_until=timezone.now() + DAY)
    answer = client.post(reverse("push", args=[token]), body, content_type="text/xml", HTTP_X_HUB_SIGNATURE="sha1=0")
    assert (answer.status_code, answer.content) == (status, b"")
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_the_page_of_a_feed_tells_of_its_hub(client):
    push = subscription(error="HTTP 404")
    client.force_login(factories.user())
    address = reverse("feed", args=[push.feed_id])
    assert "was asked to push news" in client.get(address).content.decode()
    PushSubscription.objects.update(lease_until=timezone.now() + DAY)
    assert "pushes news until" in client.get(address).content.decode()
