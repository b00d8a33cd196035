"""What each trigger sees at the model's own traffic, said where people look, and not another way at every look.

The numbers that it is worked out from are kept until the traffic is quite another one, so the words stay the same.
"""

import math
from dataclasses import replace
from typing import Final

from knowngood.analysis.seeing import Traffic, sight_of
from knowngood.api.v1alpha1 import PolicyKind, Power
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.trigger_views import TriggerView

OTHER: Final = 2.0
"""How many times as much, or as little, traffic is worked out anew; likewise the odds of the stable share."""

KEPT: Final = 64
_RAREST: Final = 0.001


def with_power(s: Situation, plan: Plan) -> Plan:
    """Say what each trigger that acts sees; one that was not measured lately keeps what was said."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in ROLLING:
        return plan
    before = {power.trigger: power for power in rollout.power}
    share = _share(plan, rollout.version, rollout.mirror)
    found = [_power(t, name, before.get(name), share) for name, t in _acting(s)]
    power = tuple(sorted((p for p in found if p), key=lambda p: p.trigger))[:KEPT]
    return replace(plan, rollout=rollout.model_copy(update={"power": power}))


def sees_nothing(plan: Plan) -> str:
    """Name a trigger that would not see even great harm within a day; empty when there is none."""
    if plan.rollout is None or plan.phase not in ROLLING:
        return ""
    blind = next((p for p in plan.rollout.power if p.blind), None)
    if blind is None:
        return ""
    trigger = blind.trigger.rsplit("/", 1)[-1]
    return f"trigger {trigger} would not see even great harm within a day ({blind.sees})"


def _acting(s: Situation) -> list[tuple[str, TriggerView]]:
    meta = s.model.metadata
    spaces = {PolicyKind.NAMESPACED.value: meta.namespace}
    return [
        (f"{t.policy_kind}/{spaces.get(t.policy_kind, '')}/{t.policy}/{t.trigger}", t)
        for t in s.triggers
        if t.acts
    ]


def _power(t: TriggerView, name: str, before: Power | None, share: float) -> Power | None:
    if t.measured is None:
        return before
    per_hour, base = _two_digits(t.measured.per_hour), f"{t.measured.base:.2g}"
    if before is not None:
        per_hour = before.per_hour if _is_near(before.per_hour, per_hour) else per_hour
        base = before.base if _is_near(_odds(float(before.base)), _odds(float(base))) else base
    sight = sight_of(t.measured.rule, Traffic(per_hour, share, _inside(float(base))))
    sees = t.measured.where + sight.words
    return Power(trigger=name, per_hour=per_hour, base=base, sees=sees, blind=sight.blind or None)


def _share(plan: Plan, version: str, mirror: int) -> float:
    """The part of the answers that the version gives, by what was asked for."""
    weight = plan.shares.get(version, 0)
    part = weight / 100 if weight else mirror / (100 + mirror)
    return part if 0 < part < 1 else 0.5


def _is_near(one: float, other: float) -> bool:
    return one == other or (one > 0 and other > 0 and 1 / OTHER < other / one < OTHER)


def _odds(share: float) -> float:
    return _inside(share) / (1 - _inside(share))


def _inside(share: float) -> float:
    return min(max(share, _RAREST), 1 - _RAREST)


def _two_digits(number: float) -> int:
    if number <= 0:
        return 0
    unit = 10.0 ** max(0, math.floor(math.log10(number)) - 1)
    return round(round(number / unit) * unit)
