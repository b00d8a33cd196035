"""A limit on events in a span of time."""

import numpy as np
import numpy.typing as npt
import pytest

from knowngood.analysis.excess import DELAY
from knowngood.analysis.rates import LimitState, RateRule, begin_limit, due, fold_limit, is_breached
from tests.analysis.counters import column_of, scraped

ALPHA, HOUR = 0.05, 3600
RULE = RateRule(limit=60 / HOUR, per=HOUR, alpha=ALPHA, horizon=HOUR, min_events=3)
NOTHING: frozenset[int] = frozenset()
RUNS, SECONDS = 60, HOUR


def played(
    draw: np.random.Generator, rate: npt.NDArray[np.float64], every: int, rule: RateRule = RULE
) -> LimitState:
    column = scraped(draw.poisson(rate), every=every, first=int(draw.integers(every)))
    return fold_limit(begin_limit(0.0), rule, column, NOTHING, len(rate))


def flat(number: float) -> npt.NDArray[np.float64]:
    return np.full(SECONDS, number)


def swinging() -> npt.NDArray[np.float64]:
    """Nothing for minutes, then the limit exactly: at no time more."""
    return np.where(np.arange(SECONDS) % 1200 < 900, RULE.limit or 0, 0.0)


NULLS = [
    pytest.param(flat(60 / HOUR), 1, id="at the limit"),
    pytest.param(flat(60 / HOUR), 30, id="at the limit, seldom read"),
    pytest.param(flat(30 / HOUR), 15, id="half of it"),
    pytest.param(swinging(), 15, id="comes and goes"),
]


@pytest.mark.parametrize(("rate", "every"), NULLS)
def test_up_to_the_limit_the_alarms_ever_raised_stay_within_alpha(
    rate: npt.NDArray[np.float64], every: int
) -> None:
    draw = np.random.default_rng(20_26)

    alarms = sum(is_breached(RULE, played(draw, rate, every)) for _ in range(RUNS))

    assert alarms <= RUNS * ALPHA + 3 * (RUNS * ALPHA * (1 - ALPHA)) ** 0.5


@pytest.mark.parametrize(
    ("times", "healthy", "most"), [(4.0, 0, 600), (4.0, 1800, 1000), (8.0, 1800, 400)]
)
def test_a_rate_beyond_the_limit_is_seen_in_minutes_also_after_health(
    times: float, healthy: int, most: int
) -> None:
    draw, rate = np.random.default_rng(8), flat(20 / HOUR)
    rate[healthy:] = times * 60 / HOUR

    took = [
        SECONDS if (at := played(draw, rate, 5).mixture.crossed_at) is None else at - healthy
        for _ in range(21)
    ]

    assert float(np.median(took)) < most


def test_pods_that_are_read_in_turn_make_no_alarm_of_their_lumps() -> None:
    """Two pods, ten events a second as the limit allows, each read every half minute, one right after the other."""
    rule = RateRule(10.0, 1.0, ALPHA, HOUR, min_events=3)
    column = column_of([(30 * k + pod, 150, 150) for k in range(1, 60) for pod in (0, 1)])

    state = fold_limit(begin_limit(0.0), rule, column, NOTHING, 1800)

    assert state.mixture.crossed_at is None


def test_it_does_not_matter_how_often_one_looks() -> None:
    column = scraped(np.random.default_rng(3).poisson(flat(0.05)), every=7)

    state = begin_limit(0.0)
    for until in range(0, SECONDS, 13):
        state = fold_limit(state, RULE, column, NOTHING, until)

    assert fold_limit(state, RULE, column, NOTHING, SECONDS) == fold_limit(
        begin_limit(0.0), RULE, column, NOTHING, SECONDS
    )


def test_it_takes_the_events_that_the_policy_asks_for() -> None:
    rule = RateRule(1e-6, HOUR, ALPHA, HOUR, min_events=5)
    column = column_of([(10 * k, 1, 1) for k in range(1, 5)])

    state = fold_limit(begin_limit(0.0), rule, column, NOTHING, 100)

    assert state.mixture.crossed_at is not None
    assert not is_breached(rule, state)
    more = column_of([*((10 * k, 1, 1) for k in range(1, 5)), (130, 1, 1)])
    assert is_breached(rule, fold_limit(state, rule, more, NOTHING, 140))


def test_what_came_late_is_no_event_of_that_second() -> None:
    column = column_of([(5, 0, 0), (900, 400, 400), (901, 0, 0)])

    state = fold_limit(begin_limit(0.0), RULE, column, frozenset({900}), 1000)

    assert (state.events, state.mixture.crossed_at) == (0, None)


def test_hours_that_nobody_saw_do_not_make_a_version_healthy() -> None:
    column = column_of([(5, 0, 0), (4 * HOUR, 0, 0), (4 * HOUR + 1, 0, 0)])

    state = fold_limit(begin_limit(0.0), RULE, column, NOTHING, 5 * HOUR)

    assert due(RULE, state) * HOUR / 60 <= 2 * DELAY
