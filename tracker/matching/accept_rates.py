"""How a rule fares with the people who decide: by term, by feed, and why they dismiss."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from tracker.matching import learning
from tracker.matching.lessons import verdicts
from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.pledges.models import Pledge

NOISE = 3  # dismissals without one acceptance before a term is called noise
SHOWN = 12
LIMIT = 500  # the newest decisions


@dataclass
class Rate:
    """`concept` is empty for a feed and for the whole rule."""

    name: str = ""
    concept: str = ""
    accepted: int = 0
    dismissed: int = 0

    def count(self, is_accepted: bool) -> None:
        self.accepted += is_accepted
        self.dismissed += not is_accepted

    @property
    def total(self) -> int:
        return self.accepted + self.dismissed

    @property
    def percent(self) -> int:
        return round(100 * self.accepted / self.total) if self.total else 0

    @property
    def is_noise(self) -> bool:
        return not self.accepted and self.dismissed >= NOISE


@dataclass
class AcceptRates:
    """Terms and feeds that brought most dismissals stand first."""

    rule: Rate = field(default_factory=Rate)
    terms: list[Rate] = field(default_factory=list)
    feeds: list[Rate] = field(default_factory=list)
    reasons: list[tuple[str, int]] = field(default_factory=list)


def accept_rates(pledge: Pledge) -> AcceptRates:
    """Of the newest decisions. A term counts once for each article in which it stood."""
    rule = Rate()
    terms: dict[tuple[str, str], Rate] = {}
    feeds: dict[str, Rate] = {}
    decided = verdicts().filter(pledge=pledge).order_by("-decided_at", "-pk")
    for reasons, state, feed in decided.values_list("reasons", "state", "article__feed__title")[:LIMIT]:
        is_accepted = state == SuggestionState.ACCEPTED
        rule.count(is_accepted)
        feeds.setdefault(feed, Rate(feed)).count(is_accepted)
        for concept, term in dict.fromkeys(_terms(reasons)):
            terms.setdefault((concept, term), Rate(term, concept)).count(is_accepted)
    return AcceptRates(rule, _worst(terms), _worst(feeds), _reasons(pledge))


def _terms(reasons: list[Any]) -> Iterator[tuple[str, str]]:
    for line in reasons:
        if isinstance(line, dict) and line.get("role") != learning.ROLE:
            for term in line.get("terms") or ():
                yield str(line.get("concept", "")), str(term.get("text", "")).casefold()


def _worst(rates: dict[Any, Rate]) -> list[Rate]:
    by_dismissals = sorted(rates.values(), key=lambda rate: (-rate.is_noise, rate.percent, -rate.total, rate.name))
    return by_dismissals[:SHOWN]


def _reasons(pledge: Pledge) -> list[tuple[str, int]]:
    """Why suggestions of this pledge were dismissed, the commonest first."""
    dismissed = Suggestion.objects.filter(pledge=pledge, state=SuggestionState.DISMISSED, decided_with__isnull=True)
    counts = dismissed.order_by().values_list("dismiss_reason").annotate(count=Count("pk"))
    labels = dict(DismissReason.choices)
    return sorted(((str(labels[reason]), count) for reason, count in counts if reason in labels), key=lambda it: -it[1])
