"""False alarms, counted: what is promised holds, also where the world is not simple.

The bound of each test is the promise plus three standard errors of a count of that many runs.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from knowngood.analysis.distribution.evidence import begin, fold
from knowngood.analysis.distribution.naming import e_bh
from knowngood.analysis.distribution.rule import Baseline, DistributionRule, Stable
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import Law, flow

FIVE = Bins(("a", "b", "c", "d", "e"), (1.0, 2.0, 3.0, 4.0))
CLASSES = Bins(("a", "b", "c", "d", "e"))
LAW: Law = np.array([0.03, 0.07, 0.2, 0.3, 0.4])
ALPHA, RUNS, BLOCKS = 0.05, 100, 60


def rule_of(against: Stable | Baseline, bins: Bins, design_effect: float) -> DistributionRule:
    return DistributionRule(bins, against, Statistic.PSI, 0.0, 600.0, 1, design_effect)


def at_most(promise: float, runs: int) -> float:
    return runs * promise + 3 * sqrt(runs * promise * (1 - promise))


def steady(_: int) -> tuple[Law, Law]:
    return LAW, LAW


def swinging(minute: int) -> tuple[Law, Law]:
    tilted = LAW * np.exp(np.linspace(-1, 1, 5) * np.sin(minute / 9))
    return (tilted / tilted.sum(),) * 2


def anything(minute: int) -> tuple[Law, Law]:
    return (np.random.default_rng(minute).dirichlet(np.ones(5)),) * 2


def rising_weights(minute: int) -> tuple[float, float]:
    weight = (0.05, 0.2, 0.5)[min(2, minute // 20)]
    return 60 * weight, 60 * (1 - weight)


CASES = [
    pytest.param(steady, (6.0, 54.0), FIVE, id="steady"),
    pytest.param(steady, (0.7, 0.7), FIVE, id="hardly any request"),
    pytest.param(steady, (6.0, 54.0), CLASSES, id="classes"),
    pytest.param(swinging, rising_weights, FIVE, id="weights and law move"),
    pytest.param(anything, (20.0, 20.0), FIVE, id="another law each minute"),
]


@pytest.mark.parametrize(("laws", "rates", "bins"), CASES)
def test_without_a_difference_the_alarms_ever_raised_stay_within_alpha(
    laws: Callable[[int], tuple[Law, Law]],
    rates: tuple[float, float] | Callable[[int], tuple[float, float]],
    bins: Bins,
) -> None:
    rule, draw, alarms = rule_of(Stable(ALPHA, 3600.0), bins, 1), np.random.default_rng(20_26), 0

    for _ in range(RUNS):
        state = begin(rule, 0.0)
        for block in flow(draw, rates, laws, BLOCKS):
            state = fold(state, rule, block)
            if state.crossed_at is not None:
                alarms += 1
                break

    assert alarms <= at_most(ALPHA, RUNS)


def test_clients_that_ask_in_bursts_are_allowed_for_by_the_design_effect() -> None:
    """Each client sends five requests with one answer; without the design effect most runs alarm."""

    def alarms(design_effect: float) -> int:
        rule = rule_of(Stable(ALPHA, 3600.0), FIVE, design_effect)
        draw, count = np.random.default_rng(7), 0
        for _ in range(60):
            state = begin(rule, 0.0)
            for one in flow(draw, (4.0, 12.0), steady, 90):
                judged, stable = (tuple(5 * n for n in side) for side in (one.canary, one.stable))
                state = fold(state, rule, VectorBlock(judged, stable, one.start, one.end))
            count += state.crossed_at is not None
        return count

    assert alarms(1.0) > 30
    assert alarms(5.0) <= at_most(ALPHA, 60)


@pytest.mark.parametrize(("sample", "runs"), [(300, 60), (1000, 60), (50_000, 60)])
def test_a_baseline_that_is_a_random_sample_itself_raises_no_more_alarms_than_promised(
    sample: int, runs: int
) -> None:
    """In a tenth of the mean time, at most a tenth alarm (Doob), and one of 100 for the margins."""
    draw, alarms = np.random.default_rng(3), 0

    for _ in range(runs):
        counts = tuple(draw.multinomial(sample, LAW).tolist())
        rule = rule_of(Baseline(counts, once_in=10 * 60.0 * BLOCKS), FIVE, 1)
        state = begin(rule, 0.0)
        for block in flow(draw, (100.0, 0.0), steady, BLOCKS):
            state = fold(state, rule, block)
            if state.crossed_at is not None:
                alarms += 1
                break

    assert alarms <= at_most(0.11, runs)


def test_not_more_than_a_tenth_of_the_named_features_are_named_wrongly() -> None:
    """Twelve features share all of their chance; three have changed. Evidence is of one instant."""
    wrong, found, runs = [], 0, 40
    rule, draw = rule_of(Stable(0.001, 3600.0), FIVE, 1), np.random.default_rng(9)
    other = LAW + np.array([0.1, 0.05, 0.0, 0.0, -0.15])
    for _ in range(runs):
        healthy, changed = begin(rule, 0.0), begin(rule, 0.0)
        for a, b in zip(
            flow(draw, (10.0, 90.0), steady, 30),
            flow(draw, (10.0, 90.0), lambda _: (other, LAW), 30),
            strict=True,
        ):
            healthy, changed = fold(healthy, rule, a), fold(changed, rule, b)
        e_values = {f"same-{k}": healthy.e_value for k in range(9)}
        e_values |= {f"new-{k}": changed.e_value for k in range(3)}
        named = e_bh(e_values)
        found += sum(name.startswith("new") for name in named)
        wrong.append(sum(name.startswith("same") for name in named) / max(1, len(named)))

    assert float(np.mean(wrong)) <= 0.10 + 3 * 0.30 / sqrt(runs)
    assert found > 2 * runs
