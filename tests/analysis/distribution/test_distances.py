import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, chi2_contingency, wasserstein_distance

from knowngood.analysis.distribution import distances
from knowngood.analysis.distribution.bins import Bins
from knowngood.analysis.distribution.chi2 import chi2_quantile, chi2_survival
from knowngood.analysis.distribution.distances import debiased, measured
from knowngood.analysis.distribution.merging import joined, merged
from knowngood.analysis.distribution.noting import two_sample_chi2
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS, from_the_top

LIVE, PAST = [12.0, 18.0, 30.0, 60.0, 80.0], [100.0, 200.0, 300.0, 800.0, 1600.0]
FIFTHS = Bins(("a", "b", "c", "d", "e"), (0.2, 0.4, 0.6, 0.8))
CLASSES = Bins(("a", "b", "c", "d", "e"))


def test_distances_are_the_golden_ones() -> None:
    golden = {Statistic.PSI: 0.089071, Statistic.JS: 0.011061, Statistic.MAX_GAP: 0.133333}
    golden[Statistic.WASSERSTEIN] = 0.062

    for statistic, value in golden.items():
        assert measured(statistic, LIVE, PAST, FIFTHS) == pytest.approx(value, abs=5e-7)
    assert two_sample_chi2(LIVE, PAST) == pytest.approx(16.977849, abs=5e-7)
    assert debiased(Statistic.PSI, LIVE, PAST, FIFTHS) == pytest.approx(
        0.089071 - 0.021333, abs=1e-6
    )


@pytest.mark.parametrize("seed", range(5))
def test_distances_agree_with_scipy(seed: int) -> None:
    draw = np.random.default_rng(seed)
    a, b = draw.integers(1, 200, (2, 12)).astype(float)
    edges = np.sort(draw.uniform(0, 50, 11))
    bins = Bins(tuple(map(str, range(12))), tuple(edges.tolist()))
    middles = (edges[:-1] + edges[1:]) / 2
    outer = edges[0] - (edges[1] - edges[0]) / 2, edges[-1] + (edges[-1] - edges[-2]) / 2
    where = [outer[0], *middles, outer[1]]

    p, q = (np.array(v) + 0.5 for v in (a, b))
    assert distances.js(a, b) == pytest.approx(jensenshannon(p, q) ** 2)
    assert distances.wasserstein(a, b, bins.steps) == pytest.approx(
        wasserstein_distance(where, where, a, b)
    )
    assert two_sample_chi2(list(a), list(b)) == pytest.approx(
        chi2_contingency([a, b], correction=False).statistic
    )


@pytest.mark.parametrize("df", [1, 2, 4, 9, 19, 63])
@pytest.mark.parametrize("survival", [0.5, 0.05, 0.0014, 1e-6, 1e-10])
def test_chi_squared_agrees_with_scipy(df: int, survival: float) -> None:
    x = chi2.isf(survival, df)

    assert chi2_quantile(survival, df) == pytest.approx(x, rel=1e-9)
    assert chi2_survival(float(x), df) == pytest.approx(survival, rel=1e-9)
    assert chi2_survival(0.0, df) == 1.0


@pytest.mark.parametrize(("n", "m"), [(200, 200), (200, 10_000), (2000, 500)])
@pytest.mark.parametrize("statistic", list(Statistic))
def test_beyond_chance_there_is_nothing_between_samples_of_one_law(
    statistic: Statistic, n: int, m: int
) -> None:
    """Less than half of the plain distance is left, and less than half of its largest tenth."""
    draw, runs = np.random.default_rng(6), 400
    kept, plain = [], []
    for _ in range(runs):
        a, b = draw.multinomial(n, CONFIDENCE), draw.multinomial(m, CONFIDENCE)
        plain.append(measured(statistic, a.tolist(), b.tolist(), TENTHS))
        kept.append(debiased(statistic, a.tolist(), b.tolist(), TENTHS))

    assert np.mean(kept) < np.mean(plain) / 2
    assert np.mean(np.array(kept) > np.quantile(plain, 0.9)) <= 0.05


def test_a_real_move_is_measured_as_large_as_it_is() -> None:
    """The mean over 400 samples has a standard error of about .004."""
    worse, draw = from_the_top(CONFIDENCE, 0.2), np.random.default_rng(7)
    truth = float(((worse - CONFIDENCE) * np.log(worse / CONFIDENCE)).sum())
    pairs = [
        (draw.multinomial(500, worse).tolist(), draw.multinomial(2000, CONFIDENCE).tolist())
        for _ in range(400)
    ]

    seen = np.mean([debiased(Statistic.PSI, a, b, TENTHS) for a, b in pairs])

    assert seen == pytest.approx(truth, abs=0.012)


def test_bins_that_are_empty_on_both_sides_do_not_count() -> None:
    a, b = [0.0, 0.0, 500.0, 500.0, 0.0], [0.0, 1.0, 4000.0, 6000.0, 0.0]

    for bins in (FIFTHS, CLASSES):
        groups = merged([x + y for x, y in zip(a, b, strict=True)], 5, is_ordered=bins.is_ordered)
        assert len(groups) == 2
        assert measured(Statistic.PSI, a, b, bins) == pytest.approx(
            distances.psi([500.0, 500.0], [4001.0, 6000.0]), rel=1e-3
        )


def test_a_category_that_is_new_is_not_merged_away() -> None:
    a, b = [500.0, 480.0, 20.0, 0.0, 0.0], [25_000.0, 25_000.0, 0.0, 0.0, 0.0]

    assert debiased(Statistic.PSI, a, b, CLASSES) > 0.1


@pytest.mark.parametrize("is_ordered", [True, False])
def test_merging_keeps_every_request(*, is_ordered: bool) -> None:
    draw = np.random.default_rng(3)
    for _ in range(50):
        weights = draw.poisson(draw.uniform(0, 8), 12).astype(float).tolist()
        groups = merged(weights, 5, is_ordered=is_ordered)
        assert sorted(k for group in groups for k in group) == list(range(12))
        assert len(groups) == 1 or min(joined(weights, groups)) >= 5
        if is_ordered:
            assert [k for group in groups for k in group] == list(range(12))
