"""The same polling by hand and by Celery."""

from datetime import timedelta
from io import StringIO
from ipaddress import ip_network

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from config.celery import app
from tests import factories
from tests.feeds.test_polling import rss
from tests.feedserver import FeedServer
from tracker.feeds import tasks
from tracker.feeds.models import Article, Feed

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with FeedServer() as server:
        settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
        settings.FETCH_ALLOWED_PORTS = [server.port]
        yield server


@pytest.fixture
def eager():
    """Messages are carried out where they are sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def due(server, path="/rss", **more):
    feed = factories.feed(url=server.url(path), host="127.0.0.1", next_poll_at=timezone.now(), **more)
    server.serve(path, rss(feed.pk))
    return feed


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_tick_polls_what_is_due_and_nothing_twice(server, eager):
    feed = due(server)
    tasks.poll_due_feeds()
    tasks.poll_due_feeds()
    assert len(server.requests) == 1
    assert Article.objects.get().feed == feed


def test_a_message_delivered_again_does_nothing(server, eager):
    due(server)
    for _ in range(2):
        tasks.poll_feeds()
    assert len(server.requests) == 1


def test_a_message_leaves_alone_what_another_worker_holds(server, eager):
    due(server, claim="another's", claimed_until=timezone.now() + timedelta(seconds=10))
    tasks.poll_due_feeds()
    tasks.poll_feeds()
    assert server.requests == []


def test_polling_by_hand_tells_what_each_feed_brought(server):
    due(server)
    due(server, "/bad", title="Broken Bugle")
    server.serve("/bad", "<html></html>")
    told = run("poll_feeds")
    assert "1 new" in told
    assert "Broken Bugle" in told
    assert "not_a_feed: This is a web page, not a feed." in told
    assert "Polled 2, failed 1, new articles 1." in told
    assert run("poll_feeds") == "No feed is due.\n"


def test_one_feed_can_be_polled_by_hand_whatever_its_schedule(server):
    feed = due(server)
    Feed.objects.update(next_poll_at=timezone.now() + timedelta(days=9), paused_at=timezone.now())
    assert "Polled 1, failed 0, new articles 1" in run("poll_feeds", "--feed", feed.url)


def test_polling_by_hand_fails_when_no_feed_answers(server):
    feed = due(server)
    server.serve("/rss", status=500)
    with pytest.raises(CommandError, match="could not be polled"):
        run("poll_feeds", "--feed", feed.url)
    with pytest.raises(CommandError, match="There is no feed at"):
        run("poll_feeds", "--feed", "https://nowhere.example/")
    Feed.objects.update(claimed_until=timezone.now() + timedelta(minutes=3))
    with pytest.raises(CommandError, match="right now"):
        run("poll_feeds", "--feed", feed.url)


def test_loading_a_file_twice_adds_nothing(tmp_path):
    path = tmp_path / "feeds.opml"
    path.write_text("<opml><body><outline text='Lake Courier' xmlUrl='https://lake.example/rss'/></body></opml>")
    assert "Added 1, here already 0, refused 0." in run("load_feeds", str(path))
    assert "Added 0, here already 1, refused 0." in run("load_feeds", str(path))


def test_loading_tells_which_lines_were_refused(tmp_path):
    path = tmp_path / "feeds.opml"
    path.write_text("<opml><body>\n<outline text='Inside' xmlUrl='http://10.0.0.1/'/></body></opml>")
    out = StringIO()
    with pytest.raises(CommandError, match="1 feeds of"):
        call_command("load_feeds", str(path), stdout=out)
    assert "! Inside  http://10.0.0.1/ (line 2: not a public address)" in out.getvalue()


def test_files_that_cannot_be_read_are_told_in_words(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run("load_feeds", str(tmp_path / "none.opml"))
    (tmp_path / "bad.opml").write_text("<opml>")
    with pytest.raises(CommandError, match="damaged"):
        run("load_feeds", str(tmp_path / "bad.opml"))
