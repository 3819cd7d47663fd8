"""What people choose: what to follow, and how often to hear of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.accounts.models import User
from tracker.digests import periods
from tracker.digests.models import Digest, DigestState, Follow, Frequency, Subscription


def fresh_subscription(user: User, *, now: datetime) -> Subscription:
    """Weekly, Monday at eight; not saved. What happened before `now` is not told."""
    fresh = Subscription(user=user, covered_until=now, begins_at=now)
    fresh.next_at = periods.next_at(fresh.frequency, fresh.weekday, fresh.hour, user.time_zone, after=now)
    return fresh


@transaction.atomic
def follow(*, user: User, now: datetime, query: str = "", name: str = "", **thing: Any) -> None:
    """A `pledge`, `theme`, `party` or `declaration`; with a query, the list of its pledges that the query finds.

    Idempotent; a list followed again gets its new name. Whoever follows for the first time gets a weekly digest.
    """
    made = {"created_at": now, "name": name}
    Follow.objects.update_or_create(
        user=user, query=query, **thing, defaults={"name": name} if query else {}, create_defaults=made
    )
    fresh = fresh_subscription(user, now=now)
    kept = {"covered_until": now, "begins_at": now, "next_at": fresh.next_at}
    Subscription.objects.get_or_create(user=user, defaults=kept)


def unfollow(*, user: User, query: str = "", **thing: Any) -> None:
    Follow.objects.filter(user=user, query=query, **thing).delete()


@transaction.atomic
def save_settings(
    *, user: User, profile: Iterable[str], chosen: Subscription, choices: Iterable[str], now: datetime
) -> None:
    """Saves these fields of the user and choices of the subscription, and moves the next digest when its hour moved.

    Whoever comes back from "never" starts anew: the silence is not made up for.
    """
    Subscription.objects.get_or_create(user=user, defaults={"covered_until": now, "begins_at": now})
    before = Subscription.objects.select_for_update(of=("self",)).select_related("user").get(user=user)
    user.save(update_fields=list(profile))
    chosen.pk, chosen.covered_until, chosen.next_at = before.pk, before.covered_until, before.next_at
    chosen.begins_at, chosen.seen = before.begins_at, ""
    if before.next_at is None:
        chosen.covered_until = chosen.begins_at = now
    if before.next_at is None or _hour_of(before) != _hour_of(chosen):
        chosen.next_at = periods.next_after_change(
            *_hour_of(chosen), covered_until=chosen.covered_until, last_mail=_last_mail(user)
        )
    chosen.save(update_fields=[*choices, "covered_until", "begins_at", "next_at", "seen"])
    if chosen.frequency == Frequency.NEVER:
        _cancel_unsent(user.pk)


def _hour_of(subscription: Subscription) -> tuple[str, int, int, str]:
    return subscription.frequency, subscription.weekday, subscription.hour, subscription.user.time_zone


def _last_mail(user: User) -> datetime | None:
    mails = Digest.objects.filter(user=user).exclude(state__in=(DigestState.EMPTY, DigestState.CANCELLED))
    return mails.order_by("-period_end").values_list("period_end", flat=True).first()


@transaction.atomic
def unsubscribe(*, key: str) -> None:
    """At once and for good: what is planned, or claimed but not yet handed over, is not sent either."""
    Subscription.objects.filter(key=key).update(frequency=Frequency.NEVER, next_at=None)
    for user_id in Subscription.objects.filter(key=key).values_list("user_id", flat=True):
        _cancel_unsent(user_id)


def _cancel_unsent(user_id: int) -> None:
    unsent = Digest.objects.filter(user=user_id, state__in=(DigestState.PLANNED, DigestState.CLAIMED))
    unsent.update(state=DigestState.CANCELLED)
