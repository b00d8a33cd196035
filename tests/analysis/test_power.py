"""What is said of the power is what the tests do: counted at a fifth more and at a fifth less."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis import noninferiority, proportion
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.power import samples_to_clear, samples_to_show, smallest_shown
from knowngood.analysis.proportion import ProportionRule
from knowngood.api.v1alpha1.comparisons import Direction
from tests.analysis.streams import course, traffic

FALL, RISE = Direction.DECREASE, Direction.INCREASE
RUNS, CANARY_RATE = 60, 6.0
LUCK = 3 * (RUNS * 0.8 * 0.2) ** 0.5
"""Three standard deviations of how many of the runs show what is shown with a chance of 80 %."""

RULE = ProportionRule(FALL, 0.0, 0.01, 3600.0, 500, 3)


def shown(rule: ProportionRule, share: float, harm: float, ratio: float, n_c: float) -> int:
    """How many runs of `n_c` canary requests, as they come in seconds, show a harm."""
    draw, count, seconds = np.random.default_rng(9), 0, round(n_c / CANARY_RATE)
    worse = share + harm * (1 if rule.direction is RISE else -1)
    rates = course(seconds, (0, CANARY_RATE)), course(seconds, (0, CANARY_RATE * ratio))
    shares = course(seconds, (0, worse)), course(seconds, (0, share))
    for _ in range(RUNS):
        state = proportion.begin(rule, 0.0)
        for block in traffic(draw, rates, shares):
            state = proportion.fold(state, rule, block)
            if state.breached_by:
                count += 1
                break
    return count


CASES = [
    pytest.param(RULE, 0.7, 9.0, 500, id="approvals"),
    pytest.param(replace(RULE, tolerance=0.02), 0.7, 9.0, 1000, id="tolerance"),
    pytest.param(replace(RULE, direction=RISE), 0.01, 9.0, 500, id="errors"),
    pytest.param(RULE, 0.7, 1.0, 500, id="half of the requests"),
    pytest.param(replace(RULE, alpha=0.002), 0.95, 19.0, 300, id="a small share of the budget"),
    pytest.param(replace(RULE, effect_at_least=0.1), 0.7, 9.0, 500, id="effect"),
    pytest.param(replace(RULE, direction=RISE, min_events=25), 0.01, 9.0, 500, id="events"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "share", "ratio", "n_c"), CASES)
def test_the_smallest_harm_that_would_have_been_shown_is_right_within_a_fifth(
    rule: ProportionRule, share: float, ratio: float, n_c: int
) -> None:
    smallest = smallest_shown(rule, share, n_c, n_c * ratio)

    assert smallest is not None
    assert shown(rule, share, smallest / 1.2, ratio, n_c) < 0.8 * RUNS
    assert shown(rule, share, smallest * 1.2, ratio, n_c) >= 0.8 * RUNS - LUCK


CLEARED = [
    pytest.param(NonInferiorRule(FALL, 0.05, 0.95), 0.7, 9.0, id="approvals"),
    pytest.param(NonInferiorRule(RISE, 0.01, 0.95), 0.01, 9.0, id="errors"),
    pytest.param(NonInferiorRule(FALL, 0.05, 0.95), 0.7, 1.0, id="half of the requests"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "share", "ratio"), CLEARED)
def test_the_requests_that_clear_an_equal_version_are_right_within_a_fifth(
    rule: NonInferiorRule, share: float, ratio: float
) -> None:
    """The median: half of the runs need more than said by a fifth less, half need less than said by a fifth more."""
    needed = samples_to_clear(rule, share, ratio, chance=0.5)
    draw, seconds, found = np.random.default_rng(9), 600, []
    rates = course(seconds, (0, CANARY_RATE)), course(seconds, (0, CANARY_RATE * ratio))
    shares = course(seconds, (0, share)), course(seconds, (0, share))
    for _ in range(RUNS):
        state, asked = noninferiority.begin(rule), 0
        for block in traffic(draw, rates, shares):
            state, asked = noninferiority.fold(state, rule, block), asked + block.n_c
            if state.shown:
                break
        found.append(asked)

    luck = 3 * (RUNS / 4) ** 0.5
    assert needed is not None
    assert sum(n < needed / 1.2 for n in found) <= RUNS / 2 + luck
    assert sum(n < needed * 1.2 for n in found) >= RUNS / 2 - luck


def test_the_numbers_that_the_docs_give() -> None:
    def points(n: int) -> float:
        return 100 * (smallest_shown(RULE, 0.7, n, 9 * n) or 0)

    assert points(500) == pytest.approx(9.5, abs=0.1)
    assert points(2000) == pytest.approx(4.6, abs=0.1)
    assert samples_to_show(RULE, 0.7, 9.0, 0.1) == pytest.approx(438, abs=5)


ROUGH = 50
"""Requests; what is said of fewer is rough."""

shares = st.floats(0.001, 0.999)
ratios = st.floats(0.5, 100)


@settings(deadline=None)
@given(shares, ratios, st.sampled_from(list(Direction)), st.floats(0.001, 0.5))
def test_the_requests_that_a_harm_needs_are_those_with_which_it_is_the_smallest(
    share: float, ratio: float, direction: Direction, harm: float
) -> None:
    rule = replace(RULE, direction=direction)
    needed = samples_to_show(rule, share, ratio, harm)

    # Of fewer, the chance does not rise with each bit of harm: events come whole, and the spread is a guess.
    if needed is not None and needed >= ROUGH and direction is not Direction.EITHER:
        smallest = smallest_shown(rule, share, needed, needed * ratio)
        assert smallest is not None
        assert smallest <= harm + 1e-6
        fewer = smallest_shown(rule, share, 0.9 * needed - 1, (0.9 * needed - 1) * ratio)
        assert fewer is None or fewer > harm - 1e-6


@settings(deadline=None)
@given(shares, ratios, st.sampled_from([FALL, RISE]), st.integers(10, 10_000))
def test_more_requests_never_see_less(
    share: float, ratio: float, direction: Direction, n_c: int
) -> None:
    rule = replace(RULE, direction=direction)
    few, many = (smallest_shown(rule, share, n, n * ratio) for n in (n_c, 2 * n_c))

    assert few is None or (many is not None and many <= few + 1e-6)


def test_what_can_never_be_shown_is_not_promised() -> None:
    assert samples_to_show(replace(RULE, tolerance=0.05), 0.7, 9.0, 0.05) is None
    assert samples_to_show(RULE, 0.1, 9.0, 0.2) is None
    assert smallest_shown(RULE, 0.01, 500, 4500) is None
    assert smallest_shown(RULE, 0.7, 0, 4500) is None
    assert smallest_shown(RULE, 0.7, 20, 25) is None
