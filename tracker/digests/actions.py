"""Sending what was planned: each digest claimed, handed over, and how it ended.

A worker may die at any step. A claim whose lease ran out is taken up again, because nothing was sent yet; a digest that
was handed over and never reported is in doubt, and is not sent again by itself: its items are told in the next digest,
unless an administrator resends it before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F

from tracker.digests import addresses, delivery, periods
from tracker.digests.message import message_of
from tracker.digests.models import Digest, DigestState, Frequency, Subscription
from tracker.digests.planning import PATIENCE

LEASE = timedelta(minutes=10)  # longer than all timeouts of one SMTP conversation together


def send(*, digest_id: int, now: datetime) -> None:
    """Sends it unless it was sent, is being sent, or is no longer wanted. Safe to call any number of times."""
    send_all(digest_ids=[digest_id], now=now)


def send_all(*, digest_ids: Iterable[int], now: datetime) -> None:
    """The same for many, over one connection. What a server that is away, or slow, leaves over is put off."""
    started = monotonic()
    with delivery.Courier() as courier:
        away = ""
        for digest in _claim(list(digest_ids), now):
            passed = timedelta(seconds=monotonic() - started)
            if away or passed > LEASE / 2:
                _put_off(digest, away or "The mail server was too slow.", now)
            else:
                away = _send(digest, courier, now, lease_until=now + passed + LEASE)


class _LostClaimError(Exception):
    """Unsubscribed, or taken over, while we were still connecting."""


def _send(digest: Digest, courier: delivery.Courier, now: datetime, lease_until: datetime) -> str:
    """Empty, or why no server can be reached."""

    def before_handing() -> None:
        if not _move(digest, DigestState.CLAIMED, to=DigestState.HANDED, handed_at=now, lease_until=lease_until):
            raise _LostClaimError

    try:
        courier.deliver(message_of(digest), before_handing=before_handing)
    except _LostClaimError:
        return ""
    except delivery.RefusedError as error:
        is_ours = _move(digest, *_OPEN, to=DigestState.FAILED, error=str(error)[:500])
        if is_ours and error.is_bounce:
            addresses.count_bounce(user_id=digest.user_id, reason=str(error), now=now)
    except delivery.NotNowError as error:
        _put_off(digest, str(error)[:500], now)
        return str(error)[:500] if isinstance(error, delivery.UnreachableError) else ""
    except delivery.InDoubtError as error:
        _move(digest, *_OPEN, to=DigestState.IN_DOUBT, error=str(error)[:500])
    else:
        # A slow answer may come after the digest was already counted as doubtful; it settles the doubt.
        _move(digest, *_OPEN, DigestState.IN_DOUBT, to=DigestState.SENT, sent_at=now, error="")
        if digest.user.subscription.bounce_count:
            Subscription.objects.filter(user=digest.user_id).update(bounce_count=0)
    return ""


_OPEN = (DigestState.CLAIMED, DigestState.HANDED)


def _claim(digest_ids: list[int], now: datetime) -> list[Digest]:
    """Those that are to be sent and whose readers still want them: ours for the length of a lease."""
    claim = uuid4().hex
    with transaction.atomic():
        free = Digest.objects.sendable(now).filter(pk__in=digest_ids)
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        Digest.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(
            state=DigestState.CLAIMED, lease_until=now + LEASE, attempts=F("attempts") + 1, claim=claim
        )
    ours = Digest.objects.filter(claim=claim, state=DigestState.CLAIMED).order_by("due_at", "pk")
    return [digest for digest in ours.defer("items").select_related("user__subscription", "body") if _is_wanted(digest)]


def _is_wanted(digest: Digest) -> bool:
    """Settles it when it is not."""
    subscription = digest.user.subscription
    if not digest.user.is_active or subscription.frequency == Frequency.NEVER:
        _move(digest, DigestState.CLAIMED, to=DigestState.CANCELLED)
        return False
    if subscription.suspended_at:
        _move(digest, DigestState.CLAIMED, to=DigestState.FAILED, error=subscription.suspended_reason)
        return False
    return True


def _move(digest: Digest, *states: str, to: str, **fields: object) -> bool:
    """Only while it is in one of these states and still ours.

    In plain SQL, which both databases read: it happens twice a mail, and the ORM would take longer to word it than the
    mail server to take the mail.
    """
    written = {"state": to, **fields}
    changes = ", ".join(f"{name} = %s" for name in written)
    allowed = ", ".join(["%s"] * len(states))
    table = Digest._meta.db_table
    values = [Digest._meta.get_field(name).get_db_prep_save(value, connection) for name, value in written.items()]  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} WHERE id = %s AND claim = %s AND state IN ({allowed})",  # noqa: S608
            [*values, digest.pk, digest.claim, *states],
        )
        return cursor.rowcount == 1


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
