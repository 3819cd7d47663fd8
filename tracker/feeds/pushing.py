"""News pushed by hubs: WebSub (W3C Recommendation, 23 January 2018), as subscriber. Off without WEBSUB_CALLBACK.

- Discovery (section 4): Link headers first, then the links of the document; hub and topic (`self`) must both be there.
- Subscription (5.1): hub.mode, hub.topic, hub.callback with an address nobody can guess, hub.secret, hub.lease_seconds.
  A hub that redirects is not followed: the secret would go to whoever it names.
- Verification (5.3): only what we asked for within a day, for the very topic, is confirmed by echoing the challenge.
- Denial (5.2) is kept with its reason, and the hub is asked again in a week.
- Renewal: after four fifths of the lease, by rows that beat looks at; a silent hub is asked ever more rarely.
- Distribution (7): only what is signed with the secret (7.1) is read; all else is acknowledged and ignored.
  It goes the way of every polled document; a feed that is paused or unknown answers 410, so that the hub stops.
- Polling goes on every six hours at least, for hubs fall silent; so nothing depends on a push.
"""

import asyncio
import logging
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tracker.feeds import websub
from tracker.feeds.canonical import web_link
from tracker.feeds.models import Feed, Poll, PollOutcome
from tracker.feeds.parser import ParseError, parse
from tracker.feeds.plain_text import clean
from tracker.feeds.push_models import PushSubscription
from tracker.feeds.storing import prepare, store
from tracker.feeds.visiting import Visit
from tracker.fetching import Fetcher, FetchError

logger = logging.getLogger(__name__)

SAFETY_POLL = timedelta(hours=6)
ASKED_AT_ONCE, IN_FLIGHT = 50, 4  # many feeds share one hub
FIRST_RETRY, LONGEST_RETRY = timedelta(hours=1), timedelta(days=1)
ANSWERS_WITHIN = timedelta(days=1)
AFTER_DENIAL = timedelta(days=7)
RENEWED_AFTER = 0.8  # of the lease


class UnknownPushError(Exception):
    """Nobody here wants this push: the hub may forget it."""


# -- Who has a hub


def note_hubs(visits: Iterable[Visit], *, now: datetime) -> None:
    """Remembers the hubs that documents announce, to be asked at the next tick; forgets those they no longer do."""
    if not settings.WEBSUB_CALLBACK:
        return
    hubs = {visit.feed.pk: _hub(visit) for visit in visits if visit.parsed}
    known = {push.feed_id: push for push in PushSubscription.objects.filter(feed__in=hubs)}
    for feed_id, (hub, topic) in hubs.items():
        push = known.get(feed_id)
        if push and (push.hub, push.topic) == (hub, topic):
            continue
        if push:
            push.delete()
        if hub and topic:
            token, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
            PushSubscription.objects.create(
                feed_id=feed_id, hub=hub, topic=topic, token=token, secret=secret, next_at=now
            )


def _hub(visit: Visit) -> tuple[str, str]:
    assert visit.parsed is not None
    base = visit.final_url or visit.feed.url
    hub, topic = (web_link(link, base) for link in websub.linked(visit.headers))
    return (hub, topic) if hub and topic else (visit.parsed.hub, visit.parsed.topic)


def pushed_feeds(feeds: Collection[Feed], *, now: datetime) -> set[int]:
    """Those whose hub has granted to push."""
    if not settings.WEBSUB_CALLBACK:
        return set()
    return set(PushSubscription.objects.active(now).filter(feed__in=feeds).values_list("feed_id", flat=True))


# -- Asking


def subscribe_due(*, now: datetime, fetcher: Fetcher) -> int:
    """Asks the hubs whose turn it is, each once also where two workers do this; how many were asked."""
    if not settings.WEBSUB_CALLBACK:
        return 0
    due = list(PushSubscription.objects.due(now)[:ASKED_AT_ONCE])
    claimed = [push for push in due if _claim(push, now)]
    for push, error in asyncio.run(_ask_all(claimed, fetcher)) if claimed else ():
        PushSubscription.objects.filter(pk=push.pk).update(error=error)
    return len(claimed)


def _claim(push: PushSubscription, now: datetime) -> bool:
    """Before the hub is asked: it may call back at once."""
    retry = min(FIRST_RETRY * 2 ** min(push.attempts, 10), LONGEST_RETRY)
    mine = PushSubscription.objects.filter(pk=push.pk, next_at=push.next_at)
    return bool(mine.update(next_at=now + retry, asked_at=now, attempts=min(push.attempts + 1, 1000)))


async def _ask_all(pushes: Sequence[PushSubscription], fetcher: Fetcher) -> list[tuple[PushSubscription, str]]:
    turns = asyncio.Semaphore(IN_FLIGHT)

    async def in_turn(push: PushSubscription) -> tuple[PushSubscription, str]:
        async with turns:
            return push, await _ask(push, fetcher)

    async with fetcher:
        return await asyncio.gather(*map(in_turn, pushes))


async def _ask(push: PushSubscription, fetcher: Fetcher) -> str:
    """What went wrong, if anything."""
    callback = settings.WEBSUB_CALLBACK + reverse("push", args=[push.token])
    form = websub.request_form(callback=callback, topic=push.topic, secret=push.secret)
    try:
        answer = await fetcher.post(push.hub, form)
    except FetchError as error:
        return f"{error.code}: {error}"[:300]
    return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"


# -- Being called


@transaction.atomic
def confirm(*, token: str, topic: str, lease_seconds: str, now: datetime) -> None:
    """The hub asks whether it was us who asked; UnknownPushError when it was not."""
    asked = PushSubscription.objects.filter(token=token, topic=topic, asked_at__gt=now - ANSWERS_WITHIN)
    granted = timedelta(seconds=websub.lease(lease_seconds))
    until = {"lease_until": now + granted, "next_at": now + granted * RENEWED_AFTER}
    if not asked.filter(feed__paused_at__isnull=True, feed__retired_at__isnull=True).update(
        **until, attempts=0, error=""
    ):
        raise UnknownPushError


def deny(*, token: str, topic: str, reason: str, now: datetime) -> None:
    """The hub does not want to, now or any more."""
    told = f"denied: {clean(reason, 280)}"
    denied = PushSubscription.objects.filter(token=token, topic=topic)
    if not denied.update(lease_until=None, next_at=now + AFTER_DENIAL, error=told):
        raise UnknownPushError


def receive(*, token: str, body: bytes, content_type: str, signature: str, now: datetime) -> int:
    """How many new articles a push brought; UnknownPushError when nobody wants it. What is not signed brings none."""
    push = PushSubscription.objects.active(now).filter(token=token).select_related("feed").first()
    if not push:
        raise UnknownPushError
    if not websub.is_signed(body, header=signature, secret=push.secret):
        logger.warning("feed %s: a push without a valid signature was ignored", push.feed_id)
        return 0
    try:
        parsed = parse(body, content_type=content_type, url=push.feed.url, now=now)
    except ParseError as error:
        logger.warning("feed %s: what its hub pushed is no feed: %s", push.feed_id, error)
        return 0
    prepared = prepare([(push.feed, parsed)], now=now)
    with transaction.atomic():
        count = store(prepared, now=now)[push.feed_id]
        outcome = PollOutcome.NEW if count else PollOutcome.NOTHING
        Poll.objects.create(feed=push.feed, polled_at=now, outcome=outcome, new_count=count, is_push=True)
        PushSubscription.objects.filter(pk=push.pk).update(pushed_at=now)
        if count:
            Feed.objects.filter(pk=push.feed_id).update(newest_entry_at=now)
    return count
