"""What is odd about a policy: what it promises, what it would see, and where it does not do what it seems to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from knowngood.analysis.allotting import Budget, Shares, alpha_of
from knowngood.analysis.power import samples_to_clear
from knowngood.analysis.promises import promise_of
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.seeing import Rule, Traffic, sight_of
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.triggers import plan_trigger
from knowngood.analysis.wording import about, count, points
from knowngood.api.v1alpha1 import (
    ClusterSignalTemplate,
    ComparedTo,
    JudgedRole,
    PolicyMode,
    PolicySpec,
    Trigger,
    Use,
    percent,
)
from knowngood.api.v1alpha1.false_alarms import FalseAlarmBudget
from knowngood.api.v1alpha1.segments import Segments
from knowngood.decisions.trapping import TRAPS, effect_is_no_tolerance

BUDGET: Final = 0.01
"""Probability of a false rollback in one rollout, over all triggers of a model, where a policy says nothing."""

HORIZON: Final = 3600.0
"""Planned length of a rollout that is assumed, in seconds."""


@dataclass(frozen=True, slots=True)
class Linted:
    """A trigger, looked at.

    Attributes:
        kind: Of its test.
        acts: Whether it may take a version back.
        promise: What it promises about false alarms.
        sees: What it sees at the given traffic.
        traps: What it does not do although it seems to, each a sentence.
        notes: What is easily misread.
        proof: How long it takes to show that a good version is not worse; empty where that is not asked for.
    """

    name: str
    signal: str
    kind: str
    acts: bool
    promise: str
    sees: str
    traps: tuple[str, ...]
    notes: tuple[str, ...]
    proof: str = ""


def lint(
    spec: PolicySpec, traffic: Traffic, templates: Mapping[str, ClusterSignalTemplate]
) -> tuple[Linted, ...]:
    """Look at every trigger of a policy, for a model with this traffic that no other policy selects.

    Args:
        spec: The policy.
        traffic: Of all requests together.
        templates: Those that are known, by name: a signal with segments is judged in each of them.

    Raises:
        ValueError: A field has a value that means nothing; the text names it.
    """
    alphas = _alphas(spec)
    found = []
    requests = traffic
    for trigger in spec.triggers:
        traffic = _of_what_serves(requests) if _only_serves(trigger) else requests
        acts = _group(spec, trigger) == _Group.ACTS
        if trigger.test.distribution is not None or _is_remembered(trigger):
            found.append(_unknown(spec, trigger, acts=acts))
            continue
        alpha, template = alphas.get(trigger.name, BUDGET), templates.get(trigger.signal.name)
        segments = template.spec.segments if template else None
        if segments is None:
            rule = plan_trigger(trigger, alpha, HORIZON).rule
            found.append(_linted(trigger, rule, traffic, acts=acts))
        else:
            found.append(_in_segments(trigger, alpha, traffic, segments, acts=acts))
    return tuple(found)


_PARTS: Final = ("", "all", "half", "a third", "a quarter")


def _in_segments(
    trigger: Trigger, alpha: float, traffic: Traffic, segments: Segments, *, acts: bool
) -> Linted:
    """Look at one of some segments that are as large as each other and share the budget, as the operator shares it."""
    number, cell = len(segments.values), segments.min_samples
    rule = plan_trigger(trigger, alpha / number, HORIZON).rule
    if isinstance(rule, ThresholdRule):
        samples = None if rule.samples is None else max(rule.samples, cell)
        rule = replace(rule, min_samples=max(rule.min_samples, cell), samples=samples)
    elif not isinstance(rule, RateRule):
        rule = replace(rule, min_samples=max(rule.min_samples, cell))
    own = replace(traffic, per_hour=traffic.per_hour / number)
    found = _linted(trigger, rule, own, acts=acts)
    part = _PARTS[number] if number < len(_PARTS) else f"1/{number}"
    where = f"of each of {number} segments, if they have {part} of the requests each: "
    if number == 1:
        where = "of the only segment, if it has all of the requests: "
    note = f"nothing is told of a segment before it has {count(cell)} requests of each version"
    if own.per_hour > 0:
        note += f", which takes {about(3600 * cell / own.per_hour)}"
    return replace(
        found,
        sees=where + found.sees,
        proof=found.proof and f"of each segment {found.proof}",
        promise=f"{found.promise}; the same is promised of each of the {number} segments",
        notes=(*found.notes, note),
    )


class _Group(Enum):
    """Who shares a budget."""

    ACTS = auto()
    HOLDS = auto()
    TELLS = auto()


def _group(spec: PolicySpec, trigger: Trigger) -> _Group:
    if spec.mode is not PolicyMode.ACT or trigger.use is Use.NOTIFY:
        return _Group.TELLS
    return _Group.ACTS if trigger.use is Use.ACT else _Group.HOLDS


def _alphas(spec: PolicySpec) -> dict[str, float]:
    """Each trigger's share of the budget, as the operator shares it."""
    limits = spec.limits
    budget = limits.false_alarm_budget if limits else None
    total = percent(budget.per_rollout) if budget else BUDGET
    found: dict[str, float] = {}
    for one in _Group:
        group = [t for t in spec.triggers if _group(spec, t) is one and _spends(t)]
        shares = Shares().joined_by(t.name for t in group if _own(t) is None)
        found |= {t.name: alpha_of(Budget(total), shares, t.name, _own(t)) for t in group}
    return found


def _spends(trigger: Trigger) -> bool:
    return trigger.test.threshold is None and not _is_remembered(trigger)


def _own(trigger: Trigger) -> float | None:
    asked = trigger.test
    test = asked.proportion or asked.distribution or asked.rate or asked.disagreement
    own = test.false_alarms if test else None
    return percent(own.per_rollout) if own and own.per_rollout else None


def _is_remembered(trigger: Trigger) -> bool:
    test = trigger.test.proportion
    return test is not None and test.compared_to is not ComparedTo.STABLE


def _only_serves(trigger: Trigger) -> bool:
    return trigger.roles == (JudgedRole.STABLE,)


def _of_what_serves(traffic: Traffic) -> Traffic:
    """While nothing is rolled out, the version that serves has all requests."""
    return replace(traffic, per_hour=traffic.per_hour / traffic.share)


def _unknown(spec: PolicySpec, trigger: Trigger, *, acts: bool) -> Linted:
    spreads = trigger.test.distribution is not None
    sees = (
        "not worked out: it depends on which bins move"
        if spreads
        else "not worked out: it depends on what is remembered"
    )
    kind = "distribution" if spreads else "proportion"
    promise = _rarely(spec, trigger) if _only_serves(trigger) else "see its verdict"
    return Linted(trigger.name, trigger.signal.name, kind, acts, promise, sees, (), ())


def _rarely(spec: PolicySpec, trigger: Trigger) -> str:
    """What is promised of a version that serves and has not changed."""
    test = trigger.test.proportion or trigger.test.distribution
    own = test.false_alarms if test else None
    if own is not None and own.once_in is not None:
        return f"at most one false alarm in {own.once_in} of judged time"
    if trigger.use is Use.NOTIFY:
        return "see its verdict: it only tells, and spends nothing of what is promised of those that act"
    budget = spec.limits.false_alarm_budget if spec.limits else None
    once_in = (budget or FalseAlarmBudget()).once_in_per_model
    return f"at most one false alarm in {once_in} of judged time, over all triggers of what serves that share it"


def _linted(trigger: Trigger, rule: Rule, traffic: Traffic, *, acts: bool) -> Linted:
    sight = sight_of(rule, traffic)
    found = [text for trap in TRAPS if (text := trap(trigger, rule, traffic))]
    if sight.blind:
        found.insert(
            0,
            "it would not see even great harm within a day: the model would be Guarded=False/Blind",
        )
    kind = next(name for name in type(trigger.test).model_fields if getattr(trigger.test, name))
    return Linted(
        trigger.name,
        trigger.signal.name,
        kind,
        acts,
        promise_of(rule),
        sight.words,
        tuple(found),
        tuple(text for text in (effect_is_no_tolerance(rule),) if text),
        _proof(rule, traffic),
    )


def _proof(rule: Rule, traffic: Traffic) -> str:
    if not isinstance(rule, ProportionRule) or rule.non_inferior is None:
        return ""
    text = f"that it is not worse by {points(rule.non_inferior.margin)}: "
    ratio = (1 - traffic.share) / traffic.share
    needed = samples_to_clear(rule.non_inferior, traffic.base, ratio)
    if needed is None or traffic.per_hour <= 0:
        return f"{text}never, with these requests"
    took = about(3600 * needed / traffic.per_hour)
    at = f"at {count(round(traffic.per_hour))} an hour"
    return f"{text}{took} {at} when it is just as good, four times out of five"
