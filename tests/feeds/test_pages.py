"""The feeds page, for readers and for editors, whatever they send."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tracker.feeds.health import CAUSES
from tracker.feeds.models import Feed, Poll
from tracker.feeds.schedule import SEVERITY, STATUS_CODES
from tracker.fetching import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(factories.user())
    return client


@pytest.fixture
def editor(client):
    client.force_login(factories.editor())
    return client


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def polls(feed, outcomes):
    now = timezone.now()
    return Poll.objects.bulk_create(
        Poll(feed=feed, polled_at=now - timedelta(hours=len(outcomes) - n), outcome=outcome)
        for n, outcome in enumerate(outcomes)
    )


def test_the_page_asks_strangers_to_sign_in(client):
    response = client.get(reverse("feeds"))
    assert response.status_code == 302
    assert reverse("account_login") in response.url


def test_readers_see_how_feeds_are_doing_and_change_nothing(reader):
    feed = factories.feed(title="Lake Courier", last_polled_at=factories.NOW)
    factories.article(feed)
    response = reader.get(reverse("feeds"))
    assert "1 of 1 feed is healthy." in text(response)
    assert "Lake Courier" in text(response)
    assert "English" in text(response)
    assert reverse("pause_feed", args=[feed.pk]) not in response.content.decode()
    for name in ("poll_feed", "pause_feed", "resume_feed"):
        assert reader.post(reverse(name, args=[feed.pk])).status_code == 403
    assert reader.post(reverse("add_feed"), {"url": "https://x.example/rss"}).status_code == 403


def test_without_feeds_the_page_says_what_to_do(editor):
    assert "There are no feeds yet." in text(editor.get(reverse("feeds")))


def test_an_error_is_told_in_words_with_a_remedy(reader):
    since = timezone.now() - timedelta(days=2)
    factories.feed(error_code="not_found", error_detail="HTTP 404", failure_count=4, failing_since=since)
    said = text(reader.get(reverse("feeds")))
    assert "Backing off" in said
    assert "Failed 4 times since" in said
    assert "There is nothing at the address. Look for the feed's new address on the site. HTTP 404" in said.replace(
        "&#x27;", "'"
    )


def test_every_error_code_has_words():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.FetchError)]
    codes = {kind.code for kind in kinds} | set(SEVERITY) | set(STATUS_CODES.values())
    assert codes | {"http_error", "server_error", "not_a_feed", "internal", "offline"} == set(CAUSES)


def test_the_strip_shows_thirty_polls_and_says_them_too(reader):
    feed = factories.feed(last_polled_at=factories.NOW)
    polls(feed, ["failed"] * 3 + ["new"] * 20 + ["nothing"] * 8 + ["failed"])
    page = reader.get(reverse("feeds")).content.decode()
    assert 'aria-label="Last 30 polls: 28 succeeded, 2 failed"' in page
    strip = page[page.index('<svg role="img"') :]
    strip = strip[: strip.index("</svg>")]
    assert (strip.count("var(--fulfilled)"), strip.count("var(--edge)"), strip.count("<path")) == (20, 8, 2)


def test_troubled_feeds_come_first_and_paused_last(reader):
    factories.feed(title="A paused", paused_at=factories.NOW)
    factories.feed(title="B fine", last_polled_at=factories.NOW)
    factories.feed(title="B new")
    factories.feed(title="C troubled", error_code="timeout")
    said = text(reader.get(reverse("feeds")))
    assert said.index("C troubled") < said.index("B fine") < said.index("A paused")
    assert "1 of 4 feeds are healthy. 1 was not polled yet. 1 is backing off after errors. 1 is not polled." in said


def test_the_page_costs_the_same_at_any_length(reader, django_assert_num_queries):
    polls(factories.feed(), ["new"] * 30)
    reader.get(reverse("feeds"))
    with django_assert_num_queries(13):
        reader.get(reverse("feeds"))
    for _ in range(30):
        polls(factories.feed(), ["new", "failed"])
    with django_assert_num_queries(13):
        reader.get(reverse("feeds"))


def test_editors_pause_resume_and_hurry_feeds(editor):
    later = timezone.now() + timedelta(days=3)
    feed = factories.feed(next_poll_at=later)
    assert editor.post(reverse("pause_feed", args=[feed.pk])).url == reverse("feeds")
    feed.refresh_from_db()
    assert feed.paused_at
    editor.post(reverse("poll_feed", args=[feed.pk]))
    feed.refresh_from_db()
    assert feed.next_poll_at == later  # paused is paused
    editor.post(reverse("resume_feed", args=[feed.pk]))
    feed.refresh_from_db()
    assert (feed.paused_at, feed.next_poll_at <= timezone.now()) == (None, True)
    Feed.objects.update(next_poll_at=later)
    response = editor.post(reverse("poll_feed", args=[feed.pk]), follow=True)
    assert "will be polled within a minute" in text(response)
    feed.refresh_from_db()
    assert feed.next_poll_at <= timezone.now()


@pytest.mark.parametrize("typed", ["https://lake.example/rss", "  lake.example/rss ", "HTTPS://Lake.Example/rss#top"])
def test_editors_add_a_feed_by_its_address(editor, typed):
    response = editor.post(reverse("add_feed"), {"url": typed}, follow=True)
    assert "lake.example was added" in text(response)
    feed = Feed.objects.get()
    assert (feed.url, feed.host, feed.title) == ("https://lake.example/rss", "lake.example", "lake.example")
    assert feed.next_poll_at <= timezone.now()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This field is required."),
        ("ftp://lake.example/rss", "Only addresses that start with"),
        ("javascript:alert(1)", "Only addresses that start with"),
        ("http://127.0.0.1/rss", "not on the public Internet"),
        ("http://[::1]/rss", "not on the public Internet"),
        ("http://0x7f.1/", "not a valid web address"),
        ("http://lake.example:22/", "This port is not polled."),
        ("http://u:p@lake.example/", "user name or password"),
        ("not an address", "not a valid web address"),
        ("http://[", "not a valid web address"),
        ("x\x00y", "Null characters"),
        ("https://lake.example/" + "a" * 3000, "at most 2048 characters"),
        ("https://lake.example/" + "ж" * 1500, "not a valid web address"),
    ],
)
def test_an_address_that_cannot_be_polled_is_refused_at_the_field(editor, typed, said):
    response = editor.post(reverse("add_feed"), {"url": typed})
    assert response.status_code == 422
    assert said in text(response)
    assert Feed.objects.count() == 0
    if typed and "\x00" not in typed:
        assert response.context["form"]["url"].value() == typed


def test_a_feed_that_is_here_already_is_recognised(editor):
    factories.feed(title="Lake Courier", url="https://lake.example/rss")
    response = editor.post(reverse("add_feed"), {"url": "HTTPS://lake.example/rss"})
    assert response.status_code == 422
    assert "This feed is here already: Lake Courier." in text(response)


@pytest.mark.parametrize("name", ["edit_feed", "poll_feed", "pause_feed", "resume_feed"])
@pytest.mark.parametrize("number", [0, 999, 10**30])
def test_numbers_of_no_feed_are_not_found(editor, name, number):
    assert editor.post(reverse(name, args=[number])).status_code == 404


def test_wrong_methods_and_pages_do_no_harm(editor):
    feed = factories.feed()
    assert editor.get(reverse("pause_feed", args=[feed.pk])).status_code == 405
    assert editor.post(reverse("feeds")).status_code == 405
    assert editor.get(reverse("import_feeds")).url == reverse("add_feed")
    assert editor.get(reverse("look_for_feeds")).status_code == 405
    for page in ("0", "-1", "x", "10" * 40, "\x00"):
        assert editor.get(reverse("feeds"), {"page": page}).status_code == 200


def test_titles_of_strangers_are_text(reader):
    factories.feed(title='<script>alert("x")</script>', error_code="internal", error_detail="<b>x</b>")
    page = reader.get(reverse("feeds")).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


# -- What became of its articles


def test_the_list_tells_how_much_of_what_a_feed_brought_was_accepted(reader):
    feed, other = factories.feed(title="Lake Courier"), factories.feed(title="Steppe Post")
    pledge = factories.pledge()
    decided = {"decided_at": factories.NOW, "decided_by": factories.editor()}
    factories.suggestion(factories.article(feed), pledge)
    factories.suggestion(factories.article(feed), pledge, state="dismissed", **decided)
    factories.suggestion(factories.article(feed), pledge, state="dismissed", **decided)
    taken = {"evidence": factories.evidence(pledge), "state": "accepted"}
    factories.suggestion(factories.article(feed), pledge, **taken, **decided)
    factories.article(other)
    rows = {row["feed"].title: row["yield"] for row in reader.get(reverse("feeds")).context["rows"]}
    assert (rows["Lake Courier"].matched, rows["Lake Courier"].accepted, rows["Lake Courier"].percent) == (4, 1, 33)
    assert (rows["Steppe Post"].matched, rows["Steppe Post"].percent) == (0, None)
    assert "4, of which 1 accepted (33% of those decided)" in text(reader.get(reverse("feeds")))


# -- One feed


def test_a_feed_has_a_page_with_the_log_of_its_polls(reader):
    feed = factories.feed(title="Lake Courier", tags=["Lakes", "Press"], last_polled_at=factories.NOW)
    factories.article(feed, title="The dredger came")
    Poll.objects.create(
        feed=feed,
        polled_at=factories.NOW,
        outcome="failed",
        http_status=503,
        duration_ms=1234,
        error_code="server_error",
        error_detail="HTTP 503",
        final_url="http://elsewhere.example/rss",
    )
    feed.moves.create(from_url="https://old.example/rss", to_url=feed.url, moved_at=factories.NOW)
    said = text(reader.get(reverse("feed", args=[feed.pk])))
    assert "Failed. The server has an error of its own. HTTP 503 redirected to http://elsewhere.example/rss" in said
    assert "1,234 ms" in said
    assert "Lakes, Press" in said
    assert "The dredger came" in said
    assert "Moved here on 24 Nov 2026 from https://old.example/rss" in said
    assert reverse("edit_feed", args=[feed.pk]) not in reader.get(reverse("feed", args=[feed.pk])).content.decode()


def test_the_page_of_a_feed_costs_the_same_at_any_length(reader, django_assert_num_queries):
    feed = factories.feed()
    for count in (1, 30):
        polls(feed, ["new"] * count)
        for _ in range(count):
            factories.article(feed)
        with django_assert_num_queries(8):
            reader.get(reverse("feed", args=[feed.pk]))


def test_editors_say_what_a_feed_is_called_and_where_it_belongs(editor):
    feed = factories.feed(title="x.example", language="", tags=["Old"])
    address = reverse("edit_feed", args=[feed.pk])
    assert editor.get(address).context["form"]["tags"].value() == "Old"
    answer = editor.post(address, {"title": " Lake Courier ", "language": "kk-KZ", "tags": "Lakes, Press, , Lakes"})
    assert answer.url == reverse("feed", args=[feed.pk])
    feed.refresh_from_db()
    assert (feed.title, feed.language, feed.tags) == ("Lake Courier", "kk", ["Lakes", "Press"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "", "language": "", "tags": ""}, "This field is required."),
        ({"title": "\x0b\u200b", "language": "", "tags": ""}, "This field is required."),
        ({"title": "A", "language": "Klingon?", "tags": ""}, "not the code of a language"),
        ({"title": "A" * 201, "language": "", "tags": ""}, "at most 200 characters"),
        ({"title": "A", "language": "", "tags": "x" * 601}, "at most 600 characters"),
    ],
)
def test_what_cannot_be_saved_of_a_feed_is_told_at_the_field(editor, typed, said):
    feed = factories.feed(title="Kept")
    answer = editor.post(reverse("edit_feed", args=[feed.pk]), typed)
    assert (answer.status_code, said in text(answer)) == (422, True)
    feed.refresh_from_db()
    assert feed.title == "Kept"


# -- Alarms


def test_feeds_that_fail_for_days_are_told_at_the_head_of_the_page(reader, settings):
    now = timezone.now()
    failing = {"error_code": "timeout", "last_polled_at": now, "failure_count": 9}
    factories.feed(title="Long dead", failing_since=now - timedelta(days=4), **failing)
    factories.feed(title="Just stumbled", failing_since=now - timedelta(days=2), **failing)
    factories.feed(title="Paused", failing_since=now - timedelta(days=9), paused_at=now, **failing)
    factories.feed(title="Fine", last_polled_at=now)
    settings.FEED_ALERT_DAYS = 3
    alarms = reader.get(reverse("feeds")).context["alarms"]
    assert ([feed.title for feed in alarms.failing], alarms.is_us) == (["Long dead"], False)
    assert "1 feed keeps failing Long dead , since" in text(reader.get(reverse("feeds")))
    settings.FEED_ALERT_DAYS = 1
    assert "2 feeds keep failing" in text(reader.get(reverse("feeds")))


@pytest.mark.parametrize(
    ("codes", "is_us"),
    [
        (["offline", "dns", "connection", ""], True),
        (["offline", "dns", "", ""], False),
        (["timeout", "internal", "tls"], True),
        (["dns", "dns"], False),
    ],
)
def test_when_nearly_all_fail_at_once_it_is_us(reader, codes, is_us):
    for code in codes:
        factories.feed(error_code=code, last_polled_at=timezone.now())
    answer = reader.get(reverse("feeds"))
    assert answer.context["alarms"].is_us == is_us
    assert ("Nearly all feeds fail at once" in text(answer)) == is_us
