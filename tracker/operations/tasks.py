"""Signs of life: beat's own, and one from every queue.

Beat writes its sign itself, not by a task: a fresh sign of beat beside old signs of the queues means that workers stand
still; an old sign of beat means that nothing can be said about the workers.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import beat, shared_task
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from tracker.operations import actions

logger = logging.getLogger(__name__)
EVERY = timedelta(seconds=5)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@shared_task
def heartbeat(*, queue: str) -> None:
    """Sent by beat into every queue; whichever worker serves that queue leaves the sign."""
    actions.record_heartbeat(name=queue, now=timezone.now())


class Scheduler(beat.Scheduler):
    """Celery's own, without a file: all entries are short intervals, so each fires at the start and then in turn."""

    recorded_at = LONG_AGO

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = LONG_AGO

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        super().apply_entry(entry, producer)
        now = timezone.now()
        if now - self.recorded_at < EVERY:
            return
        self.recorded_at = now
        close_old_connections()
        try:
            actions.record_heartbeat(name=actions.BEAT, now=now)
        except DatabaseError as error:
            logger.warning("Beat could not leave its sign of life: %s", error)
