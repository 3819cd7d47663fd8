"""From what a bill's lines add up to, to how many such suggestions prove right; pure.

The lines of a bill weigh evidence: they may add up to 0.4 or to 1.3. A logistic curve with two numbers, fitted on
labelled articles and shipped in `calibration.json`, says how often articles with such a sum were right (Platt, 1999).
That is the score; each line gets its share of it, in hundredths, so that the lines still add up to the score exactly.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from math import exp

_CENT = Decimal("0.01")
_ROUNDS = 50


@dataclass(frozen=True)
class Curve:
    """1 / (1 + e^-(slope × (sum − middle))): at a sum of `middle`, half of the suggestions prove right."""

    slope: float
    middle: float

    def at(self, total: Decimal | float) -> Decimal:
        """The score of a sum, from 0.01 to 0.99."""
        odds = max(-30.0, min(30.0, self.slope * (float(total) - self.middle)))
        score = Decimal(1 / (1 + exp(-odds))).quantize(_CENT, ROUND_HALF_UP)
        return max(_CENT, min(1 - _CENT, score))


@cache
def shipped() -> Curve:
    content = files("tracker.matching").joinpath("calibration.json").read_text(encoding="utf-8")
    return Curve(**json.loads(content))


def settled(points: Sequence[Decimal], score: Decimal) -> list[Decimal]:
    """Each line's share of the score, in hundredths; they add up to it exactly. The points must add up to more than 0.

    What rounding leaves over goes, hundredth by hundredth, to the lines that lost most by it.
    """
    factor = score / sum(points)
    exact = [each * factor for each in points]
    shares = [each.quantize(_CENT, ROUND_FLOOR) for each in exact]
    missing = int((score - sum(shares)) / _CENT)
    by_loss = sorted(range(len(shares)), key=lambda index: shares[index] - exact[index])
    for index in by_loss[:missing]:
        shares[index] += _CENT
    return shares


def fit(judged: Iterable[tuple[float, bool]]) -> Curve:
    """The likeliest curve for sums of which it is known whether they were right, found by Newton's method.

    Raises ValueError where there is nothing to learn: not one right, or not one wrong.
    """
    judged = list(judged)
    right = sum(is_right for _, is_right in judged)
    if not 0 < right < len(judged):
        raise ValueError("needs right and wrong ones")
    # Platt's targets keep the curve from growing infinitely steep where right and wrong part without exception.
    high, low = (right + 1) / (right + 2), 1 / (len(judged) - right + 2)
    slope, offset = 1.0, 0.0
    for _ in range(_ROUNDS):
        gradient, hessian = [0.0, 0.0], [1e-9, 0.0, 1e-9]
        for total, is_right in judged:
            likely = 1 / (1 + exp(-max(-30.0, min(30.0, slope * total + offset))))
            error, weight = likely - (high if is_right else low), likely * (1 - likely)
            gradient = [gradient[0] + error * total, gradient[1] + error]
            hessian = [hessian[0] + weight * total * total, hessian[1] + weight * total, hessian[2] + weight]
        determinant = hessian[0] * hessian[2] - hessian[1] ** 2
        slope -= (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant
        offset -= (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant
    return Curve(round(slope, 3), round(-offset / slope, 3))
