"""How the false alarms that a model may have are shared among the triggers that watch it."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from knowngood.analysis.allotting import Budget, alpha_of, once_in_of, strictest
from knowngood.analysis.dependence import value_of
from knowngood.analysis.triggers import declared
from knowngood.api.v1alpha1 import (
    EFFECTS_KEPT,
    BudgetShares,
    ComparedTo,
    FalseAlarms,
    FixedEffect,
    Trigger,
    Use,
    percent,
)
from knowngood.api.v1alpha1.scalars import rarity_minutes
from knowngood.control.policies import Bound, Policy, action_of
from knowngood.decisions.spending import Spending, Spendings, joined

NOTED_ONCE_IN = rarity_minutes("30d")
"""Judged minutes to a false alarm of all triggers that do nothing but tell."""

_DIGITS: Final = 12
_NAME: Final = 60

_ONLY_DELAYS: Final = {
    "min_samples",
    "min_events",
    "effect",
    "non_inferior",
    "false_alarms",
    "name",
}
"""Fields of tests that say nothing about the evidence: whoever edits them gets no other part."""


def bind(
    policies: Iterable[Policy],
    rollout: Sequence[BudgetShares] = (),
    serving: Sequence[BudgetShares] = (),
    effects: Sequence[FixedEffect] = (),
    *,
    reads: Mapping[str, str],
) -> tuple[list[Bound], Spendings]:
    """Bind every trigger of a model's policies, and share the model's false-alarm budget among those that spend it.

    Triggers that only hold promotions share a budget of their own, and so do those that only observe: watching more
    must not make anything act later.

    What is to be written leaves out a budget of which a trigger has no template yet: a part that is fixed is one of a
    reading that is known.

    Args:
        policies: Those that select the model.
        rollout: How the budget of the rollout was shared when it began, as far as it was written.
        serving: Likewise, of the version that serves.
        effects: What was measured when the rollout began, as far as it was written.
        reads: What templates say, by their names.
    """
    free = [
        Bound(p, t, action_of(p.spec, t), 0.0, read=reads.get(t.signal.name, ""))
        for p in policies
        for t in p.spec.triggers
    ]
    spent = Spendings(_of_rollouts(free), _of_serving(free))
    shares = joined(rollout, spent.rollout), joined(serving, spent.serving)
    fixed = dict(_per_rollout(spent.rollout)) | dict(_per_rollout(rollout))
    once_in = _once_in(free)
    bound = []
    for one in free:
        alpha, minutes = 0.0, 0.0
        if _spends(one.trigger):
            use = _use(one)
            whole = Budget(per_rollout=percent(fixed[use]))
            alpha = alpha_of(whole, shares[0][use], key_of(one), _own_alpha(one))
        if is_remembered(one.trigger):
            use = _use_serving(one)
            whole = Budget(once_in_minutes=once_in[use])
            minutes = once_in_of(whole, shares[1][use], key_of(one), _own_minutes(one))
        effect = _effect(one.trigger, effects)
        told = digest_of(one)
        bound.append(replace(one, alpha=alpha, once_in=minutes, design_effect=effect, digest=told))
    unread = [one for one in free if one.trigger.signal.name not in reads]
    uses = {_use(one) for one in unread}, {_use_serving(one) for one in unread}
    return bound, Spendings(_without(spent.rollout, uses[0]), _without(spent.serving, uses[1]))


def is_remembered(trigger: Trigger) -> bool:
    """Whether a trigger compares a version with what is remembered, instead of another version beside it."""
    return _compared_to(trigger) not in {None, ComparedTo.STABLE}


def key_of(bound: Bound) -> str:
    """What tells a trigger and its test from all others, as it is written down."""
    return f"{bound.policy.metadata.name[:_NAME]}/{bound.trigger.name}/{digest_of(bound)}"


def digest_of(bound: Bound) -> str:
    """What tells a trigger's evidence from all other: another test, or another reading, gathers other evidence."""
    trigger = bound.trigger
    kind = next(name for name in type(trigger.test).model_fields if getattr(trigger.test, name))
    test = getattr(trigger.test, kind).model_dump(mode="json", exclude=_ONLY_DELAYS)
    asks = [bound.identity, trigger.signal.name, bound.read, kind, test]
    told = json.dumps(asks, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]


def _effect(trigger: Trigger, written: Sequence[FixedEffect]) -> float | None:
    """How many requests count as one; None where it is to be measured. It is measured for rollouts only."""
    said = declared(trigger)
    if said is not None or is_remembered(trigger):
        return said or 1.0
    known = {one.signal: value_of(one) for one in written}
    return known.get(trigger.signal.name, 1.0 if len(written) >= EFFECTS_KEPT else None)


def _without(spending: Iterable[Spending], uses: Container[Use]) -> tuple[Spending, ...]:
    return tuple(one for one in spending if one.use not in uses)


def _of_rollouts(free: Iterable[Bound]) -> tuple[Spending, ...]:
    groups: dict[Use, list[Bound]] = defaultdict(list)
    for one in free:
        if _spends(one.trigger):
            groups[_use(one)].append(one)
    return tuple(
        Spending(
            use,
            tuple(sorted(key_of(one) for one in group if _own_alpha(one) is None)),
            _as_percent(strictest(_budgets(group)).per_rollout),
        )
        for use, group in groups.items()
    )


def _of_serving(free: Iterable[Bound]) -> tuple[Spending, ...]:
    groups: dict[Use, list[str]] = defaultdict(list)
    for one in free:
        if is_remembered(one.trigger):
            shares = _own_minutes(one) is None
            groups[_use_serving(one)] += [key_of(one)] if shares else []
    return tuple(Spending(use, tuple(sorted(keys))) for use, keys in groups.items())


def _once_in(free: Iterable[Bound]) -> Mapping[Use, float]:
    """Judged minutes to a false alarm of all triggers together; a person who changes them has it at once."""
    acting = [b for b in free if is_remembered(b.trigger) and b.acts]
    return {Use.ACT: strictest(_budgets(acting)).once_in_minutes, Use.NOTIFY: NOTED_ONCE_IN}


def _per_rollout(shared: Iterable[Spending | BudgetShares]) -> Iterable[tuple[Use, str]]:
    return ((one.use, one.per_rollout) for one in shared if one.per_rollout)


def _as_percent(probability: float) -> str:
    return f"{100 * probability:.6f}".rstrip("0").rstrip(".") + "%"


def _use(bound: Bound) -> Use:
    if not bound.acts:
        return Use.NOTIFY
    return Use.ACT if bound.takes_back else Use.GATE


def _use_serving(bound: Bound) -> Use:
    return Use.ACT if bound.acts else Use.NOTIFY


def _own_alpha(bound: Bound) -> float | None:
    own = _alarms(bound.trigger)
    return percent(own.per_rollout) if own and own.per_rollout else None


def _own_minutes(bound: Bound) -> float | None:
    own = _alarms(bound.trigger)
    return rarity_minutes(own.once_in) if own and own.once_in else None


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


def _budgets(group: Iterable[Bound]) -> list[Budget]:
    """What the policies of some triggers accept, those that say anything."""
    limits = (b.policy.spec.limits for b in group)
    said = [one.false_alarm_budget for one in limits if one and one.false_alarm_budget]
    return [Budget(percent(b.per_rollout), rarity_minutes(b.once_in_per_model)) for b in said]
