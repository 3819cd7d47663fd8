"""What a rule would have found in stored articles, beside the rule in use and what people decided; writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tracker.feeds.models import Article
from tracker.matching.actions import text_of
from tracker.matching.drafts import draft_of
from tracker.matching.lessons import verdicts
from tracker.matching.models import SuggestionState
from tracker.matching.rules import Rulebook, compile_rules, sources
from tracker.matching.scoring import Match, matches, suggestible
from tracker.pledges.models import Pledge

MONTHS = 6
LIMIT = 5_000  # articles looked at, the newest first: about two seconds
SHOWN = 8  # articles named of those gained and of those lost
CHUNK = 500


@dataclass
class Decided:
    """Of the articles that people decided for this pledge, how many one rule finds."""

    accepted: int = 0
    dismissed: int = 0

    @property
    def precision(self) -> int | None:
        """In percent; None where it finds nothing that was decided."""
        both = self.accepted + self.dismissed
        return round(100 * self.accepted / both) if both else None


@dataclass
class DryRun:
    """`gained` and `lost` name a few of the articles with their scores; the counts are of all that were looked at."""

    since: datetime
    stored: int
    looked_at: int = 0
    reaches_to: datetime | None = None
    found: int = 0
    found_before: int = 0
    gained_count: int = 0
    lost_count: int = 0
    gained: list[tuple[Article, Match]] = field(default_factory=list)
    lost: list[tuple[Article, Match]] = field(default_factory=list)
    after: Decided = field(default_factory=Decided)
    before: Decided = field(default_factory=Decided)
    decided: Decided = field(default_factory=Decided)

    @property
    def is_whole(self) -> bool:
        return self.looked_at >= self.stored

    @property
    def accepted_lost(self) -> int:
        return max(self.before.accepted - self.after.accepted, 0)


def dry_run(
    *, pledge: Pledge, watch: dict[str, Any], now: datetime, months: int = MONTHS, limit: int = LIMIT
) -> DryRun:
    """`watch` must make sense (see `rule_checks`); an empty one stands for the draft.

    Looks at the newest `limit` articles of the last months, and at the newest decisions of this pledge besides.
    """
    old, new = _book(pledge, pledge.watch), _book(pledge, watch)
    since = now - timedelta(days=30 * months)
    stored = Article.objects.filter(fetched_at__gte=since)
    made = DryRun(since=since, stored=stored.count())
    for article in _newest(stored, limit):
        made.looked_at += 1
        made.reaches_to = article.fetched_at
        _compare(made, article, _found(article, old), _found(article, new))
    decisions = verdicts().filter(pledge=pledge).select_related("article").order_by("-decided_at", "-pk")[:CHUNK]
    for row in decisions:
        is_accepted = row.state == SuggestionState.ACCEPTED
        _count(made.decided, is_accepted)
        for of, book in ((made.before, old), (made.after, new)):
            if _found(row.article, book):
                _count(of, is_accepted)
    return made


def _book(pledge: Pledge, watch: dict[str, Any]) -> Rulebook:
    """The rule alone, without what decisions taught: its own words are on trial."""
    watched = {pledge.reference: watch or draft_of(pledge)}
    return compile_rules(sources(pledge.declaration.watch, pledge.declaration.signed_on, watched))


def _newest(stored: Any, limit: int) -> Iterator[Article]:
    return stored.order_by("-fetched_at", "-pk")[:limit].iterator(chunk_size=CHUNK)


def _found(article: Article, book: Rulebook) -> Match | None:
    return next(iter(suggestible(matches(text_of(article), book))), None)


def _compare(made: DryRun, article: Article, before: Match | None, after: Match | None) -> None:
    made.found += after is not None
    made.found_before += before is not None
    if after and not before:
        made.gained_count += 1
        if len(made.gained) < SHOWN:
            made.gained.append((article, after))
    if before and not after:
        made.lost_count += 1
        if len(made.lost) < SHOWN:
            made.lost.append((article, before))


def _count(of: Decided, is_accepted: bool) -> None:
    of.accepted += is_accepted
    of.dismissed += not is_accepted
