"""Feeds by Celery: the messages carry nothing; what is due stands in the database, and a worker claims it there."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.feeds import polling, pushing, refining
from tracker.feeds.models import Feed
from tracker.fetching import Fetcher, Policy

# A worker claims no more after this time, so that what else waits in its queue comes to its turn.
CLAIMS_FOR = timedelta(seconds=20)
MOST_WORKERS = 16
REFINED_IN_ONE_RUN = 20  # batches, so that other jobs of the queue get their turn


@shared_task(expires=60)
def poll_due_feeds() -> None:
    """Calls as many workers as there is work for; one that comes too late finds none."""
    due = Feed.objects.due(timezone.now()).count()
    for _ in range(min(-(-due // polling.HELD), MOST_WORKERS)):
        poll_feeds.delay()


@shared_task(expires=60)
def poll_feeds() -> None:
    """Takes a share of what is due; of two that are sent by mistake the second finds nothing."""
    until = timezone.now() + CLAIMS_FOR
    polls = polling.poll_due(
        clock=timezone.now, until=until, fetcher=Fetcher(Policy.of(settings)), pace=settings.POLL_PACE_SECONDS
    )
    for _ in polls:
        pass
    if timezone.now() >= until:  # there may be more
        poll_feeds.delay()


@shared_task(expires=60)
def poll_hubs() -> None:
    """Asks hubs to push, anew before what they granted runs out; nothing where no callback address is set."""
    pushing.subscribe_due(now=timezone.now(), fetcher=Fetcher(Policy.of(settings)))


@shared_task
def refine_new_articles() -> None:
    """Works off the raw articles; while more wait, another run follows."""
    for _ in range(REFINED_IN_ONE_RUN):
        if refining.refine() < refining.BATCH:
            return
    refine_new_articles.delay()
