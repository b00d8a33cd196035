"""A person's word against a breached verdict: the version is promoted, and that verdict does not act in this rollout.

What the person did not see still acts: another trigger that is breached afterwards takes the version back.
"""

from dataclasses import replace

from knowngood.api.v1alpha1 import FailureReason, Phase, RolloutStatus, VerdictKind
from knowngood.decisions.commands import Command
from knowngood.decisions.pausing import is_paused, rolled_out
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.starting import start_rollout
from knowngood.decisions.stepping import start_promoting
from knowngood.decisions.trigger_views import TriggerView
from knowngood.decisions.watching import accept_watch


def force(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Promote a version past what is breached; say in words why not."""
    if plan.phase is Phase.ROLLED_BACK:
        return _again(s, plan, command)
    rollout = rolled_out(s, plan, command.version)
    if isinstance(rollout, str):
        return rollout
    found = [t for t in s.triggers if t.acts and t.verdict.kind is VerdictKind.BREACHED]
    if not found:
        return "no trigger that acts is breached: the command promote is enough"
    if rollout.paused:
        return is_paused(rollout)
    names = sorted({*rollout.overruled, *(_written(_name(t), t.digest) for t in found)})
    past = rollout.model_copy(update={"overruled": tuple(names)})
    if plan.phase is Phase.PROMOTING:
        return replace(plan, rollout=past, blocked=None)
    return start_promoting(s, replace(accept_watch(s, plan), blocked=None), past)


def _again(s: Situation, plan: Plan, command: Command) -> Plan | str:
    """Promote a version that a trigger has taken back already."""
    rollout = plan.rollout
    failure = rollout.failure if rollout else None
    if rollout is None or failure is None or rollout.version != command.version:
        return f"version {command.version} is not what was taken back last"
    if failure.reason is not FailureReason.BREACHED:
        return f"version {command.version} was not taken back by a trigger: the command retry is enough"
    if (s.desired, s.digest) != (rollout.version, rollout.digest):
        return f"spec.model.version is {s.desired}, or its contents are others: a forced promotion needs the same"
    if s.problem is not None:
        return s.problem.message
    started = start_rollout(s, plan, "Force")
    name = f"{failure.policy_kind}/{failure.policy}/{failure.trigger}"
    overruled = (_written(name, failure.test or ""),)
    begun = started.rollout and started.rollout.model_copy(update={"overruled": overruled})
    return replace(accept_watch(s, started), rollout=begun)


def went_past(s: Situation, before: Plan) -> str:
    """Say which verdicts a person goes past."""
    failure = before.rollout.failure if before.rollout else None
    if failure is not None:
        return f"an override: it goes past trigger {failure.trigger}: {failure.message}"
    breached = (t for t in s.triggers if t.acts and t.verdict.kind is VerdictKind.BREACHED)
    return "an override: it goes past " + "; ".join(
        f"trigger {t.trigger}: {t.verdict.message}" for t in breached
    )


def unruled(s: Situation, rollout: RolloutStatus) -> Situation:
    """Leave out the triggers that a person has overruled for this rollout; one that was edited since is another one."""
    if not rollout.overruled:
        return s
    return replace(s, triggers=tuple(t for t in s.triggers if not _is_overruled(t, rollout)))


def _is_overruled(trigger: TriggerView, rollout: RolloutStatus) -> bool:
    # Earlier versions of Knowngood wrote the name alone.
    names = {_name(trigger), _written(_name(trigger), trigger.digest)}
    return not names.isdisjoint(rollout.overruled)


def _written(name: str, digest: str) -> str:
    return f"{name}/{digest}" if digest else name


def _name(trigger: TriggerView) -> str:
    return f"{trigger.policy_kind}/{trigger.policy}/{trigger.trigger}"
