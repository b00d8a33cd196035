"""Which shares a canary was given, and when: what is counted is compared with them, also by the next process."""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import GivenWeight, RolloutStatus
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation

KEPT: Final = 32
"""Changes that are remembered. Of what was counted before the first of them, the share is not known any more."""


def with_given(s: Situation, plan: Plan) -> RolloutStatus | None:
    """Note a change of the canary's share when it is asked for or found, and when the gateway is seen to do it."""
    rollout = plan.rollout
    if rollout is None or plan.phase not in ROLLING:
        return rollout
    if s.route is None or s.sticky:
        # Nobody sees what the weights do, or clients stay where they are: then the weight is not the share.
        return rollout.model_copy(update={"weights": ()})
    held = {w.version: w.weight for w in plan.override.weights} if plan.override else plan.shares
    given = [*rollout.weights, *_changes(s, plan, rollout, held)]
    if given and given[-1].verified_at is None and s.shares(held):
        given[-1] = given[-1].model_copy(update={"verified_at": s.now})
    return rollout.model_copy(update={"weights": tuple(given)[-KEPT:]})


def _changes(
    s: Situation, plan: Plan, rollout: RolloutStatus, held: Mapping[str, int]
) -> list[GivenWeight]:
    wanted = _percent(held, rollout.version)
    before = s.model.status.traffic if s.model.status else None
    if before is not None and s.route is not None and plan.drifts[-1:] != before.drifts[-1:]:
        # What somebody else has put there was in effect; it is put back in this write.
        found = _percent(s.route.weights, rollout.version)
        seen = GivenWeight(weight=found, since=s.now, verified_at=s.now)
        return [seen, GivenWeight(weight=wanted, since=s.now)]
    last = rollout.weights[-1].weight if rollout.weights else 0
    return [GivenWeight(weight=wanted, since=s.now)] if wanted != last else []


def _percent(weights: Mapping[str, int], version: str) -> int:
    total = sum(weights.values())
    return round(100 * weights.get(version, 0) / total) if total else 0
