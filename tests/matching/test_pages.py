"""The pages behind suggested articles, with a real server."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests import factories
from tests.feedserver import FeedServer
from tests.pledges.test_extraction import SENTENCES, page
from tracker.feeds.models import Host
from tracker.fetching import Policy
from tracker.matching import pages, tasks
from tracker.matching.models import ArticlePage

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def server():
    with FeedServer(hosts=("127.0.0.1", "127.0.0.2")) as server:
        yield server


def read_due(server, now):
    """One round: rows are opened, and what is due is read; says which addresses were asked, robots.txt left out."""
    policy = Policy(
        user_agent="Followthrough/test",
        allowed_networks=(ip_network("127.0.0.0/8"),),
        allowed_ports=frozenset({server.port}),
        total_seconds=3,
        connect_seconds=1,
        read_seconds=1,
    )
    pages.open_missing(now=now, limit=100)
    held = pages.claim_due(now=now, limit=100)
    pages.read_batch(pages=held, now=now, read_all=pages.Reader(policy).read_all)
    asked = [request.path for request in server.requests if request.path != "/robots.txt"]
    server.requests.clear()
    return asked


def suggested(server, path="/lake", host="127.0.0.1"):
    article = factories.article(url=server.url(path, host))
    factories.suggestion(article)
    return article


def test_the_main_text_of_a_suggested_article_is_read_once(server, now):
    server.serve("/lake", page(), "text/html; charset=utf-8")
    article = suggested(server)
    factories.article(url=server.url("/never-suggested"))
    assert read_due(server, now) == ["/lake"]
    read = ArticlePage.objects.get()
    assert (read.article, read.fetched_at, read.error_code) == (article, now, "")
    assert all(sentence in read.text for sentence in SENTENCES)
    assert read_due(server, now + 30 * 24 * HOUR) == []


def test_one_page_of_a_server_at_a_time(server, now):
    for path, host in (("/1", "127.0.0.1"), ("/2", "127.0.0.1"), ("/3", "127.0.0.2")):
        server.serve(path, page(), "text/html")
        suggested(server, path, host)
    assert sorted(read_due(server, now)) == ["/1", "/3"]
    assert read_due(server, now) == ["/2"]


def test_a_server_that_asked_us_to_wait_is_left_alone(server, now):
    server.serve("/lake", page(), "text/html")
    suggested(server)
    Host.objects.create(name="127.0.0.1", not_before=now + HOUR)
    assert read_due(server, now) == []
    assert read_due(server, now + 2 * HOUR) == ["/lake"]


def test_robots_txt_is_heeded_and_the_page_let_be(server, now):
    server.serve("/robots.txt", "User-agent: *\nDisallow: /lake", "text/plain")
    server.serve("/lake", page(), "text/html")
    suggested(server)
    assert read_due(server, now) == []
    assert ArticlePage.objects.get().error_code == "robots_refused"
    assert read_due(server, now + 90 * 24 * HOUR) == []


def test_a_server_in_trouble_is_asked_three_times_more_and_then_let_be(server, now):
    server.serve("/lake", status=500)
    suggested(server)
    asked = [hour for hour in range(24 * 7) if read_due(server, now + hour * HOUR)]
    assert asked == [0, 1, 7, 31]
    assert (ArticlePage.objects.get().error_code, ArticlePage.objects.get().failure_count) == ("http_500", 4)


@pytest.mark.parametrize(
    ("body", "kind"), [(b"%PDF-1.7", "application/pdf"), (b"", "text/html"), (b"<p>" * 10, "text/html")]
)
def test_what_has_no_text_is_not_asked_again(server, now, body, kind):
    server.serve("/lake", body, kind)
    suggested(server)
    read_due(server, now)
    assert ArticlePage.objects.get().error_code == "no_text"
    assert read_due(server, now + 90 * 24 * HOUR) == []


def test_of_two_workers_with_one_claim_only_one_finds_pages(server, now):
    suggested(server)
    pages.open_missing(now=now, limit=10)
    (held,) = pages.claim_due(now=now, limit=10)
    assert pages.claim_due(now=now, limit=10) == []
    assert len(pages.take_over(page_ids=[held.pk], claim=held.claim, now=now)) == 1
    assert pages.take_over(page_ids=[held.pk], claim=held.claim, now=now) == []
    assert len(pages.claim_due(now=now + 2 * pages.LEASE, limit=10)) == 1  # a lost worker's claim ends


def test_an_installation_may_leave_pages_alone(server, settings):
    settings.ARTICLE_PAGES = False
    suggested(server)
    tasks.fetch_due_pages()
    assert not ArticlePage.objects.exists()


def test_editors_read_it_beside_the_article(client, server, now):
    server.serve("/lake", page("<b>Dredgers</b> &lt;script&gt; began work on Monday.", *SENTENCES), "text/html")
    article = suggested(server)
    read_due(server, now)
    client.force_login(factories.editor())
    shown = client.get(f"/review/{article.suggestions.get().pk}/").content.decode()
    assert "The text of the page, as read on" in shown
    assert SENTENCES[0] in shown
    assert "<script> began" not in shown
