"""What decisions teach, kept per rule: learned anew when there are new ones, and switched off where nobody wants it."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from tracker.matching import learning
from tracker.matching.models import DismissReason, Lesson, Suggestion, SuggestionState
from tracker.pledges.models import Pledge


def verdicts() -> QuerySet[Suggestion]:
    """Decisions that say whether a rule was right: made case by case, of what the rule had found.

    “Already have it” says nothing of the rule, nor does what another decision carried along.
    """
    by_person = Suggestion.objects.decided().filter(decided_with__isnull=True).exclude(reasons=[])
    return by_person.exclude(dismiss_reason=DismissReason.DUPLICATE)


def learn(*, now: datetime) -> int:
    """Learns anew for every rule with new decisions, where it is switched on; says for how many. Safe to repeat."""
    lessons = {lesson.pledge_id: lesson for lesson in Lesson.objects.all()}
    counts = (
        verdicts()
        .order_by()
        .values("pledge")
        .annotate(
            count=Count("pk"), accepted=Count("pk", filter=Q(state=SuggestionState.ACCEPTED)), newest=Max("decided_at")
        )
    )
    seen = {row["pledge"]: (row["count"], row["accepted"], row["newest"]) for row in counts}
    learned = 0
    for pledge in sorted(seen.keys() | lessons.keys()):
        count, accepted, newest = seen.get(pledge, (0, 0, None))
        lesson = lessons.get(pledge)
        if lesson is None and count < learning.LEAST:
            continue
        if lesson and (not lesson.is_on or lesson.seen == (count, accepted, newest)):
            continue
        _learn(pledge, (count, accepted, newest), now)
        learned += 1
    return learned


def _learn(pledge: int, seen: tuple[int, int, datetime | None], now: datetime) -> None:
    decided = verdicts().filter(pledge=pledge).order_by("-decided_at", "-pk")[: learning.MOST]
    rows = decided.values_list("reasons", "state")
    found = learning.fit([learning.decision(lines, state == SuggestionState.ACCEPTED) for lines, state in rows])
    count, accepted, newest = seen
    values: dict[str, Any] = {"decisions": count, "accepted": accepted, "newest_at": newest, "learned_at": now}
    values |= {"bias": found.bias if found else 0, "weights": dict(found.weights) if found else {}}
    Lesson.objects.update_or_create(pledge_id=pledge, defaults=values)


def switch(*, pledge: Pledge, is_on: bool) -> None:
    """Off: the rule's scores are its own. What was learned is kept, and learned on when it is on again."""
    Lesson.objects.update_or_create(pledge=pledge, defaults={"is_on": is_on})
