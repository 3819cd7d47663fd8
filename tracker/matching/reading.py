"""Who has which case open, so that two editors do not work on the same one.

A mark, not a lock: nobody is kept from deciding, and a decision that comes second is refused by `deciding`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from tracker.accounts.models import User
from tracker.matching.models import Reading

# An open page renews its mark every half minute while it is looked at; without script it is renewed by opening a case.
FORGOTTEN_AFTER = timedelta(minutes=3)


def opened(*, suggestion_id: int, by: User, now: datetime) -> None:
    """This person reads this case from now on, and no other."""
    mark = Reading(person=by, suggestion_id=suggestion_id, seen_at=now)
    Reading.objects.bulk_create(
        [mark], update_conflicts=True, unique_fields=["person"], update_fields=["suggestion", "seen_at"]
    )


def closed(*, by: User) -> None:
    Reading.objects.filter(person=by).delete()


def by_others(person: User, now: datetime) -> QuerySet[Reading]:
    """What everybody else is reading."""
    return Reading.objects.filter(seen_at__gt=now - FORGOTTEN_AFTER).exclude(person=person).order_by("pk")


def readers(suggestion_ids: Iterable[int], person: User, now: datetime) -> dict[int, list[User]]:
    """The others who read these cases, by case."""
    found: dict[int, list[User]] = {}
    for row in by_others(person, now).filter(suggestion__in=list(suggestion_ids)).select_related("person"):
        found.setdefault(row.suggestion_id, []).append(row.person)
    return found
