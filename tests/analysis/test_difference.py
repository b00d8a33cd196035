"""Limits of the difference of two shares, told beside the proof."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.blocks import Block
from knowngood.analysis.difference import DifferenceState, Limits, begin
from tests.analysis.streams import course, traffic

CONFIDENCE, SECONDS, RUNS = 0.95, 150, 150
TRUTHS = [
    pytest.param(0.7, 0.0, 0.05, id="equal"),
    pytest.param(0.7, -0.05, 0.05, id="worse by the margin"),
    pytest.param(0.01, 0.01, 0.01, id="more errors"),
]  # fmt: skip


def after(state: DifferenceState, blocks: list[Block]) -> DifferenceState:
    for block in blocks:
        state = state.after(block)
    return state


def drawn(
    draw: np.random.Generator, share: float, difference: float, seconds: int = SECONDS
) -> list[Block]:
    rates = course(seconds, (0, 10)), course(seconds, (0, 90))
    shares = course(seconds, (0, share + difference)), course(seconds, (0, share))
    return list(traffic(draw, rates, shares))


@pytest.mark.parametrize(("share", "difference", "margin"), TRUTHS)
def test_the_true_difference_is_hardly_ever_ruled_out(
    share: float, difference: float, margin: float
) -> None:
    """In at most 5 % of runs, however often one looks; and three standard deviations of the binomial for luck."""
    draw, missed = np.random.default_rng(6), 0
    for _ in range(RUNS):
        limits = after(begin(margin, CONFIDENCE), drawn(draw, share, difference)).limits
        low, high = limits.lowest, limits.highest
        missed += not ((low is None or low <= difference) and (high is None or high >= difference))

    alpha = 1 - CONFIDENCE
    assert missed <= RUNS * alpha + 3 * (RUNS * alpha * (1 - alpha)) ** 0.5


def test_a_thousand_requests_tell_five_points_apart_at_70_percent() -> None:
    """The half-width is .046 by the asymptotic formula; the grid has steps of .0125, and errs by one outwards."""
    draw = np.random.default_rng(7)
    found = [after(begin(0.05, CONFIDENCE), drawn(draw, 0.7, 0.0, 100)).limits for _ in range(21)]

    assert -0.065 < np.median([limits.lowest or 0 for limits in found]) < -0.035
    assert 0.035 < np.median([limits.highest or 0 for limits in found]) < 0.065


def test_limits_only_ever_come_closer() -> None:
    state, seen = begin(0.05, CONFIDENCE), list[Limits]()
    for block in drawn(np.random.default_rng(8), 0.7, -0.03):
        state = state.after(block)
        seen.append(state.limits)

    for earlier, later in pairwise(seen):
        assert (earlier.lowest is None) or (later.lowest or 0) >= earlier.lowest
        assert (earlier.highest is None) or (later.highest or 0) <= earlier.highest


def test_before_anything_is_known_there_are_no_limits() -> None:
    few = [Block(7, 10, 63, 90, 0, 1)]

    assert after(begin(0.05, CONFIDENCE), few).limits == Limits(None, None)


def test_nothing_is_put_together_over_a_gap() -> None:
    """What was left out between two blocks may have been a change of weights."""
    state = after(begin(0.05, CONFIDENCE), [Block(70, 100, 63, 90, 0, 1)])
    state = state.after(Block(0, 1, 9, 9, 1, 2))
    assert state.part.n_c == 1

    assert state.after(Block(1, 1, 9, 9, 9, 10)).part == Block(1, 1, 9, 9, 9, 10)


counts = st.tuples(st.integers(0, 9), st.integers(0, 30)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=40), st.sampled_from([0.0001, 0.05, 0.19, 0.6, 0.99]))
def test_no_counts_and_no_margin_break_it(
    found: list[tuple[int, int, int, int]], margin: float
) -> None:
    state = after(begin(margin, CONFIDENCE), [Block(*c, k, k + 1) for k, c in enumerate(found)])

    limits = state.limits
    assert limits.lowest is None or limits.highest is None or limits.lowest < limits.highest


def test_the_edges_of_parts_are_moved_by_counts_alone() -> None:
    good = drawn(np.random.default_rng(9), 0.7, 0.0, 60)
    bad = [replace(b, x=0) for b in good]

    def edges(blocks: list[Block]) -> list[int]:
        state, found = begin(0.05, CONFIDENCE), []
        for block in blocks:
            state = state.after(block)
            found.append(state.part.n_c)
        return found

    assert edges(good) == edges(bad)
