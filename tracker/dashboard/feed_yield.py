"""How many of a feed's articles were suggested, and how many of those that were decided were accepted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from tracker.matching.models import Suggestion, SuggestionState


@dataclass(frozen=True)
class Yield:
    matched: int = 0
    accepted: int = 0
    decided: int = 0

    @property
    def percent(self) -> int | None:
        """Accepted of the decided; None while nothing was decided."""
        return round(100 * self.accepted / self.decided) if self.decided else None


COUNTS = {
    "matched": Count("pk"),
    "accepted": Count("pk", filter=Q(state=SuggestionState.ACCEPTED)),
    "decided": Count("pk", filter=~Q(state=SuggestionState.PENDING)),
}


def yields(feed_ids: Iterable[int]) -> dict[int, Yield]:
    """By feed, nought where there is nothing; one query."""
    suggestions = Suggestion.objects.filter(article__feed_id__in=list(feed_ids)).order_by()
    rows = suggestions.values_list("article__feed_id").annotate(**COUNTS)
    return defaultdict(Yield, {feed_id: Yield(*counts) for feed_id, *counts in rows})


def whole_yield() -> Yield:
    """Of all feeds together."""
    return Yield(**Suggestion.objects.aggregate(**COUNTS))
