"""Since when a rollout waits for what it waits for."""

from dataclasses import replace
from datetime import datetime

from knowngood.api.v1alpha1 import RolloutStatus
from knowngood.decisions.plan import Plan


def clocked(before: Plan, after: Plan, now: datetime) -> Plan:
    """Note since when a rollout waits for what it waits for: a deadline runs from there, and from nowhere else."""
    old, new = before.rollout, after.rollout
    if new is None:
        return after
    same = old is not None and _wait(old) == _wait(new)
    if old is None or not same:
        return replace(after, rollout=new.model_copy(update={"waiting_since": now}))
    known = old.waiting_since or old.step_started_at
    since = max(known, new.waiting_since or known)  # it may have begun anew
    return replace(after, rollout=new.model_copy(update={"waiting_since": since}))


def clocked_anew(plan: Plan, now: datetime) -> Plan:
    """Let a deadline run from now: nobody was there to wait before."""
    rollout = plan.rollout
    anew = rollout.model_copy(update={"waiting_since": now}) if rollout else None
    return replace(plan, rollout=anew)


def _wait(rollout: RolloutStatus) -> tuple[object, ...]:
    return rollout.version, rollout.started_at, rollout.step, rollout.waiting_for
