"""Back to a version that is known good: no steps, because it has proved itself; but capacity first, and then at once.

A person or Git sets `spec.model.version` back. What is asked of the version, and what is not, is in `docs/versions.md`.
"""

from dataclasses import replace

from knowngood.api.v1alpha1 import (
    FailureReason,
    Phase,
    RolloutFailure,
    RolloutStatus,
    Standing,
    WaitingFor,
)
from knowngood.decisions.contents import change_of
from knowngood.decisions.exposing import not_named_yet
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.stepping import start_promoting


def may_return(s: Situation) -> bool:
    """Say whether the desired version is one that is known good, and still what it was."""
    record = s.versions.get(s.desired)
    if record is None or record.spec.digest != s.digest:
        return False
    return s.standing_of(s.desired) is Standing.KNOWN_GOOD and not change_of(s, s.desired)


def spoilt(s: Situation, rollout: RolloutStatus) -> RolloutFailure | None:
    """Say why a version that was on its way back is not known good any more; None while it is."""
    if not rollout.returns:
        return None
    change = change_of(s, rollout.version)
    if not change and s.standing_of(rollout.version) is Standing.KNOWN_GOOD:
        return None
    text = change or f"version {rollout.version} is not known good any more"
    reason = FailureReason.CONTENT_CHANGED
    return RolloutFailure(reason=reason, message=text[:1024], detected_at=s.now)


def come_back(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Bring up as many pods as carry all of the traffic, and have the gateway know them; then all of it goes there."""
    plan = replace(plan, phase=Phase.PROGRESSING)
    if s.replicas == 0:
        return plan.waiting(WaitingFor.NONE)
    if rollout.version not in s.versions or s.ready_of(rollout.version) < s.replicas:
        return plan.waiting(WaitingFor.PODS)
    waits = not_named_yet(s, plan, rollout, since=rollout.step_started_at)
    if waits is not None:
        return waits
    # It is judged from the first request that it may get.
    judged = rollout.model_copy(update={"evidence_since": s.now})
    return start_promoting(s, plan, judged)
