"""Ticks and jobs of the mail queue. The rows are the truth: a lost message is made up for at the next tick."""

from itertools import batched

from celery import shared_task
from django.utils import timezone

from tracker.digests import actions, planning
from tracker.digests.models import Digest

BATCH, AT_ONCE = 5_000, 50
TICK_SECONDS = 30


@shared_task
def plan_due_digests() -> None:
    planning.plan_due(now=timezone.now())


@shared_task
def send_planned_digests() -> None:
    """Unread messages expire before the next tick offers the same digests again, so that the queue never swells."""
    now = timezone.now()
    actions.settle_abandoned(now=now)
    pks = Digest.objects.sendable(now).values_list("pk", flat=True)[:BATCH]
    for some in batched(pks, AT_ONCE):
        send_digests.apply_async((some,), expires=TICK_SECONDS)


@shared_task
def send_digests(digest_ids: list[int]) -> None:
    actions.send_all(digest_ids=digest_ids, now=timezone.now())
