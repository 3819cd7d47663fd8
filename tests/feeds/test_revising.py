"""A feed that changes what it said: the new words stand, the old ones are kept."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tracker.feeds import polling
from tracker.feeds.models import Article, Revision, Sighting
from tracker.feeds.parser import parse
from tracker.feeds.refining import refine
from tracker.feeds.revising import REVISIONS_KEPT
from tracker.feeds.visiting import Visit
from tracker.matching import actions

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def keep(feed, now, title="Dredgers reach the lake", text="Two dredgers.", guid="n-1", date="2026-11-23", url="1"):
    """Stores what a poll of the feed brings."""
    feed.refresh_from_db()
    document = (
        f"<rss><channel><item><guid isPermaLink='false'>{guid}</guid><link>https://news.example.org/{url}</link>"
        f"<title>{title}</title><description>{text}</description><pubDate>{date}</pubDate></item></channel></rss>"
    )
    parsed = parse(document.encode(), url=feed.url, now=now)
    assert [poll.error_code for poll in polling.keep([Visit(feed, status=200, parsed=parsed)], now=now)] == [""]


def test_changed_words_stand_and_the_old_ones_are_kept(now):
    feed = factories.feed()
    keep(feed, now)
    keep(feed, now + HOUR, title="Dredgers leave the lake")
    article = Article.objects.get()
    assert article.title == "Dredgers leave the lake"
    revision = Revision.objects.get()
    assert (revision.article, revision.title, revision.text) == (article, "Dredgers reach the lake", "Two dredgers.")
    assert revision.replaced_at == now + HOUR
    keep(feed, now + 2 * HOUR, title="Dredgers leave the lake", text="Three dredgers.")
    assert [revision.text for revision in article.revisions.all()] == ["Two dredgers.", "Two dredgers."]


def test_the_same_words_again_change_nothing(now):
    feed = factories.feed()
    keep(feed, now)
    refine()
    for text in ("Two dredgers.", "&lt;p&gt;Two   dredgers.&lt;/p&gt;"):
        keep(feed, now + HOUR, text=text)
        assert not Revision.objects.exists()
        assert not Article.objects.get().is_raw


def test_a_changed_article_is_read_again(now):
    factories.pledge(
        watch={"needs": ["sea"], "concepts": {"sea": {"role": "what", "weight": 0.7, "terms": {"en": ["sea"]}}}}
    )
    feed = factories.feed()
    keep(feed, now)
    actions.suggest(now=now)
    assert Article.objects.get().processed_at
    keep(feed, now + HOUR, title="Dredgers reach the sea")
    actions.suggest(now=now + HOUR)
    article = Article.objects.get()
    assert (article.processed_at, article.suggestions.count()) == (now + HOUR, 1)


def test_another_outlet_s_version_changes_nothing(now):
    first, second = factories.feed(), factories.feed()
    keep(first, now)
    keep(second, now, text="A version of their own.")
    keep(second, now + HOUR, text="Another version of their own.")
    assert Article.objects.get().text == "Two dredgers."
    assert not Revision.objects.exists()


def test_an_identity_given_to_something_else_changes_nothing(now):
    feed = factories.feed()
    keep(feed, now)
    keep(feed, now + HOUR, title="A bridge opens", url="2")
    assert Article.objects.get().title == "Dredgers reach the lake"
    assert not Revision.objects.exists()


def test_what_nobody_looked_at_before_is_no_change(now):
    feed = factories.feed()
    keep(feed, now)
    Sighting.objects.update(content_hash="")
    keep(feed, now + HOUR, text="Three dredgers.")
    assert (Article.objects.get().text, Revision.objects.count()) == ("Two dredgers.", 0)
    keep(feed, now + HOUR, text="Four dredgers.")
    assert (Article.objects.get().text, Revision.objects.count()) == ("Four dredgers.", 1)


def test_an_article_that_never_rests_is_not_followed_for_ever(now):
    feed = factories.feed()
    for hour in range(REVISIONS_KEPT + 5):
        keep(feed, now + hour * HOUR, text=f"It is {hour} o'clock.")
    assert Revision.objects.count() == REVISIONS_KEPT
    assert Article.objects.get().text == f"It is {REVISIONS_KEPT} o'clock."


def test_editors_see_what_it_said_before(client, now):
    feed = factories.feed()
    keep(feed, now)
    keep(feed, now + HOUR, title="Dredgers leave the lake")
    suggestion = factories.suggestion(Article.objects.get())
    client.force_login(factories.editor())
    page = client.get(f"/review/{suggestion.pk}/").content.decode()
    assert "The feed has changed this article once" in page
    assert "<b>Dredgers reach the lake</b>" in page


@pytest.mark.parametrize(
    ("date", "edtf", "dated"),
    [
        ("2026-10", "2026-10", datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)),
        ("décembre 2025", "2025-12", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-11", "2026-11", factories.NOW),
        ("2025", "2025", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-10-03", "2026-10-03", datetime(2026, 10, 3, tzinfo=UTC)),
        ("soon", "2026-11-24", factories.NOW),
    ],
)
def test_a_month_never_seems_to_precede_what_happened_in_it(now, date, edtf, dated):
    keep(factories.feed(), now, date=date)
    article = Article.objects.get()
    assert (article.published_edtf, article.dated_at) == (edtf, dated)
