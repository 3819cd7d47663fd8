"""What editors' decisions say about one rule: how far its scores are off, and with which concepts; pure.

A logistic model stands on the score: the log-odds of acceptance are those of the score, plus one number for the rule
and one for each concept on the bill. A penalty on the square of every number (L2) keeps them at nothing until decisions
insist, so that a few move a score a little and many move it further. What it changes is one line of the bill.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import exp, log
from typing import Any

ROLE = "learned"
LEAST = 20  # decisions
MOST = 500  # the newest count: the world changes
FURTHEST = Decimal("0.30")  # as far as decisions move a score
_PENALTY = 1.0
_ROUNDS = 200
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Decision:
    """A score as the rule alone made it, the concepts on its bill, and what a person made of it."""

    score: float
    concepts: frozenset[str]
    is_accepted: bool


@dataclass(frozen=True)
class Learned:
    """Log-odds for the rule as a whole and for each concept that moves anything."""

    bias: float
    weights: tuple[tuple[str, float], ...]

    def line(self, score: Decimal, concepts: Collection[str]) -> Decimal:
        """What decisions add to the score, or take from it; the score stays within 0.01 and 0.99."""
        moved = _log_odds(float(score)) + self.bias + sum(weight for name, weight in self.weights if name in concepts)
        aim = Decimal(_chance(moved)).quantize(_CENT, ROUND_HALF_UP)
        aim = max(score - FURTHEST, min(score + FURTHEST, aim))
        return max(_CENT, min(1 - _CENT, aim)) - score


def decision(reasons: Iterable[Any], is_accepted: bool) -> Decision:
    """Of a stored bill, without the line that was learned before."""
    lines = [line for line in reasons if isinstance(line, dict) and line.get("role") != ROLE]
    score = sum(float(line.get("points") or 0) for line in lines)
    return Decision(score, frozenset(str(line.get("concept", "")) for line in lines), is_accepted)


def fit(decisions: Sequence[Decision]) -> Learned | None:
    """The newest decisions first. None where there are too few, or all went the same way.

    Each number in turn goes as far as is certain not to be too far (the logistic curve bends at most by a quarter), so
    the penalised likelihood grows with every step and comes to rest at its one summit.
    """
    decisions = decisions[:MOST]
    if len(decisions) < LEAST or len({each.is_accepted for each in decisions}) < 2:
        return None
    names = sorted({name for each in decisions for name in each.concepts})
    rows = {name: [n for n, each in enumerate(decisions) if name in each.concepts] for name in names}
    rows[""] = list(range(len(decisions)))  # the rule as a whole
    numbers = dict.fromkeys(rows, 0.0)
    odds = [_log_odds(each.score) for each in decisions]
    for _ in range(_ROUNDS):
        furthest = 0.0
        for name, which in rows.items():
            slope = sum(decisions[n].is_accepted - _chance(odds[n]) for n in which) - _PENALTY * numbers[name]
            step = slope / (len(which) / 4 + _PENALTY)
            numbers[name] += step
            for n in which:
                odds[n] += step
            furthest = max(furthest, abs(step))
        if furthest < 0.001:
            break
    bias = round(numbers.pop(""), 2)
    return Learned(bias, tuple((name, weight) for name in names if (weight := round(numbers[name], 2))))


def _chance(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))


def _log_odds(chance: float) -> float:
    chance = max(0.01, min(0.99, chance))
    return log(chance / (1 - chance))
