"""What has to be so before a canary gets more requests, or copies of them."""

from dataclasses import replace
from datetime import datetime

from knowngood.api.v1alpha1 import Phase, RolloutStatus, VerdictKind, WaitingFor
from knowngood.decisions.adopting import SETTLE
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.watching import ask_a_person, left_by
from knowngood.decisions.workloads import pods_wanted


def not_yet(s: Situation, plan: Plan, rollout: RolloutStatus, *, more: bool) -> Plan | None:
    """Say what a share has to wait for; None when it may be asked for now.

    Args:
        s: What was seen.
        plan: The plan so far.
        rollout: The rollout that runs.
        more: The canary would get more requests than now.
    """
    # A version that gets no requests shows no data; waiting for some would be waiting for ever.
    heard = plan.shares.get(rollout.version, 0) > 0 or bool(plan.copies)
    unseen = rollout.unseen != rollout.step and (blind(s) if heard else _unread(s))
    if more and rollout.evidence_since is not None and unseen:
        # More requests for a version that nobody can see now: that can wait.
        return replace(plan, phase=Phase.PAUSED).waiting(WaitingFor.DATA)
    shut = [t for t in s.triggers if t.acts and t.critical and t.shut]
    if more and rollout.evidence_since is not None and shut:
        lacks = tuple(f"trigger {t.trigger} is breached" for t in shut)
        return replace(plan, phase=Phase.PAUSED).waiting(WaitingFor.VERDICT, lacks)
    if more and left_by(s, plan):
        return ask_a_person(s, replace(plan, phase=Phase.PAUSED))
    if s.replicas == 0:
        # Scaled to nothing on purpose: nothing will come, and no deadline runs.
        return plan.waiting(WaitingFor.NONE)
    needed = max(1, pods_wanted(s, plan, rollout)) if s.model.spec.serving.deployment else 1
    if rollout.version not in s.versions or s.ready_of(rollout.version) < needed:
        return plan.waiting(WaitingFor.PODS)
    waits = not_named_yet(s, plan, rollout, since=rollout.step_started_at)
    return waits or (_unwatched(s, plan, rollout) if more else None)


def _unwatched(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Wait while nobody would see a canary's first requests, although a trigger that acts should."""
    if rollout.evidence_since is not None or rollout.unseen == rollout.step:
        return None
    if s.unread or None in s.watch.values():
        return replace(plan, phase=Phase.PAUSED).waiting(WaitingFor.DATA)
    return plan.waiting(WaitingFor.NONE) if s.unread is None else None


def not_named_yet(
    s: Situation, plan: Plan, rollout: RolloutStatus, *, since: datetime
) -> Plan | None:
    """Wait until the gateway knows a version; None once it does.

    A backend that is new to a gateway loses requests when it comes with a weight. It is named with weight 0 first, and
    left there for a moment, which begins at `since`.
    """
    if s.route is None or plan.shares.get(rollout.version, 0) > 0:
        return None
    settled = since + SETTLE
    if s.now < settled and not plan.copies:
        return plan.waiting(WaitingFor.ROUTE).wake(settled)
    if not s.route.programmed or rollout.version not in s.route.weights:
        return plan.waiting(WaitingFor.ROUTE)
    return None


def blind(s: Situation) -> bool:
    """Say whether a signal that is waited for can not be seen now, or none at all that a trigger acts on."""
    acting = [t for t in s.triggers if t.acts]
    unseen = [t for t in acting if t.blind]
    return any(t.critical for t in unseen) or (bool(unseen) and len(unseen) == len(acting))


def _unread(s: Situation) -> bool:
    return any(t.verdict.kind is VerdictKind.OBSERVER_ERROR for t in s.triggers if t.acts)
