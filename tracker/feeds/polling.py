"""Claim what is due, ask, keep what came back, and claim more meanwhile: one worker's share of the polling."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from tracker.feeds import claims, pushing
from tracker.feeds.actions import host_of
from tracker.feeds.models import Feed, Host, Move, Poll
from tracker.feeds.recording import State, address_after_move, poll_of, state_after
from tracker.feeds.rows import add, run_for_each
from tracker.feeds.schedule import LATEST, NO_ANSWER, host_wait, is_own_network_down, retry_after
from tracker.feeds.storing import Prepared, prepare, store
from tracker.feeds.visiting import PACE, Visit, Visitors
from tracker.fetching import Fetcher

logger = logging.getLogger(__name__)

HELD = 128  # feeds claimed by one worker at once
STORED_AT_ONCE = 50
LONGEST_WAIT = 1.0  # seconds until what is back is stored, also when it is little
POLLS_KEPT = 30
POLL = (
    *("feed_id", "polled_at", "outcome", "http_status", "final_url", "new_count", "duration_ms"),
    *("error_code", "error_detail", "is_push"),
)

More = Callable[[datetime, int], list[Feed]]


def poll_due(
    *, clock: Callable[[], datetime], fetcher: Fetcher, until: datetime | None = None, pace: float = PACE
) -> Iterator[list[Poll]]:
    """Polls until nothing is due, claiming nothing more from `until` on; gives the polls as they are stored.

    It takes its time, so it is given a clock where other actions are given the moment.
    """

    def more(now: datetime, limit: int) -> list[Feed]:
        return claims.claim_due(now=now, limit=limit) if not until or now < until else []

    return _poll(more, clock=clock, fetcher=fetcher, pace=pace)


def poll_batch(*, feeds: Sequence[Feed], now: datetime, fetcher: Fetcher, pace: float = PACE) -> list[Poll]:
    """Polls these claimed feeds, in the order in which their servers answer."""
    waiting = [list(feeds)]

    def more(_now: datetime, _limit: int) -> list[Feed]:
        return waiting.pop() if waiting else []

    return [poll for polls in _poll(more, clock=lambda: now, fetcher=fetcher, pace=pace) for poll in polls]


def _poll(more: More, *, clock: Callable[[], datetime], fetcher: Fetcher, pace: float) -> Iterator[list[Poll]]:
    """The network on one side, the database on the other; leases are renewed as long as this goes on."""
    held: dict[int, Feed] = {}
    renewed_at = clock()
    with Visitors(fetcher, pace=pace) as visitors:
        while True:
            now = clock()
            if len(held) <= HELD // 2 and (feeds := more(now, HELD - len(held))):
                held |= {feed.pk: feed for feed in feeds}
                visitors.send(feeds, now=now, slow_hosts=_slow_hosts(feeds))
            if not held:
                return
            if now - renewed_at >= claims.RENEWED_EVERY:
                claims.renew(held.values(), now=now)
                renewed_at = now
            visits = visitors.collect(at_most=STORED_AT_ONCE, seconds=LONGEST_WAIT)
            for visit in visits:
                del held[visit.feed.pk]
            yield keep([visit for visit in visits if visit.was_asked], now=now)
            claims.give_back([visit.feed for visit in visits if not visit.was_asked])


def keep(visits: Sequence[Visit], *, now: datetime) -> list[Poll]:
    """Stores all visits at once; should one of them be impossible to store, each by itself."""
    if not visits:
        return []
    try:
        prepared = prepare([(visit.feed, visit.parsed) for visit in visits if visit.parsed], now=now)
        with transaction.atomic():
            return _record(visits, prepared, now)
    except OperationalError:  # the database is in trouble, not an entry
        raise
    except Exception:
        if len(visits) > 1:
            return [poll for visit in visits for poll in keep([visit], now=now)]
        logger.exception("feed %s: its entries could not be stored", visits[0].feed.pk)
    with transaction.atomic():
        return _record([Visit(visits[0].feed, code="internal")], Prepared(), now)


def _record(visits: Sequence[Visit], prepared: Prepared, now: datetime) -> list[Poll]:
    new_counts = store(prepared, now=now)
    is_offline = _is_offline(visits, now)
    states, polls = [], []
    pushing.note_hubs(visits, now=now)
    pushed = pushing.pushed_feeds([visit.feed for visit in visits], now=now)
    for visit in visits:
        feed, new_count = visit.feed, new_counts[visit.feed.pk]
        state = state_after(visit, new_count=new_count, is_offline=is_offline, now=now)
        if feed.pk in pushed and not visit.code:
            state["next_poll_at"] = max(state["next_poll_at"], now + pushing.SAFETY_POLL)
        states.append((feed, state | _relocated(feed, state, now)))
        polls.append(poll_of(visit, new_count=new_count, now=now))
        _let_rest(visit, now)
    _update(states)
    add("feeds_poll", POLL, [[getattr(poll, name) for name in POLL] for poll in polls])
    _forget_old_polls([visit.feed.pk for visit in visits])
    return polls


def _is_offline(visits: Sequence[Visit], now: datetime) -> bool:
    """Asks the latest polls of all workers too: a few feeds that get no answer say little."""
    if not any(visit.code in NO_ANSWER for visit in visits):
        return False
    others = Feed.objects.filter(last_polled_at__gt=now - LATEST).exclude(pk__in=[visit.feed.pk for visit in visits])
    latest = others.order_by().values_list("host", "error_code")
    return is_own_network_down([*latest, *((visit.feed.host, visit.code) for visit in visits)])


def _update(states: list[tuple[Feed, State]]) -> None:
    """Writes what changed, and only while the claim is still ours: a worker that slept too long has nothing to say."""
    alike: dict[tuple[str, ...], list[tuple[object, ...]]] = defaultdict(list)
    for feed, state in states:
        changed = {name: value for name, value in state.items() if value != getattr(feed, name)}
        if changed:
            alike[tuple(changed)].append((*changed.values(), feed.pk, feed.claim))
    for columns, rows in alike.items():
        setting = ", ".join(f"{column} = %s" for column in columns)
        run_for_each(f"UPDATE feeds_feed SET {setting} WHERE id = %s AND claim = %s", rows)  # noqa: S608 - our fields


def _relocated(feed: Feed, state: State, now: datetime) -> State:
    """The new address of a feed that has moved for good, unless another feed lives there already."""
    url = address_after_move(feed, state, now)
    if not url or Feed.objects.filter(url=url).exists():
        return {}
    Move.objects.create(feed=feed, from_url=feed.url, to_url=url, moved_at=now)
    stays = {"moved_to": "", "moved_since": None, "moved_count": 0, "first_url": feed.first_url or feed.url}
    return {"url": url, "host": host_of(url), **stays}


def _slow_hosts(feeds: Sequence[Feed]) -> set[str]:
    """Those that ever complained."""
    return set(Host.objects.filter(name__in={feed.host for feed in feeds}).values_list("name", flat=True))


def _let_rest(visit: Visit, now: datetime) -> None:
    wait = host_wait(visit.code, visit.status, retry_after(visit.headers, now))
    if wait:
        Host.objects.update_or_create(name=visit.feed.host, defaults={"not_before": now + wait})


def _forget_old_polls(feed_ids: Sequence[int]) -> None:
    age = Window(RowNumber(), partition_by=[F("feed_id")], order_by=[F("polled_at").desc(), F("pk").desc()])
    old = Poll.objects.filter(feed_id__in=feed_ids).alias(age=age).filter(age__gt=POLLS_KEPT)
    Poll.objects.filter(pk__in=list(old.order_by().values_list("pk", flat=True))).delete()
