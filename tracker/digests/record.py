"""The rows that digests are made from, read once for many people: as many queries for a thousand as for one."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import import_string

from tracker.accounts.models import User
from tracker.digests.models import Follow
from tracker.feeds.alarms import Alarms, alarms
from tracker.matching.models import Suggestion
from tracker.pledges.models import CLOSED, Assessment, Evidence, Observation, Pledge
from tracker.pledges.timeliness import Timeliness, timeliness

BEST_COUNT = 3


@dataclass(frozen=True)
class Window:
    """What was recorded from `floor` to before `end`, and what must be told again."""

    floor: datetime
    end: datetime
    again: frozenset[str]

    def rows(self, stamp: str, letter: str) -> Q:
        again = [int(name[1:]) for name in self.again if name[0] == letter and name[1:].isdigit()]
        return Q(**{f"{stamp}__gte": self.floor, f"{stamp}__lt": self.end}) | Q(pk__in=again)


@dataclass
class Record:
    """Pledges in force that anybody of the batch follows, and what happened to them, by pledge and newest first."""

    pledges: dict[int, Pledge]
    assessments: dict[int, list[Assessment]]
    evidence: dict[int, list[Evidence]]
    observations: dict[int, list[Observation]]
    waiting: list[tuple[int, int, datetime]]  # suggestion, pledge, when; best first
    alarms: Alarms | None  # of feeds; None where no editor is told
    members: dict[tuple[str, int], list[int]]  # ("theme", 3) → its pledges
    now: datetime
    memory: dict[Any, Any] = field(default_factory=dict)

    def once[Value](self, key: tuple[Any, ...], make: Callable[[], Value]) -> Value:
        """People who follow the same share what is worked out from it."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    def timeliness(self, pledge: Pledge, today: date) -> Timeliness:
        return self.once(
            ("timeliness", pledge.pk, today),
            lambda: timeliness(
                due_latest=pledge.due_latest,
                fulfilled_on=None,
                is_closed=pledge.status in CLOSED,
                today=today,
                due_soon_days=pledge.declaration.due_soon_days,
            ),
        )

    def listed(self, follow: Follow, person: User, today: date, followed: frozenset[int]) -> set[int]:
        """The pledges of a saved list as they are now."""
        key = ("list", follow.declaration_id, follow.query, today, person.is_editor, followed)
        waiting_at = self.now if person.is_editor else None
        return self.once(
            key, lambda: _reader()(follow.declaration, follow.query, set(followed), today=today, waiting_at=waiting_at)
        )

    def suggestions(self, pks: Iterable[int]) -> list[Suggestion]:
        """The best of those that wait, with their articles and pledges."""
        wanted = tuple(pks)
        rows = Suggestion.objects.filter(pk__in=wanted).select_related("article").defer("article__text", "reasons")

        def read() -> list[Suggestion]:
            by_pk = {row.pk: row for row in rows}
            return [by_pk[pk] for pk in wanted if pk in by_pk]

        found = self.once(("suggestions", wanted), read)
        for row in found:
            row.pledge = self.pledges[row.pledge_id]
        return found


def _reader() -> Callable[..., set[int]]:
    """How lists are read is known to the pages that show them, above us: the settings name the function."""
    return import_string(settings.FOLLOWED_LIST_READER)


def read(follows: Iterable[Follow], window: Window, *, has_editors: bool) -> Record:
    """Everything that the digests of these followers may need. `has_editors`: what waits and fails is read too."""
    pledges = _pledges(list(follows))
    members = defaultdict(list)
    for pledge in pledges.values():
        members["pledge", pledge.pk].append(pledge.pk)
        members["declaration", pledge.declaration_id].append(pledge.pk)
        members["theme", pledge.theme_id].append(pledge.pk)
        for party in pledge.parties.all():
            members["party", party.pk].append(pledge.pk)
    ids = list(pledges)
    assessments = Assessment.objects.filter(window.rows("recorded_at", "a"), pledge__in=ids)
    evidence = Evidence.objects.filter(window.rows("added_at", "e"), pledge__in=ids, withdrawn_at__isnull=True)
    observations = Observation.objects.filter(
        window.rows("added_at", "m"), metric__pledge__in=ids, withdrawn_at__isnull=True
    )
    pending = Suggestion.objects.waiting(window.end).filter(pledge__in=ids).order_by("-score", "-id")
    return Record(
        pledges,
        _by_pledge(assessments.select_related("recorded_by", "party").order_by("-recorded_at", "-pk")),
        _by_pledge(evidence.order_by("-added_at", "-pk")),
        _by_pledge(
            observations.select_related("metric").order_by("-added_at", "-pk"), lambda row: row.metric.pledge_id
        ),
        list(pending.values_list("pk", "pledge_id", "created_at")) if has_editors else [],
        alarms(window.end) if has_editors else None,
        members,
        window.end,
    )


def _pledges(follows: list[Follow]) -> dict[int, Pledge]:
    def ids(thing: str) -> list[int]:
        return list({pk for follow in follows if (pk := getattr(follow, f"{thing}_id"))})

    owed = Pledge.parties.through.objects.filter(party__in=ids("party")).values("pledge")
    followed = (
        Q(pk__in=ids("pledge")) | Q(declaration__in=ids("declaration")) | Q(theme__in=ids("theme")) | Q(pk__in=owed)
    )
    rows = Pledge.objects.in_force().filter(followed).select_related("declaration")
    return {pledge.pk: pledge for pledge in rows.prefetch_related("declaration__parties", "parties")}


def _by_pledge[Row: Model](
    rows: QuerySet[Row], pledge_of: Callable[[Any], int] = lambda row: row.pledge_id
) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[pledge_of(row)].append(row)
    return found
