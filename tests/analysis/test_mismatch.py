"""The canary's share of the requests beside its weight."""

from dataclasses import replace

import numpy as np
import pytest

from knowngood.analysis.judging_events import marked
from knowngood.analysis.mismatch import (
    ALPHA,
    MismatchState,
    begin_mismatch,
    look_for_mismatch,
)
from knowngood.analysis.splits import Split, Splits
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1.shared import VerdictKind
from tests.analysis.counters import Course, scraped

SECONDS, RUNS = 1200, 20
STEPS = Splits([Split(0.1, 0.0, 1.0), Split(0.5, 600.0, 602.0)])
NOTHING: frozenset[int] = frozenset()


def weights() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.where(np.arange(SECONDS) < 601, 0.1, 0.5)


def looked(canary: Course, stable: Course, splits: Splits = STEPS, every: int = 5) -> MismatchState:
    columns = scraped(canary, every=every), scraped(stable, every=every, first=every // 2)
    start = begin_mismatch(0.0)
    return look_for_mismatch(
        start, columns, (NOTHING, NOTHING), splits, len(canary), horizon=3600.0
    )


def split(draw: np.random.Generator, rate: float, odds: float = 1.0) -> tuple[Course, Course]:
    total = draw.poisson(rate, SECONDS)
    tilted = odds * weights() / (1 - weights())
    canary = draw.binomial(total, tilted / (1 + tilted))
    return canary, total - canary


@pytest.mark.parametrize(("rate", "every"), [(0.5, 5), (20.0, 5), (20.0, 30)])
def test_requests_that_are_split_as_asked_are_no_mismatch(rate: float, every: int) -> None:
    """Promised are one in a thousand; of twenty, one would be a surprise of 2 %."""
    assert RUNS * ALPHA < 0.03
    draw = np.random.default_rng(1)

    found = [looked(*split(draw, rate), every=every).found for _ in range(RUNS)]

    assert found == [None] * RUNS


def test_a_deviation_that_is_not_worth_telling_is_no_mismatch_however_sure_it_is() -> None:
    draw = np.random.default_rng(2)

    assert looked(*split(draw, 200.0, odds=1.15)).present is None


@pytest.mark.parametrize(("odds", "low", "high"), [(4.0, 0.25, 0.36), (0.2, 0.01, 0.04)])
def test_a_canary_that_gets_another_share_is_found(odds: float, low: float, high: float) -> None:
    canary, stable = split(np.random.default_rng(3), 20.0, odds)

    state = looked(canary[:590], stable[:590])

    assert state.present is not None
    assert low < state.present.share < high
    assert abs(state.present.expected - 0.1) < 0.001


def test_a_mismatch_that_is_over_is_none_any_more() -> None:
    draw = np.random.default_rng(4)
    total = draw.poisson(20.0, 6000)
    share = np.where(np.arange(6000) < 300, 0.4, 0.1)
    canary = draw.binomial(total, share)
    splits = Splits([Split(0.1, 0.0, 1.0)])

    during = looked(canary[:300], (total - canary)[:300], splits)
    after = looked(canary, total - canary, splits)

    assert during.present is not None
    assert after.found is not None
    assert after.present is None


def test_where_nobody_saw_the_split_nothing_is_found() -> None:
    canary, stable = split(np.random.default_rng(5), 20.0, odds=8.0)

    assert looked(canary, stable, Splits([Split(0.1, 0.0, None)])).found is None


def test_what_was_found_reads_the_same_as_long_as_it_holds() -> None:
    canary, stable = split(np.random.default_rng(6), 20.0, odds=4.0)
    found = {looked(canary[:end], stable[:end]).present for end in (300, 400, 500)}

    assert len(found) == 1


HEALTHY = Verdict(VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, "fine", 0.0)


def test_nothing_is_healthy_and_a_breach_stays_one_where_requests_are_not_split_as_asked() -> None:
    breached = replace(HEALTHY, kind=VerdictKind.BREACHED, message="bad")

    assert marked(HEALTHY, "") == HEALTHY
    assert marked(HEALTHY, "gets 31 %").kind is VerdictKind.INCONCLUSIVE
    assert marked(HEALTHY, "gets 31 %").reason == Finding.SHARE_MISMATCH
    assert marked(breached, "gets 31 %") == replace(breached, message="bad; gets 31 %")
