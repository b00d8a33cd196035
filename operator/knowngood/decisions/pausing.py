"""A rollout that a person has paused: no further step is taken, and what protects users acts as always."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, RolloutStatus, Standing, WaitingFor
from knowngood.decisions.commands import Command
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation

ALL = 100


def pause(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Take no further step until somebody gives resume; say in words why not."""
    rollout = rolled_out(s, plan, command.version)
    if isinstance(rollout, str):
        return f"{rollout}; a freeze holds rollouts that have not begun"
    if rollout.paused:
        return f"version {command.version} is paused already"
    if plan.phase is Phase.PROMOTING and plan.shares.get(rollout.version) == ALL:
        return f"version {command.version} gets all requests at this moment; undo takes that back"
    return paused(replace(plan, blocked=None), rollout)


def resume(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """End a pause; say in words why not."""
    rollout = rolled_out(s, plan, command.version)
    if isinstance(rollout, str):
        return rollout
    if not rollout.paused:
        return f"version {command.version} is not paused by a person"
    on = rollout.model_copy(update={"paused": None, "waiting_for": WaitingFor.NONE})
    return replace(plan, rollout=on)


def rolled_out(s: Situation, plan: Plan, version: str) -> RolloutStatus | str:
    """Take the rollout of a version; say in words that there is none."""
    rollout = plan.rollout
    if plan.phase not in ROLLING or rollout is None or rollout.version != version:
        return f"version {version} is not being rolled out{_but(s, plan, version)}"
    return rollout


def _but(s: Situation, plan: Plan, version: str) -> str:
    """What is so instead, where that helps."""
    running = plan.rollout.version if plan.rollout and plan.phase in ROLLING else ""
    if running:
        return f": version {running} is"
    if version == plan.stable:
        return ": it answers users already"
    if s.standing_of(version) in {Standing.REJECTED, Standing.SUSPECT}:
        return ": it was taken back; retry rolls it out again"
    unknown = version not in s.versions and version != s.desired
    return f": spec.model.version is {s.desired}" if unknown else ""


def paused(plan: Plan, rollout: RolloutStatus) -> Plan:
    """Keep the canary's share, and wait for a person's word."""
    held = rollout.model_copy(update={"paused": True})
    return replace(plan, phase=Phase.PAUSED, rollout=held).waiting(WaitingFor.RESUME)


def is_paused(rollout: RolloutStatus) -> str:
    """Say that a person's word is needed first; empty where it is not."""
    if not rollout.paused:
        return ""
    return f"version {rollout.version} is paused by a person: give resume first"
