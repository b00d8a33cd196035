"""How the false alarms that a model may have are shared among the triggers that watch it."""

from collections.abc import Iterable
from dataclasses import replace

from knowngood.analysis.budget import share_budget
from knowngood.api.v1alpha1 import ComparedTo, FalseAlarmBudget, FalseAlarms, Trigger, percent
from knowngood.api.v1alpha1.scalars import rarity_minutes
from knowngood.control.policies import Bound, Policy, action_of

Identity = tuple[str, str, str, str]

NOTED_ONCE_IN = rarity_minutes("30d")
"""Judged minutes to a false alarm of all triggers that do nothing but tell."""


def bind(policies: Iterable[Policy]) -> list[Bound]:
    """Bind every trigger of a model's policies, and share the model's false-alarm budget among those that spend it.

    Triggers that only hold promotions share a budget of their own, and so do those that only observe: watching more
    must not make anything act later.
    """
    free = [Bound(p, t, action_of(p.spec, t), 0.0) for p in policies for t in p.spec.triggers]
    alphas, minutes = _of_rollouts(free), _of_serving(free)
    return [
        replace(b, alpha=alphas.get(b.identity, 0.0), once_in=minutes.get(b.identity, 0.0))
        for b in free
    ]


def is_remembered(trigger: Trigger) -> bool:
    """Whether a trigger compares a version with what is remembered, instead of another version beside it."""
    return _compared_to(trigger) not in {None, ComparedTo.STABLE}


def _of_rollouts(free: Iterable[Bound]) -> dict[Identity, float]:
    spending = [b for b in free if _spends(b.trigger)]
    shares: dict[Identity, float] = {}
    for group in (
        [b for b in spending if b.takes_back],
        [b for b in spending if b.acts and not b.takes_back],
        [b for b in spending if not b.acts],
    ):
        own = [_alarms(b.trigger) for b in group]
        explicit = [percent(a.per_rollout) if a and a.per_rollout else None for a in own]
        budget = min(percent(one.per_rollout) for one in _budgets(group))
        found = share_budget(budget, explicit)
        shares |= {b.identity: alpha for b, alpha in zip(group, found, strict=True)}
    return shares


def _of_serving(free: Iterable[Bound]) -> dict[Identity, float]:
    remembered = [b for b in free if is_remembered(b.trigger)]
    shares: dict[Identity, float] = {}
    for acts in (True, False):
        group = [b for b in remembered if b.acts is acts]
        asked = max(rarity_minutes(one.once_in_per_model) for one in _budgets(group))
        whole = asked if acts else NOTED_ONCE_IN
        for b in group:
            own = _alarms(b.trigger)
            explicit = rarity_minutes(own.once_in) if own and own.once_in else None
            shares[b.identity] = explicit or whole * len(group)
    return shares


def _compared_to(trigger: Trigger) -> ComparedTo | None:
    test = trigger.test.proportion or trigger.test.distribution
    return test.compared_to if test is not None else None


def _spends(trigger: Trigger) -> bool:
    """Whether a false alarm about a canary has a probability that is promised."""
    return trigger.test.threshold is None and not is_remembered(trigger)


def _alarms(trigger: Trigger) -> FalseAlarms | None:
    asked = trigger.test
    test = asked.proportion or asked.distribution or asked.rate or asked.disagreement
    return test.false_alarms if test is not None else None


def _budgets(group: Iterable[Bound]) -> list[FalseAlarmBudget]:
    """What the policies of some triggers accept; the default where none says anything. The strictest counts."""
    limits = (b.policy.spec.limits for b in group)
    said = [one.false_alarm_budget for one in limits if one and one.false_alarm_budget]
    return said or [FalseAlarmBudget()]
