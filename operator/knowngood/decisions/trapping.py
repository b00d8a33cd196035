"""Where a trigger does not do what it seems to, and what is easily misread of it: each a sentence, or empty."""

from collections.abc import Callable, Iterable
from typing import Final

from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.seeing import DAY, Rule, Traffic
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.wording import about, count, points
from knowngood.api.v1alpha1 import Trigger


def _never_enough(_: Trigger, rule: Rule, traffic: Traffic) -> str:
    if isinstance(rule, RateRule | ThresholdRule) or traffic.per_hour <= 0:
        return ""
    counted = rule.design_effect if isinstance(rule, ProportionRule) else 1.0
    hours = rule.min_samples * counted / traffic.per_hour
    if hours <= DAY:
        return ""
    took = about(3600 * hours)
    return (
        f"minSamples {count(rule.min_samples)} takes {took}: until then it holds every promotion up"
    )


def _plain_number(_: Trigger, rule: Rule, __: Traffic) -> str:
    if not isinstance(rule, ThresholdRule) or rule.confidence is not None:
        return ""
    return (
        "confidence None compares the plain number: with little traffic it is beyond a limit by chance, most days; "
        "set a confidence such as 99%"
    )


def effect_is_no_tolerance(rule: Rule) -> str:
    """An effect is easily taken for a tolerance."""
    if not isinstance(rule, ProportionRule) or not rule.effect_at_least:
        return ""
    least = rule.effect_at_least
    if rule.tolerance >= least:
        return f"effect.atLeast {points(least)} changes nothing: tolerance is not smaller"
    return (
        f"effect.atLeast {points(least)} is no tolerance: with enough requests a version that is worse by exactly that "
        f"is taken back about every second time, and a smaller harm at times. Where up to {points(least)} are fine, "
        "set tolerance, which takes about four times the requests"
    )


def _no_season(trigger: Trigger, _: Rule, __: Traffic) -> str:
    test = trigger.test.proportion
    if test is None or test.compared_to.value not in {"Baseline", "Past"}:
        return ""
    if getattr(test, "seasonality", None) not in {None, "None"}:
        return ""
    return (
        f"comparedTo {test.compared_to.value} without seasonality: a share that swings over the day by more than the "
        "tolerance raises an alarm every day"
    )


TRAPS: Final[Iterable[Callable[[Trigger, Rule, Traffic], str]]] = (
    _never_enough,
    _plain_number,
    _no_season,
)
