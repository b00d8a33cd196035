"""How many minutes pass until moved mass is proved: medians, so that no run's luck decides.

At 100 requests a minute and a share of a tenth. A plug-in test that bets on what it has learned since the
start takes 11 and 58 minutes on the same traffic, and 41 and 113 after an hour without a move.
"""

import numpy as np
import pytest

from knowngood.analysis.distribution.evidence import begin, fold
from knowngood.analysis.distribution.rule import Baseline, DistributionRule, Stable
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS, Law, flow, from_the_top

RUNS = 31
TEN_YEARS = 10 * 365 * 86400.0


def median(against: Stable | None, sample: int, part: float, healthy: int, longest: int) -> float:
    draw, worse, times = np.random.default_rng(8), from_the_top(CONFIDENCE, part), []

    def laws(minute: int) -> tuple[Law, Law]:
        return (worse if minute >= healthy else CONFIDENCE), CONFIDENCE

    for _ in range(RUNS):
        counts = tuple(draw.multinomial(sample, CONFIDENCE).tolist()) if sample else ()
        compared_to = against or Baseline(counts, TEN_YEARS)
        rule = DistributionRule(TENTHS, compared_to, Statistic.PSI, 0.0, 3600.0, 1)
        state, rates = begin(rule, 0.0), ((10.0, 90.0) if against else (100.0, 0.0))
        for block in flow(draw, rates, laws, healthy + longest):
            state = fold(state, rule, block)
            if state.crossed_at is not None:
                break
        times.append(longest if state.crossed_at is None else state.crossed_at / 60 - healthy)
    return float(np.median(times))


@pytest.mark.parametrize(
    ("part", "healthy", "low", "high"), [(0.2, 0, 6, 13), (0.2, 60, 9, 20), (0.1, 0, 24, 48)]
)
def test_moved_mass_is_proved_against_the_stable_version(
    part: float, healthy: int, low: float, high: float
) -> None:
    assert low <= median(Stable(0.01, 3600.0), 0, part, healthy, 100) <= high


@pytest.mark.parametrize(
    ("sample", "part", "low", "high"),
    [(300, 0.2, 5, 16), (1000, 0.2, 2, 6), (50_000, 0.2, 2, 4), (50_000, 0.1, 6, 13)],
)
def test_moved_mass_is_proved_against_a_baseline(
    sample: int, part: float, low: float, high: float
) -> None:
    assert low <= median(None, sample, part, 5, 60) <= high
