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
    since = (old.waiting_since or old.step_started_at) if old is not None and same else now
    return replace(after, rollout=new.model_copy(update={"waiting_since": since}))


def _wait(rollout: RolloutStatus) -> tuple[object, ...]:
    return rollout.version, rollout.started_at, rollout.step, rollout.waiting_for
