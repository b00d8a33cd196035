"""A policy's trigger, read: words and percentages become numbers."""

from dataclasses import dataclass

from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.api.v1alpha1.comparisons import ProportionTest
from knowngood.api.v1alpha1.event_tests import DisagreementKind, DisagreementTest, RateTest
from knowngood.api.v1alpha1.scalars import percent, points, seconds
from knowngood.api.v1alpha1.threshold_tests import ThresholdTest
from knowngood.api.v1alpha1.triggers import Trigger

DEFAULT_PER = "1h"
"""The span of a rate's limit that says none."""

DEFAULT_MAX_AGE = "12h"
"""How old the requests of a window by count may be, where nothing is said."""

AUTO = "Auto"

PAIRS_FOR_HEALTH = {DisagreementKind.ANY: 500, DisagreementKind.NET: 50}
"""Pairs before a version is called healthy, where nothing is said."""

EVEN = 0.5
"""The share of the pairs that disagree which may go against a version that is as good as the other one."""


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
    rule: ProportionRule | ThresholdRule | RateRule | BoundRule


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
    trigger: Trigger,
    alpha: float,
    horizon_s: float,
    *,
    of_value: bool = False,
    design_effect: float | None = None,
) -> RatioTrigger | ValueTrigger:
    """Read a trigger.

    Args:
        trigger: As the policy says it.
        alpha: Its share of the false-alarm budget, see `allotting`.
        horizon_s: The planned length of the rollout, in seconds.
        of_value: Whether its signal is a single number instead of a ratio of counters.
        design_effect: How many requests count as one, where that was measured; None: as declared, or else one by one.

    Raises:
        ValueError: Something of a single number is asked for that only counts have.
    """
    name, signal, test = trigger.name, trigger.signal.name, trigger.test
    if test.threshold is not None:
        rule = _threshold(test.threshold)
        if of_value and rule.samples is not None:
            raise ValueError(
                f"trigger {name}: a window by samples needs a signal that counts requests"
            )
        return ValueTrigger(name, signal, rule) if of_value else RatioTrigger(name, signal, rule)
    kind = next((kind for kind in _KINDS if getattr(test, kind) is not None), "test")
    if of_value:
        raise ValueError(f"trigger {name}: a {kind} needs a signal that is a ratio of counters")
    if test.proportion is not None:
        known = design_effect or declared(trigger) or 1.0
        return RatioTrigger(name, signal, _proportion(test.proportion, alpha, horizon_s, known))
    if test.rate is not None:
        return RatioTrigger(name, signal, _rate(test.rate, alpha, horizon_s))
    if test.disagreement is not None:
        return RatioTrigger(name, signal, _bound(test.disagreement, alpha, horizon_s))
    raise ValueError(f"trigger {name}: this version of Knowngood does not know its kind of test")


_KINDS = ("proportion", "rate", "disagreement")


def declared(trigger: Trigger) -> float | None:
    """How many requests count as one, as the policy says; None: it is to be measured."""
    test = trigger.test.proportion or trigger.test.distribution
    if test is None:
        return 1.0
    return None if test.design_effect == AUTO else float(test.design_effect)


def _proportion(
    test: ProportionTest, alpha: float, horizon_s: float, design_effect: float
) -> ProportionRule:
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
        design_effect=design_effect,
        non_inferior=NonInferiorRule(
            test.direction, points(asked.margin), percent(asked.confidence), design_effect
        )
        if asked
        else None,
    )


def _threshold(test: ThresholdTest) -> ThresholdRule:
    is_ceiling = test.above is not None
    return ThresholdRule(
        is_ceiling=is_ceiling,
        limit=float((test.above if is_ceiling else test.below) or 0),
        window=seconds(test.window or test.max_age or DEFAULT_MAX_AGE),
        hold=seconds(test.for_),
        min_samples=min(test.min_samples, test.samples or test.min_samples),
        confidence=None if test.confidence == "None" else percent(test.confidence),
        samples=test.samples,
    )


def _rate(test: RateTest, alpha: float, horizon_s: float) -> RateRule:
    per = seconds(test.per or DEFAULT_PER)
    limit = None if test.above is None else float(test.above) / per
    return RateRule(limit, per, alpha, horizon_s, test.min_events)


def _bound(test: DisagreementTest, alpha: float, horizon_s: float) -> BoundRule:
    return BoundRule(
        bound=EVEN if test.above is None else points(test.above),
        net=test.above is None,
        alpha=alpha,
        horizon=horizon_s,
        min_samples=test.min_samples or PAIRS_FOR_HEALTH[test.kind],
    )
