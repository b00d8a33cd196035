"""Pairs that disagree: against one version more than for it, or too many of them."""

import numpy as np
import pytest
from scipy.stats import binomtest

from knowngood.analysis.bounded import BoundRule, BoundState, begin, fold, is_breached
from tests.analysis.counters import column_of, scraped

ALPHA, SECONDS, RUNS = 0.05, 1200, 150
NET = BoundRule(0.5, net=True, alpha=ALPHA, horizon=3600.0, min_samples=50)
ANY = BoundRule(0.05, net=False, alpha=ALPHA, horizon=3600.0, min_samples=500)


Course = tuple[float, float, int]
"""The share before a change and after it, and the second of the change."""


def played(draw: np.random.Generator, rule: BoundRule, rate: float, course: Course) -> BoundState:
    before, after, change = course
    total = draw.poisson(rate, SECONDS)
    events = draw.binomial(total, np.where(np.arange(SECONDS) < change, before, after))
    return fold(begin(0.0), rule, scraped(events, total, every=5), SECONDS)


NULLS = [
    pytest.param(NET, 0.3, 0.5, id="as often for it as against it"),
    pytest.param(NET, 3.0, 0.45, id="rather for it"),
    pytest.param(ANY, 3.0, 0.05, id="as much as is fine"),
]


@pytest.mark.parametrize(("rule", "rate", "share"), NULLS)
def test_without_harm_the_alarms_ever_raised_stay_within_alpha(
    rule: BoundRule, rate: float, share: float
) -> None:
    draw = np.random.default_rng(20_26)

    alarms = sum(
        is_breached(rule, played(draw, rule, rate, (share, share, 0))) for _ in range(RUNS)
    )

    assert alarms <= RUNS * ALPHA + 3 * (RUNS * ALPHA * (1 - ALPHA)) ** 0.5


HARMS = [
    pytest.param(NET, 0.5, (0.5, 0.8, 0), 120, id="net"),
    pytest.param(NET, 0.5, (0.5, 0.8, 600), 200, id="net after ten even minutes"),
    pytest.param(ANY, 2.0, (0.02, 0.15, 600), 120, id="any"),
]


@pytest.mark.parametrize(("rule", "rate", "course", "most"), HARMS)
def test_harm_is_seen_in_minutes_also_after_health(
    rule: BoundRule, rate: float, course: Course, most: int
) -> None:
    draw = np.random.default_rng(8)
    crossed = [played(draw, rule, rate, course).mixture.crossed_at for _ in range(21)]

    took = [SECONDS if at is None else at - course[2] for at in crossed]
    assert 0 < float(np.median(took)) < most


@pytest.mark.parametrize(("events", "total"), [(20, 20), (60, 80), (45, 80), (10, 80), (900, 1500)])
def test_it_never_claims_more_than_the_sign_test_of_one_look(events: int, total: int) -> None:
    """At one look the exact test of fixed size is the sharper one; a breach here is one there, far below alpha."""
    state = fold(begin(0.0), NET, column_of([(0, events, total)]), 1)

    p = binomtest(events, total, 0.5, alternative="greater").pvalue
    if is_breached(NET, state):
        assert p < ALPHA / 2
    if p < ALPHA / 1000:
        assert is_breached(NET, state)


def test_a_version_that_is_better_is_no_alarm() -> None:
    state = fold(begin(0.0), NET, column_of([(k, 0, 5) for k in range(200)]), 200)

    assert not is_breached(NET, state)
    assert state.mixture.highest <= 0


def test_a_pair_more_against_it_never_weakens_the_evidence() -> None:
    draw = np.random.default_rng(4)
    total = draw.poisson(1.0, 300)
    events = draw.binomial(total, 0.6)
    worse = np.minimum(events + (draw.random(300) < 0.1), total)

    few, many = (fold(begin(0.0), NET, scraped(one, total), 300) for one in (events, worse))

    assert many.mixture.highest >= few.mixture.highest


def test_it_does_not_matter_how_often_one_looks() -> None:
    draw = np.random.default_rng(5)
    total = draw.poisson(1.0, 300)
    column = scraped(draw.binomial(total, 0.55), total, every=3)

    state = begin(0.0)
    for until in range(0, 300, 7):
        state = fold(state, NET, column, until)

    assert fold(state, NET, column, 300) == fold(begin(0.0), NET, column, 300)
