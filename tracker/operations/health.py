"""Which parts of the machinery work, told apart, and how old the oldest waiting work is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tracker.digests.models import Digest
from tracker.feeds.models import Article, Feed
from tracker.operations import broker
from tracker.operations.actions import BEAT
from tracker.operations.models import Heartbeat
from tracker.pledges.models import EvidenceCopy

# Beat sends a heartbeat into every queue each ten seconds; three missed ones are no hiccup.
LATE_AFTER = timedelta(seconds=35)
QUEUES = ("poll", "match", "mail")
PARTS = ("database", "migrations", "broker", BEAT, *QUEUES)


class State(StrEnum):
    OK = "ok"
    LATE = "late"  # its last sign of life is too old
    DOWN = "down"  # asked, and no good answer
    UNKNOWN = "unknown"  # cannot be told while another part is out


@dataclass(frozen=True)
class Part:
    state: State
    last_at: datetime | None = None

    @property
    def is_ok(self) -> bool:
        return self.state is State.OK


@dataclass(frozen=True)
class Report:
    parts: dict[str, Part]
    waiting: dict[str, datetime | None]

    @property
    def is_ok(self) -> bool:
        return all(part.is_ok for part in self.parts.values())


def readiness() -> dict[str, Part]:
    """What a web process needs before it should get visitors."""
    database = _database()
    return {
        "database": database,
        "migrations": _migrations() if database.is_ok else Part(State.UNKNOWN),
        "broker": Part(State.OK if broker.answers() else State.DOWN),
    }


def report(now: datetime) -> Report:
    parts = readiness()
    if not parts["migrations"].is_ok:
        unknown = dict.fromkeys((BEAT, *QUEUES), Part(State.UNKNOWN))
        return Report({**parts, **unknown}, dict.fromkeys(_WAITING))
    return Report({**parts, **_signs(now)}, {name: oldest(now) for name, oldest in _WAITING.items()})


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return Part(State.DOWN)
    return Part(State.OK)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """The files cannot change while the process lives."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _migrations() -> Part:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return Part(State.DOWN)
    return Part(State.OK if _known_migrations() <= applied.keys() else State.DOWN)


def _signs(now: datetime) -> dict[str, Part]:
    """A queue is judged by what beat sent into it, so a silent beat leaves the queues unknown, not late."""
    last = dict(Heartbeat.objects.values_list("name", "at"))
    beat_at = last.get(BEAT)
    beat_is_ok = beat_at is not None and beat_at >= now - LATE_AFTER

    def queue(name: str) -> Part:
        at = last.get(name)
        if not beat_is_ok:
            return Part(State.UNKNOWN, at)
        return Part(State.OK if at and at >= now - LATE_AFTER else State.LATE, at)

    return {BEAT: Part(State.OK if beat_is_ok else State.LATE, beat_at), **{name: queue(name) for name in QUEUES}}


def _first(queryset: Any, field: str) -> datetime | None:
    return queryset.values_list(field, flat=True).first()


_WAITING: dict[str, Callable[[datetime], datetime | None]] = {
    "feeds due": lambda now: _first(Feed.objects.due(now), "next_poll_at"),
    "links due": lambda now: _first(EvidenceCopy.objects.due(now), "next_check_at"),
    "articles unread": lambda now: _first(Article.objects.unprocessed(), "fetched_at"),
    "digests due": lambda now: _first(Digest.objects.sendable(now), "due_at"),
}


def as_json(found: Report, now: datetime) -> dict[str, Any]:
    return {
        "ok": found.is_ok,
        "version": settings.VERSION,
        "at": now,
        "parts": parts_as_json(found.parts),
        "waiting": {
            name: {"oldest": at, "seconds": at and max(0, round((now - at).total_seconds()))}
            for name, at in found.waiting.items()
        },
    }


def parts_as_json(parts: dict[str, Part]) -> dict[str, Any]:
    return {
        name: {"state": part.state, **({"last_at": part.last_at} if part.last_at else {})}
        for name, part in parts.items()
    }
