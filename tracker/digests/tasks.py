"""Ticks and jobs of the mail queue. The rows are the truth: a lost message is made up for at the next tick."""

from celery import shared_task
from django.utils import timezone

from tracker.digests import actions
from tracker.digests.models import Digest

BATCH = 500
TICK_SECONDS = 30


@shared_task
def plan_due_digests() -> None:
    actions.plan_due(now=timezone.now())


@shared_task
def send_planned_digests() -> None:
    """Unread messages expire before the next tick offers the same digests again, so that the queue never swells."""
    now = timezone.now()
    actions.settle_abandoned(now=now)
    for pk in Digest.objects.sendable(now).values_list("pk", flat=True)[:BATCH]:
        send_digest.apply_async((pk,), expires=TICK_SECONDS)


@shared_task
def send_digest(digest_id: int) -> None:
    actions.send(digest_id=digest_id, now=timezone.now())
