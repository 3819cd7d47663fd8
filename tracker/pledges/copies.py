"""Keeps what evidence said, and finds out whether its links still lead there.

The rows are the schedule, as with feeds: a claim that nobody uses expires, and the row is due again. Every piece of
evidence that stands gets a row, however it came on record.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from tracker.pledges import link_health
from tracker.pledges.models import Evidence, EvidenceCopy
from tracker.pledges.models.evidence_copy import EvidenceCopyQuerySet
from tracker.pledges.page_visits import Visit

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=9)  # a batch of slow pages, slow texts and a slow archive fits into it
BATCH_SIZE = 10
VisitAll = Callable[[Sequence[EvidenceCopy]], list[Visit]]


def open_missing(*, now: datetime, limit: int) -> None:
    """A row for evidence that has none yet, due at once."""
    without = Evidence.objects.filter(copy__isnull=True, withdrawn_at__isnull=True).order_by("pk")
    EvidenceCopy.objects.bulk_create(
        (
            EvidenceCopy(evidence_id=pk, host=_host_of(url), state_since=now, next_check_at=now)
            for pk, url in without.values_list("pk", "url")[:limit]
        ),
        ignore_conflicts=True,
    )


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "")[:255]
    except ValueError:
        return ""


def claim_due(*, now: datetime, limit: int) -> list[EvidenceCopy]:
    """Takes due rows for the workers, one of each server."""
    turns = Window(RowNumber(), partition_by=[F("host")], order_by=[F("next_check_at"), F("pk")])
    chosen = EvidenceCopy.objects.due(now).on_free_hosts(now).alias(turn=turns).filter(turn=1)
    ids = list(chosen.values_list("pk", flat=True)[:limit])
    return _claim(EvidenceCopy.objects.free(now).filter(pk__in=ids, next_check_at__lte=now), now)


def take_over(*, copy_ids: Iterable[int], claim: str, now: datetime) -> list[EvidenceCopy]:
    """Turns a claim that travelled in a message into one's own: of two that carry it, only one finds rows."""
    return _claim(EvidenceCopy.objects.filter(pk__in=copy_ids, claim=claim), now)


def _claim(copies: EvidenceCopyQuerySet, now: datetime) -> list[EvidenceCopy]:
    """One conditional UPDATE decides who holds a row."""
    claim = str(uuid.uuid4())
    copies.order_by().update(claim=claim, claimed_until=now + LEASE)
    held = EvidenceCopy.objects.filter(claim=claim).select_related("evidence").defer("text")
    return list(held.order_by("next_check_at", "pk"))


def check_batch(*, copies: Sequence[EvidenceCopy], now: datetime, visit_all: VisitAll) -> None:
    """Looks behind claimed links and keeps what was found. The network comes first, the writes after it."""
    visits = visit_all(copies)
    is_offline = link_health.is_own_network_down([(visit.copy.host, visit.status) for visit in visits])
    for visit in visits:
        try:
            with transaction.atomic():
                _record(visit, now, is_offline=is_offline)
        except Exception:  # one row's failure never fails the batch; its claim expires
            logger.exception("what evidence %s said could not be stored", visit.copy.evidence_id)


def _record(visit: Visit, now: datetime, *, is_offline: bool) -> None:
    """Writes only while the claim is still ours: a worker that slept too long has nothing to say."""
    copy = visit.copy
    found = link_health.finding(status=visit.status, code=visit.code)
    if is_offline:
        found = link_health.Finding.UNTOLD
    before = link_health.Health(copy.state, copy.state_since, copy.failure_count, copy.failing_since)
    has_changed = bool(copy.sha256 and visit.sha256 and copy.sha256 != visit.sha256)
    health = link_health.after(before, found, has_changed=has_changed, now=now)
    fields: dict[str, Any] = {
        **asdict(health),
        "checked_at": now,
        "error_code": visit.code,
        "next_check_at": now + link_health.wait(health, found),
        "claim": "",
        "claimed_until": None,
    }
    if visit.sha256 and not copy.sha256:  # the first reading is the copy, and stays it
        names = ("text", "sha256", "media_type")
        fields |= {name: getattr(visit, name) for name in names} | {"http_status": visit.status, "fetched_at": now}
    if visit.archive_url:
        fields["archive_url"] = visit.archive_url
    EvidenceCopy.objects.filter(pk=copy.pk, claim=copy.claim).update(**fields)
