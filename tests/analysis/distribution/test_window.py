import numpy as np
import pytest

from knowngood.analysis.distribution.bins import VectorBlock
from knowngood.analysis.distribution.distances import debiased
from knowngood.analysis.distribution.window import PARTS, VectorWindow
from knowngood.api.v1alpha1.statistics import Statistic
from tests.analysis.distribution.flows import CONFIDENCE, TENTHS, flow, from_the_top


def window(over: float, *blocks: VectorBlock, is_paired: bool = True) -> VectorWindow:
    made = VectorWindow(over, is_paired=is_paired)
    for block in blocks:
        made = made.plus(block)
    return made


def counts(n: int, law: np.typing.NDArray[np.float64]) -> tuple[int, ...]:
    return tuple((n * law).round().astype(int).tolist())


def test_a_change_of_weights_does_not_pass_for_a_drift() -> None:
    """At night the weight is 5 % and nearly all are sure, at noon it is 50 % and few are."""
    night, noon = CONFIDENCE, from_the_top(CONFIDENCE, 0.3)
    first = VectorBlock(counts(500, night), counts(9500, night), 0, 60)
    second = VectorBlock(counts(5000, noon), counts(5000, noon), 60, 120)
    judged = [float(a + b) for a, b in zip(first.canary, second.canary, strict=True)]
    stable = [float(a + b) for a, b in zip(first.stable, second.stable, strict=True)]

    sums = window(3600.0, first, second).sums

    assert debiased(Statistic.PSI, judged, stable, TENTHS) > 0.15
    assert debiased(Statistic.PSI, sums.judged(1.0), sums.other(1.0), TENTHS) == 0.0


def test_blocks_of_one_ratio_are_worth_their_requests() -> None:
    blocks = [
        VectorBlock(counts(100, CONFIDENCE), counts(900, CONFIDENCE), k, k + 1) for k in range(7)
    ]

    sums = window(3600.0, *blocks).sums

    assert sums.judged(1.0) == pytest.approx([7.0 * x for x in blocks[0].canary])
    assert sums.other(10.0) == pytest.approx([0.7 * y for y in blocks[0].stable])


def test_ragged_blocks_are_worth_what_chance_makes_of_them() -> None:
    """1/N + 1/M is the spread of the difference: its chi-squared statistic has the mean K - 1."""
    draw, statistics = np.random.default_rng(2), []
    for _ in range(300):
        blocks = flow(
            draw, lambda k: (3.0, 40.0 if k % 2 else 4.0), lambda _: (CONFIDENCE,) * 2, 60, 1
        )
        sums = window(3600.0, *blocks).sums
        a, b = np.array(sums.judged(1.0)), np.array(sums.other(1.0))
        spread = CONFIDENCE * (1 / a.sum() + 1 / b.sum())
        statistics.append(float(((a / a.sum() - b / b.sum()) ** 2 / spread).sum()))

    three_errors = 3 * np.sqrt(2 * 9 / 300)
    assert np.mean(statistics) == pytest.approx(9, abs=three_errors)


def test_old_blocks_leave_the_window_within_a_part_of_it() -> None:
    blocks = [VectorBlock((1, 0), (1, 1), k, k + 1) for k in range(1000)]

    seen = window(320.0, *blocks, is_paired=False).sums.n_c

    assert 320 <= seen <= 320 * (1 + 1 / PARTS)


def test_a_tumbling_window_holds_each_request_once() -> None:
    made, seen = VectorWindow(320.0, is_paired=False), {}
    for second in range(2000):
        if second % 7 == 0 and not 400 < second < 900:
            made = made.plus(VectorBlock((1, 2), (), second, second + 1))
            if made.tumbled:
                seen[made.tumbled[0]] = made.tumbled[1].n_c

    expected = {
        w: 3 * sum(s % 7 == 0 and not 400 < s < 900 for s in range(320 * w, 320 * w + 320))
        for w in range(6)
    }
    assert seen == {w: n for w, n in expected.items() if n}
