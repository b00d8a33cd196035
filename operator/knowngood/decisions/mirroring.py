"""Copies of requests for a canary: it is judged by its answers to them before anybody gets one of these."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Phase,
    Reason,
    RolloutStatus,
    Standing,
    WaitingFor,
)
from knowngood.decisions.exposing import not_yet
from knowngood.decisions.gateways import Support
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Blocked, Notice, Plan, edge_key, enter_step
from knowngood.decisions.situation import Situation

ALL: Final = 100


def set_mirror(s: Situation, plan: Plan, rollout: RolloutStatus, percent: int) -> Plan:
    """Have the gateway send copies; until it was seen to, they are asked for again."""
    waits = not_yet(s, plan, rollout, more=percent > rollout.mirror)
    if waits is not None:
        return waits
    if s.gateway is None:
        return plan.waiting(WaitingFor.GATEWAY)
    unable = _unable(s, rollout, percent)
    if unable is not None and rollout.mirror == 0:
        notice = Notice(
            unable.reason, unable.message, edge_key(rollout, unable.reason), warning=True
        )
        return replace(plan, phase=Phase.PAUSED, blocked=unable).tell(notice)
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


def undeclared(s: Situation, plan: Plan) -> Plan:
    """End the copies at once where nobody says any more that they harm nobody."""
    if plan.rollout is None or not plan.copies or s.model.spec.may_mirror:
        return plan
    return replace(plan, rollout=plan.rollout.model_copy(update={"mirror": 0}), why="Mirror")


def copies_next(model: AIModelDeployment) -> bool:
    """Say whether the present step of a rollout asks for copies."""
    status, steps = model.status, model.spec.rollout.steps if model.spec.rollout else ()
    rollout = status.rollout if status and status.phase in ROLLING else None
    if rollout is None or rollout.step >= len(steps):
        return False
    return steps[rollout.step].set_mirror is not None


def _unable(s: Situation, rollout: RolloutStatus, percent: int) -> Blocked | None:
    """Say why copies can not be had; None when they can."""
    where = f"spec.rollout.steps[{rollout.step}].setMirror"
    known = s.gateway
    if s.route is None or known is None:
        return None
    if s.route.copied_elsewhere:
        text = f"{where}: a rule of the route has a mirror of its owner already, and a gateway need not do two: {_OUT}"
        return Blocked(Reason.MIRROR_TAKEN, text)
    if known.mirror is Support.NO:
        return Blocked(Reason.MIRROR_UNSUPPORTED, f"{where}: {known.message}: {_OUT}")
    if known.mirror is Support.UNKNOWN:
        text = f"{where}: whether the gateway can mirror is not known: {known.message}; it is tried again: {_OUT}"
        return Blocked(Reason.MIRROR_NOT_PROVED, text)
    if percent < ALL and known.percent is not Support.YES:
        text = f"{where}: the gateway sends copies of all requests or of none ({known.message}): say 100, or {_OUT}"
        return Blocked(Reason.MIRROR_UNSUPPORTED, text)
    return None


_OUT: Final = "take the step out, or abort"
