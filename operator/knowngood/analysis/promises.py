"""What a test promises about false alarms, in words."""

from knowngood.analysis.bounded import BoundRule
from knowngood.analysis.excess import SLACK
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.wording import percentage, points, span


def promise_of(rule: ProportionRule | ThresholdRule | RateRule | BoundRule) -> str:
    """What a test promises, and under which condition."""
    if isinstance(rule, ThresholdRule):
        if rule.confidence is None:
            return "none: the plain share is compared with a limit"
        return f"one look errs with at most {percentage(1 - rule.confidence)}; many looks err more often"
    fine, given = _terms(rule)
    return (
        f"a version {fine} is called breached in at most {percentage(rule.alpha)} of rollouts, however often it is "
        f"looked at, provided that {given}"
    )


def _counted(design_effect: float) -> str:
    if design_effect > 1:
        return f"independent of each other when {design_effect:.3g} are counted as one"
    return "independent of each other"


def _terms(rule: ProportionRule | RateRule | BoundRule) -> tuple[str, str]:
    """Which version must not be called breached, and what has to be so."""
    if isinstance(rule, ProportionRule):
        beyond = f" by more than {points(rule.tolerance)}" if rule.tolerance else ""
        return (
            f"that is not worse{beyond}",
            f"the requests of both versions within a block are alike, and {_counted(rule.design_effect)}",
        )
    if isinstance(rule, BoundRule):
        fine = (
            "whose answers that differ go as often for it as against it"
            if rule.net
            else f"that disagrees in {percentage(rule.bound)} of the pairs or less"
        )
        return fine, "the pairs are independent of each other"
    if rule.limit is None:
        return (
            f"whose share of the events is that of the requests (in odds, up to {SLACK:.4g} times it)",
            "each event comes of a request that was sent by chance to one of the versions",
        )
    return (
        f"with {rule.limit * rule.per:.4g} events in {span(rule.per)} or fewer",
        "such events come about independently of each other",
    )
