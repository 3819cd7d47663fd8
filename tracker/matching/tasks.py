"""Jobs of the `match` queue."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.matching import actions, lessons, rematching, retention

BATCHES = 20  # in one run, so that other jobs of the queue get their turn


@shared_task
def suggest_for_new_articles() -> None:
    """Works off the waiting articles; while more wait, another run follows. Safe to run twice, or side by side."""
    now = timezone.now()
    for _ in range(BATCHES):
        if actions.suggest(now=now) < actions.BATCH:
            return
    suggest_for_new_articles.delay()


@shared_task
def rematch_articles() -> None:
    """Goes on with looking at stored articles again where the last worker stopped; begins when rules have changed."""
    now = timezone.now()
    if (claimed := rematching.claim(now=now)) is None:
        return
    rematch, book = claimed
    try:
        for _ in range(BATCHES):
            if not rematching.go_on(rematch=rematch, book=book, now=now):
                return
    except rematching.ClaimLostError:
        return
    rematching.let_go(rematch=rematch)
    rematch_articles.delay()


@shared_task
def forget_what_is_old() -> None:
    """Safe to run twice: what is gone is not found again."""
    days = settings.ARTICLE_TEXT_DAYS
    kept_for = timedelta(days=days) if days else None
    retention.forget(now=timezone.now(), kept_for=kept_for, batches=BATCHES)


@shared_task
def learn_from_decisions() -> None:
    """Finds nothing to do the second time; what it changes, the next look at stored articles carries through."""
    lessons.learn(now=timezone.now())
