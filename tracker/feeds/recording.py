"""What a visit means for the feed itself: its new state, and one line in the log of polls."""

from datetime import datetime
from typing import Any

from tracker.feeds import schedule
from tracker.feeds.models import Feed, Poll, PollOutcome
from tracker.feeds.visiting import Visit

State = dict[str, Any]
PACE = ("interval_minutes", "ttl_minutes", "skip_hours", "skip_days")


def state_after(visit: Visit, *, new_count: int, is_offline: bool, now: datetime) -> State:
    """The feed's fields after the visit, its claim given back."""
    freed = {"claim": "", "claimed_until": None, "last_polled_at": now}
    if not visit.code:
        return freed | _succeeded(visit, new_count, now)
    if is_offline:
        words = {"error_code": "offline", "error_detail": visit.detail}
        return freed | words | {"next_poll_at": now + schedule.OFFLINE}
    return freed | _failed(visit, now)


def poll_of(visit: Visit, *, new_count: int, now: datetime) -> Poll:
    outcome = PollOutcome.NEW if new_count else PollOutcome.NOTHING
    return Poll(
        feed=visit.feed,
        polled_at=now,
        outcome=PollOutcome.FAILED if visit.code else outcome,
        http_status=visit.status,
        final_url=visit.final_url,
        new_count=new_count,
        duration_ms=visit.duration_ms,
        error_code=visit.code,
        error_detail=visit.detail[:500],
    )


def _succeeded(visit: Visit, new_count: int, now: datetime) -> State:
    feed = visit.feed
    state: State = {
        "last_success_at": now,
        "failing_since": None,
        "failure_count": 0,
        "failure_score": 0,
        "gone_since": None,
        "gone_count": 0,
        "error_code": "",
        "error_detail": "",
        "newest_entry_at": now if new_count else feed.newest_entry_at,
        **_validators(visit),
        **_moved(visit, now),
    }
    if visit.status == 200:
        state |= {"body_hash": visit.body_hash, "last_full_at": now}
    if visit.parsed:
        state |= _described(visit, new_count, now)
    known: State = {name: getattr(feed, name) for name in PACE} | state
    state["next_poll_at"] = schedule.after_success(
        feed_id=feed.pk,
        now=now,
        interval=known["interval_minutes"],
        floor=schedule.publisher_floor(visit.headers, known["ttl_minutes"], now),
        newest_entry_at=known["newest_entry_at"],
        skipped=(known["skip_hours"], known["skip_days"]),
        has_validators=bool(known["is_conditional"] and (known["etag"] or known["last_modified"])),
    )
    return state


def _described(visit: Visit, new_count: int, now: datetime) -> State:
    """What the document says of its pace and, where nobody gave better words, of itself."""
    feed, parsed = visit.feed, visit.parsed
    assert parsed is not None
    dates = [entry.published_at for entry in parsed.entries if entry.published_at]
    state: State = {name: getattr(parsed, name) for name in ("ttl_minutes", "skip_hours", "skip_days")}
    state["interval_minutes"] = schedule.usual_interval(dates)
    if dates and not (new_count and len(dates) < len(parsed.entries)):
        state["newest_entry_at"] = min(max(dates), now)
    if parsed.title and feed.title == feed.host:
        state["title"] = parsed.title
    if not feed.site_url:
        state["site_url"] = parsed.site_url
    if not feed.language:
        state["language"] = parsed.language
    return state


def _validators(visit: Visit) -> State:
    """Kept as they came; an ETag that stays while the document changes is never sent again."""
    feed = visit.feed
    etag = _printable(visit.headers.get("etag", ""), 1000)
    last_modified = _printable(visit.headers.get("last-modified", ""), 200)
    if visit.status == 304:
        etag, last_modified = etag or feed.etag, last_modified or feed.last_modified
    is_same = (etag, last_modified) == (feed.etag, feed.last_modified) and bool(etag or last_modified)
    is_lying = bool(feed.body_hash and visit.body_hash and visit.body_hash != feed.body_hash and is_same)
    return {
        "etag": etag,
        "last_modified": last_modified,
        "is_conditional": feed.is_conditional and not is_lying,
    }


def _moved(visit: Visit, now: datetime) -> State:
    """Counts a permanent redirect, and follows it for good when it stood long enough."""
    feed, target = visit.feed, visit.moved_to
    if not target or target == feed.url:
        return {"moved_to": "", "moved_since": None, "moved_count": 0}
    is_repeated = target == feed.moved_to
    since = feed.moved_since if is_repeated else now
    count = feed.moved_count + 1 if is_repeated else 1
    return {"moved_to": target, "moved_since": since, "moved_count": min(count, 1000)}


def _failed(visit: Visit, now: datetime) -> State:
    feed, code = visit.feed, visit.code
    score = feed.failure_score + schedule.SEVERITY.get(code, schedule.HARD)
    gone_since = (feed.gone_since or now) if code == "gone" else None
    gone_count = feed.gone_count + 1 if code == "gone" else 0
    state: State = {
        "failing_since": feed.failing_since or now,
        "failure_count": feed.failure_count + 1,
        "failure_score": score,
        "gone_since": gone_since,
        "gone_count": min(gone_count, 1000),
        "error_code": code,
        "error_detail": visit.detail[:500],
        "next_poll_at": schedule.after_failure(
            feed_id=feed.pk,
            now=now,
            interval=feed.interval_minutes,
            score=score,
            code=code,
            wait=schedule.retry_after(visit.headers, now),
        ),
    }
    if schedule.is_gone(count=gone_count, since=gone_since, now=now):
        state["retired_at"] = now
    return state


def _printable(value: str, limit: int) -> str:
    """Validators are opaque, but what cannot be sent back as it came is of no use."""
    return value if value.isascii() and value.isprintable() and len(value) <= limit else ""


def address_after_move(feed: Feed, state: State, now: datetime) -> str:
    """Where the feed lives from now on, if a move has just been believed."""
    is_believed = schedule.has_moved(count=state.get("moved_count", 0), since=state.get("moved_since"), now=now)
    return str(state["moved_to"]) if is_believed else ""
