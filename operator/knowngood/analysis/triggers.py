"""A policy's trigger, read: words and percentages become numbers."""

from dataclasses import dataclass

from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1.comparisons import ProportionTest
from knowngood.api.v1alpha1.scalars import percent, points, seconds
from knowngood.api.v1alpha1.triggers import ThresholdTest, Trigger


@dataclass(frozen=True, slots=True)
class RatioTrigger:
    """A test of a share of requests.

    Attributes:
        name: Of the trigger.
        signal: Name of the signal, for people.
        rule: The test.
    """

    name: str
    signal: str
    rule: ProportionRule | ThresholdRule


@dataclass(frozen=True, slots=True)
class ValueTrigger:
    """A test of a single number. It has no sample size, so it can never say Healthy.

    Attributes:
        name: Of the trigger.
        signal: Name of the signal, for people.
        rule: The test; its window, confidence and sample size do not apply.
    """

    name: str
    signal: str
    rule: ThresholdRule


def plan_trigger(
    trigger: Trigger, alpha: float, horizon_s: float, *, of_value: bool = False
) -> RatioTrigger | ValueTrigger:
    """Read a trigger.

    Args:
        trigger: As the policy says it.
        alpha: Its share of the false-alarm budget, see `share_budget`.
        horizon_s: The planned length of the rollout, in seconds.
        of_value: Whether its signal is a single number instead of a ratio of counters.

    Raises:
        ValueError: A proportion of a single number is asked for.
    """
    name, signal, test = trigger.name, trigger.signal.name, trigger.test
    if test.threshold is not None:
        rule = _threshold(test.threshold)
        return ValueTrigger(name, signal, rule) if of_value else RatioTrigger(name, signal, rule)
    if test.proportion is None or of_value:
        raise ValueError(f"trigger {name}: a proportion needs a signal that is a ratio of counters")
    return RatioTrigger(name, signal, _proportion(test.proportion, alpha, horizon_s))


def _proportion(test: ProportionTest, alpha: float, horizon_s: float) -> ProportionRule:
    effect, asked = test.effect, test.non_inferior
    return ProportionRule(
        direction=test.direction,
        tolerance=points(test.tolerance),
        alpha=alpha,
        horizon=horizon_s,
        min_samples=test.min_samples,
        min_events=test.min_events,
        effect_at_least=points(effect.at_least) if effect else None,
        effect_over=seconds(effect.over) if effect and effect.over else None,
        non_inferior=NonInferiorRule(
            test.direction, points(asked.margin), percent(asked.confidence)
        )
        if asked
        else None,
    )


def _threshold(test: ThresholdTest) -> ThresholdRule:
    is_ceiling = test.above is not None
    return ThresholdRule(
        is_ceiling=is_ceiling,
        limit=float((test.above if is_ceiling else test.below) or 0),
        window=seconds(test.window),
        hold=seconds(test.for_),
        min_samples=test.min_samples,
        confidence=None if test.confidence == "None" else percent(test.confidence),
    )
