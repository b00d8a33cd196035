from itertools import product
from math import exp, fsum, log

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from knowngood.analysis.projection import (
    log_factor,
    log_factors,
    log_ratio,
    nearest_apart,
    nearest_harmless,
)
from tests.analysis.plainly import harmless


def divergence(p: float, a: float) -> float:
    return p * log(p / a) + (1 - p) * log((1 - p) / (1 - a))


shares = st.floats(0.001, 0.999)
sizes = st.integers(1, 2000)
betters = st.just(0.0) | st.floats(1e-9, 1)  # probabilities next to 0 are too much for SciPy


@settings(deadline=None)
@given(shares, shares, sizes, sizes, st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_the_nearest_harmless_pair_is_the_one_in_divergence(
    p: float, q: float, n_c: int, n_s: int, tolerance: float
) -> None:
    assume(p < q - tolerance - 1e-6)

    a, b = nearest_harmless(p, q, n_c, n_s, tolerance)

    assert a == pytest.approx(b - tolerance, abs=1e-12)
    assert (a, b) == pytest.approx(harmless(p, q, n_c, n_s, -tolerance), abs=1e-10)
    assert n_c * divergence(p, a) + n_s * divergence(q, b) <= min(
        n_c * divergence(p, a + step) + n_s * divergence(q, b + step)
        for step in (-1e-4, 1e-4)
        if a + step > 0 and b + step < 1
    )


@given(
    st.lists(st.floats(1e-9, 1 - 1e-9), max_size=5), st.floats(1e-9, 1 - 1e-9), st.integers(1, 10**6),
    st.integers(1, 10**6), st.sampled_from([0.0, 1e-6, 0.02, 0.3]),
)  # fmt: skip
def test_bets_on_one_block_are_each_measured_against_the_nearest_harmless_pair(
    bets: list[float], q: float, n_c: int, n_s: int, tolerance: float
) -> None:
    counts = (n_c // 3, n_c, n_s // 2, n_s)

    factors = log_factors(bets, q, counts, tolerance)

    assert factors == pytest.approx([
        log_ratio((p, q), nearest_harmless(p, q, n_c, n_s, tolerance), counts)
        if p < q - tolerance
        else 0.0
        for p in bets
    ], rel=1e-6, abs=1e-6)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(
    shares, shares, st.tuples(st.integers(1, 5), st.integers(1, 7)),
    st.sampled_from([0.0, 0.02, 0.1]), st.tuples(shares, betters),
)  # fmt: skip
def test_no_harmless_law_expects_a_factor_above_one(
    p: float, q: float, n: tuple[int, int], tolerance: float, law: tuple[float, float]
) -> None:
    """Summed over every outcome of the block, so nothing is left to chance."""
    assume(p < q - tolerance)
    (n_c, n_s), (b, better) = n, law
    lowest = max(0.0, b - tolerance)
    a = lowest + better * (1 - lowest)

    expected = fsum(
        float(binom.pmf(x, n_c, a) * binom.pmf(y, n_s, b))
        * exp(log_factor(p, q, (x, n_c, y, n_s), tolerance))
        for x, y in product(range(n_c + 1), range(n_s + 1))
    )

    assert expected <= 1 + 1e-9


def test_at_the_border_the_expectation_can_be_one_so_nothing_is_given_away() -> None:
    p, q, n_c, n_s, tolerance = 0.4, 0.7, 3, 5, 0.05
    a, b = nearest_harmless(p, q, n_c, n_s, tolerance)

    expected = fsum(
        float(binom.pmf(x, n_c, a) * binom.pmf(y, n_s, b))
        * exp(log_factor(p, q, (x, n_c, y, n_s), tolerance))
        for x, y in product(range(n_c + 1), range(n_s + 1))
    )

    assert expected == pytest.approx(1)


@pytest.mark.parametrize(
    ("p", "q", "counts"),
    [(0.7, 0.7, (1, 5, 9, 9)), (0.66, 0.7, (1, 5, 9, 9)), (0.3, 0.7, (0, 0, 9, 9)), (0.3, 0.7, (0, 5, 0, 0))],
    ids=["no difference", "a harmless one", "no canary", "no stable"],
)  # fmt: skip
def test_without_a_harmful_bet_or_a_pair_to_compare_the_factor_is_one(
    p: float, q: float, counts: tuple[int, int, int, int]
) -> None:
    assert log_factor(p, q, counts, 0.05) == 0.0


@given(shares, shares, st.integers(1, 50), st.integers(1, 50), st.sampled_from([0.0, 0.05]))
def test_a_worse_answer_of_the_canary_never_lowers_the_factor(
    p: float, q: float, n_c: int, n_s: int, tolerance: float
) -> None:
    factors = [log_factor(p, q, (x, n_c, n_s // 2, n_s), tolerance) for x in range(n_c + 1)]

    assert factors == sorted(factors, reverse=True)


def test_a_pair_that_is_nearer_to_the_edge_than_any_number_is_found_next_to_it() -> None:
    gap = 0.999999

    a, b = nearest_apart(0.9999999986654082, 0.9999999989073287, 1_000_000, 1, gap)

    assert 0 < a == pytest.approx(b - gap, abs=1e-12)
    assert b < 1
