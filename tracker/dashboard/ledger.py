"""The list of pledges: one line for each, with what its dates and its coverage say. All else counts by these."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import ngettext

from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.pledges import charts
from tracker.pledges.as_of import NOW, AsOf
from tracker.pledges.models import CLOSED, Assessment, Evidence, Pledge, Stance, Status
from tracker.pledges.timeliness import Timeliness, is_stale, timeliness

# Articles that turned out to be about something else are no coverage.
NO_COVERAGE = (DismissReason.OFF_TOPIC, DismissReason.WRONG_PLACE_OR_TIME)


@dataclass(frozen=True)
class Mark:
    """One item of evidence, as a timeline shows it."""

    published_on: date
    published_edtf: str
    stance: str


@dataclass(frozen=True)
class Line:
    """A pledge with everything a list says about it."""

    pledge: Pledge
    timeliness: Timeliness
    today: date
    marks: list[Mark]
    coverage: Counter[charts.Month]
    waiting: int = 0
    best_match: Any = None

    @property
    def latest(self) -> Mark | None:
        return self.marks[-1] if self.marks else None

    @property
    def silent_days(self) -> int | None:
        """Days since the newest evidence; None where there never was any."""
        return (self.today - self.latest.published_on).days if self.latest else None

    @cached_property
    def flags(self) -> list[str]:
        flags = [self.timeliness.code] if self.timeliness.code in ("overdue", "due_soon") else []
        stale = is_stale(
            status=self.pledge.status,
            latest_evidence_on=self.latest.published_on if self.latest else None,
            today=self.today,
            stale_days=self.pledge.declaration.stale_days,
        )
        return [*flags, "stale"] if stale else flags

    @property
    def party_codes(self) -> str:
        return " + ".join(party.code for party in self.pledge.parties.all())

    @property
    def party_names(self) -> str:
        return ", ".join(str(party) for party in self.pledge.parties.all())

    @property
    def spark(self) -> list[charts.Bar]:
        accepted = Counter((mark.published_on.year, mark.published_on.month) for mark in self.marks)
        since = self.pledge.declaration.signed_on
        return charts.spark(accepted=accepted, others=self.coverage, first=since, last=self.today)

    @property
    def coverage_words(self) -> str:
        count = len(self.marks) + self.coverage.total()
        said = ngettext("%(count)d article since the signing", "%(count)d articles since the signing", count)
        return said % {"count": count}

    @property
    def stance_words(self) -> str:
        """`Progress 3, Setback 1`, for readers by ear."""
        counts = Counter(mark.stance for mark in self.marks)
        return ", ".join(f"{label} {counts[code]}" for code, label in Stance.choices if counts[code])


def lines(
    pledges: QuerySet[Pledge], *, today: date, waiting_at: datetime | None = None, as_of: AsOf = NOW
) -> list[Line]:
    """One line per pledge, in the pledges' order, for the same few queries however many there are and on any day.

    `waiting_at`: the moment for which it says how many articles wait for review; None where that is nobody's business.
    """
    pledges = as_of.recorded(pledges)
    rows = as_of.worded(pledges.select_related("declaration", "theme").prefetch_related("parties").defer("watch"))
    marks, coverage = _marks(pledges, as_of), _coverage(pledges, as_of)
    statuses, fulfilled = _judged(pledges, as_of)
    waiting = _waiting(pledges, waiting_at) if waiting_at else {}
    made = []
    for pledge in rows:
        if as_of.day:
            pledge.status = statuses.get(pledge.pk, Status.NOT_ASSESSED)
        count, best = waiting.get(pledge.pk, (0, None))
        when = timeliness(
            due_latest=pledge.due_latest,
            fulfilled_on=fulfilled.get(pledge.pk) if pledge.status == Status.FULFILLED else None,
            is_closed=pledge.status in CLOSED,
            today=today,
            due_soon_days=pledge.declaration.due_soon_days,
        )
        made.append(Line(pledge, when, today, marks[pledge.pk], coverage[pledge.pk], count, best))
    return made


def _marks(pledges: QuerySet[Pledge], as_of: AsOf) -> defaultdict[int, list[Mark]]:
    """Standing evidence by pledge, oldest first."""
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    standing = as_of.standing(Evidence.objects.filter(pledge__in=pledges.order_by()))
    rows = standing.order_by("published_on", "id").values_list("pledge_id", "published_on", "published_edtf", "stance")
    for pledge_id, published_on, published_edtf, stance in rows:
        found[pledge_id].append(Mark(published_on, published_edtf, stance))
    return found


def _judged(pledges: QuerySet[Pledge], as_of: AsOf) -> tuple[dict[int, str], dict[int, date]]:
    """By the newest judgement of each pledge as a whole: its status, and since when a fulfilled one is so.

    Today's status stands with the pledge, so then only what is fulfilled is read.
    """
    judged = as_of.assessments(Assessment.objects.filter(pledge__in=pledges.order_by(), party=None))
    if not as_of.day:
        judged = judged.filter(status=Status.FULFILLED)
    rows = judged.order_by("recorded_at", "id").values_list("pledge_id", "status", "effective_on")
    newest = {pledge_id: (status, effective_on) for pledge_id, status, effective_on in rows}
    fulfilled = {pk: day for pk, (status, day) in newest.items() if status == Status.FULFILLED}
    return {pk: status for pk, (status, _) in newest.items()}, fulfilled


def _coverage(pledges: QuerySet[Pledge], as_of: AsOf) -> defaultdict[int, Counter[charts.Month]]:
    """Articles matched but not accepted, by pledge and month."""
    found: defaultdict[int, Counter[charts.Month]] = defaultdict(Counter)
    decided_away = Q(state=SuggestionState.ACCEPTED) | Q(dismiss_reason__in=NO_COVERAGE)
    others = Suggestion.objects.filter(pledge__in=pledges.order_by())
    if as_of.day:
        others, decided_away = others.filter(created_at__lt=as_of.until), decided_away & Q(decided_at__lt=as_of.until)
    months = (
        others.exclude(decided_away)
        .annotate(month=TruncMonth(Coalesce("article__published_at", "article__fetched_at")))
        .order_by()
        .values_list("pledge_id", "month")
        .annotate(Count("pk"))
    )
    for pledge_id, month, count in months:
        found[pledge_id][month.year, month.month] += count
    return found


def _waiting(pledges: QuerySet[Pledge], now: datetime) -> dict[int, tuple[int, Any]]:
    """How many suggestions wait for review, and the best match among them."""
    rows = Suggestion.objects.waiting(now).filter(pledge__in=pledges.order_by()).order_by()
    counted = rows.values_list("pledge_id").annotate(Count("pk"), Max("score"))
    return {pledge_id: (count, best) for pledge_id, count, best in counted}
