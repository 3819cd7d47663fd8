"""Polling by Celery: messages carry ids and a claim; one that is lost merely lets the claim expire."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.feeds import actions
from tracker.fetching import Fetcher, Policy

CLAIMED_PER_TICK = 500


@shared_task
def poll_due_feeds() -> None:
    """Sends what is due to the workers in batches."""
    feeds = actions.claim_due(now=timezone.now(), limit=CLAIMED_PER_TICK)
    for batch in actions.batches_of(feeds):
        poll_batch.apply_async(
            kwargs={"feed_ids": [feed.pk for feed in batch], "claim": batch[0].claim},
            expires=actions.LEASE.total_seconds(),
        )


@shared_task
def poll_batch(*, feed_ids: list[int], claim: str) -> None:
    """A message delivered twice finds nothing to do the second time."""
    now = timezone.now()
    feeds = actions.take_over(feed_ids=feed_ids, claim=claim, now=now)
    if feeds:
        actions.poll_batch(feeds=feeds, now=now, fetcher=Fetcher(Policy.of(settings)))
