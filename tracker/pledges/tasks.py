"""Keeping copies of evidence, by Celery: messages carry ids and a claim; one that is lost lets the claim expire."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.fetching import Policy
from tracker.pledges import copies
from tracker.pledges.page_visits import Reader

OPENED_PER_TICK = 500
CLAIMED_PER_TICK = 40


@shared_task
def check_due_evidence() -> None:
    """Sends links that were never read, and those last read a week ago, to the workers in batches."""
    if not settings.EVIDENCE_COPIES:
        return
    now = timezone.now()
    copies.open_missing(now=now, limit=OPENED_PER_TICK)
    due = copies.claim_due(now=now, limit=CLAIMED_PER_TICK)
    for start in range(0, len(due), copies.BATCH_SIZE):
        batch = due[start : start + copies.BATCH_SIZE]
        check_evidence.apply_async(
            kwargs={"copy_ids": [copy.pk for copy in batch], "claim": batch[0].claim},
            expires=copies.LEASE.total_seconds(),
        )


@shared_task
def check_evidence(*, copy_ids: list[int], claim: str) -> None:
    """A message delivered twice finds nothing to do the second time."""
    now = timezone.now()
    held = copies.take_over(copy_ids=copy_ids, claim=claim, now=now)
    if held:
        reader = Reader(Policy.of(settings), archive=settings.WEB_ARCHIVE_URL)
        copies.check_batch(copies=held, now=now, visit_all=reader.visit_all)
