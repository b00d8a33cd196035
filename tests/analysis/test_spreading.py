"""Distributions, from raw samples to a verdict."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowngood.analysis.blocks import Cutter, cut
from knowngood.analysis.cutting import Cutter as AnyCutter
from knowngood.analysis.spreading import (
    DistributionTrigger,
    SpreadState,
    judge_distribution,
)
from knowngood.analysis.vector_blocks import VectorCutter, cut_vectors
from knowngood.analysis.verdicts import Finding, Verdict
from knowngood.api.v1alpha1.shared import VerdictKind
from knowngood.api.v1alpha1.statistics import Statistic
from knowngood.signals.categories import CategoryLedger
from knowngood.signals.cells import CellColumn
from knowngood.signals.partition import Partition
from knowngood.signals.series import RawSeries
from knowngood.signals.vectors import Lanes, VectorColumn
from tests.analysis.counted import SINCE, version_of

Second = Mapping[str, int] | None
"""Requests of one second, by category; None: it was not scraped."""

FINE: Second = {"yes": 12, "no": 8}
TURNED: Second = {"yes": 4, "no": 12, "manual": 4}
PSI = DistributionTrigger("drift", "outcomes", Statistic.PSI, 0.1, 3600.0, 200, 0.01, 3600.0)


def pod_series(pod: str, seconds: Sequence[Second]) -> list[RawSeries]:
    """A pod that is scraped in the middle of each second, and once before; a category begins with its first request."""
    total: dict[str, int] = {"yes": 100, "no": 100}
    shown: dict[str, list[tuple[float, float]]] = {
        name: [(SINCE - 0.5, float(n))] for name, n in total.items()
    }
    for k, second in enumerate(seconds):
        if second is None:
            continue
        for name, count in second.items():
            total[name] = total.get(name, 0) + count
        for name, count in total.items():
            shown.setdefault(name, []).append((SINCE + k + 0.5, float(count)))
    name_of = {"__name__": "answers_total", "namespace": "loans", "pod": pod}
    return [RawSeries({**name_of, "outcome": o}, tuple(s)) for o, s in shown.items()]


def ledger_of(canary: Sequence[Second], stable: Sequence[Second]) -> CategoryLedger:
    ledger = CategoryLedger(SINCE, "outcome")
    read = [*pod_series("8-1", canary), *pod_series("7-1", stable)]
    return ledger.advance(read, version_of, SINCE + len(stable) + 0.1)


def judged(
    canary: Sequence[Second],
    stable: Sequence[Second] | None = None,
    trigger: DistributionTrigger = PSI,
    state: SpreadState | None = None,
    ready: int = 1,
) -> tuple[SpreadState | None, Verdict]:
    stable = [FINE] * len(canary) if stable is None else stable
    ledger, now = ledger_of(canary, stable), SINCE + len(stable) + 0.1
    return judge_distribution(
        state, trigger, ledger, "8", "7", now, expected_targets={"8": ready, "7": 1}
    )


def test_requests_that_spread_in_another_way_are_a_breach_that_names_what_moved() -> None:
    _, verdict = judged([FINE] * 20 + [TURNED] * 30)

    assert (verdict.kind, verdict.reason) == (VerdictKind.BREACHED, Finding.DIFFERENCE_PROVED)
    assert verdict.evidence is not None
    moved = {bin_.label for bin_ in verdict.evidence.moved}
    assert "yes" in moved
    assert "any other" in moved  # nobody had `manual` when the bins were chosen


def test_requests_that_spread_alike_are_healthy() -> None:
    _, verdict = judged([FINE] * 60)

    assert (verdict.kind, verdict.reason) == (VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN)
    assert verdict.evidence is not None
    assert verdict.evidence.samples == 59 * 20


def test_too_few_requests_are_inconclusive_and_say_what_is_missing() -> None:
    first, unknown = judged([FINE] * 2)
    _, few = judged([FINE] * 5)

    assert first is None
    assert unknown.kind is few.kind is VerdictKind.INCONCLUSIVE
    assert unknown.message == (
        "outcomes: its bins are not known yet: version 7 has 20 of 30 requests"
    )
    assert "version 8 has 80 of 200 requests" in few.message


def test_no_data_is_no_data_before_and_after_the_bins_are_known() -> None:
    gone: list[Second] = [None] * 12

    for seen in (0, 40):
        _, verdict = judged([*[FINE] * seen, *gone], [FINE] * (seen + 12))
        assert (verdict.kind, verdict.reason) == (VerdictKind.NO_DATA, Finding.NO_FRESH_SAMPLE)


def test_missing_pods_are_inconclusive() -> None:
    assert judged([FINE] * 60, ready=2)[1].reason == Finding.PODS_MISSING


def test_a_breach_stays_when_the_data_stop_or_turn_good() -> None:
    bad: list[Second] = [*[FINE] * 20, *[TURNED] * 30]
    silent: list[Second] = [None] * 12

    assert judged([*bad, *silent], [FINE] * 62)[1].kind is VerdictKind.BREACHED
    assert judged([*bad, *[FINE] * 200])[1].kind is VerdictKind.BREACHED


@pytest.mark.parametrize("cuts", [(7, 30), (1, 2, 3, 4, 50), (25, 26)])
def test_looking_often_comes_to_the_same_state_as_one_long_replay(cuts: Sequence[int]) -> None:
    seconds: list[Second] = [*[FINE] * 20, *[TURNED] * 30, *[FINE] * 30]
    ledger, looks = CategoryLedger(SINCE, "outcome"), [judged([FINE] * 2)]
    read = [*pod_series("8-1", seconds), *pod_series("7-1", [FINE] * 80)]

    for until in (*cuts, 80):
        now = SINCE + until + 0.1
        part = [RawSeries(one.labels, tuple(s for s in one.samples if s[0] <= now)) for one in read]
        ledger.advance([one for one in part if one.samples], version_of, now)
        ready = {"8": 1, "7": 1}
        state = looks[-1][0]
        looks.append(judge_distribution(state, PSI, ledger, "8", "7", now, expected_targets=ready))

    assert looks[-1] == judged(seconds)


def test_categories_have_no_order_to_measure_by() -> None:
    ordered = DistributionTrigger(
        "d", "outcomes", Statistic.WASSERSTEIN, 0.1, 60.0, 200, 0.01, 60.0
    )

    with pytest.raises(ValueError, match="statistic: Wasserstein needs bins with an order"):
        judged([FINE] * 60, trigger=ordered)


def test_another_question_begins_anew() -> None:
    bad: list[Second] = [*[FINE] * 20, *[TURNED] * 30]
    state, verdict = judged(bad)
    coarse = DistributionTrigger("drift", "outcomes", Statistic.PSI, 9.0, 3600.0, 200, 0.01, 3600.0)

    assert verdict.kind is VerdictKind.BREACHED
    assert judged(bad, trigger=coarse, state=state)[1].reason == Finding.EFFECT_TOO_SMALL


@given(st.integers(0, 2**32))
def test_rows_are_cut_where_shares_are_cut(seed: int) -> None:
    """By totals alone: what the requests were decides nothing."""
    draw = Random(seed)
    lanes: Lanes[str] = Lanes(["yes", "no", "new"])
    rows = VectorColumn(lanes), VectorColumn(lanes)
    shares = CellColumn(), CellColumn()
    for second in range(400):
        for row, share, most in zip(rows, shares, (1, 6), strict=True):
            if draw.random() < 0.7:
                counts = {lane: draw.randint(0, most) for lane in range(3)}
                row.append(second, counts)
                share.append(second, counts[0], sum(counts.values()))

    begin: VectorCutter = AnyCutter(0)
    partition = Partition(("no", "yes", "any other"))
    _, blocks = cut_vectors(begin, *rows, partition, 400)
    _, expected = cut(Cutter(0), *shares, 400)

    assert [(b.start, b.end) for b in blocks] == [(b.start, b.end) for b in expected]
    assert [(b.canary[1], sum(b.canary), b.stable[1], sum(b.stable)) for b in blocks] == [
        (b.x, b.n_c, b.y, b.n_s) for b in expected
    ]
