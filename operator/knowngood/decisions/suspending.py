"""A model that a person has suspended: nothing is done, also nothing that protects users."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import Situation


def suspend(s: Situation, plan: Plan) -> Plan:
    """Stop where it is."""
    if plan.phase is Phase.SUSPENDED:
        return plan
    text = "suspended: nothing is shifted or taken back until spec.suspend is false"
    notice = Notice("Suspended", text, f"suspended/{s.model.metadata.generation}", warning=True)
    return replace(plan, phase=Phase.SUSPENDED, resume=plan.phase).tell(notice)


def resume(s: Situation, plan: Plan) -> Plan:
    """Go on where it was; what was awaited is awaited anew, for nobody has looked meanwhile."""
    rollout = plan.rollout
    if rollout is not None and (rollout.failure is None or rollout.returning):
        update = {"step_started_at": s.now, "waiting_since": s.now}
        rollout = rollout.model_copy(update=update)
    taken = plan.safe_path
    if taken is not None and taken.taken_at is None:
        taken = taken.model_copy(update={"step_at": s.now})
    text = "no longer suspended"
    notice = Notice("Resumed", text, f"resumed/{s.model.metadata.generation}")
    there = plan.resume or Phase.PENDING
    return replace(plan, phase=there, resume=None, rollout=rollout, safe_path=taken).tell(notice)
