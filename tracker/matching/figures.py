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
    waits = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    pending = (
        Suggestion.objects.pending()
        .order_by()
        .aggregate(waiting=Count("pk", filter=waits), all=Count("pk"), oldest=Min("created_at", filter=waits))
    )
    recent = Suggestion.objects.filter(decided_at__gt=now - PERIOD, decided_with__isnull=True).order_by()
    decided = recent.aggregate(all=Count("pk"), accepted=Count("pk", filter=Q(state=SuggestionState.ACCEPTED)))
    middle = recent.annotate(took=F("decided_at") - F("created_at")).order_by("took").values_list("took", flat=True)
    count = decided["all"]
    both = list(middle[(count - 1) // 2 : count // 2 + 1]) if count else []
    return Figures(
        waiting=pending["waiting"],
        oldest=now - pending["oldest"] if pending["oldest"] else timedelta(),
        snoozed=pending["all"] - pending["waiting"],
        decided=count,
        accepted=decided["accepted"],
        median=max(sum(both, timedelta()) / len(both), timedelta()) if both else None,
    )
