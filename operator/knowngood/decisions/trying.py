"""Requests by which people try a canary: they are answered by it alone, at any weight, and are no evidence."""

from dataclasses import replace

from knowngood.api.v1alpha1 import RolloutStatus
from knowngood.decisions.exposing import not_named_yet
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.situation import Situation
from knowngood.decisions.trials import trial_of


def let_try(s: Situation, plan: Plan) -> Plan:
    """Let people try a canary as soon as it can answer, and no longer than it can and is wanted."""
    rollout = plan.rollout
    if rollout is None:
        return plan
    trial = trial_of(s, rollout)
    if trial is None or s.ready_of(rollout.version) == 0:
        return _tried(plan, rollout, tested=None) if rollout.tested else plan
    if rollout.tested:
        return plan
    # As with a first share: a backend that is new to a gateway must not come with requests.
    waits = not_named_yet(s, plan, rollout, since=rollout.started_at)
    if waits is not None:
        return plan if waits.wake_at is None else plan.wake(waits.wake_at)
    text = f"requests with the header {trial.header} as in spec.traffic.testTraffic go to version {rollout.version}"
    return _tried(plan, rollout, tested=True).tell(
        Notice("TrialBegun", text, edge_key(rollout, "trial"))
    )


def _tried(plan: Plan, rollout: RolloutStatus, *, tested: bool | None) -> Plan:
    return replace(plan, rollout=rollout.model_copy(update={"tested": tested}), why="Trial")
