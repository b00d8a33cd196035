"""The verdict of a distribution test, and its sentence."""

from math import floor

from knowngood.analysis.distribution.effect import Effect, effect_of
from knowngood.analysis.distribution.evidence import DistributionState, Lack, lacking
from knowngood.analysis.distribution.rule import Baseline, DistributionRule
from knowngood.analysis.verdicts import Evidence, Finding, Verdict
from knowngood.analysis.wording import count, instant, long_span, missing, odds, percentage, span
from knowngood.api.v1alpha1.shared import VerdictKind

_ROUNDING = 1e-6

Names = tuple[str, str | None]
"""The judged version, and the one that it is compared with; None: a baseline."""


def breached(
    state: DistributionState, rule: DistributionRule, signal: str, names: Names, now: float
) -> Verdict | None:
    """The verdict of a test that was breached once; it stays, also without data.

    Args:
        state: The evidence.
        rule: The test.
        signal: For people.
        names: Who is compared with whom.
        now: Unix seconds.
    """
    if state.breached_at is None:
        return None
    effect = effect_of(state.window.sums, rule)
    if effect is None:
        return None
    began = "" if state.onset is None else f"; it began about {instant(state.onset)}"
    message = (
        f"{_compared(effect, rule, signal, names)}: another distribution, proved at "
        f"{_accepted(rule)} ({_strength(state, rule)}){began}"
    )
    kind, finding = VerdictKind.BREACHED, Finding.DIFFERENCE_PROVED
    return Verdict(kind, finding, message, now, _evidence(state, rule, effect))


def not_breached(
    state: DistributionState, rule: DistributionRule, signal: str, names: Names, now: float
) -> Verdict:
    """The verdict of a test that can be seen and is not breached; arguments as of `breached`."""
    effect = effect_of(state.window.sums, rule)
    kind, finding, text = _judged(state, rule, effect, names)
    if effect is None:
        message = f"{signal} of version {names[0]}: {text}"
    else:
        message = f"{_compared(effect, rule, signal, names)}: {text}"
    return Verdict(kind, finding, message, now, _evidence(state, rule, effect))


def _judged(
    state: DistributionState, rule: DistributionRule, effect: Effect | None, names: Names
) -> tuple[VerdictKind, Finding, str]:
    lack = lacking(state, rule)
    too_few = _too_few(state, rule, effect if lack is Lack.SAMPLES else None, names)
    if lack is Lack.SAMPLES:
        text = f"different beyond doubt, but too few to say how much: {too_few}"
        return VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, text
    if lack is Lack.EFFECT:
        text = f"different beyond doubt, but not by more than {rule.above:g}"
        return VerdictKind.HEALTHY, Finding.EFFECT_TOO_SMALL, text
    if too_few or effect is None:
        text = f"too few to say: {too_few or 'nothing to compare'}"
        return VerdictKind.INCONCLUSIVE, Finding.TOO_FEW_SAMPLES, text
    strength = _strength(state, rule)
    if effect.debiased > rule.above:
        text = f"more than {rule.above:g}, but not proved ({strength})"
        return VerdictKind.INCONCLUSIVE, Finding.DIFFERENCE_NOT_PROVED, text
    text = f"no other distribution is shown ({strength})"
    return VerdictKind.HEALTHY, Finding.NO_DIFFERENCE_SHOWN, text


def _too_few(
    state: DistributionState, rule: DistributionRule, effect: Effect | None, names: Names
) -> str:
    """What is missing: in the window if its effect is given, else since the epoch began."""
    against = rule.compared_to
    if effect is not None:
        have, of_other = effect.samples, effect.reference_samples
        where = f" in the last {span(rule.window)}"
    else:
        frozen = sum(against.counts) if isinstance(against, Baseline) else state.n_s
        have, of_other = state.n_c / rule.design_effect, frozen / rule.design_effect
        where = ""
    parts = []
    if have < rule.min_samples:
        parts.append(missing(names[0], floor(have + _ROUNDING), rule.min_samples) + where)
    if of_other < rule.min_samples:
        parts.append(
            f"the baseline has {count(floor(of_other + _ROUNDING))} of {count(rule.min_samples)} requests"
            if names[1] is None
            else missing(names[1], floor(of_other + _ROUNDING), rule.min_samples) + where
        )
    return " and ".join(parts)


def _evidence(state: DistributionState, rule: DistributionRule, effect: Effect | None) -> Evidence:
    against = rule.compared_to
    return Evidence(
        statistic=state.highest if state.crossed_at is not None else state.evidence,
        limit=rule.limit,
        samples=state.n_c,
        events=0,
        reference_samples=sum(against.counts) if isinstance(against, Baseline) else state.n_s,
        reference_events=0,
        estimate=None,
        reference_estimate=None,
        effect=effect.debiased if effect else None,
        onset=state.onset,
        crossed_at=state.crossed_at,
        guarantee=_guarantee(rule),
        moved=effect.moved if effect else (),
    )


def _compared(effect: Effect, rule: DistributionRule, signal: str, names: Names) -> str:
    other = "its baseline" if names[1] is None else f"version {names[1]}"
    moved = ", ".join(
        f"{shift.label}: {_percent(shift.before)} -> {_percent(shift.after)}"
        for shift in effect.moved
    )
    return (
        f"{signal} of version {names[0]} differs from {other} by {rule.statistic} "
        f"{effect.debiased:.3g} beyond chance in the last {span(rule.window)}, "
        f"{rule.above:g} is allowed ({moved}; {_whole(effect.samples)} against "
        f"{_whole(effect.reference_samples)} requests{_correlated(rule)})"
    )


def _whole(samples: float) -> str:
    """Whole requests: 999.6 of 1000 are not enough, and not to be shown as if they were."""
    return count(floor(samples + _ROUNDING))


def _correlated(rule: DistributionRule) -> str:
    deff = rule.design_effect
    return "" if deff == 1 else f", {deff:g} correlated ones counted as one"


def _percent(share: float) -> str:
    return percentage(round(share, 3))


def _accepted(rule: DistributionRule) -> str:
    against = rule.compared_to
    if isinstance(against, Baseline):
        return f"one false alarm in {long_span(against.once_in)}"
    return f"{percentage(against.alpha)} false alarms per rollout"


def _strength(state: DistributionState, rule: DistributionRule) -> str:
    if isinstance(rule.compared_to, Baseline):
        return (
            f"chance makes this at most once in {long_span(60 * state.evidence)} of judged time, "
            f"once in {long_span(rule.compared_to.once_in)} is needed"
        )
    return f"evidence {odds(state.highest)}, {odds(rule.limit)} is needed"


def _guarantee(rule: DistributionRule) -> str:
    against = rule.compared_to
    if isinstance(against, Baseline):
        return (
            "without drift, the mean judged time to a false alarm is at least "
            f"{long_span(against.once_in)}, provided that requests are independent and that the "
            "baseline is a fair sample, whose own chance is allowed for at 99 % confidence; a "
            "change with the season is drift"
        )
    return (
        "a version that answers like the other one is called breached in at most "
        f"{percentage(against.alpha)} of rollouts, however often it is looked at, provided that the "
        "requests of both versions within a block are alike"
    )
