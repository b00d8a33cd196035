"""False alarms, counted: what is promised holds, also where the world is not simple."""

from collections.abc import Callable

import numpy as np
import pytest

from knowngood.analysis.proportion import ProportionRule, begin, fold
from knowngood.api.v1alpha1.comparisons import Direction
from tests.analysis.streams import Course, course, traffic

ALPHA = 0.05
SECONDS, RUNS = 300, 240
Plan = tuple[tuple[Course, Course], tuple[Course, Course]]

clock = np.arange(SECONDS)


def steady(share: float, worse_by: float = 0.0) -> Plan:
    rates = course(SECONDS, (0, 6)), course(SECONDS, (0, 54))
    return rates, (course(SECONDS, (0, share - worse_by)), course(SECONDS, (0, share)))


def shifting_weights_and_base() -> Plan:
    """Weights go 5, 20, 50 percent while the share of both swings by 15 points."""
    weight = course(SECONDS, (0, 0.05), (100, 0.2), (200, 0.5))
    share = 0.7 + 0.15 * np.sin(clock / 20)
    return (60 * weight, 60 * (1 - weight)), (share, share)


CASES = [
    pytest.param(lambda: steady(0.7), Direction.DECREASE, 0.0, id="approvals 70 %"),
    pytest.param(lambda: steady(0.01), Direction.INCREASE, 0.0, id="errors 1 %"),
    pytest.param(lambda: steady(0.3), Direction.EITHER, 0.0, id="either, 30 %"),
    pytest.param(shifting_weights_and_base, Direction.DECREASE, 0.0, id="weights and base move"),
    pytest.param(lambda: steady(0.7, 0.05), Direction.DECREASE, 0.05, id="just tolerable"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "direction", "tolerance"), CASES)
def test_without_harm_the_alarms_ever_raised_stay_within_alpha(
    plan: Callable[[], Plan], direction: Direction, tolerance: float
) -> None:
    rule = ProportionRule(direction, tolerance, ALPHA, 300.0, 500, min_events=1)
    draw, alarms = np.random.default_rng(20_26), 0

    for _ in range(RUNS):
        state = begin(rule, 0.0)
        for block in traffic(draw, *plan()):
            state = fold(state, rule, block)
            if state.breached_by:
                alarms += 1
                break

    assert alarms <= RUNS * ALPHA + 3 * (RUNS * ALPHA * (1 - ALPHA)) ** 0.5
