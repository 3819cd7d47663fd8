from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.matching.calibration import Curve, fit, settled, shipped

CURVE = Curve(slope=9.0, middle=0.6)
POINTS = st.lists(st.decimals("-0.5", "1", places=2), min_size=1, max_size=15).filter(lambda points: sum(points) > 0)


@given(POINTS)
def test_the_lines_add_up_to_the_score_exactly_and_keep_their_sign(points):
    score = CURVE.at(sum(points))
    shares = settled(points, score)
    assert sum(shares) == score
    assert all(share * point >= 0 or abs(share) <= Decimal("0.01") for share, point in zip(shares, points, strict=True))


@given(st.decimals("0.01", "3", places=2), st.decimals("0.01", "3", places=2))
def test_more_evidence_never_makes_a_lower_score_and_nothing_is_certain(one, other):
    low, high = sorted((one, other))
    assert 0 < CURVE.at(low) <= CURVE.at(high) < 1


def test_half_of_those_at_the_middle_are_right():
    assert CURVE.at(Decimal("0.6")) == Decimal("0.50")
    assert shipped().at(shipped().middle) == Decimal("0.50")


def test_a_curve_is_found_again_from_what_it_made():
    sums = [Decimal(step) / 100 for step in range(1, 130)]
    judged = [(float(each), nth < CURVE.at(each) * 100) for each in sums for nth in range(100)]
    found = fit(judged)
    assert found.slope == pytest.approx(CURVE.slope, rel=0.05)
    assert found.middle == pytest.approx(CURVE.middle, abs=0.01)


def test_clear_cases_make_no_endless_slope():
    assert 0 < fit([(0.1, False), (0.2, False), (0.8, True), (0.9, True)]).slope < 100


@pytest.mark.parametrize("judged", [[], [(0.5, True)], [(0.5, False), (0.7, False)]])
def test_without_right_and_wrong_nothing_is_learnt(judged):
    with pytest.raises(ValueError, match="right and wrong"):
        fit(judged)
