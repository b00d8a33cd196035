"""How many seconds pass until harm is proved: medians, so that no run's luck decides."""

import numpy as np
import pytest

from knowngood.analysis.proportion import ProportionRule, begin, fold
from knowngood.api.v1alpha1.comparisons import Direction
from tests.analysis.streams import Course, course, traffic

RUNS, AFTER = 41, 200
Pair = tuple[float, float]
"""Of the canary and of the stable version for rates; before and after for shares."""

MEDIANS = [
    pytest.param((6, 54), (0.0, 0.3), 0, 2, 4, id="errors 0 to 30 % at once"),
    pytest.param((6, 54), (0.01, 0.3), 0, 3, 5, id="errors 1 to 30 % at once"),
    pytest.param((6, 54), (0.01, 0.3), 600, 3, 7, id="errors 1 to 30 % after ten minutes"),
    pytest.param((20, 180), (0.7, 0.6), 0, 10, 22, id="approvals 70 to 60 % at once"),
    pytest.param((20, 180), (0.7, 0.6), 600, 22, 42, id="approvals 70 to 60 % after ten minutes"),
    pytest.param((20, 180), (0.7, 0.3), 600, 2, 4, id="approvals 70 to 30 % after ten minutes"),
]


def seconds_to_breach(draw: np.random.Generator, rates: Pair, shares: Pair, healthy: int) -> int:
    length = healthy + AFTER
    canary: Course = course(length, (0, shares[0]), (healthy, shares[1]))
    plan = (
        (course(length, (0, rates[0])), course(length, (0, rates[1]))),
        (canary, course(length, (0, shares[0]))),
    )
    direction = Direction.INCREASE if shares[1] > shares[0] else Direction.DECREASE
    rule = ProportionRule(direction, 0.0, 0.01, 3600.0, 500, 3)
    state = begin(rule, 0.0)
    for block in traffic(draw, *plan):
        state = fold(state, rule, block)
        if state.breached_by:
            return block.end - healthy
    return AFTER


@pytest.mark.parametrize(("rates", "shares", "healthy", "low", "high"), MEDIANS)
def test_harm_is_proved_within_seconds_also_after_health(
    rates: Pair, shares: Pair, healthy: int, low: int, high: int
) -> None:
    draw = np.random.default_rng(8)
    times = [seconds_to_breach(draw, rates, shares, healthy) for _ in range(RUNS)]

    assert low <= float(np.median(times)) <= high
