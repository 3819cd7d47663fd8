"""Fixes what people are told: one digest for each person and period, its content in the transaction that plans it.

A period in which nothing happened is recorded as empty and carried over: its row grows until there is news to tell.
After a time without service there is one period from the last digest until now, not one for each that was missed.
"""

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection, transaction
from django.db.models import Count, Max

from tracker.accounts.zones import zone
from tracker.digests import periods
from tracker.digests.composing import Composer
from tracker.digests.gathering import gather_all
from tracker.digests.message import new_message_id
from tracker.digests.models import Digest, DigestBody, DigestState, Follow, Frequency, Subscription
from tracker.matching.models import Suggestion
from tracker.pledges.models import Assessment, Edit, Evidence, Observation

logger = logging.getLogger(__name__)

PATIENCE = timedelta(hours=24)
BATCH = 500  # people of one transaction: it takes about a second, and other writers wait for it on SQLite


def plan_due(*, now: datetime) -> int:
    """One digest for everyone whose hour has come; the number of mails planned."""
    count, state, composer = 0, state_of_record(), Composer()
    for pks in batched(_stirred(now, state), BATCH):
        try:
            count += _plan(pks, now, state, composer)
        except Exception:  # one person's record must not keep the others from their mail
            logger.warning("Digests of %d people are planned one by one, because one could not be", len(pks))
            count += sum(_plan_alone(pk, now, state) for pk in pks)
            composer = Composer()
    return count


def state_of_record() -> str:
    """Another one after every change worth a mail, whatever its stamp and in whatever order changes were committed."""
    parts = []
    for model in (Assessment, Evidence, Observation, Suggestion):
        found = model.objects.aggregate(count=Count("pk"), last=Max("pk"))
        parts.append(f"{found['count']}.{found['last'] or 0}")
    return " ".join(parts)


def _stirred(now: datetime, state: str) -> list[int]:
    """Who is due; those who are told at once only when the record, or their day, is another than last time."""
    due = Subscription.objects.due(now).values_list("pk", "frequency", "seen", "user__time_zone")
    return [
        pk for pk, frequency, seen, place in due if frequency != Frequency.INSTANT or seen != _seen(state, now, place)
    ]


def _seen(state: str, now: datetime, place: str) -> str:
    return f"{now.astimezone(zone(place)):%F} {state}"


def _plan_alone(pk: int, now: datetime, state: str) -> int:
    try:
        return _plan((pk,), now, state, Composer())
    except Exception:
        logger.exception("The digest of subscription %s could not be planned", pk)
        return 0


@transaction.atomic
def _plan(pks: tuple[int, ...], now: datetime, state: str, composer: Composer) -> int:
    """Digests of one batch, and their periods moved on, together. Whom another planner holds or had is left to it."""
    # SQLite lets one writer in at a time; elsewhere the rows are locked, and read as they are once they are ours.
    subscriptions = Subscription.objects.due(now).filter(pk__in=pks).select_related("user")
    if connection.features.has_select_for_update_skip_locked:
        subscriptions = subscriptions.select_for_update(of=("self",), skip_locked=True)
    ours = list(subscriptions)
    if not ours:
        return 0
    composer.open(f"{state_of_record()} {Edit.objects.aggregate(last=Max('pk'))['last']}")
    people = [subscription.user_id for subscription in ours]
    undelivered: dict[int, list[Digest]] = defaultdict(list)
    for row in Digest.objects.undelivered().filter(user__in=people).select_for_update():
        undelivered[row.user_id].append(row)
    carried, bodies = _carried(ours), []
    starts = {user_id: digest.period_start for user_id, digest in carried.items()}
    gathered = gather_all(ours, end=now, undelivered=undelivered, starts=starts)
    digests = []
    for subscription, contents in zip(ours, gathered.contents, strict=True):
        digest = carried.get(subscription.user_id) or _new(subscription, now)
        digest.period_end = now
        if not contents.is_empty:
            digest.state, digest.items = DigestState.PLANNED, contents.items
            digest.created_at, digest.due_at, digest.give_up_at = now, now, now + PATIENCE
            digest.subject, text, html = composer.compose(contents, digest)
            bodies.append(DigestBody(digest=digest, text=text, html=html))
        digests.append(digest)
    _save(digests, bodies)
    _tell_again(undelivered, {digest.user_id: digest for digest in digests})
    Follow.objects.bulk_update(gathered.lists, ["matched"])
    _move_on(ours, now, state)
    return sum(digest.state == DigestState.PLANNED for digest in digests)


def _carried(subscriptions: list[Subscription]) -> dict[int, Digest]:
    """Empty periods that end where the next would begin, by person."""
    ends = {subscription.user_id: subscription.covered_until for subscription in subscriptions}
    empty = Digest.objects.filter(user__in=ends, state=DigestState.EMPTY, period_end__in=set(ends.values()))
    return {row.user_id: row for row in empty if row.period_end == ends[row.user_id]}


def _new(subscription: Subscription, now: datetime) -> Digest:
    return Digest(
        user=subscription.user,
        period_start=subscription.covered_until,
        state=DigestState.EMPTY,
        message_id=new_message_id(),
        created_at=now,
        due_at=now,
        give_up_at=now + PATIENCE,
    )


_PLANNED = ("state", "items", "period_end", "subject", "created_at", "due_at", "give_up_at")


def _save(digests: list[Digest], bodies: list[DigestBody]) -> None:
    carried = [digest for digest in digests if digest.pk]
    Digest.objects.bulk_create([digest for digest in digests if not digest.pk])
    Digest.objects.bulk_update(carried, _PLANNED)
    for body in bodies:
        body.digest_id = body.digest.pk
    DigestBody.objects.bulk_create(bodies)


def _tell_again(undelivered: dict[int, list[Digest]], digests: dict[int, Digest]) -> None:
    rows = []
    for user_id, lost in undelivered.items():
        if digests[user_id].state == DigestState.PLANNED:
            for row in lost:
                row.repeated_in = digests[user_id]
                rows.append(row)
    Digest.objects.bulk_update(rows, ["repeated_in"])


def _move_on(subscriptions: list[Subscription], now: datetime, state: str) -> None:
    """Those with the same next hour together."""
    moves = defaultdict(list)
    for subscription in subscriptions:
        place = subscription.user.time_zone
        following = periods.next_at(subscription.frequency, subscription.weekday, subscription.hour, place, after=now)
        moves[following, _seen(state, now, place)].append(subscription.pk)
    for (following, seen), pks in moves.items():
        Subscription.objects.filter(pk__in=pks).update(covered_until=now, next_at=following, seen=seen)
