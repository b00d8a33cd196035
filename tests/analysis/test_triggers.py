from typing import Any

import pytest

from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.triggers import RatioTrigger, ValueTrigger, plan_trigger
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.api.v1alpha1.triggers import Trigger


def trigger(**test: Any) -> Trigger:
    return Trigger.model_validate(
        {"name": "drop", "signal": {"name": "approval-rate"}, "test": test}
    )


def test_a_proportion_is_read_with_its_defaults() -> None:
    test = {"comparedTo": "Stable", "direction": "Decrease"}

    assert plan_trigger(trigger(proportion=test), 0.005, 1200.0) == RatioTrigger(
        "drop",
        "approval-rate",
        ProportionRule(Direction.DECREASE, 0.0, 0.005, 1200.0, 500, 3, None, None),
    )


def test_points_and_spans_become_fractions_and_seconds() -> None:
    test = {
        "comparedTo": "Stable",
        "direction": "Either",
        "tolerance": "2.5pp",
        "effect": {"atLeast": "5pp", "over": "1h30m"},
        "minSamples": 40,
        "minEvents": 7,
    }

    planned = plan_trigger(trigger(proportion=test), 0.01, 60.0)

    assert planned.rule == ProportionRule(Direction.EITHER, 0.025, 0.01, 60.0, 40, 7, 0.05, 5400.0)


THRESHOLDS = [
    (
        {"above": "0.05", "window": "10s"},
        ThresholdRule(True, 0.05, 10.0, 0.0, 50, 0.99),  # noqa: FBT003  - the field is obvious
    ),
    (
        {"above": "0.05", "samples": 20, "confidence": "95%"},
        ThresholdRule(True, 0.05, 43_200.0, 0.0, 20, 0.95, 20),  # noqa: FBT003  - likewise
    ),
    (
        {"below": "-2", "window": "5m", "for": "2m", "minSamples": 1, "confidence": "None"},
        ThresholdRule(False, -2.0, 300.0, 120.0, 1, None),  # noqa: FBT003  - likewise
    ),
]


@pytest.mark.parametrize(("test", "rule"), THRESHOLDS)
def test_a_threshold_is_read(test: dict[str, Any], rule: ThresholdRule) -> None:
    planned = trigger(threshold=test)

    assert plan_trigger(planned, 0.01, 60.0) == RatioTrigger("drop", "approval-rate", rule)
    if rule.samples is None:
        assert plan_trigger(planned, 0.01, 60.0, of_value=True) == ValueTrigger(
            "drop", "approval-rate", rule
        )


COUNTED: list[dict[str, Any]] = [
    {"proportion": {"comparedTo": "Stable", "direction": "Decrease"}},
    {"rate": {"comparedTo": "Share"}},
    {"disagreement": {"kind": "Net"}},
    {"threshold": {"above": "1", "samples": 500}},
]


@pytest.mark.parametrize("test", COUNTED, ids=lambda test: next(iter(test)))
def test_what_needs_counts_is_refused_for_a_single_number(test: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"a ratio of counters|counts requests"):
        plan_trigger(trigger(**test), 0.01, 60.0, of_value=True)


RATES = [
    ({"comparedTo": "Share"}, RateRule(None, 3600.0, 0.01, 60.0, 3)),
    (
        {"comparedTo": "Limit", "above": "30", "per": "10m", "minEvents": 5},
        RateRule(0.05, 600.0, 0.01, 60.0, 5),
    ),
]


@pytest.mark.parametrize(("test", "rule"), RATES)
def test_a_rate_is_read_as_events_a_second(test: dict[str, Any], rule: RateRule) -> None:
    assert plan_trigger(trigger(rate=test), 0.01, 60.0).rule == rule


PAIRS = [
    ({"kind": "Net"}, BoundRule(0.5, net=True, alpha=0.01, horizon=60.0, min_samples=50)),
    (
        {"kind": "Any", "above": "5pp"},
        BoundRule(0.05, net=False, alpha=0.01, horizon=60.0, min_samples=500),
    ),
]


@pytest.mark.parametrize(("test", "rule"), PAIRS)
def test_disagreement_is_read_as_a_share_of_pairs(test: dict[str, Any], rule: BoundRule) -> None:
    assert plan_trigger(trigger(disagreement=test), 0.01, 60.0).rule == rule
