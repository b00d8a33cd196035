"""The margins of a frozen sample hold for small samples too: counted over all samples there are."""

from itertools import product
from math import log

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.distribution.detector import freeze
from knowngood.analysis.distribution.margins import furthest_harmless, highest_share, radius
from tests.analysis.distribution import plainly
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS


@pytest.mark.parametrize("truth", [0.001, 0.02, 0.3, 0.5, 0.9, 0.995])
@pytest.mark.parametrize("samples", [10, 40, 300])
@pytest.mark.parametrize("doubt", [0.05, 0.001])
def test_a_set_has_more_than_its_highest_share_as_rarely_as_promised(
    truth: float, samples: int, doubt: float
) -> None:
    seen = np.arange(samples + 1)
    too_low = [highest_share(x / samples, samples, log(1 / doubt)) < truth for x in seen.tolist()]

    assert float(binom.pmf(seen, samples, truth)[too_low].sum()) <= doubt


@pytest.mark.parametrize(
    "truth", [(0.3, 0.3, 0.4), (0.01, 0.1, 0.89), (0.001, 0.001, 0.998), (0.05, 0.475, 0.475)]
)
@pytest.mark.parametrize("samples", [12, 60])
@pytest.mark.parametrize("doubt", [0.2, 0.05, 0.001])
def test_a_law_is_beyond_the_radius_as_rarely_as_promised(
    truth: tuple[float, ...], samples: int, doubt: float
) -> None:
    within, beyond = radius(3, samples, log(1 / doubt)), 0.0
    for a, b in product(range(samples + 1), repeat=2):
        if a + b <= samples:
            seen = np.array([a, b, samples - a - b])
            if plainly.divergence(seen / samples, np.array(truth)) > within:
                beyond += float(multinomial.pmf(seen, samples, truth))

    assert beyond <= doubt


@pytest.mark.parametrize("share", [0.0, 0.01, 0.4, 0.97, 1.0])
def test_the_highest_share_is_where_the_divergence_is_the_surprise(share: float) -> None:
    expected = plainly.highest_share(share, 250, 9.0)

    assert highest_share(share, 250, 9.0) == pytest.approx(expected, abs=1e-8)
    assert highest_share(share, 250, 9.0) >= expected - 1e-12


@pytest.mark.parametrize(
    ("counts", "design_effect"),
    [((1_000_000, 1), 5.0), ((5_000_000, 1_200_000, 1), 3.0), ((2**53, 1), 1.0), ((1, 2**53), 1.0)],
)
def test_a_set_that_may_have_all_but_the_last_digit_of_a_share_is_frozen_too(
    counts: tuple[int, ...], design_effect: float
) -> None:
    names = tuple(map(str, range(len(counts))))

    frozen = freeze(counts, Bins(names, None), design_effect)

    assert all(gain >= 0 for gains in frozen.gains for gain in gains)


def test_a_bet_gains_nothing_under_any_law_within_the_radius() -> None:
    draw, within, tight = np.random.default_rng(1), 0.05, []
    for _ in range(60):
        sample = draw.multinomial(300, draw.dirichlet(np.ones(6))) / 300
        bet = draw.dirichlet(np.ones(6))
        nearest = furthest_harmless(bet.tolist(), sample.tolist(), within)
        if nearest is None:
            assert plainly.divergence(sample, bet) <= within
            continue
        ratio = bet / np.array(nearest)
        tight.append(plainly.divergence(sample, np.array(nearest)))
        for _ in range(200):
            law = (1 - (mix := draw.uniform())) * sample + mix * draw.dirichlet(np.ones(6))
            if plainly.divergence(sample, law) <= within:
                assert float(law @ ratio) <= 1 + 1e-9

    assert len(tight) > 30
    assert min(tight) >= within * (1 - 1e-9)
    assert max(tight) <= within * 1.002


def test_a_larger_sample_has_smaller_margins_and_correlated_requests_larger_ones() -> None:
    def within(samples: int, design_effect: float) -> float:
        counts = tuple((samples * CONFIDENCE).round().astype(int).tolist())
        return freeze(counts, TENTHS, design_effect).within

    assert within(50_000, 1) < within(1000, 1) < within(300, 1)
    assert within(50_000, 10) == pytest.approx(within(5000, 1))
