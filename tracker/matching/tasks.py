"""Jobs of the `match` queue."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.fetching import Policy
from tracker.matching import actions, lessons, pages, rematching, retention

BATCHES = 20  # in one run, so that other jobs of the queue get their turn
PAGES_PER_TICK = 40


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


@shared_task
def fetch_due_pages() -> None:
    """Sends the pages behind newly suggested articles to the workers in batches."""
    if not settings.ARTICLE_PAGES:
        return
    now = timezone.now()
    pages.open_missing(now=now, limit=500)
    due = pages.claim_due(now=now, limit=PAGES_PER_TICK)
    for start in range(0, len(due), pages.BATCH_SIZE):
        batch = due[start : start + pages.BATCH_SIZE]
        fetch_pages.apply_async(
            kwargs={"page_ids": [page.pk for page in batch], "claim": batch[0].claim},
            expires=pages.LEASE.total_seconds(),
        )


@shared_task
def fetch_pages(*, page_ids: list[int], claim: str) -> None:
    """A message delivered twice finds nothing to do the second time."""
    now = timezone.now()
    held = pages.take_over(page_ids=page_ids, claim=claim, now=now)
    if held:
        pages.read_batch(pages=held, now=now, read_all=pages.Reader(Policy.of(settings)).read_all)
