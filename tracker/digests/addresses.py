"""Addresses that do not work: after some refusals in a row nothing more is sent to them, until someone says so."""

from datetime import datetime

from django.db.models import F

from tracker.digests.models import Subscription

BOUNCES_BEFORE_SUSPENSION = 3


def count_bounce(*, user_id: int, reason: str, now: datetime) -> None:
    """One more mail that the address will never take; at the third the period waits, so that nothing is lost."""
    mine = Subscription.objects.filter(user=user_id)
    mine.update(bounce_count=F("bounce_count") + 1)
    mine.filter(bounce_count__gte=BOUNCES_BEFORE_SUSPENSION, suspended_at__isnull=True).update(
        suspended_at=now, suspended_reason=reason[:500]
    )


def restore(*, user_id: int) -> bool:
    """The address works again, says its owner or an administrator; what waited comes with the next tick."""
    suspended = Subscription.objects.filter(user=user_id, suspended_at__isnull=False)
    return suspended.update(suspended_at=None, suspended_reason="", bounce_count=0) == 1
