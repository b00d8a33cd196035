"""How many pods each version needs. Pure arithmetic."""

from math import ceil

from knowngood.api.v1alpha1 import (
    CanaryReplicas,
    Holdback,
    Phase,
    RolloutStatus,
    Standing,
    Step,
)
from knowngood.decisions.adopting import DRAIN
from knowngood.decisions.phases import GOING_BACK, ROLLING, SERVING
from knowngood.decisions.plan import Plan
from knowngood.decisions.sending import unable
from knowngood.decisions.situation import Situation
from knowngood.decisions.sizing import canary_pods
from knowngood.decisions.standby import copies_asked, standby_pods
from knowngood.decisions.trials import is_tried


def pods_wanted(s: Situation, plan: Plan, rollout: RolloutStatus) -> int:
    """Pods that the canary should have now: for its share, for the one that the present step asks for, for a trial."""
    if plan.phase is Phase.PROMOTING or rollout.returns:
        return s.replicas
    step = s.steps[rollout.step] if rollout.step < len(s.steps) else Step()
    asked = step.set_weight or step.set_mirror or int(is_tried(s, rollout))
    share = max(plan.shares.get(rollout.version, 0), _by_hand(plan, rollout.version))
    weight = max(share, rollout.mirror, asked)
    spec = s.model.spec.rollout
    return canary_pods(
        s.replicas, weight, spec.canary_replicas if spec else CanaryReplicas.PROPORTIONAL
    )


def pods_for(s: Situation, share: int) -> int:
    """Ready pods that a share of the requests needs, or copies of them; one where the pods are not ours to count."""
    spec = s.model.spec.rollout
    sizing = spec.canary_replicas if spec else CanaryReplicas.PROPORTIONAL
    ours = s.model.spec.serving.deployment is not None
    return max(1, canary_pods(s.replicas, share, sizing)) if ours else 1


def _standing_by(s: Situation, plan: Plan) -> int | None:
    """Pods of the version that stands by: for the copies that it gets or is to get, or to be there."""
    asked = copies_asked(s, plan)
    copied = s.route is not None and s.route.copies.get(plan.shadow, 0) > 0
    if not _is_idle(s, plan.shadow) or (copied and not plan.copies):
        return None  # the last pod must not go before the gateway sends nothing there any more
    if asked and not plan.mirror:
        if s.gateway is None:
            return None  # soon it is known whether there will be copies
        asked = 0 if unable(s, asked, "", "") else asked
    share = max(asked, plan.mirror)
    return max(standby_pods(s), pods_for(s, share) if share and s.replicas else 0)


def _by_hand(plan: Plan, version: str) -> int:
    """Share of the requests that a person gives a version by hand, in percent."""
    held = {s.version: s.weight for s in plan.override.weights} if plan.override else {}
    return ceil(held.get(version, 0) * 100 / (sum(held.values()) or 1))


def replicas_wanted(s: Situation, plan: Plan) -> dict[str, int | None]:
    """Pods by version.

    None leaves a version as it is: traffic is being taken off it, or it is in the route without a rollout. A rejected
    version keeps an empty Deployment for people to look at. The workload of a version that is not named has to go.
    """
    wanted: dict[str, int | None] = {d.version: None for d in plan.draining}
    if plan.rollout is not None:
        wanted |= _rolled_out(s, plan, plan.rollout)
    if plan.holdback is not None:
        wanted.setdefault(plan.holdback.version, _held_back(s, plan, plan.holdback))
    if plan.shadow:
        wanted.setdefault(plan.shadow, _standing_by(s, plan))
    for version in plan.shares:
        wanted.setdefault(version, None)
    for version in s.versions:
        if s.standing_of(version) in {Standing.REJECTED, Standing.SUSPECT}:
            wanted.setdefault(version, 0 if _is_idle(s, version) else None)
    if plan.stable:
        wanted[plan.stable] = s.replicas
    return wanted


def _rolled_out(s: Situation, plan: Plan, rollout: RolloutStatus) -> dict[str, int | None]:
    if plan.phase in ROLLING:
        needed = pods_wanted(s, plan, rollout)
        # The last pod must not go before the gateway sends nobody there any more.
        over = s.replicas == 0 or s.does(plan.shares, plan.copies, plan.tested)
        return {rollout.version: needed if needed or over else None}
    if plan.phase is Phase.INITIALIZING:
        return {rollout.version: s.replicas}
    if plan.phase in GOING_BACK:
        return {rollout.version: None, rollout.returning or plan.stable: s.replicas}
    if plan.phase is Phase.CONTAINED and rollout.failure and rollout.failure.incident:
        return {rollout.version: None}  # people look at its pods first
    return {}


def _held_back(s: Situation, plan: Plan, held: Holdback) -> int | None:
    """Pods of the version that keeps a share.

    None, those that it has, while it answers its last requests of before, where the share ends, or it gets everything.
    """
    spec = s.model.spec.rollout
    if held.ends or spec is None or plan.phase not in SERVING or s.now < held.since + DRAIN:
        return None
    shares = spec.probation.holdback or 0, plan.shares.get(held.version, 0)
    return canary_pods(s.replicas, max(*shares, _by_hand(plan, held.version)), spec.canary_replicas)


def _is_idle(s: Situation, version: str) -> bool:
    """Whether a version was seen to get no requests; nobody here knows where the traffic is somebody else's."""
    return s.route is not None and s.route.weights.get(version, 0) == 0
