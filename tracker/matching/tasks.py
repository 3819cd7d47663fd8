"""Jobs of the `match` queue."""

from celery import shared_task
from django.utils import timezone

from tracker.matching import actions, rematching

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
