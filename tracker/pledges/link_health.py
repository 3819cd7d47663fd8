"""What an answer says about a link, how its state moves on, and when to ask again.

A link is dead only after several failures days apart; an answer that tells nothing about it leaves it as it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EVERY_WEEK = timedelta(days=7)
AFTER_A_FAILURE = timedelta(days=2)
FAILURES_TO_DIE = 3
DAYS_TO_DIE = timedelta(days=4)
# No usable answer, and the likely cause is the link's own server.
FAILURES = {"dns", "connection", "timeout", "tls", "bad_redirect", "bad_response"}


class Finding(StrEnum):
    THERE = "there"
    FAILED = "failed"
    UNTOLD = "untold"  # refused to programs, out of our reach, too large: people may well read it


@dataclass(frozen=True)
class Health:
    state: str
    state_since: datetime
    failure_count: int = 0
    failing_since: datetime | None = None


def finding(*, status: int | None, code: str) -> Finding:
    if status == 200 and not code:
        return Finding.THERE
    if status in (404, 410) or (status or 0) >= 500 or code in FAILURES:
        return Finding.FAILED
    return Finding.UNTOLD


def after(health: Health, found: Finding, *, has_changed: bool, now: datetime) -> Health:
    """The next state, with the day since when it holds: of a dead link, that of its first failure."""
    if found is Finding.UNTOLD:
        return health
    if found is Finding.THERE:
        return _moved(health, "changed" if has_changed else "ok", since=now, failure_count=0, failing_since=None)
    count, since = health.failure_count + 1, health.failing_since or now
    is_dead = count >= FAILURES_TO_DIE and now - since >= DAYS_TO_DIE
    return _moved(health, "dead" if is_dead else health.state, since=since, failure_count=count, failing_since=since)


def _moved(
    health: Health, state: str, *, since: datetime, failure_count: int, failing_since: datetime | None
) -> Health:
    return Health(state, health.state_since if state == health.state else since, failure_count, failing_since)


def wait(health: Health, found: Finding) -> timedelta:
    """Sooner while a failure needs a second look."""
    is_in_doubt = found is Finding.FAILED and health.state != "dead"
    return AFTER_A_FAILURE if is_in_doubt else EVERY_WEEK


def is_own_network_down(answers: list[tuple[str, int | None]]) -> bool:
    """Two servers or more were asked, and none gave any answer at all. Takes (host, status)."""
    return len({host for host, _status in answers}) > 1 and all(status is None for _host, status in answers)
