import numpy as np
import pytest

from knowngood.analysis.distribution.bins import Bins, VectorBlock
from knowngood.analysis.distribution.detector import stake_density
from knowngood.analysis.distribution.evidence import DistributionState, Lack, begin, fold, lacking
from knowngood.analysis.distribution.rule import Baseline, DistributionRule, Stable
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution import plainly
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS, flow, from_the_top

YEARS = 10 * 365 * 86400.0
CLASSES = Bins(("approved", "rejected", "referred", "withdrawn"))
TWO = Bins(("no", "yes"), (0.5,))
MANY = Bins(tuple(map(str, range(22))), tuple(map(float, range(21))))


def rule(
    against: Stable | Baseline, bins: Bins = TENTHS, above: float = 0.0, **more: float
) -> DistributionRule:
    return DistributionRule(
        bins,
        against,
        Statistic.PSI,
        above,
        window=3600.0,
        min_samples=int(more.get("min_samples", 1)),
        design_effect=more.get("design_effect", 1.0),
    )


def after(tested: DistributionRule, blocks: list[VectorBlock]) -> DistributionState:
    state = begin(tested, 0.0)
    for block in blocks:
        state = fold(state, tested, block)
    return state


def drawn(bins: Bins, blocks: int, seed: int = 4, seconds: int = 60) -> list[VectorBlock]:
    law = np.ones(len(bins)) / len(bins)
    other = law + np.linspace(0.02, -0.02, len(bins))
    draw = np.random.default_rng(seed)
    made = list(flow(draw, (9, 40), lambda _: (other, law), blocks, seconds))
    made[3] = VectorBlock((0,) * len(bins), made[3].stable, made[3].start, made[3].end)
    return made


@pytest.mark.parametrize(
    "bins", [TENTHS, CLASSES, TWO, MANY], ids=["ordered", "classes", "two", "many"]
)
@pytest.mark.parametrize("design_effect", [1.0, 3.0])
def test_evidence_against_the_stable_version_is_what_its_formula_says(
    bins: Bins, design_effect: float
) -> None:
    blocks = drawn(bins, 40, seconds=25)
    tested = rule(Stable(1e-9, 300.0), bins, design_effect=design_effect)

    expected = plainly.concurrent(blocks, bins, 300.0, design_effect)

    assert after(tested, blocks).evidence == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "bins", [TENTHS, CLASSES, TWO, MANY], ids=["ordered", "classes", "two", "many"]
)
def test_evidence_against_frozen_counts_is_what_its_formula_says(bins: Bins) -> None:
    counts = tuple(1000 + 40 * k for k in range(len(bins)))
    blocks = drawn(bins, 60)
    tested = rule(Baseline(counts, YEARS), bins, above=9.0)

    expected = plainly.remembered(blocks, counts, bins, tested.limit)

    assert after(tested, blocks).evidence == pytest.approx(expected, rel=1e-3)


def test_the_order_of_categories_does_not_matter() -> None:
    order = (2, 0, 3, 1)

    def turned(counts: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(counts[k] for k in order)

    blocks = drawn(CLASSES, 30)
    other = [VectorBlock(turned(b.canary), turned(b.stable), b.start, b.end) for b in blocks]
    counts = (900, 300, 250, 100)
    for first, second in (
        (Stable(1e-9, 300.0), Stable(1e-9, 300.0)),
        (Baseline(counts, YEARS), Baseline(turned(counts), YEARS)),
    ):
        seen = after(rule(first, CLASSES, above=9.0), blocks).evidence
        assert after(rule(second, CLASSES, above=9.0), other).evidence == pytest.approx(seen)


def test_a_block_without_one_of_the_versions_is_no_evidence() -> None:
    blocks = drawn(TENTHS, 30)
    lonely = [
        VectorBlock((0,) * 9 + (500,), (0,) * 10, 1800, 1860),
        VectorBlock((0,) * 10, (0,) * 9 + (500,), 1860, 1920),
    ]

    state = after(rule(Stable(0.01, 1800.0)), blocks)
    later = after(rule(Stable(0.01, 1800.0)), blocks + lonely)

    later_stakes = 0.15
    assert state.evidence <= later.evidence <= state.evidence + later_stakes


def test_thirty_days_without_requests_bring_a_detector_no_nearer_to_its_alarm() -> None:
    tested = rule(Baseline((100,) * 10, 7 * 86400.0))
    nobody = (0,) * 10
    state = after(tested, drawn(TENTHS, 30))

    later = state
    for start in range(1800, 30 * 86_400, 300):
        later = fold(later, tested, VectorBlock(nobody, nobody, start, start + 300))

    assert later.evidence == state.evidence


def test_more_mass_in_a_set_never_lowers_the_evidence_of_a_move_into_it() -> None:
    blocks = drawn(TENTHS, 20)
    tested, lower = rule(Stable(0.01, 1200.0)), rule(Baseline((500,) * 10, YEARS))
    last = blocks[-1]
    x = list(last.canary)
    x[2], x[9] = x[2] - 1, x[9] + 1
    higher = VectorBlock(tuple(x), last.stable, last.start, last.end)

    for each, learned in ((tested, 3), (lower, 2)):
        before = after(each, blocks).bets.wealth[:-learned]
        raised = after(each, [*blocks[:-1], higher]).bets.wealth[:-learned]
        the_top_and_tails_above_bin_2 = [9, *range(20, 26)]
        assert all(raised[k] > before[k] for k in the_top_and_tails_above_bin_2)
        assert raised[18:20] == pytest.approx(before[18:20])


def test_a_crossing_stays_proved_against_the_stable_version() -> None:
    draw = np.random.default_rng(3)
    worse = from_the_top(CONFIDENCE, 0.3)
    laws = [(worse, CONFIDENCE)] * 8 + [(CONFIDENCE, CONFIDENCE)] * 432
    tested = rule(Stable(0.01, 3600.0), above=9.0)

    state = after(tested, list(flow(draw, (10, 90), laws.__getitem__, 440)))

    assert state.evidence < tested.limit <= state.highest
    assert state.crossed_at is not None
    assert lacking(state, tested) is Lack.EFFECT


def test_a_crossing_lapses_when_the_drift_from_a_baseline_is_over() -> None:
    draw = np.random.default_rng(3)
    worse = from_the_top(CONFIDENCE, 0.3)
    counts = tuple((20_000 * CONFIDENCE).astype(int).tolist())
    tested = rule(Baseline(counts, YEARS), above=9.0)
    state, crossed = begin(tested, 0.0), False

    for block in flow(draw, (50, 0), lambda k: (worse if k < 60 else CONFIDENCE,) * 2, 300):
        state = fold(state, tested, block)
        crossed |= state.crossed_at is not None

    assert crossed
    assert state.crossed_at is None
    assert lacking(state, tested) is Lack.PROOF


def test_a_breach_needs_the_proof_and_the_effect_and_the_samples() -> None:
    draw = np.random.default_rng(5)
    worse = from_the_top(CONFIDENCE, 0.3)
    blocks = list(flow(draw, (10, 90), lambda _: (worse, CONFIDENCE), 60))
    against = Stable(0.01, 3600.0)

    met = after(rule(against, above=0.25, min_samples=300), blocks)
    assert met.breached_at is not None
    small = rule(against, above=2.0)
    assert lacking(after(small, blocks), small) is Lack.EFFECT
    few = rule(against, above=0.25, min_samples=5000)
    assert lacking(after(few, blocks), few) is Lack.SAMPLES
    strict = rule(Stable(1e-280, 3600.0), above=0.25)
    assert lacking(after(strict, blocks), strict) is Lack.PROOF


def test_a_breach_is_final() -> None:
    draw = np.random.default_rng(5)
    tested = rule(Stable(0.01, 3600.0), above=0.25, min_samples=300)
    blocks = list(flow(draw, (10, 90), lambda _: (from_the_top(CONFIDENCE, 0.3), CONFIDENCE), 60))
    state = after(tested, blocks)

    assert fold(state, tested, VectorBlock((5,) * 10, (5,) * 10, 3600, 3660)) is state


def test_the_onset_is_where_the_change_begins() -> None:
    draw = np.random.default_rng(8)
    worse = from_the_top(CONFIDENCE, 0.2)
    judged = [(CONFIDENCE, CONFIDENCE)] * 60 + [(worse, CONFIDENCE)] * 60
    counts = tuple((50_000 * CONFIDENCE).astype(int).tolist())

    for against in (Stable(0.01, 3600.0), Baseline(counts, 30 * 86400.0)):
        state = after(
            rule(against, above=9.0), list(flow(draw, (20, 180), judged.__getitem__, 120))
        )
        assert state.onset == pytest.approx(3600.0, abs=480.0)


def test_evidence_of_a_detector_is_made_an_e_value_by_stakes_that_sum_up_to_one() -> None:
    minutes = np.arange(1, 500_000)
    tested = rule(Baseline((100,) * 10, YEARS))
    state = after(tested, drawn(TENTHS, 30))

    assert float(sum(map(stake_density, minutes.tolist()))) < 1
    assert state.e_value == pytest.approx(state.evidence / ((29 + np.e) * np.log(29 + np.e) ** 2))


def test_huge_counts_fit_the_numbers() -> None:
    nothing_known = (10_000_000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    turned = tuple(reversed(nothing_known))

    for against in (Stable(1e-6, 60.0), Baseline(nothing_known, YEARS)):
        tested = rule(against, above=9e9)
        blocks = [VectorBlock(nothing_known, nothing_known, k, k + 1) for k in range(3)]
        blocks += [VectorBlock(turned, nothing_known, k, k + 1) for k in range(3, 90)]
        state = after(tested, blocks)
        assert tested.limit <= state.evidence < float("inf")


def test_bins_that_do_not_fit_are_named() -> None:
    tested = rule(Stable(0.01, 60.0))

    with pytest.raises(ValueError, match="bins: 3 counts for 10 bins"):
        fold(begin(tested, 0.0), tested, VectorBlock((1, 2, 3), (1,) * 10, 0, 1))
    with pytest.raises(ValueError, match="bins: 0 counts for 10 bins"):
        fold(begin(tested, 0.0), tested, VectorBlock((1,) * 10, (), 0, 1))
    fold(
        begin(frozen := rule(Baseline((1,) * 10, 1e6)), 0.0),
        frozen,
        VectorBlock((1,) * 10, (), 0, 1),
    )
