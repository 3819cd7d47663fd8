"""When rules change, stored articles are looked at again: once, whoever is killed, and nobody is asked twice."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from time import monotonic, sleep

import pytest
from django.conf import settings

from config.celery import app
from tests import factories
from tests.matching.test_stories import COPIES
from tracker.feeds.models import Article
from tracker.feeds.parsed import ParsedEntry, ParsedFeed
from tracker.feeds.storing import prepare, store
from tracker.matching import actions, deciding, rematching, tasks
from tracker.matching.models import Reading, Rematch, Suggestion, SuggestionState
from tracker.pledges.models import Evidence

pytestmark = pytest.mark.django_db


def rule(*terms, weight=0.7):
    return {"needs": ["it"], "concepts": {"it": {"role": "what", "weight": weight, "terms": {"en": list(terms)}}}}


def rewrite(pledge, watch):
    type(pledge).objects.filter(pk=pledge.pk).update(watch=watch)


def look_again(now):
    """Everything that is due; says how many batches it took."""
    batches = 0
    while (claimed := rematching.claim(now=now)) is not None:
        rematch, book = claimed
        batches += 1
        while rematching.go_on(rematch=rematch, book=book, now=now):
            batches += 1
    return batches


@pytest.fixture
def pledge():
    return factories.pledge(watch=rule("lake"))


def test_a_changed_rule_finds_stored_articles_and_renews_what_waits(pledge, now):
    lake, river = factories.article(title="The lake", text=""), factories.article(title="The river", text="")
    actions.suggest(now=now)
    before = Suggestion.objects.get(article=lake).score
    look_again(now)
    rewrite(pledge, rule("lake", "river", weight=0.8))
    assert look_again(now + timedelta(hours=1)) == 1
    rows = list(Suggestion.objects.order_by("article_id"))
    assert [row.article for row in rows] == [lake, river]
    assert rows[0].score == rows[1].score > before
    assert [Decimal(str(row.reasons[0]["points"])) for row in rows] == [row.score for row in rows]
    newest = Rematch.objects.first()
    assert (newest.done, newest.added, newest.renewed, newest.removed) == (2, 1, 1, 0)
    assert newest.finished_at


def test_nothing_is_looked_at_again_while_the_rules_stand(pledge, now):
    factories.article(title="The lake")
    actions.suggest(now=now)
    look_again(now)
    assert look_again(now) == 0
    assert Rematch.objects.count() == 1


def test_what_no_rule_finds_any_more_is_taken_back_unless_a_person_has_it_in_hand(pledge, now):
    for n in range(4):
        factories.article(title=f"The lake {n}")
    actions.suggest(now=now)
    _gone, read, put_off, decided = Suggestion.objects.order_by("pk")
    editor = factories.editor()
    Reading.objects.create(person=editor, suggestion=read, seen_at=now)
    deciding.snooze(suggestion=put_off, until=now + timedelta(days=1), by=editor)
    deciding.dismiss(suggestion=decided, reason="off_topic", by=editor, now=now)
    rewrite(pledge, rule("volcano"))
    look_again(now)
    assert set(Suggestion.objects.all()) == {read, put_off, decided}


def test_decided_suggestions_are_never_touched(pledge, now):
    article = factories.article(title="The lake")
    actions.suggest(now=now)
    accepted = Suggestion.objects.get()
    said = {"stance": "progress", "kind": "action", "voice": "independent", "voice_party": None, "note": {}}
    deciding.accept(suggestion=accepted, **said, by=factories.editor(), now=now)
    before = Suggestion.objects.values().get()
    rewrite(pledge, rule("lake", weight=0.9))
    look_again(now)
    assert Suggestion.objects.values().get() == before
    assert Evidence.objects.get().url == article.url


# -- dismissed pairs never return


@pytest.fixture
def dismissed(pledge, now):
    title, text, *_ = COPIES["en"]
    factories.article(title=title, text=text, url="https://one.example/1")
    actions.suggest(now=now)
    deciding.dismiss(suggestion=Suggestion.objects.get(), reason="off_topic", by=factories.editor(), now=now)
    return Suggestion.objects.get()


def states():
    return list(Suggestion.objects.values_list("state", flat=True))


def test_a_dismissed_pair_never_returns_by_matching_again(dismissed, now):
    Article.objects.update(processed_at=None)
    actions.suggest(now=now)
    look_again(now)
    assert states() == [SuggestionState.DISMISSED]


def test_a_dismissed_pair_never_returns_by_an_edit_of_the_rule(pledge, dismissed, now):
    for weight in (0.8, 0.9):
        rewrite(pledge, rule("lake", "treaty", weight=weight))
        look_again(now)
    assert states() == [SuggestionState.DISMISSED]


def test_a_dismissed_pair_never_returns_by_a_copy_from_another_outlet(pledge, dismissed, now):
    _, _, title, text = COPIES["en"]
    copy = factories.article(title=title, text=text, url="https://two.example/1")
    actions.suggest(now=now)
    copy.refresh_from_db()
    assert copy.story == dismissed.article
    assert states() == [SuggestionState.DISMISSED]
    rewrite(pledge, rule("lake", weight=0.9))
    look_again(now)
    assert states() == [SuggestionState.DISMISSED]


def test_a_copy_is_still_suggested_for_another_pledge(dismissed, now):
    other = factories.pledge(watch=rule("lake"))
    _, _, title, text = COPIES["en"]
    factories.article(title=title, text=text, url="https://two.example/1")
    actions.suggest(now=now)
    assert Suggestion.objects.pending().get().pledge == other


def test_taking_a_dismissal_back_lets_its_copies_return(pledge, dismissed, now):
    _, _, title, text = COPIES["en"]
    factories.article(title=title, text=text, url="https://two.example/1")
    actions.suggest(now=now)
    deciding.undo(suggestion=dismissed, by=factories.editor(), now=now)
    rewrite(pledge, rule("lake", weight=0.9))
    look_again(now)
    assert states() == [SuggestionState.PENDING] * 2


def brought(feed, url, guid, now):
    title, text, *_ = COPIES["en"]
    entry = ParsedEntry(guid, url, "en", now, "", "", title_markup=title, summary_markup=text, content_markup="")
    store(prepare([(feed, ParsedFeed("Lake Courier", "", "en", None, (entry,)))], now=now), now=now)
    actions.suggest(now=now)


def test_a_dismissed_pair_never_returns_by_a_feed_that_brings_it_again(pledge, now):
    first = factories.feed()
    brought(first, "https://one.example/1", "1", now)
    deciding.dismiss(suggestion=Suggestion.objects.get(), reason="off_topic", by=factories.editor(), now=now)
    brought(first, "https://one.example/1?utm_source=rss", "anew", now)
    brought(factories.feed(), "https://one.example/1", "1", now)
    assert states() == [SuggestionState.DISMISSED]


# -- whoever is killed, the work goes on


def test_one_worker_at_a_time_and_an_expired_claim_is_anybodys(pledge, now):
    factories.article(processed_at=now)
    first, book = rematching.claim(now=now)
    assert rematching.claim(now=now) is None
    second, _ = rematching.claim(now=now + rematching.LEASE + timedelta(seconds=1))
    with pytest.raises(rematching.ClaimLostError):
        rematching.go_on(rematch=first, book=book, now=now)
    assert not rematching.go_on(rematch=second, book=book, now=now)
    assert Rematch.objects.get().done == 1


def test_rules_that_change_again_begin_anew(pledge, now):
    factories.article(processed_at=now)
    first, book = rematching.claim(now=now)
    rewrite(pledge, rule("river"))
    second, _ = rematching.claim(now=now)
    assert second.pk != first.pk
    with pytest.raises(rematching.ClaimLostError):
        rematching.go_on(rematch=first, book=book, now=now)


def test_it_goes_on_where_it_stopped_and_counts_every_article_once(pledge, now):
    feed = factories.feed()
    for n in range(rematching.BATCH + 3):
        factories.article(feed, title=f"The lake {n}", processed_at=now)
    rematch, book = rematching.claim(now=now)
    assert rematching.go_on(rematch=rematch, book=book, now=now)
    assert (Rematch.objects.get().done, Suggestion.objects.count()) == (rematching.BATCH, rematching.BATCH)
    rematching.let_go(rematch=rematch)
    assert look_again(now) == 1
    row = Rematch.objects.get()
    assert (row.done, row.total, row.added, row.percent) == (203, 203, 203, 100)


def test_the_task_is_safe_to_run_twice(pledge, now):
    factories.article(title="The lake", processed_at=now)
    app.conf.task_always_eager = True
    try:
        tasks.rematch_articles()
        tasks.rematch_articles()
    finally:
        app.conf.task_always_eager = False
    assert Suggestion.objects.count() == Rematch.objects.count() == 1


WORKER = """
import django
django.setup()
from django.utils import timezone
from tracker.matching import rematching
now = timezone.now()
rematch, book = rematching.claim(now=now)
rematching.BATCH = 5
while rematching.go_on(rematch=rematch, book=book, now=now):
    pass
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_a_worker_that_is_killed_loses_nothing(pledge, now):
    feed = factories.feed()
    for n in range(600):
        factories.article(feed, title=f"The lake {n}", processed_at=now)
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        address = f"sqlite:///{database['NAME']}"
    else:
        parts = (database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))
        address = "postgres://{}:{}@{}:{}/{}".format(*parts)
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"}
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment, cwd=settings.BASE_DIR)
    deadline = monotonic() + 30
    while not Rematch.objects.filter(done__gt=20).exists() and monotonic() < deadline:
        sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    stopped = Rematch.objects.get()
    assert 20 < stopped.done < 600
    assert stopped.done == stopped.added == Suggestion.objects.count()
    look_again(stopped.claimed_until + timedelta(seconds=1))
    assert Rematch.objects.get().done == Suggestion.objects.count() == 600
