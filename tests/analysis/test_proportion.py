from dataclasses import replace
from math import exp, log
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowngood.analysis.bets import WEIGHTS
from knowngood.analysis.blocks import Block
from knowngood.analysis.proportion import ProportionRule, ProportionState, begin, fold
from knowngood.api.v1alpha1.comparisons import Direction
from tests.analysis import plainly

RULE = ProportionRule(
    direction=Direction.DECREASE,
    tolerance=0.0,
    alpha=0.01,
    horizon=600.0,
    min_samples=500,
    min_events=3,
)
NEVER = replace(RULE, min_events=10**9)  # goes on after it was crossed


def folded(rule: ProportionRule, blocks: list[Block], since: float = 0.0) -> ProportionState:
    state = begin(rule, since)
    for block in blocks:
        state = fold(state, rule, block)
    return state


def wealth(state: ProportionState) -> float:
    (side,) = state.sides
    return sum(w * exp(bet.log_wealth) for w, bet in zip(WEIGHTS, side.bets, strict=True))


def stream(
    seed: int, count: int, p: float, q: float, *, n: tuple[int, int] = (6, 54), step: int = 1
) -> list[Block]:
    """Blocks of random sizes, twice `n` at most; p and q are the shares of events."""
    draw, (n_c, n_s) = Random(seed), n

    def hits(n: int, share: float) -> int:
        return sum(draw.random() < share for _ in range(n))

    def block(k: int) -> Block:
        c, s = draw.randrange(n_c * 2 + 1), draw.randrange(n_s * 2 + 1)
        return Block(hits(c, p), c, hits(s, q), s, k * step, (k + 1) * step)

    return [block(k) for k in range(count)]


GOLDEN = [
    pytest.param(stream(1, 30, 0.7, 0.7), Direction.DECREASE, 0.0, id="no fall"),
    pytest.param(stream(2, 30, 0.55, 0.7), Direction.DECREASE, 0.0, id="a fall"),
    pytest.param(stream(3, 30, 0.02, 0.01), Direction.INCREASE, 0.0, id="a small rise"),
    pytest.param(stream(4, 30, 0.2, 0.01), Direction.INCREASE, 0.0, id="a rise"),
    pytest.param(stream(5, 40, 0.5, 0.7, step=7), Direction.DECREASE, 0.05, id="tolerance"),
    pytest.param(stream(6, 40, 0.12, 0.02, step=7), Direction.INCREASE, 0.02, id="tolerated rise"),
    pytest.param(stream(7, 60, 0.66, 0.7, n=(40, 40), step=25), Direction.DECREASE, 0.0, id="long"),
]


@pytest.mark.parametrize(("blocks", "direction", "tolerance"), GOLDEN)
def test_the_evidence_is_what_the_formula_says(
    blocks: list[Block], direction: Direction, tolerance: float
) -> None:
    rule = replace(NEVER, direction=direction, tolerance=tolerance)
    sign = -1 if direction is Direction.DECREASE else 1

    for count in (2, len(blocks) // 2, len(blocks)):
        expected = plainly.evidence(blocks[:count], 0.0, rule.horizon, sign, tolerance)
        assert wealth(folded(rule, blocks[:count])) == pytest.approx(expected, rel=1e-7)


def test_a_start_inside_a_block_bets_from_the_next_one_on() -> None:
    blocks = stream(8, 20, 0.5, 0.7, step=7)

    expected = plainly.evidence(blocks, -3.5, RULE.horizon, -1)

    assert wealth(folded(NEVER, blocks, since=-3.5)) == pytest.approx(expected, rel=1e-9)


def test_nothing_is_bet_before_thirty_stable_requests_are_known() -> None:
    first = [Block(0, 20, 29, 29, 0, 1), Block(0, 20, 1, 1, 1, 2)]

    assert wealth(folded(NEVER, first)) == pytest.approx(0.7)
    assert wealth(folded(NEVER, [*first, Block(0, 20, 20, 20, 2, 3)])) > 10


def test_rare_traffic_is_remembered_long_enough_for_a_bet() -> None:
    """Two stable requests in five minutes would fade below thirty for ever."""
    rare = [Block(0, 1, 2, 2, 300 * k, 300 * (k + 1)) for k in range(60)]

    assert wealth(folded(NEVER, rare)) > 1e6


def test_a_block_without_a_pair_changes_nothing_but_what_is_known_of_the_past() -> None:
    start = stream(9, 10, 0.6, 0.7)
    before = wealth(folded(NEVER, start))

    lonely = [*start, Block(0, 50, 0, 0, 9, 10), Block(0, 0, 30, 40, 9, 10)]

    assert wealth(folded(NEVER, lonely)) == pytest.approx(before)


def test_the_crossing_is_where_the_evidence_first_reaches_its_limit() -> None:
    blocks = stream(10, 40, 0.35, 0.7)

    state = folded(NEVER, blocks)

    path = [plainly.evidence(blocks[: i + 1], 0.0, 600.0, -1) for i in range(len(blocks))]
    first = next(i for i, value in enumerate(path) if value >= 100)
    assert state.sides[0].crossed_at == blocks[first].end


def test_a_crossing_is_kept_when_the_evidence_falls_again() -> None:
    bad, good = stream(11, 20, 0.3, 0.7), stream(12, 300, 0.9, 0.7)
    after = [replace(b, start=b.start + 20, end=b.end + 20) for b in good]

    state = folded(NEVER, bad + after)

    assert wealth(state) < 1
    assert state.sides[0].crossed_at is not None
    assert state.sides[0].highest >= log(100)


def test_either_direction_shares_alpha_between_both() -> None:
    blocks = stream(13, 30, 0.4, 0.7)
    either = folded(replace(NEVER, direction=Direction.EITHER), blocks)
    falls = folded(NEVER, blocks)

    assert replace(RULE, direction=Direction.EITHER).limit == 200
    assert next(s for s in either.sides if s.falls).bets == falls.sides[0].bets
    assert folded(replace(RULE, direction=Direction.EITHER), blocks).breached_by is not None


def crossing_with(bad: int) -> list[Block]:
    """A base that never fails, and so few bad answers that the count decides."""
    return [
        Block(0, 10, 0, 5000, 0, 1),
        *[Block(1, 1, 0, 500, k, k + 1) for k in range(1, bad + 1)],
    ]


def test_one_bad_client_is_not_enough_for_a_breach() -> None:
    rule = replace(RULE, direction=Direction.INCREASE)

    two, three = folded(rule, crossing_with(2)), folded(rule, crossing_with(3))

    assert two.sides[0].crossed_at is not None
    assert two.breached_by is None
    assert three.breached_by is not None


def test_an_effect_that_is_too_small_is_no_breach_until_it_is_large_enough() -> None:
    rule = replace(RULE, effect_at_least=0.2, effect_over=60.0)
    mild = stream(14, 200, 0.55, 0.7, n=(40, 100))
    worse = [
        replace(b, start=b.start + 200, end=b.end + 200)
        for b in stream(15, 60, 0.3, 0.7, n=(40, 100))
    ]

    assert folded(rule, mild).sides[0].crossed_at is not None
    assert folded(rule, mild).breached_by is None
    assert folded(rule, mild + worse).breached_by is not None


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("total", [2**52, 2**53])
def test_counts_as_large_as_they_may_be_are_judged(
    direction: Direction, share: float, total: int
) -> None:
    events = int(total * share)
    stable = Block(x=3, n_c=10, y=events, n_s=total, start=0, end=1)
    both = replace(stable, x=events, n_c=total, start=1, end=2)

    state = folded(replace(RULE, direction=direction), [stable, both, both])

    assert all(side.highest < float("inf") for side in state.sides)


def test_a_breach_is_final() -> None:
    blocks = stream(16, 40, 0.3, 0.7)
    state = folded(RULE, blocks)

    assert state.breached_by is not None
    assert fold(state, RULE, Block(50, 50, 0, 50, 99, 100)) == state


def test_the_onset_is_where_the_harm_began() -> None:
    fine = stream(17, 300, 0.01, 0.01)
    bad = [replace(b, start=b.start + 300, end=b.end + 300) for b in stream(18, 60, 0.3, 0.01)]

    side = folded(replace(RULE, direction=Direction.INCREASE), fine + bad).breached_by

    assert side is not None
    assert side.onset == pytest.approx(300, abs=3)


counts = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 40), st.integers(1, 40))


@settings(deadline=None)
@given(
    st.lists(counts, min_size=2, max_size=25),
    st.data(),
    st.sampled_from([Direction.DECREASE, Direction.INCREASE]),
    st.sampled_from([0.0, 0.05]),
)
def test_a_worse_answer_of_the_canary_never_lowers_the_evidence(
    drawn: list[tuple[int, int, int, int]],
    data: st.DataObject,
    direction: Direction,
    tolerance: float,
) -> None:
    blocks = [
        Block(min(x, n_c), n_c, min(y, n_s), n_s, k, k + 1)
        for k, (x, n_c, y, n_s) in enumerate(drawn)
    ]
    where = data.draw(st.integers(0, len(blocks) - 1))
    old = blocks[where]
    x = old.x - 1 if direction is Direction.DECREASE else old.x + 1
    if not 0 <= x <= old.n_c:
        return
    worse = [*blocks[:where], replace(old, x=x), *blocks[where + 1 :]]
    rule = replace(NEVER, direction=direction, tolerance=tolerance)

    for count in range(1, len(blocks) + 1):
        before, after = folded(rule, blocks[:count]), folded(rule, worse[:count])
        assert wealth(after) >= wealth(before) * (1 - 1e-9)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_mirrored_outcomes_in_the_other_direction_are_the_same_evidence(seed: int) -> None:
    blocks = stream(seed, 15, 0.5, 0.7)
    mirrored = [replace(b, x=b.n_c - b.x, y=b.n_s - b.y) for b in blocks]

    falls = wealth(folded(NEVER, blocks))
    rises = wealth(folded(replace(NEVER, direction=Direction.INCREASE), mirrored))

    assert falls == pytest.approx(rises, rel=1e-9)
