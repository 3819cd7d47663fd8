"""What one digest tells, as values; `gathering` fills them from the record.

Each digest keeps the names of its items, so that nothing is told twice: `a12` an assessment, `e7` evidence, `m5` a
figure, `overdue:3:2025-12-31`, `due_soon:3:2025-12-31` and `reminder7:3:2025-12-31` a pledge that came to that day,
`f4:2511240900` a feed that has failed since then, `us:2024-11-25` the day all did.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from tracker.digests.models import Subscription
from tracker.feeds.models import Feed
from tracker.matching.models import Suggestion
from tracker.pledges.models import Assessment, Declaration, Evidence, Observation, Party, Pledge


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
    """A pledge that came to be `overdue`, or near its day (`due_soon`); `items` are all the days that it passed."""

    pledge: Pledge
    code: str
    days: int
    crossed_on: date
    items: list[str]


@dataclass(frozen=True)
class News:
    """New evidence of one pledge; newest first."""

    pledge: Pledge
    evidence: list[Evidence]


@dataclass(frozen=True)
class Figures:
    """New figures of one pledge's metrics; newest first."""

    pledge: Pledge
    observations: list[Observation]


@dataclass(frozen=True)
class Waiting:
    count: int
    best: list[Suggestion]
    is_new: bool


@dataclass(frozen=True)
class Failing:
    """Feeds that have failed for days: those not told before, and how many there are in all.

    `alarm` names the day on which nearly all of them failed at once, which is our own network's doing; else empty.
    """

    count: int
    feeds: list[Feed]
    alarm: str = ""


@dataclass(frozen=True)
class Standing:
    """Where the followed pledges of one declaration stand at the end of the period."""

    declaration: Declaration
    pledges: list[Pledge]
    overdue_count: int


@dataclass(frozen=True)
class Contents:
    subscription: Subscription
    days: tuple[date, date]
    follows: Counter[str] = field(default_factory=Counter)
    standings: list[Standing] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    waiting: Waiting | None = None
    failing: Failing | None = None

    @property
    def is_empty(self) -> bool:
        """Articles that waited last time already are no reason for a mail."""
        return not (self.items or (self.waiting and self.waiting.is_new))

    @cached_property
    def items(self) -> list[str]:
        """The names of what it tells."""
        return [
            *(f"a{one.pk}" for change in self.changes for one in change.assessments),
            *(item for due in self.due for item in due.items),
            *(f"e{one.pk}" for news in self.news for one in news.evidence),
            *(f"m{one.pk}" for figures in self.figures for one in figures.observations),
            *(feed_item(feed) for feed in (self.failing.feeds if self.failing else ())),
            *([self.failing.alarm] if self.failing and self.failing.alarm else ()),
        ]


def feed_item(feed: Feed) -> str:
    return f"f{feed.pk}:{feed.failing_since:%y%m%d%H%M}"
