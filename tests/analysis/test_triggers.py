from typing import Any

import pytest

from knowngood.analysis.proportion import ProportionRule
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
        {"below": "-2", "window": "5m", "for": "2m", "minSamples": 1, "confidence": "None"},
        ThresholdRule(False, -2.0, 300.0, 120.0, 1, None),  # noqa: FBT003  - likewise
    ),
]


@pytest.mark.parametrize(("test", "rule"), THRESHOLDS)
def test_a_threshold_is_read(test: dict[str, Any], rule: ThresholdRule) -> None:
    planned = trigger(threshold=test)

    assert plan_trigger(planned, 0.01, 60.0) == RatioTrigger("drop", "approval-rate", rule)
    assert plan_trigger(planned, 0.01, 60.0, of_value=True) == ValueTrigger(
        "drop", "approval-rate", rule
    )


def test_a_proportion_of_a_single_number_is_refused() -> None:
    test = {"comparedTo": "Stable", "direction": "Decrease"}

    with pytest.raises(ValueError, match="a ratio of counters"):
        plan_trigger(trigger(proportion=test), 0.01, 60.0, of_value=True)
