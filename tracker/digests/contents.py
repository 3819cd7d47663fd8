"""What changed for one person in one period, read from the record in a constant number of queries.

An item is news when it was recorded since the last digest and since the person began to follow its pledge, and when no
digest that went out has told it. Each digest keeps the names of its items: `a12` an assessment, `e7` evidence,
`overdue:3:2025-12-31` and `due_soon:3:2025-12-31` a pledge that came to that day. So an item whose transaction ended
after the planning of its own period is told in the next one, and what a failed or doubtful digest told is told again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count, Max, Q

from tracker.accounts.zones import zone
from tracker.digests import periods
from tracker.digests.models import UNDELIVERED, Digest, DigestState, Follow, Subscription
from tracker.matching.models import Suggestion
from tracker.pledges.models import CLOSED, Assessment, Declaration, Evidence, Party, Pledge
from tracker.pledges.timeliness import timeliness

LATECOMERS = timedelta(minutes=10)  # longer than any request may hold a row back between its stamp and its commit
NOT_TOLD = (*UNDELIVERED, DigestState.EMPTY, DigestState.CANCELLED)


@dataclass(frozen=True)
class Change:
    """A pledge, or one party's part of it, that was judged, perhaps more than once; newest first."""

    pledge: Pledge
    assessments: list[Assessment]

    @property
    def party(self) -> Party | None:
        return self.assessments[0].party

    @property
    def before(self) -> str:
        return self.assessments[-1].previous_status

    @property
    def after(self) -> str:
        return self.assessments[0].status

    @property
    def is_confirmation(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True)
class Due:
    pledge: Pledge
    code: str
    days: int
    crossed_on: date

    @property
    def item(self) -> str:
        return f"{self.code}:{self.pledge.pk}:{self.pledge.due_latest}"


@dataclass(frozen=True)
class News:
    """New evidence of one pledge; newest first."""

    pledge: Pledge
    evidence: list[Evidence]


@dataclass(frozen=True)
class Waiting:
    count: int
    best: list[Suggestion]
    is_new: bool


@dataclass(frozen=True)
class Standing:
    """Where the followed pledges of one declaration stand at the end of the period."""

    declaration: Declaration
    pledges: list[Pledge]
    is_whole: bool
    overdue_count: int


@dataclass(frozen=True)
class Contents:
    subscription: Subscription
    start: datetime
    end: datetime
    days: tuple[date, date]
    standings: list[Standing] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    waiting: Waiting | None = None

    @property
    def is_empty(self) -> bool:
        """Articles that waited last time already are no reason for a mail."""
        return not (self.changes or self.due or self.news or (self.waiting and self.waiting.is_new))

    @property
    def items(self) -> list[str]:
        """The names of what it tells."""
        return [
            *(f"a{one.pk}" for change in self.changes for one in change.assessments),
            *(due.item for due in self.due),
            *(f"e{one.pk}" for news in self.news for one in news.evidence),
        ]


@dataclass(frozen=True)
class _Scope:
    """What one person follows and since when, and the edges of the period."""

    pledges: dict[int, Pledge]
    since: dict[int, datetime]
    floor: datetime
    end: datetime
    again: frozenset[str]
    told: frozenset[str]

    def window(self, stamp: str, letter: str) -> Q:
        """Recorded in the period, or told by a digest that perhaps nobody got."""
        again = [int(name[1:]) for name in self.again if name[0] == letter and name[1:].isdigit()]
        recent = Q(**{f"{stamp}__gte": self.floor, f"{stamp}__lt": self.end})
        return Q(pledge__in=list(self.pledges)) & (recent | Q(pk__in=again))

    def is_news(self, item: str, pledge_id: int, stamp: datetime) -> bool:
        return item not in self.told and (item in self.again or stamp >= self.since[pledge_id])


def gather(subscription: Subscription, *, end: datetime, undelivered: Iterable[Digest] = ()) -> Contents:
    """Everything to tell at `end`. `undelivered` are the digests whose items must be told again."""
    user, start = subscription.user, subscription.covered_until
    frame = Contents(subscription, start, end, periods.days(start, end, user.time_zone))
    follows = list(Follow.objects.filter(user=user))
    if not follows:
        return frame
    scope = _scope(subscription, follows, end, undelivered)
    today = end.astimezone(zone(user.time_zone)).date()
    return Contents(
        subscription,
        start,
        end,
        frame.days,
        standings=_standings(scope, follows, today),
        changes=_changes(scope) if subscription.wants_status else [],
        due=_due(scope, today, user.time_zone) if subscription.wants_due else [],
        news=_news(scope) if subscription.wants_evidence else [],
        waiting=_waiting(scope, start) if subscription.wants_suggestions and user.is_editor else None,
    )


def _scope(subscription: Subscription, follows: list[Follow], end: datetime, undelivered: Iterable[Digest]) -> _Scope:
    wholes = {follow.declaration_id: follow.created_at for follow in follows if follow.declaration_id}
    singles = {follow.pledge_id: follow.created_at for follow in follows if follow.pledge_id}
    followed = Pledge.objects.in_force().filter(Q(declaration__in=list(wholes)) | Q(pk__in=list(singles)))
    pledges = {
        pledge.pk: pledge for pledge in followed.select_related("declaration").prefetch_related("declaration__parties")
    }
    since = {
        pk: min(at for at in (singles.get(pk), wholes.get(pledge.declaration_id)) if at)
        for pk, pledge in pledges.items()
    }
    floor = subscription.covered_until - LATECOMERS
    went_out = Digest.objects.filter(user=subscription.user_id, period_end__gte=floor - timedelta(days=3))
    told = went_out.exclude(state__in=NOT_TOLD).values_list("items", flat=True)
    again = frozenset(item for digest in undelivered for item in digest.items)
    return _Scope(pledges, since, floor, end, again, frozenset(item for items in told for item in items))


def _standings(scope: _Scope, follows: list[Follow], today: date) -> list[Standing]:
    wholes = {follow.declaration_id for follow in follows}
    rows = sorted(scope.pledges.values(), key=lambda pledge: (pledge.declaration_id, pledge.number))
    standings = []
    for _pk, group in groupby(rows, key=lambda pledge: pledge.declaration_id):
        pledges = list(group)
        overdue = sum(1 for pledge in pledges if (due := _timely(pledge, today)) and due.code == "overdue")
        declaration = pledges[0].declaration
        standings.append(Standing(declaration, pledges, declaration.pk in wholes, overdue))
    return standings


def _changes(scope: _Scope) -> list[Change]:
    rows = (
        Assessment.objects.filter(scope.window("recorded_at", "a"))
        .select_related("recorded_by", "party")
        .order_by("-recorded_at", "-pk")
    )
    found: dict[tuple[int, int | None], list[Assessment]] = {}
    for row in rows:
        if scope.is_news(f"a{row.pk}", row.pledge_id, row.recorded_at):
            found.setdefault((row.pledge_id, row.party_id), []).append(row)
    return [Change(scope.pledges[pk], assessments) for (pk, _party), assessments in found.items()]


def _news(scope: _Scope) -> list[News]:
    rows = Evidence.objects.filter(scope.window("added_at", "e"), withdrawn_at__isnull=True)
    found: dict[int, list[Evidence]] = {}
    for row in rows.order_by("-added_at", "-pk"):
        if scope.is_news(f"e{row.pk}", row.pledge_id, row.added_at):
            row.pledge = scope.pledges[row.pledge_id]
            found.setdefault(row.pledge_id, []).append(row)
    return [News(scope.pledges[pk], evidence) for pk, evidence in found.items()]


def _timely(pledge: Pledge, today: date) -> Due | None:
    state = timeliness(
        due_latest=pledge.due_latest,
        fulfilled_on=None,
        is_closed=pledge.status in CLOSED,
        today=today,
        due_soon_days=pledge.declaration.due_soon_days,
    )
    if pledge.due_latest is None or state.code not in ("overdue", "due_soon"):
        return None
    soon = timedelta(days=pledge.declaration.due_soon_days)
    crossed_on = pledge.due_latest + timedelta(days=1) if state.code == "overdue" else pledge.due_latest - soon
    return Due(pledge, state.code, state.days or 0, crossed_on)


def _due(scope: _Scope, today: date, zone_name: str) -> list[Due]:
    """Pledges that came to be due soon or overdue: the day of the crossing lies in the period. Most pressing first."""
    place = zone(zone_name)
    first = scope.floor.astimezone(place).date()
    found = []
    for pledge in scope.pledges.values():
        due = _timely(pledge, today)
        if due is None or due.item in scope.told:
            continue
        followed_on = scope.since[pledge.pk].astimezone(place).date()
        if due.item in scope.again or (due.crossed_on >= first and due.crossed_on > followed_on):
            found.append(due)
    return sorted(found, key=lambda due: (due.code != "overdue", due.crossed_on, due.pledge.pk))


def _waiting(scope: _Scope, start: datetime) -> Waiting | None:
    waiting = Suggestion.objects.pending().filter(pledge__in=list(scope.pledges))
    total = waiting.aggregate(count=Count("pk"), newest=Max("created_at"))
    if not total["count"]:
        return None
    best = waiting.select_related("article").defer("article__text", "reasons").order_by("-score", "-id")[:3]
    rows = list(best)
    for row in rows:
        row.pledge = scope.pledges[row.pledge_id]
    return Waiting(total["count"], rows, total["newest"] >= start)
