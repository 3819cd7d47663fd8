"""How the review is going, in figures that are counted, never kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q

from tracker.matching.models import Suggestion, SuggestionState

PERIOD = timedelta(days=7)


@dataclass(frozen=True)
class Figures:
    """`oldest`: for how long the oldest has been waiting. The rest is of seven days, of what people decided case by
    case: what a decision carried along counts with it. `median`: from suggestion to decision."""

    waiting: int
    oldest: timedelta
    snoozed: int
    decided: int
    accepted: int
    median: timedelta | None

    @property
    def oldest_days(self) -> int:
        return max(self.oldest.days, 0)

    @property
    def accepted_percent(self) -> int:
        return round(100 * self.accepted / self.decided) if self.decided else 0


def figures(now: datetime) -> Figures:
    waiting = Suggestion.objects.waiting(now).order_by().aggregate(count=Count("pk"), oldest=Min("created_at"))
    recent = Suggestion.objects.filter(decided_at__gt=now - PERIOD, decided_with__isnull=True).order_by()
    decided = recent.aggregate(all=Count("pk"), accepted=Count("pk", filter=Q(state=SuggestionState.ACCEPTED)))
    middle = recent.annotate(took=F("decided_at") - F("created_at")).order_by("took").values_list("took", flat=True)
    count = decided["all"]
    both = list(middle[(count - 1) // 2 : count // 2 + 1]) if count else []
    return Figures(
        waiting=waiting["count"],
        oldest=now - waiting["oldest"] if waiting["oldest"] else timedelta(),
        snoozed=Suggestion.objects.snoozed(now).count(),
        decided=count,
        accepted=decided["accepted"],
        median=max(sum(both, timedelta()) / len(both), timedelta()) if both else None,
    )
