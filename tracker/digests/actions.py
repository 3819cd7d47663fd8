"""The life of a digest: planned once per person and period, claimed, handed over, and how it ended.

A worker may die at any step. A claim whose lease ran out is taken up again, because nothing was sent yet; a digest that
was handed over and never reported is in doubt, and is not sent again by itself: its items are told in the next digest,
unless an administrator resends it before.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tracker.digests import delivery, periods
from tracker.digests.composing import compose
from tracker.digests.contents import gather
from tracker.digests.message import message_of, new_message_id
from tracker.digests.models import Digest, DigestState, Frequency, Subscription

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than all timeouts of one SMTP conversation together
PATIENCE = timedelta(hours=24)


def plan_due(*, now: datetime) -> int:
    """One digest for everyone whose hour has come; the number of mails planned."""
    count = 0
    for pk in list(Subscription.objects.due(now).values_list("pk", flat=True)):
        try:
            digest = plan(subscription_id=pk, now=now)
        except Exception:  # one person's record must not keep the others from their mail
            logger.exception("The digest of subscription %s could not be planned", pk)
            continue
        count += digest is not None and digest.state == DigestState.PLANNED
    return count


@transaction.atomic
def plan(*, subscription_id: int, now: datetime) -> Digest | None:
    """Fixes what one person is told, and moves their period on, together; None when another planner was faster.

    After a time without service there is one period from the last digest until now, not one for each that was missed.
    """
    subscription = Subscription.objects.due(now).select_related("user").filter(pk=subscription_id).first()
    if subscription is None:
        return None
    person, start = subscription.user, subscription.covered_until
    following = periods.next_at(
        subscription.frequency, subscription.weekday, subscription.hour, person.time_zone, after=now
    )
    moved = Subscription.objects.filter(pk=subscription.pk, covered_until=start, next_at=subscription.next_at).update(
        covered_until=now, next_at=following
    )
    if not moved:
        return None
    undelivered = list(Digest.objects.undelivered().filter(user=person).select_for_update())
    contents = gather(subscription, end=now, undelivered=undelivered)
    digest = Digest(
        user=person,
        period_start=start,
        period_end=now,
        state=DigestState.EMPTY,
        message_id=new_message_id(),
        created_at=now,
        due_at=now,
        give_up_at=now + PATIENCE,
    )
    if not contents.is_empty:
        digest.state, digest.items = DigestState.PLANNED, contents.items
        digest.subject, digest.text, digest.html = compose(contents)
    digest.save()
    if digest.state == DigestState.PLANNED:
        Digest.objects.filter(pk__in=[row.pk for row in undelivered]).update(repeated_in=digest)
    return digest


class _LostClaimError(Exception):
    """Unsubscribed, or taken over, while we were still connecting."""


def send(*, digest_id: int, now: datetime) -> None:
    """Sends it unless it was sent, is being sent, or is no longer wanted. Safe to call any number of times."""
    digest = _claim(digest_id, now)
    if digest is None:
        return

    def before_handing() -> None:
        if not _move(digest, DigestState.CLAIMED, to=DigestState.HANDED, handed_at=now):
            raise _LostClaimError

    try:
        delivery.deliver(message_of(digest), before_handing=before_handing)
    except _LostClaimError:
        return
    except delivery.RefusedError as error:
        _move(digest, *_OPEN, to=DigestState.FAILED, error=str(error)[:500])
    except delivery.NotNowError as error:
        _put_off(digest, str(error)[:500], now)
    except delivery.InDoubtError as error:
        _move(digest, *_OPEN, to=DigestState.IN_DOUBT, error=str(error)[:500])
    else:
        # A slow answer may come after the digest was already counted as doubtful; it settles the doubt.
        _move(digest, *_OPEN, DigestState.IN_DOUBT, to=DigestState.SENT, sent_at=now, error="")


_OPEN = (DigestState.CLAIMED, DigestState.HANDED)


def _claim(digest_id: int, now: datetime) -> Digest | None:
    """Ours for the length of a lease, if it is to be sent and its reader still wants it."""
    taken = (
        Digest.objects.sendable(now)
        .filter(pk=digest_id)
        .update(state=DigestState.CLAIMED, lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    if not taken:
        return None
    digest = Digest.objects.select_related("user__subscription").get(pk=digest_id)
    if digest.user.is_active and digest.user.subscription.frequency != Frequency.NEVER:
        return digest
    _move(digest, DigestState.CLAIMED, to=DigestState.CANCELLED)
    return None


def _move(digest: Digest, *states: str, to: str, **fields: object) -> bool:
    """Only while it is in one of these states and still our attempt; the count of attempts tells claims apart."""
    ours = Digest.objects.filter(pk=digest.pk, attempts=digest.attempts, state__in=states)
    return ours.update(state=to, **fields) == 1


def _put_off(digest: Digest, error: str, now: datetime) -> None:
    due_at = periods.retry_at(digest.attempts, now, spread=digest.pk * 37 % 100 / 100)
    if due_at > digest.give_up_at:
        _move(digest, *_OPEN, to=DigestState.FAILED, error=error)
    else:
        _move(digest, *_OPEN, to=DigestState.PLANNED, due_at=due_at, error=error)


def settle_abandoned(*, now: datetime) -> int:
    """Digests whose worker stopped between handing over and reporting."""
    error = "The worker stopped after it had handed the mail over."
    return Digest.objects.abandoned(now).update(state=DigestState.IN_DOUBT, error=error)


def resend(*, digest_id: int, now: datetime) -> bool:
    """An administrator decides a doubtful or failed one; False when it is neither, or was told again meanwhile."""
    undelivered = Digest.objects.undelivered().filter(pk=digest_id)
    return bool(undelivered.update(state=DigestState.PLANNED, due_at=now, give_up_at=now + PATIENCE, error=""))
