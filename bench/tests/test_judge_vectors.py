# ruff: noqa: D103, PLR2004, S101 - the name of a test is its claim, numbers are its point, and assert is how it speaks
"""What Kayenta passes although it is bad, and what the judge says of the same counts.

Sources: spinnaker/kayenta issues 780 (also spinnaker/spinnaker 6278), 799 and 377, and the description of its judge.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bench.judge import kayenta, ours
from bench.judge.kayenta import Label, Metric, Missing
from bench.judge.streams import Plan, Stream
from knowngood.analysis.judging import RatioTrigger, judge_ratio
from knowngood.analysis.proportion import ProportionRule
from knowngood.api.v1alpha1.shared import VerdictKind
from tests.analysis.counted import SINCE, ledger_of

ERRORS = Metric(rises=True)
APPROVALS = Metric(rises=False)
NOTHING = math.nan


@dataclass(frozen=True)
class Vector:
    """The points that Kayenta compares, and the counts that they are made of."""

    metric: Metric
    canary: Sequence[float]
    baseline: Sequence[float]
    label: Label
    counts: Stream


def counts(cell: int, n: tuple[int, int], x: Sequence[int], y: Sequence[int]) -> Stream:
    """Events per cell; n requests of the canary and of the stable version in each."""
    n_c, n_s = (np.full(len(x), size) for size in n)
    return Stream(cell, np.array(x), n_c, np.array(y), n_s)


HOUR = range(60)
SWING = [5500 + 50 * k for k in HOUR]  # of 10 000
ALL_BAD = replace(ERRORS, critical=True)

VECTORS = [
    pytest.param(
        Vector(
            ERRORS, [100] * 7 + [1] * 3, [1] * 10, Label.PASS,
            counts(60, (1000, 1000), [100] * 7 + [1] * 3, [1] * 10),
        ),
        id="a hundredfold in seven of ten minutes: the band grows with the shift",
    ),
    pytest.param(
        Vector(
            ERRORS, [100] * 4 + [0] * 56, [0] * 60, Label.PASS,
            counts(60, (60, 540), [60] * 4 + [0] * 56, [0] * 60),
        ),
        id="four minutes of nothing but errors: ranks do not see how bad a minute was",
    ),
    pytest.param(
        Vector(
            replace(ERRORS, missing=Missing.REPLACE), [5] * 60, [], Label.PASS,
            counts(60, (60, 540), [3] * 60, [0] * 60),
        ),
        id="the baseline never failed and so has no series: nothing to compare is a pass",
    ),
    pytest.param(
        Vector(
            ERRORS, [5] * 60, [NOTHING] * 60, Label.NODATA,
            counts(60, (60, 540), [3] * 60, [0] * 60),
        ),
        id="the same with NaN removed: no data, and not counted",
    ),
    pytest.param(
        Vector(
            ALL_BAD, [100], [0], Label.ERROR,
            counts(1, (1, 9), [1] * 60, [0] * 60),
        ),
        id="a single minute: an error, which forgets that the metric is critical",
    ),
    pytest.param(
        Vector(
            APPROVALS, [share / 100 - 4 for share in SWING], [share / 100 for share in SWING],
            Label.PASS,
            counts(60, (1000, 10_000), [share // 10 - 40 for share in SWING], SWING),
        ),
        id="worse by four points in every minute of a busy morning: minutes are not compared in pairs",
    ),
]  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS)
def test_what_kayenta_passes_is_a_breach_by_its_counts(vector: Vector) -> None:
    label = kayenta.classify(vector.metric, vector.canary, vector.baseline)

    good = (Metric(), Label.PASS)
    assert label is vector.label
    assert kayenta.score([(vector.metric, label), good, good]) == 100
    assert ours.alarm(vector.counts, rule(vector.metric)) is not None


@pytest.mark.parametrize("vector", VECTORS)
def test_the_same_minutes_without_the_harm_are_no_breach(vector: Vector) -> None:
    seen = vector.counts
    alike = replace(seen, x=seen.y * seen.n_c // seen.n_s)

    assert ours.alarm(alike, rule(vector.metric)) is None


def test_a_canary_that_says_nothing_is_no_data_and_not_a_pass() -> None:
    silent = replace(ERRORS, missing=Missing.REPLACE, must_have_data=True, critical=True)
    assert kayenta.classify(silent, [], [1.0] * 60) is Label.PASS

    ledger = ledger_of({"1-a": [(1, 100)] * 60})
    trigger = RatioTrigger("rise", "errors", rule(silent))
    _, verdict = judge_ratio(None, trigger, ledger, "2", "1", SINCE + 61, expected_targets={"2": 1})

    assert verdict.kind is VerdictKind.NO_DATA


def test_the_eighth_bad_minute_is_the_one_that_kayenta_sees() -> None:
    """As reported by its users: it is what shows that the judge was rebuilt as it is."""
    labels = [kayenta.classify(ERRORS, [100] * k + [1] * (10 - k), [1] * 10) for k in (6, 7, 8)]

    assert labels == [Label.PASS, Label.PASS, Label.HIGH]


def test_kayenta_sees_a_plain_shift_and_only_in_the_direction_asked_for() -> None:
    draw = np.random.default_rng(1)
    high, low = (100 * draw.binomial(360, p, 60) / 360 for p in (0.7, 0.6))

    assert kayenta.classify(APPROVALS, low.tolist(), high.tolist()) is Label.LOW
    assert kayenta.classify(ERRORS, low.tolist(), high.tolist()) is Label.PASS
    assert kayenta.classify(Metric(), high.tolist(), low.tolist()) is Label.HIGH
    assert kayenta.classify(APPROVALS, high.tolist(), high.tolist()) is Label.PASS


def test_half_of_the_metrics_without_data_is_too_much_for_kayenta() -> None:
    good, none = (Metric(), Label.PASS), (Metric(), Label.NODATA)

    assert kayenta.score([good, none]) == 0
    assert kayenta.score([good, good, none]) == 100
    assert kayenta.score([good, (Metric(), Label.HIGH)]) == 50
    assert kayenta.score([good, (ALL_BAD, Label.HIGH)]) == 0


def rule(metric: Metric) -> ProportionRule:
    return ours.rule(Plan("", 1, (), 0.5, 1, rises=bool(metric.rises)))
