from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from config.celery import app
from tests import factories
from tracker.feeds.models import Article
from tracker.matching import actions, deciding, tasks
from tracker.matching.calibration import shipped
from tracker.matching.models import Suggestion, SuggestionState
from tracker.matching.watching import rulebook

pytestmark = pytest.mark.django_db

WATCH = {
    "needs": ["lake"],
    "concepts": {"lake": {"role": "what", "weight": 0.7, "terms": {"en": ["lake"], "fr": ["lac"]}}},
}


def watched(**fields):
    return factories.pledge(**{"watch": WATCH, **fields})


def test_a_new_article_is_suggested_with_its_reasons(now):
    pledge, article = watched(), factories.article(title="The lake")
    assert actions.suggest(now=now) == 1
    made, score = Suggestion.objects.get(), shipped().at(Decimal("0.7"))
    assert (made.article, made.pledge, made.score, made.created_at) == (article, pledge, score, now)
    terms = [{"text": "lake", "where": "title"}, {"text": "lake", "where": "text"}]
    assert made.reasons == [{"concept": "lake", "role": "what", "terms": terms, "points": float(score)}]


def test_an_article_is_looked_at_once(now):
    watched()
    article = factories.article(title="The lake")
    actions.suggest(now=now)
    Suggestion.objects.all().delete()
    assert actions.suggest(now=now + timedelta(hours=1)) == 0
    assert not Suggestion.objects.exists()
    article.refresh_from_db()
    assert article.processed_at == now


def test_an_article_about_nothing_is_looked_at_and_leaves_nothing(now):
    watched()
    article = factories.article(title="Horoscope", text="")
    assert actions.suggest(now=now) == 1
    assert not Suggestion.objects.exists()
    article.refresh_from_db()
    assert article.processed_at


def test_without_rules_articles_wait(now):
    factories.pledge(watch={"off": True})
    factories.article(title="The lake")
    assert actions.suggest(now=now) == 0
    assert Article.objects.unprocessed().count() == 1


def test_articles_from_before_the_signing_are_not_suggested(now):
    watched()
    factories.article(title="The lake", published_at=datetime(2024, 7, 2, 12, tzinfo=UTC))
    factories.article(title="The lake", published_at=datetime(2024, 7, 3, 0, tzinfo=UTC))
    actions.suggest(now=now)
    assert Suggestion.objects.count() == 1


def test_a_dismissed_pair_never_returns(now):
    watched()
    article = factories.article(title="The lake")
    actions.suggest(now=now)
    deciding.dismiss(suggestion=Suggestion.objects.get(), reason="off_topic", by=factories.editor(), now=now)
    Article.objects.filter(pk=article.pk).update(processed_at=None)
    actions.suggest(now=now)
    assert Suggestion.objects.get().state == SuggestionState.DISMISSED


@pytest.mark.parametrize("withdrawn", [False, True])
def test_an_address_on_record_for_the_pledge_is_not_suggested_again(now, withdrawn):
    pledge, other = watched(), watched()
    fields = {"withdrawn_at": now, "withdrawn_by": factories.editor()} if withdrawn else {}
    factories.evidence(pledge, url="https://news.example.org/known", **fields)
    factories.article(title="The lake", url="https://news.example.org/known")
    actions.suggest(now=now)
    assert Suggestion.objects.get().pledge == other


def test_a_replaced_pledge_is_watched_no_more(now):
    old, new = watched(), watched()
    factories.lineage(old, new)
    factories.article(title="The lake")
    actions.suggest(now=now)
    assert Suggestion.objects.get().pledge == new


def test_a_changed_rule_is_used_at_once(now):
    pledge = watched()
    before = rulebook()
    assert rulebook() is before
    pledge.watch = {
        **WATCH,
        "needs": ["sea"],
        "concepts": {"sea": {**WATCH["concepts"]["lake"], "terms": {"en": ["sea"]}}},
    }
    pledge.save()
    assert rulebook() is not before
    factories.article(title="The sea")
    actions.suggest(now=now)
    assert Suggestion.objects.get().pledge == pledge


def test_a_rule_that_makes_no_sense_is_logged_and_stops_no_other(now, caplog):
    broken, sound = watched(watch={"needs": ["nothing"]}), watched()
    factories.article(title="The lake")
    actions.suggest(now=now)
    assert Suggestion.objects.get().pledge == sound
    assert f"{broken.reference}.watch.needs[0]: there is no concept “nothing”" in caplog.text


def test_a_batch_costs_the_same_queries_whatever_its_size(now, django_assert_num_queries):
    for _ in range(3):
        watched()
    feed = factories.feed()
    for size in (2, 20):
        for _ in range(size):
            factories.article(feed, title="The lake")
        with django_assert_num_queries(22):
            actions.suggest(now=now)


def test_the_task_works_off_everything_that_waits():
    watched()
    feed = factories.feed()
    for _ in range(actions.BATCH + 3):
        factories.article(feed, title="The lake")
    tasks.suggest_for_new_articles()
    assert not Article.objects.unprocessed().exists()
    assert Suggestion.objects.count() == actions.BATCH + 3


@pytest.fixture
def jobs_at_once():
    """A queued job runs where it is queued."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_a_long_queue_is_worked_off_in_several_runs(jobs_at_once):
    watched()
    feed, many = factories.feed(), actions.BATCH * tasks.BATCHES + 1
    Article.objects.bulk_create(
        Article(feed=feed, url=f"https://x.example/{n}", canonical_hash=f"{n}", title="Sea", fetched_at=factories.NOW)
        for n in range(many)
    )
    tasks.suggest_for_new_articles()
    assert Article.objects.filter(processed_at__isnull=False).count() == many


def side_by_side(*calls):
    """Runs the calls at the same moment, each with its own connection; what each returned or raised."""
    start = Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_look_at_each_article_once(now):
    watched()
    feed = factories.feed()
    for _ in range(60):
        factories.article(feed, title="The lake")
    seen = side_by_side(*[lambda: actions.suggest(now=now)] * 3)
    assert sum(seen) == 60
    assert Suggestion.objects.count() == 60


def acceptance(by, suggestion, now):
    said = {"stance": "progress", "kind": "action", "voice": "independent", "voice_party": None, "note": {}}
    return lambda: deciding.accept(suggestion=suggestion, **said, by=by, now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_who_accept_at_once_one_wins_and_the_other_learns_who(now):
    suggestion, editors = factories.suggestion(), [factories.editor(), factories.editor()]
    results = side_by_side(*(acceptance(by, suggestion, now) for by in editors))
    (loss,) = [result for result in results if isinstance(result, deciding.AlreadyDecidedError)]
    assert loss
    assert suggestion.pledge.evidence.count() == 1
    suggestion.refresh_from_db()
    assert suggestion.decided_by == editors[0 if results[1] is loss else 1]


@pytest.mark.django_db(transaction=True)
def test_accepting_and_dismissing_at_once_leaves_one_decision(now):
    suggestion, editor, other = factories.suggestion(), factories.editor(), factories.editor()
    results = side_by_side(
        acceptance(editor, suggestion, now),
        lambda: deciding.dismiss(suggestion=suggestion, reason="other", by=other, now=now),
    )
    assert sum(isinstance(result, deciding.AlreadyDecidedError) for result in results) == 1
    suggestion.refresh_from_db()
    assert (suggestion.state == SuggestionState.ACCEPTED) == suggestion.pledge.evidence.exists()


@pytest.mark.django_db(transaction=True)
def test_undoing_twice_at_once_withdraws_once(now):
    suggestion, editor = factories.suggestion(), factories.editor()
    acceptance(editor, suggestion, now)()
    results = side_by_side(*[lambda: deciding.undo(suggestion=suggestion, by=editor, now=now)] * 2)
    assert results == [suggestion, suggestion]
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.PENDING
    assert suggestion.pledge.evidence.get().withdrawn_by == editor
