"""More than its share of what is counted: valid whatever scrapes, bursts and weights do, and soon seen."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from knowngood.analysis.excess import DELAY, ExcessRule, ExcessState, Source, begin, fold
from knowngood.analysis.rates import SHARE_RATIOS
from knowngood.signals.cells import CellColumn
from tests.analysis.counters import column_of, scraped

ALPHA = 0.05
RUNS, SECONDS = 40, 1500
HARMLESS = 1.25
"""Odds that the documentation calls harmless."""

Floats = npt.NDArray[np.float64]
RULE = ExcessRule(SHARE_RATIOS, 1 / ALPHA, 3600.0)


def most_of(share: Floats) -> Callable[[int], float | None]:
    """The most of the last minute, as changes of weights are known."""

    def most(second: int) -> float | None:
        if not 0 <= second < len(share):
            return None
        return float(share[max(0, second - 60) : second + 11].max())

    return most


def source_of(judged: CellColumn, other: CellColumn, share: Floats) -> Source:
    return Source(judged, other, lambda counts: counts.events, frozenset(), most_of(share))


def played(
    draw: np.random.Generator, rate: Floats, share: Floats, odds: Floats, every: int
) -> ExcessState:
    """Events of a rate fall on the version with `odds` times those of its share; each arm has scrapes of its own."""
    events = draw.poisson(rate)
    tilted = odds * share / (1 - share)
    judged = draw.binomial(events, tilted / (1 + tilted))
    own = scraped(judged, every=every, first=int(draw.integers(every)))
    others = scraped(events - judged, every=every, first=int(draw.integers(every)))
    return fold(begin(0.0), RULE, source_of(own, others, share), len(rate))


def flat(number: float) -> Floats:
    return np.full(SECONDS, number)


def bursts() -> Floats:
    """An outage of both versions every ten minutes: for 40 s, hundreds of times as many events."""
    rate = flat(0.05)
    for start in range(300, SECONDS, 600):
        rate[start : start + 40] = 20.0
    return rate


def steps() -> Floats:
    """Weights 5, 20 and 50 percent; requests go back to 5 in the end."""
    share = flat(0.05)
    share[400:800], share[800:1200] = 0.2, 0.5
    return share


NULLS = [
    pytest.param(flat(0.5), flat(0.1), 1.0, 1, id="steady"),
    pytest.param(flat(0.5), flat(0.1), HARMLESS, 1, id="as many as are harmless"),
    pytest.param(flat(2.0), flat(0.5), HARMLESS, 15, id="half of the requests"),
    pytest.param(bursts(), flat(0.1), 1.0, 30, id="bursts that scrapes see apart"),
    pytest.param(flat(0.5), steps(), 1.0, 15, id="weights change"),
]  # fmt: skip


@pytest.mark.parametrize(("rate", "share", "odds", "every"), NULLS)
def test_without_excess_the_alarms_ever_raised_stay_within_alpha(
    rate: Floats, share: Floats, odds: float, every: int
) -> None:
    draw = np.random.default_rng(20_26)

    crossed = [played(draw, rate, share, flat(odds), every).mixture.crossed_at for _ in range(RUNS)]

    alarms = sum(at is not None for at in crossed)
    assert alarms <= RUNS * ALPHA + 3 * (RUNS * ALPHA * (1 - ALPHA)) ** 0.5


@pytest.mark.parametrize(
    ("odds", "healthy", "most"), [(8.0, 0, 100), (8.0, 900, 160), (4.0, 900, 400)]
)
def test_an_excess_is_seen_within_minutes_also_after_health(
    odds: float, healthy: int, most: int
) -> None:
    draw, tilt = np.random.default_rng(8), flat(1.0)
    tilt[healthy:] = odds

    times = [played(draw, flat(1.0), flat(0.1), tilt, 1).mixture.crossed_at for _ in range(21)]

    took = [SECONDS if at is None else at - healthy for at in times]
    assert DELAY < float(np.median(took)) < most


def test_it_does_not_matter_how_often_one_looks() -> None:
    draw = np.random.default_rng(3)
    own, others = (
        scraped(draw.poisson(flat(rate)), every=7, first=k) for rate, k in ((0.3, 2), (0.9, 5))
    )
    source = source_of(own, others, flat(0.2))

    state = begin(0.0)
    for until in range(0, SECONDS, 13):
        state = fold(state, RULE, source, until)
    state = fold(state, RULE, source, SECONDS)

    assert state == fold(begin(0.0), RULE, source, SECONDS)


def test_own_counts_that_nobody_read_beside_the_others_prove_nothing() -> None:
    """The other version's pods are not scraped for ten minutes; its events come to light later."""
    own = column_of([(second, 2, 2) for second in range(1000)])
    others = column_of([(second, 18, 18) for second in range(200)] + [(900, 12_600, 12_600)])

    state = fold(begin(0.0), RULE, source_of(own, others, np.full(1000, 0.1)), 1000)

    assert state.mixture.crossed_at is None
    assert state.judged < 2 * (200 + 2 * DELAY + 1)


def test_own_counts_that_came_late_are_left_out() -> None:
    """One of two pods was silent for ten minutes and brings all of its events at once."""
    own = column_of([(second, 1 + 600 * (second == 700), 700) for second in range(1000)])
    others = column_of([(second, 18, 18) for second in range(1000)])
    share = np.full(1000, 0.1)
    known = Source(own, others, lambda c: c.events, frozenset({700}), most_of(share))

    unmarked = fold(begin(0.0), RULE, source_of(own, others, share), 1000)
    marked = fold(begin(0.0), RULE, known, 1000)

    assert unmarked.mixture.crossed_at is not None
    assert marked.mixture.crossed_at is None


def test_more_events_of_the_judged_version_never_weaken_the_evidence() -> None:
    draw = np.random.default_rng(5)
    own = draw.poisson(flat(0.05))
    others = scraped(draw.poisson(flat(0.5)))
    more = own + (draw.random(SECONDS) < 0.02)

    few, many = (
        fold(begin(0.0), RULE, source_of(scraped(one), others, flat(0.1)), SECONDS)
        for one in (own, more)
    )

    assert many.mixture.highest >= few.mixture.highest


def test_seconds_of_which_the_share_is_not_known_are_left_out() -> None:
    own, others = scraped(np.full(100, 5)), scraped(np.full(100, 1))
    source = Source(own, others, lambda c: c.events, frozenset(), lambda _: None)

    state = fold(begin(0.0), RULE, source, 100)

    assert (state.judged, state.other, state.mixture.bets) == (0, 0, ())
