from datetime import timedelta

import pytest

from tests import factories
from tracker.feeds.models import Article, Revision
from tracker.matching import retention, tasks
from tracker.matching.retention import drop_texts
from tracker.search import tokens
from tracker.search.index import Kind, ids

pytestmark = pytest.mark.django_db
KEPT = timedelta(days=90)


def old(now, **fields):
    fetched = {"fetched_at": now - KEPT - timedelta(hours=1), "processed_at": now - KEPT}
    return factories.article(**{**fetched, **fields})


def test_the_text_of_an_old_article_without_a_suggestion_is_dropped_and_its_title_stays(now):
    article = old(now, title="Dredgers reach the lake")
    Revision.objects.create(article=article, title="Before", text="Before.", replaced_at=now)
    assert drop_texts(now=now, kept_for=KEPT) == 1
    kept = Article.objects.get()
    assert (kept.title, kept.text, kept.text_dropped_at) == ("Dredgers reach the lake", "", now)
    assert (kept.url, kept.canonical_hash) == (article.url, article.canonical_hash)
    assert not Revision.objects.exists()
    assert drop_texts(now=now, kept_for=KEPT) == 0


@pytest.mark.parametrize(
    "fields",
    [{"fetched_at": factories.NOW - KEPT + timedelta(hours=1)}, {"processed_at": None}, {"is_raw": True}],
    ids=["young", "not yet looked at", "not yet findable"],
)
def test_others_keep_their_text(now, fields):
    old(now, **fields)
    assert drop_texts(now=now, kept_for=KEPT) == 0


@pytest.mark.parametrize("state", ["pending", "dismissed"])
def test_what_was_ever_suggested_keeps_its_text(now, state):
    decided = {} if state == "pending" else {"decided_at": now, "decided_by": factories.editor()}
    factories.suggestion(old(now), state=state, **decided)
    assert drop_texts(now=now, kept_for=KEPT) == 0


def test_it_is_found_by_its_title_only(now):
    old(now, title="Dredgers reach the lake", text="A barge sank.")
    drop_texts(now=now, kept_for=KEPT)
    found = {
        word: Article.objects.filter(pk__in=ids(Kind.ARTICLE, tokens.asked(word))).count()
        for word in ("dredgers", "barge")
    }
    assert found == {"dredgers": 1, "barge": 0}


def test_a_round_stops_where_nothing_is_left_and_without_a_time_nothing_is_dropped(now):
    for _ in range(3):
        old(now)
    retention.forget(now=now, kept_for=None, batches=5)
    assert Article.objects.filter(text_dropped_at__isnull=True).count() == 3
    retention.forget(now=now, kept_for=KEPT, batches=5)
    assert not Article.objects.filter(text_dropped_at__isnull=True).exists()


def test_the_job_takes_its_time_from_the_settings(now, settings):
    settings.ARTICLE_TEXT_DAYS = 0
    old(now)
    tasks.forget_what_is_old()
    assert not Article.objects.filter(text="").exists()
    settings.ARTICLE_TEXT_DAYS = 1
    Article.objects.update(fetched_at=now - timedelta(days=3650))
    tasks.forget_what_is_old()
    assert Article.objects.get().text == ""
