"""Timeliness: computed on read from the due days and the day of fulfilment, never stored or chosen."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Timeliness:
    """`code` is one of no_deadline, not_yet_due, due_soon, overdue, on_time, late, closed.

    `days` counts whole days: left until the last due day, since it (overdue), or late by; None where there is nothing
    to count: no deadline, or a pledge closed without a day of fulfilment.
    """

    code: str
    days: int | None = None


def timeliness(
    *, due_latest: date | None, fulfilled_on: date | None, is_closed: bool, today: date, due_soon_days: int
) -> Timeliness:
    """Where a pledge stands in time. Overdue only after the last day the due date can mean."""
    if due_latest is None:
        return Timeliness("no_deadline")
    if fulfilled_on is not None:
        late = (fulfilled_on - due_latest).days
        return Timeliness("late", late) if late > 0 else Timeliness("on_time", -late)
    if is_closed:
        return Timeliness("closed")
    left = (due_latest - today).days
    if left < 0:
        return Timeliness("overdue", -left)
    return Timeliness("due_soon" if left <= due_soon_days else "not_yet_due", left)


def is_stale(*, status: str, latest_evidence_on: date | None, today: date, stale_days: int) -> bool:
    """In progress, and silent for longer than the declaration allows."""
    return status == "in_progress" and (latest_evidence_on is None or (today - latest_evidence_on).days > stale_days)
