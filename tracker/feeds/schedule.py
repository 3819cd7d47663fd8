"""What a poll met → when to poll next: as often as the feed brings news, as rarely as its server asks."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from statistics import median
from zlib import crc32

SHORTEST, USUAL, LONGEST = 15, 60, 24 * 60  # minutes
UNCONDITIONAL_SHORTEST = 60  # a server that cannot say "unchanged" sends everything every time
SILENT = ((30, 24 * 60), (14, 12 * 60), (7, 6 * 60))  # days without an entry, minutes at least
BLOCKED = timedelta(hours=4)
RATE_LIMITED = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=7)
LONGEST_ASKED = timedelta(hours=24)  # a server may ask for ten years, by mistake or not
GIVEN_UP = 10.0  # from this score on a feed is asked weekly; it is never dropped for failing
FULL_EVERY = timedelta(days=2)
OFFLINE = timedelta(minutes=5)

# How much a failure says about the feed: little when it may be our own network, all when the server was clear.
TEMPORARY, SOFT, HARD = 0.25, 0.5, 1.0
SEVERITY = {
    "dns_busy": TEMPORARY,
    "unreachable": TEMPORARY,
    "connection": SOFT,
    "timeout": SOFT,
    "tls": SOFT,
    "bad_response": SOFT,
    "not_a_feed": SOFT,
    "not_found": SOFT,
    "server_error": SOFT,
    "rate_limited": SOFT,
    "internal": SOFT,
    "blocked": 0.0,
}
# Nobody answered at all; "offline" is what we called it when it was us.
NO_ANSWER = {"dns", "dns_busy", "unreachable", "connection", "offline"}
LATEST = timedelta(minutes=15)  # whose polls tell whether our own network is down
STATUS_CODES = {401: "blocked", 403: "blocked", 404: "not_found", 410: "gone", 429: "rate_limited"}


def code_of_status(status: int, headers: Mapping[str, str]) -> str:
    """The cause a refusing answer names."""
    if headers.get("cf-mitigated"):
        return "blocked"
    return STATUS_CODES.get(status, "server_error" if status >= 500 else "http_error")


def usual_interval(dates: Iterable[datetime]) -> int:
    """Half the median gap of the twenty newest entries, in minutes."""
    newest = sorted(dates, reverse=True)[:20]
    if len(newest) < 2:
        return USUAL
    gaps = [(later - earlier).total_seconds() / 60 for later, earlier in pairwise(newest)]
    return round(min(max(median(gaps) / 2, SHORTEST), LONGEST))


def publisher_floor(headers: Mapping[str, str], ttl_minutes: int | None, now: datetime) -> int:
    """The pace the publisher asks for, in the document or in the answer's headers; a day at most."""
    asked = [ttl_minutes or 0]
    if found := re.search(r"max-age\s*=\s*\"?(\d{1,9})", headers.get("cache-control", "")):
        asked.append(int(found[1]) // 60)
    elif expires := _http_date(headers.get("expires", "")):
        asked.append(int((expires - now).total_seconds() // 60))
    return min(max(asked), LONGEST)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks us to stay away: a minute at least, a day at most."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=min(int(value[:10]), LONGEST_ASKED.total_seconds()))
    elif moment := _http_date(value):
        wait = moment - now
    else:
        return None
    return min(max(wait, timedelta(minutes=1)), LONGEST_ASKED)


def after_success(
    *,
    feed_id: int,
    now: datetime,
    interval: int,
    floor: int,
    newest_entry_at: datetime | None,
    has_validators: bool,
    skipped: tuple[int, int] = (0, 0),
) -> datetime:
    """The next poll of a feed that answered; `skipped`: the hours and days its document asks to leave out, as bits."""
    minutes = interval
    silence = (now - newest_entry_at) if newest_entry_at else timedelta(0)
    for days, at_least in SILENT:
        if silence >= timedelta(days=days):
            minutes = max(minutes, at_least)
            break
    if not has_validators:
        minutes = max(minutes, UNCONDITIONAL_SHORTEST)
    # Spread both ways around our own pace, but only later than what was asked for.
    wait = max(minutes * (0.9 + 0.2 * _spread(feed_id)), floor * (1 + 0.1 * _spread(feed_id)))
    return _outside(now + timedelta(minutes=wait), *skipped)


def _outside(moment: datetime, hours: int, days: int) -> datetime:
    """The first such minute of an hour that is not skipped; a day later at most, whatever is asked."""
    at = moment.astimezone(UTC)
    for _ in range(24):
        if not (hours >> at.hour & 1 or days >> at.weekday() & 1):
            break
        at += timedelta(hours=1)
    return at


def after_failure(
    *, feed_id: int, now: datetime, interval: int, score: float, code: str, wait: timedelta | None
) -> datetime:
    """The next poll of a feed that failed; `score` counts this failure already."""
    minutes = min(interval * 2 ** min(score, 6), LONGEST)
    if score > GIVEN_UP:
        minutes = LONGEST_WAIT.total_seconds() / 60
    delay = timedelta(minutes=minutes * (0.9 + 0.2 * _spread(feed_id, score)))
    if code == "blocked":
        delay = BLOCKED * (1 + 0.1 * _spread(feed_id))
    if code == "rate_limited":
        delay = max(delay, RATE_LIMITED)
    return now + max(delay, wait or timedelta(0))


def host_wait(code: str, status: int | None, wait: timedelta | None) -> timedelta | None:
    """How long the whole server is left alone: it said it has too much to do."""
    if code == "rate_limited":
        return wait or RATE_LIMITED
    return wait if status == 503 else None


def is_gone(*, count: int, since: datetime | None, now: datetime) -> bool:
    """Three times "gone" over two days: then it is."""
    return count >= 3 and since is not None and now - since >= timedelta(hours=48)


def has_moved(*, count: int, since: datetime | None, now: datetime) -> bool:
    """A permanent redirect is believed once it stood for days: a hijacked server is repaired sooner."""
    return count >= 5 and since is not None and now - since >= timedelta(days=4)


def wants_full_answer(last_full_at: datetime | None, now: datetime) -> bool:
    """Some servers never change their validators; an unconditional request now and then finds them out."""
    return last_full_at is None or now - last_full_at >= FULL_EVERY


def is_own_network_down(results: Iterable[tuple[str, str]]) -> bool:
    """From (host, error code) of the latest polls: most servers cannot be down at once."""
    hosts: dict[str, bool] = {}
    for host, code in results:
        hosts[host] = hosts.get(host, True) and code in NO_ANSWER
    return len(hosts) >= 5 and sum(hosts.values()) > 0.6 * len(hosts)


def _spread(feed_id: int, salt: float = 0) -> float:
    """0…1, the same for the same feed: its polls keep a place of their own within the hour."""
    return crc32(f"{feed_id}:{salt}".encode()) / 0xFFFFFFFF


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
