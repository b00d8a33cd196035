"""Write down what is fixed when a rollout begins, so that every later leader judges by the same."""

from collections.abc import Iterable
from dataclasses import replace
from math import ceil
from typing import Final

from knowngood.api.v1alpha1 import EFFECTS_KEPT, FixedEffect, RolloutStatus, Step, seconds
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.spending import shared

_MOST_HOURS: Final = 99_999
"""What fits a duration."""


def with_fixed(s: Situation, plan: Plan) -> Plan:
    """Add the triggers that are new, and what was measured; a rollout that has just begun has none of it yet."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in ROLLING:
        return plan
    shares, effects = shared(rollout.shares, s.spending.rollout), _effects(s, rollout)
    planned = rollout.planned or _written(planned_length(s.steps))
    update = {"shares": shares, "design_effects": effects, "planned": planned}
    return replace(plan, rollout=rollout.model_copy(update=update))


def planned_length(steps: Iterable[Step]) -> float:
    """Seconds that a rollout lasts if nothing is waited for: the sum of its pauses."""
    durations = (one.pause.duration for one in steps if one.pause is not None)
    return sum(seconds(d) for d in durations if d is not None)


def _written(length: float) -> str:
    minutes, rest = divmod(ceil(length), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{min(hours, _MOST_HOURS)}h{minutes}m{rest}s"


def _effects(s: Situation, rollout: RolloutStatus) -> tuple[FixedEffect, ...]:
    """What is written stays; what was measured for another rollout is not of this one.

    They stand by name: which one was measured first is chance, and two runs of one story must end alike.
    """
    before = s.model.status.rollout if s.model.status else None
    if before is None or before.started_at != rollout.started_at:
        return rollout.design_effects
    known = {one.signal for one in rollout.design_effects}
    new = (one for one in s.effects if one.signal not in known)
    kept = (*rollout.design_effects, *new)[:EFFECTS_KEPT]
    return tuple(sorted(kept, key=lambda one: one.signal))
