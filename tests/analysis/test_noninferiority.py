from collections.abc import Callable
from itertools import product
from math import exp, fsum, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from knowngood.analysis.blocks import Block
from knowngood.analysis.noninferiority import NonInferiorRule, NonInferiorState, begin, fold
from knowngood.analysis.past import StablePast
from knowngood.api.v1alpha1.comparisons import Direction
from tests.analysis import plainly
from tests.analysis.streams import Course, course, traffic

Plan = tuple[tuple[Course, Course], tuple[Course, Course]]

CONFIDENCE, LOOKS, RUNS = 0.95, 300, 240
clock = np.arange(LOOKS)


def rule(direction: Direction, margin: float) -> NonInferiorRule:
    return NonInferiorRule(direction, margin, CONFIDENCE)


FALL, RISE = Direction.DECREASE, Direction.INCREASE


def folded(tested: NonInferiorRule, blocks: list[Block]) -> NonInferiorState:
    state = begin(tested)
    for block in blocks:
        state = fold(state, tested, block)
    return state


def steady(
    share: float, canary: float, rates: tuple[float, float] = (6, 54), looks: int = LOOKS
) -> Plan:
    answering = course(looks, (0, rates[0])), course(looks, (0, rates[1]))
    return answering, (course(looks, (0, canary)), course(looks, (0, share)))


def shifting_weights_and_base() -> Plan:
    """Weights go 5, 20, 50 percent while both shares swing by 15 points; the canary's is 5 points lower."""
    weight = course(LOOKS, (0, 0.05), (100, 0.2), (200, 0.5))
    share = 0.7 + 0.15 * np.sin(clock / 20)
    return (60 * weight, 60 * (1 - weight)), (share - 0.05, share)


AT_THE_MARGIN = [
    pytest.param(lambda: steady(0.7, 0.65), rule(FALL, 0.05), id="approvals 70 %"),
    pytest.param(lambda: steady(0.01, 0.02), rule(RISE, 0.01), id="errors 1 %"),
    pytest.param(lambda: steady(0.7, 0.65, (30, 30)), rule(FALL, 0.05), id="half of the requests"),
    pytest.param(lambda: steady(0.3, 0.35), rule(Direction.EITHER, 0.05), id="either"),
    pytest.param(shifting_weights_and_base, rule(FALL, 0.05), id="weights and base move"),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "tested"), AT_THE_MARGIN)
def test_a_version_that_is_worse_by_the_margin_is_hardly_ever_called_non_inferior(
    plan: Callable[[], Plan], tested: NonInferiorRule
) -> None:
    """At most 5 % of runs, and three standard deviations of the binomial for luck."""
    draw, called = np.random.default_rng(20_26), 0

    for _ in range(RUNS):
        state = begin(tested)
        for block in traffic(draw, *plan()):
            state = fold(state, tested, block)
            if state.shown:
                called += 1
                break

    alpha = 1 - CONFIDENCE
    assert called <= RUNS * alpha + 3 * (RUNS * alpha * (1 - alpha)) ** 0.5


NEEDED = [
    pytest.param(0.7, rule(FALL, 0.05), (6, 54), 350, 700, id="70 %, 5 points, a tenth"),
    pytest.param(0.7, rule(FALL, 0.05), (30, 30), 650, 1300, id="70 %, 5 points, a half"),
    pytest.param(0.01, rule(RISE, 0.01), (6, 54), 550, 1100, id="errors 1 %, 1 point, a tenth"),
]  # fmt: skip


@pytest.mark.parametrize(("share", "tested", "rates", "low", "high"), NEEDED)
def test_a_version_that_is_as_good_is_shown_to_be_with_the_requests_that_the_docs_say(
    share: float, tested: NonInferiorRule, rates: tuple[float, float], low: int, high: int
) -> None:
    """Canary requests, median of 61 runs."""
    draw, needed = np.random.default_rng(4), []
    for _ in range(61):
        state, asked = begin(tested), 0
        for block in traffic(draw, *steady(share, share, rates, 1500)):
            state, asked = fold(state, tested, block), asked + block.n_c
            if state.shown:
                break
        needed.append(asked)

    assert low <= float(np.median(needed)) <= high


arms = st.tuples(st.integers(0, 9), st.integers(0, 30)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
streams = st.lists(arms, min_size=1, max_size=30).map(
    lambda found: [Block(*counts, 3 * k, 3 * k + 3) for k, counts in enumerate(found)]
)
margins = st.sampled_from([0.001, 0.01, 0.05, 0.3, 0.9])


@settings(deadline=None)
@given(streams, margins, st.sampled_from([FALL, RISE]), st.data())
def test_a_worse_answer_never_makes_the_claim_appear(
    blocks: list[Block], margin: float, direction: Direction, data: st.DataObject
) -> None:
    worse = list(blocks)
    for _ in range(data.draw(st.integers(1, 5))):
        k = data.draw(st.integers(0, len(worse) - 1))
        b = worse[k]
        x = max(0, b.x - 1) if direction is FALL else min(b.n_c, b.x + 1)
        worse[k] = Block(x, b.n_c, b.y, b.n_s, b.start, b.end)

    for count in range(1, len(blocks) + 1):
        good = folded(rule(direction, margin), blocks[:count])
        bad = folded(rule(direction, margin), worse[:count])
        assert bad.weakest.log_evidence <= good.weakest.log_evidence + 1e-12
        assert good.shown or not bad.shown


@settings(deadline=None, max_examples=150)
@given(
    st.floats(0.001, 0.999), st.tuples(st.integers(1, 5), st.integers(1, 7)),
    st.sampled_from([0.02, 0.1, 0.4]), st.tuples(st.floats(0, 1), st.floats(0, 1)),
)  # fmt: skip
def test_no_law_that_is_worse_by_the_margin_expects_a_factor_above_one(
    q: float, n: tuple[int, int], margin: float, law: tuple[float, float]
) -> None:
    """Summed over every outcome of the block, so nothing is left to chance."""
    (n_c, n_s), tested = n, rule(FALL, margin)
    b = margin + law[0] * (1 - margin)
    a = law[1] * (b - margin)
    known = NonInferiorState(begin(tested).claims, StablePast(q * 1e6, 1e6, 0.0))

    def factor(x: int, y: int) -> float:
        return exp(fold(known, tested, Block(x, n_c, y, n_s, 0, 1)).weakest.log_evidence)

    expected = fsum(
        float(binom.pmf(x, n_c, a) * binom.pmf(y, n_s, b)) * factor(x, y)
        for x, y in product(range(n_c + 1), range(n_s + 1))
    )

    assert expected <= 1 + 1e-9


@pytest.mark.parametrize("direction", [FALL, RISE])
def test_the_evidence_is_what_the_formula_says(direction: Direction) -> None:
    draw = np.random.default_rng(5)
    blocks = list(traffic(draw, *steady(0.6, 0.62, looks=60)))
    sign = -1 if direction is FALL else 1

    expected = 0.0
    for k, b in enumerate(blocks):
        q = plainly.past_share(blocks[:k])
        if q is not None and b.n_c and b.n_s:
            p_c, p_s = plainly.apart(q, b.n_c, b.n_s, sign * 0.05)
            expected += b.x * log(q / p_c) + (b.n_c - b.x) * log((1 - q) / (1 - p_c))
            expected += b.y * log(q / p_s) + (b.n_s - b.y) * log((1 - q) / (1 - p_s))

    found = folded(rule(direction, 0.05), blocks).weakest.log_evidence
    assert found == pytest.approx(expected, abs=1e-5)  # a minimum is looked for no more exactly


def as_good(count: int, start: int = 0) -> list[Block]:
    return [Block(7, 10, 63, 90, k, k + 1) for k in range(start, start + count)]


def test_what_was_shown_stays_shown() -> None:
    tested = rule(FALL, 0.05)
    shown = folded(tested, as_good(200))
    bad = [Block(0, 10, 63, 90, k, k + 1) for k in range(200, 260)]

    later = shown
    for block in bad:
        later = fold(later, tested, block)

    assert shown.shown
    assert later.weakest.log_evidence < 0
    assert later.shown
    assert later.weakest.shown_at == shown.weakest.shown_at


def test_one_version_alone_shows_nothing() -> None:
    nobody = [Block(0, 0, 63, 90, k, k + 1) for k in range(500)]
    alone = [Block(7, 10, 0, 0, k, k + 1) for k in range(500, 1000)]

    assert folded(rule(FALL, 0.05), nobody + alone).weakest.highest == 0.0


def test_either_direction_must_be_shown_not_to_matter() -> None:
    """10 points better is not 10 points worse, but it is as much of a change."""
    better = [Block(8, 10, 63, 90, k, k + 1) for k in range(400)]

    assert folded(rule(FALL, 0.05), better).shown
    assert not folded(rule(Direction.EITHER, 0.05), better).shown
    assert folded(rule(Direction.EITHER, 0.05), as_good(400)).shown


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("direction", list(Direction))
def test_a_share_of_nothing_or_everything_breaks_nothing(
    share: float, direction: Direction
) -> None:
    x, y = round(10 * share), round(90_000 * share)
    found = folded(rule(direction, 0.01), [Block(x, 10, y, 90_000, k, k + 1) for k in range(900)])

    assert found.shown
