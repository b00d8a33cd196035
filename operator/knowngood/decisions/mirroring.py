"""Copies of requests for a canary: it is judged by its answers to them before anybody gets one of these."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Phase,
    RolloutStatus,
    Standing,
    WaitingFor,
)
from knowngood.decisions.exposing import not_yet
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Notice, Plan, edge_key, enter_step
from knowngood.decisions.sending import can_not, goes_elsewhere, unable
from knowngood.decisions.situation import Situation

_OUT: Final = "take the step out, or abort"


def set_mirror(s: Situation, plan: Plan, rollout: RolloutStatus, percent: int) -> Plan:
    """Have the gateway send copies; until it was seen to, they are asked for again."""
    waits = not_yet(s, plan, rollout, more=percent > rollout.mirror)
    if waits is not None:
        return waits
    if s.gateway is None or goes_elsewhere(s):
        return plan.waiting(WaitingFor.GATEWAY)
    where = f"spec.rollout.steps[{rollout.step}].setMirror"
    refused = unable(s, percent, where, _OUT)
    if refused is not None and rollout.mirror == 0:
        key = edge_key(rollout, refused.reason)
        notice = Notice(refused.reason, refused.message, key, warning=True)
        return replace(plan, phase=Phase.PAUSED, blocked=refused).tell(notice)
    if rollout.evidence_since is None:
        # Evidence starts with the first copy that the canary may get, so the instant belongs into this write.
        rollout = rollout.model_copy(update={"evidence_since": s.now})
        plan = plan.stand(rollout.version, Standing.TRIAL, "FirstMirror")
    rollout = rollout.model_copy(update={"mirror": percent})
    plan = replace(plan, why="Mirror", rollout=rollout)
    if not s.copies(plan.copies):
        return plan.waiting(WaitingFor.ROUTE)
    text = f"version {rollout.version} gets copies of {percent} % of the requests"
    reached = enter_step(rollout, rollout.step + 1, s.now)
    return replace(plan, rollout=reached).tell(
        Notice("MirrorSet", text, edge_key(rollout, f"mirror-{percent}"))
    )


def end_harmful(s: Situation, plan: Plan) -> Plan:
    """End the copies at once where nobody says any more that they harm nobody, or that the gateway can send them."""
    rollout = plan.rollout
    if rollout is None or not plan.copies:
        return plan
    if not s.model.spec.may_mirror:
        return replace(plan, rollout=rollout.model_copy(update={"mirror": 0}), why="Mirror")
    elsewhere = goes_elsewhere(s)
    if not elsewhere and not can_not(s, rollout.mirror):
        return plan
    # Whoever gets the route now is asked for copies as the first one was: when it is known what that one does.
    step = _step_of_copies(s, rollout)
    ended = enter_step(rollout, step, s.now).model_copy(update={"mirror": 0})
    text = f"version {rollout.version} gets no copies any more: " + (
        "its route goes to another gateway" if elsewhere else "the gateway does not send them"
    )
    key = edge_key(rollout, f"mirror-ended/{s.now.isoformat()}")
    back = replace(plan, phase=Phase.PROGRESSING, rollout=ended, why="Mirror")
    return back.tell(Notice("MirrorEnded", text, key, warning=True))


def _step_of_copies(s: Situation, rollout: RolloutStatus) -> int:
    """Which step asked for the copies that are sent now."""
    asked = (i for i, step in enumerate(s.steps[: rollout.step + 1]) if step.set_mirror)
    return max(asked, default=rollout.step)


def copies_next(model: AIModelDeployment) -> bool:
    """Say whether the present step of a rollout asks for copies."""
    status, steps = model.status, model.spec.rollout.steps if model.spec.rollout else ()
    rollout = status.rollout if status and status.phase in ROLLING else None
    if rollout is None or rollout.step >= len(steps):
        return False
    return steps[rollout.step].set_mirror is not None
