"""The list of pledges: one line for each, with what its dates and its coverage say. All else counts by these."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Coalesce, TruncMonth
from django.utils.translation import ngettext

from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.pledges import charts
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


def lines(pledges: QuerySet[Pledge], *, today: date, knows_waiting: bool) -> list[Line]:
    """One line per pledge, in the pledges' order, for the same few queries however many there are."""
    rows = list(pledges.select_related("declaration", "theme").prefetch_related("parties").defer("watch"))
    marks, fulfilled, coverage = _marks(pledges), _fulfilled_on(pledges), _coverage(pledges)
    waiting = _waiting(pledges) if knows_waiting else {}
    made = []
    for pledge in rows:
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


def _marks(pledges: QuerySet[Pledge]) -> defaultdict[int, list[Mark]]:
    """Standing evidence by pledge, oldest first."""
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    standing = Evidence.objects.filter(pledge__in=pledges.order_by(), withdrawn_at__isnull=True)
    rows = standing.order_by("published_on", "id").values_list("pledge_id", "published_on", "published_edtf", "stance")
    for pledge_id, published_on, published_edtf, stance in rows:
        found[pledge_id].append(Mark(published_on, published_edtf, stance))
    return found


def _fulfilled_on(pledges: QuerySet[Pledge]) -> dict[int, date]:
    """Since when each fulfilled pledge is so, by its newest judgement."""
    judged = Assessment.objects.filter(pledge__in=pledges.order_by(), party=None, status=Status.FULFILLED)
    return dict(judged.order_by("recorded_at", "id").values_list("pledge_id", "effective_on"))


def _coverage(pledges: QuerySet[Pledge]) -> defaultdict[int, Counter[charts.Month]]:
    """Articles matched but not accepted, by pledge and month."""
    found: defaultdict[int, Counter[charts.Month]] = defaultdict(Counter)
    others = Suggestion.objects.filter(pledge__in=pledges.order_by()).exclude(state=SuggestionState.ACCEPTED)
    months = (
        others.exclude(dismiss_reason__in=NO_COVERAGE)
        .annotate(month=TruncMonth(Coalesce("article__published_at", "article__fetched_at")))
        .order_by()
        .values_list("pledge_id", "month")
        .annotate(Count("pk"))
    )
    for pledge_id, month, count in months:
        found[pledge_id][month.year, month.month] += count
    return found


def _waiting(pledges: QuerySet[Pledge]) -> dict[int, tuple[int, Any]]:
    """How many suggestions wait for review, and the best match among them."""
    rows = Suggestion.objects.pending().filter(pledge__in=pledges.order_by()).order_by()
    counted = rows.values_list("pledge_id").annotate(Count("pk"), Max("score"))
    return {pledge_id: (count, best) for pledge_id, count, best in counted}
