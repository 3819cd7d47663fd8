"""What people choose: what to follow, and how often to hear of it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tracker.accounts.models import User
from tracker.digests import periods
from tracker.digests.models import Digest, DigestState, Follow, Frequency, Subscription
from tracker.pledges.models import Declaration, Pledge


def fresh_subscription(user: User, *, now: datetime) -> Subscription:
    """Weekly, Monday at eight; not saved. What happened before `now` is not told."""
    fresh = Subscription(user=user, covered_until=now)
    fresh.next_at = periods.next_at(fresh.frequency, fresh.weekday, fresh.hour, user.time_zone, after=now)
    return fresh


@transaction.atomic
def follow(*, user: User, now: datetime, pledge: Pledge | None = None, declaration: Declaration | None = None) -> None:
    """Idempotent. Whoever follows for the first time gets a weekly digest."""
    Follow.objects.get_or_create(user=user, pledge=pledge, declaration=declaration, defaults={"created_at": now})
    fresh = fresh_subscription(user, now=now)
    Subscription.objects.get_or_create(
        user=user, defaults={"covered_until": fresh.covered_until, "next_at": fresh.next_at}
    )


def unfollow(*, user: User, pledge: Pledge | None = None, declaration: Declaration | None = None) -> None:
    Follow.objects.filter(user=user, pledge=pledge, declaration=declaration).delete()


@transaction.atomic
def save_settings(*, user: User, profile: Iterable[str], chosen: Subscription, now: datetime) -> None:
    """Saves these fields of the user and the chosen subscription, and moves the next digest when its hour moved.

    Whoever comes back from "never" starts anew: the silence is not made up for.
    """
    Subscription.objects.get_or_create(user=user, defaults={"covered_until": now})
    before = Subscription.objects.select_for_update(of=("self",)).select_related("user").get(user=user)
    user.save(update_fields=list(profile))
    chosen.pk, chosen.covered_until, chosen.next_at = before.pk, before.covered_until, before.next_at
    if before.next_at is None:
        chosen.covered_until = now
    if before.next_at is None or _hour_of(before) != _hour_of(chosen):
        chosen.next_at = periods.next_after_change(
            *_hour_of(chosen), covered_until=chosen.covered_until, last_mail=_last_mail(user)
        )
    chosen.save(force_update=True)
    if chosen.frequency == Frequency.NEVER:
        _cancel_unsent(user.pk)


def _hour_of(subscription: Subscription) -> tuple[str, int, int, str]:
    return subscription.frequency, subscription.weekday, subscription.hour, subscription.user.time_zone


def _last_mail(user: User) -> datetime | None:
    mails = Digest.objects.filter(user=user).exclude(state__in=(DigestState.EMPTY, DigestState.CANCELLED))
    return mails.order_by("-period_end").values_list("period_end", flat=True).first()


@transaction.atomic
def unsubscribe(*, user_id: int) -> None:
    """At once and for good: what is planned, or claimed but not yet handed over, is not sent either."""
    Subscription.objects.filter(user=user_id).update(frequency=Frequency.NEVER, next_at=None)
    _cancel_unsent(user_id)


def _cancel_unsent(user_id: int) -> None:
    unsent = Digest.objects.filter(user=user_id, state__in=(DigestState.PLANNED, DigestState.CLAIMED))
    unsent.update(state=DigestState.CANCELLED)
