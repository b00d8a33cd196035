"""What is odd about a policy: what it promises, what it would see, and where it does not do what it seems to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from knowngood.analysis.allotting import Budget, Shares, alpha_of
from knowngood.analysis.promises import promise_of
from knowngood.analysis.proportion import ProportionRule
from knowngood.analysis.rates import RateRule
from knowngood.analysis.seeing import DAY, Rule, Traffic, sight_of
from knowngood.analysis.threshold import ThresholdRule
from knowngood.analysis.triggers import plan_trigger
from knowngood.analysis.wording import about, count, points
from knowngood.api.v1alpha1 import ComparedTo, PolicyMode, PolicySpec, Trigger, Use, percent

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
    """

    name: str
    signal: str
    kind: str
    acts: bool
    promise: str
    sees: str
    traps: tuple[str, ...]
    notes: tuple[str, ...]


def lint(spec: PolicySpec, traffic: Traffic) -> tuple[Linted, ...]:
    """Look at every trigger of a policy, for a model with this traffic that no other policy selects.

    Raises:
        ValueError: A field has a value that means nothing; the text names it.
    """
    alphas = _alphas(spec)
    found = []
    for trigger in spec.triggers:
        acts = _group(spec, trigger) == _Group.ACTS
        if trigger.test.distribution is not None or _is_remembered(trigger):
            found.append(_unknown(trigger, acts=acts))
            continue
        rule = plan_trigger(trigger, alphas.get(trigger.name, BUDGET), HORIZON).rule
        found.append(_linted(trigger, rule, traffic, acts=acts))
    return tuple(found)


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


def _unknown(trigger: Trigger, *, acts: bool) -> Linted:
    spreads = trigger.test.distribution is not None
    sees = (
        "not worked out: it depends on which bins move"
        if spreads
        else "not worked out: it depends on what is remembered"
    )
    kind = "distribution" if spreads else "proportion"
    return Linted(trigger.name, trigger.signal.name, kind, acts, "see its verdict", sees, (), ())


def _linted(trigger: Trigger, rule: Rule, traffic: Traffic, *, acts: bool) -> Linted:
    sight = sight_of(rule, traffic)
    found = [text for trap in _TRAPS if (text := trap(trigger, rule, traffic))]
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
        tuple(text for text in (_effect_is_no_tolerance(rule),) if text),
    )


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


def _effect_is_no_tolerance(rule: Rule) -> str:
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


_TRAPS: Final[Iterable[Callable[[Trigger, Rule, Traffic], str]]] = (
    _never_enough,
    _plain_number,
    _no_season,
)
