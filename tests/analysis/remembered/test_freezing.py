from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.remembered.counts import BaselineCounts
from knowngood.analysis.remembered.freezing import (
    KEPT,
    Kept,
    collect,
    collecting,
    drift,
    freeze,
)
from knowngood.analysis.remembered.strata import stratum_of
from knowngood.api.v1alpha1.baseline import BaselineSource as Source
from knowngood.api.v1alpha1.comparisons import Direction, Seasonality
from knowngood.signals.cells import NOTHING, CellColumn, Counts
from tests.analysis.remembered.made import MONDAY, column, flat, spread

WEEK = Seasonality.HOUR_OF_WEEK
DAY = Seasonality.HOUR_OF_DAY


def every(step: int, seconds: int, start: int = MONDAY) -> CellColumn:
    return column({start + k: (1, 2) for k in range(0, seconds, step)})


def test_counts_go_to_their_hours_and_are_frozen_with_their_span() -> None:
    found = freeze(collect(collecting(WEEK, MONDAY), every(10, 7200), MONDAY + 7200))

    assert found
    assert found.strata[:3] == (Counts(360, 720), Counts(360, 720), NOTHING)
    assert (found.start, found.end, found.source) == (MONDAY, MONDAY + 7200, Source.OBSERVED)
    assert found.samples == 1440


def test_incidents_drills_and_overrides_do_not_enter_a_baseline() -> None:
    bad = column({MONDAY + k: (0 if 600 <= k < 1200 else 2, 2) for k in range(3600)})
    span = (MONDAY + 600.0, MONDAY + 1200.0)

    found = freeze(collect(collecting(DAY, MONDAY), bad, MONDAY + 3600, (span,)))

    assert found
    assert found.events == found.samples == 6000


def test_nothing_counted_is_no_baseline() -> None:
    idle = column({MONDAY + k: (0, 0) for k in range(600)})

    assert freeze(collect(collecting(WEEK, MONDAY), idle, MONDAY + 600)) is None


@settings(deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 5000), max_size=5))
def test_a_baseline_does_not_depend_on_when_it_is_collected(seed: int, looks: list[int]) -> None:
    draw = Random(seed)
    cells = column({MONDAY + k: (draw.randrange(2), 1) for k in range(5000) if draw.random() < 0.3})
    spans = ((MONDAY + 700.5, MONDAY + 900.0),)

    known = collecting(WEEK, MONDAY)
    for until in [*sorted(looks), 5000]:
        known = collect(known, cells, MONDAY + until, spans)

    assert known == collect(collecting(WEEK, MONDAY), cells, MONDAY + 5000, spans)


def test_coarser_strata_hold_the_same_counts() -> None:
    weekly = BaselineCounts(WEEK, tuple(Counts(k % 7, k) for k in range(7, 175)), 0.0, 1.0)

    daily, whole = weekly.coarsened(DAY), weekly.coarsened(Seasonality.NONE)

    assert daily.coarsened(Seasonality.NONE) == whole
    assert whole.strata == (Counts(weekly.events, weekly.samples),)
    assert daily.strata[7].total == sum(weekly.strata[24 * day + 7].total for day in range(7))
    with pytest.raises(ValueError, match="does not tell HourOfWeek"):
        daily.coarsened(WEEK)


def test_impossible_baselines_are_refused_by_field() -> None:
    with pytest.raises(ValueError, match="strata: HourOfDay needs 24 of them, not 1"):
        BaselineCounts(DAY, (NOTHING,), 0.0, 1.0)
    with pytest.raises(ValueError, match=r"strata\[0\]: 3 events of 2 requests"):
        flat(3, 2)


def test_a_day_knows_no_week() -> None:
    day, weeks = 86_400.0, 14 * 86_400.0
    full = tuple([Counts(500, 1000)] * 168)

    assert not BaselineCounts(WEEK, full, 0.0, day).has_periods(1, 500)
    assert BaselineCounts(WEEK, full, 0.0, weeks).has_periods(2, 500)
    assert not BaselineCounts(WEEK, full, 0.0, weeks).has_periods(2, 1001)
    assert not BaselineCounts(WEEK, (*full[1:], NOTHING), 0.0, weeks).has_periods(2, 1)


def test_the_drift_between_baselines_is_bounded_as_surely_as_asked() -> None:
    """400 pairs, three points apart in each hour; one-sided 95 % twice, and three deviations."""
    draw, missed, runs = np.random.default_rng(51), 0, 400
    base = 0.7 + 0.1 * np.sin(np.arange(24))
    for _ in range(runs):
        pairs = [(600, base), (300, base - 0.03)]
        origin, current = (
            BaselineCounts(
                DAY,
                tuple(Counts(x, n) for x in draw.binomial(n, shares).tolist()),
                0.0,
                1.0,
            )
            for n, shares in pairs
        )
        found = drift(current, origin)
        assert found
        missed += not found.low <= -0.03 <= found.high

    assert missed <= runs * 0.1 + spread(runs, 0.1)
    assert missed >= runs * 0.1 - spread(runs, 0.1)


def test_other_hours_are_no_drift() -> None:
    """The same night and the same noon, in another mix: pooled it would be thirty points."""
    strata = [NOTHING] * 24
    night, noon = list(strata), list(strata)
    night[2], night[12] = Counts(5000, 10_000), Counts(80, 100)
    noon[2], noon[12] = Counts(50, 100), Counts(8000, 10_000)

    found = drift(
        BaselineCounts(DAY, tuple(noon), 0.0, 1.0), BaselineCounts(DAY, tuple(night), 0.0, 1.0)
    )

    assert found
    assert found.difference == pytest.approx(0.0, abs=1e-12)


def test_hours_weigh_as_mantel_and_haenszel_have_it() -> None:
    """(10/100 - 20/400) weighs 80, (90/300 - 20/100) weighs 75."""
    strata = [NOTHING] * 24
    later, earlier = list(strata), list(strata)
    later[0], earlier[0] = Counts(10, 100), Counts(20, 400)
    later[1], earlier[1] = Counts(90, 300), Counts(20, 100)

    found = drift(
        BaselineCounts(DAY, tuple(later), 0.0, 1.0), BaselineCounts(DAY, tuple(earlier), 0.0, 1.0)
    )

    assert found
    assert found.difference == pytest.approx((80 * 0.05 + 75 * 0.1) / 155)


def test_the_hour_that_drifted_most_is_named() -> None:
    strata = [Counts(700, 1000)] * 168
    later = list(strata)
    later[24 * 5 + 3] = Counts(400, 1000)

    old = BaselineCounts(WEEK, tuple(strata), 0.0, 1.0)
    found = drift(replace(old, strata=tuple(later)), old)

    assert found
    assert found.widest == "Saturdays at 03:00 UTC"
    assert found.widest_difference == pytest.approx(-0.3)
    assert stratum_of(MONDAY + 5 * 86_400 + 3 * 3600, WEEK) == 24 * 5 + 3


def test_baselines_of_different_seasons_are_compared_as_the_coarser_one() -> None:
    weekly = BaselineCounts(WEEK, tuple([Counts(70, 100)] * 168), 0.0, 1.0)

    found = drift(flat(12_000, 20_000), weekly)

    assert found
    assert found.difference == pytest.approx(-0.1)
    assert found.is_no_worse(Direction.INCREASE, 0.02)
    assert not found.is_no_worse(Direction.DECREASE, 0.02)
    assert not found.is_no_worse(Direction.EITHER, 0.02)
    assert found.is_no_worse(Direction.EITHER, 0.2)


def test_nothing_in_common_is_no_comparison() -> None:
    assert drift(flat(0, 0), flat()) is None


def test_a_wider_design_effect_makes_the_bounds_wider() -> None:
    one, four = drift(flat(), flat()), drift(flat(), flat(), design_effect=4)

    assert one
    assert four
    assert four.high - four.low == pytest.approx(2 * (one.high - one.low))


def test_many_small_steps_are_seen_against_the_first_one() -> None:
    kept = Kept(flat(35_000), ())
    for events in range(34_000, 24_000, -1000):
        kept = kept.with_accepted(flat(events))

    step = drift(kept.accepted[-1], kept.accepted[-2])
    whole = drift(kept.current, kept.origin)

    assert len(kept.accepted) == KEPT
    assert step
    assert whole
    assert (step.difference, whole.difference) == pytest.approx((-0.02, -0.2))
