"""What changed in a declaration since a person's last visit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from tracker.accounts.models import User
from tracker.dashboard.models import Visit
from tracker.dashboard.reading import Today
from tracker.pledges.models import Assessment, Declaration, Evidence, Pledge

# Pages opened within an hour are one visit. A longer one counts from its beginning: rather told twice than missed.
ONE_VISIT = timedelta(hours=1)
SHOWN = 3


@dataclass(frozen=True)
class Since:
    """`judged`: the newest judgement of each pledge judged since, the first few of them; `more` are left out."""

    before: datetime
    judged: list[Assessment]
    more: int
    evidence: int
    overdue: int
    waiting: int

    @property
    def is_quiet(self) -> bool:
        return not (self.judged or self.evidence or self.overdue or self.waiting)


def visit(*, person: User, declaration: Declaration, now: datetime) -> datetime | None:
    """Notes the visit, at most once an hour, and says when the one before began; None on the first."""
    row = Visit.objects.filter(person=person, declaration=declaration).first()
    if row is None:
        first = Visit(person=person, declaration=declaration, began_at=now)
        Visit.objects.bulk_create([first], ignore_conflicts=True)
        return None
    if now - row.began_at < ONE_VISIT:
        return row.before_at
    Visit.objects.filter(pk=row.pk, began_at=row.began_at).update(began_at=now, before_at=row.began_at)
    return row.began_at


def changes(declaration: Declaration, reading: Today, waiting: int, *, before: datetime) -> Since:
    """The same few queries however much changed."""
    recorded = Assessment.objects.filter(pledge__declaration=declaration, recorded_at__gt=before)
    newest: dict[int, Assessment] = {}
    for row in recorded.select_related("party").only("pledge", "party", "status", "recorded_at"):
        newest.setdefault(row.pledge_id, row)
    judged = list(newest.values())
    pledges = Pledge.objects.defer("watch").in_bulk([row.pledge_id for row in judged[:SHOWN]])
    for row in judged[:SHOWN]:
        row.pledge = pledges[row.pledge_id]
    day = localtime(before).date()
    return Since(
        before=before,
        judged=judged[:SHOWN],
        more=max(len(judged) - SHOWN, 0),
        evidence=Evidence.objects.filter(
            pledge__declaration=declaration, added_at__gt=before, withdrawn_at__isnull=True
        ).count(),
        overdue=reading.newly_overdue(day),
        waiting=waiting,
    )
