"""A rollout: safety first, then what the spec wants, then the steps. The order is the point."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import Phase, RolloutStatus, VerdictKind, WaitingFor
from knowngood.decisions.clocking import clocked
from knowngood.decisions.ending import too_long
from knowngood.decisions.forcing import unruled
from knowngood.decisions.freezing import freeze_step
from knowngood.decisions.leaving import roll_back, supersede, withdraw
from knowngood.decisions.mirroring import end_harmful
from knowngood.decisions.pausing import paused
from knowngood.decisions.plan import Blocked, Notice, Plan, edge_key
from knowngood.decisions.proofs import remember_proofs
from knowngood.decisions.returning import come_back, spoilt
from knowngood.decisions.safety import (
    breach,
    deadline,
    failure_of,
    held_by,
    too_late,
    unavailable,
    why_not_back,
)
from knowngood.decisions.situation import Situation
from knowngood.decisions.stepping import promote, start_promoting, step
from knowngood.decisions.trying import let_try
from knowngood.decisions.watching import remember_watch

_STATE_LOST: Final = (
    "the status does not say which version is rolled out, and the stable version is not ready: "
    "traffic stays where it is"
)


def rolling(s: Situation, plan: Plan) -> Plan:
    """Decide in Progressing, Paused and Promoting."""
    rollout = plan.rollout
    if rollout is None:
        return _lost(s, plan)
    s = unruled(s, rollout)
    plan = end_harmful(s, _tell_what_would_be_done(remember_watch(s, plan), s))
    plan = remember_proofs(s, plan)
    plan = let_try(s, plan)
    rollout = plan.rollout or rollout
    # 1. A bad canary goes, whatever else is asked.
    # The way back is open also where nothing new could start.
    startable = s.problem is None or s.desired == plan.stable
    wanted = startable and s.desired != rollout.version
    trigger = breach(s)
    # Where every version is breached, another one may be the remedy.
    if trigger is not None and not (wanted and trigger.stable_breached):
        blocked = why_not_back(s, plan, trigger)
        if blocked is None:
            return roll_back(s, plan, failure_of(trigger, s.now))
        withdrawn = _withdrawn(s, plan, rollout) if s.ready_of(plan.stable) > 0 else None
        return withdrawn or _stay(plan, blocked)
    # 2. Another version is wanted. Back to the stable one is no rollout.
    if wanted and (not s.frozen or s.desired == plan.stable):
        blocked = why_not_back(s, plan, None)
        return supersede(s, plan) if blocked is None else _stay(plan, blocked)
    return _hold(s, plan, rollout) or _go_on(s, plan, rollout)


def _hold(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Take no further step for a reason that has nothing to do with the steps; None when there is none."""
    # 3. A version is gone back to for what it was, and for nothing else.
    spoiled = spoilt(s, rollout)
    if spoiled is not None:
        blocked = why_not_back(s, plan, None)
        return roll_back(s, plan, spoiled) if blocked is None else _stay(plan, blocked)
    # 4. Nobody is sent to a canary that has no pod to answer.
    withdrawn = _withdrawn(s, plan, rollout)
    if withdrawn is not None:
        return withdrawn
    # 5. A person has paused it, a policy wants the rollout held, or people have frozen it.
    blocked = held_by(s)
    if blocked is not None:
        return _stay(plan.waiting(WaitingFor.NONE), blocked)
    if rollout.paused:
        return paused(plan, rollout)
    if s.frozen and plan.phase is not Phase.PROMOTING:
        return freeze_step(s, plan, rollout)
    return None


def _withdrawn(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Take the requests from a canary without a ready pod; None where it has one, or gets none."""
    heard = plan.shares.get(rollout.version, 0) > 0 or plan.copies
    if not heard or s.ready_of(rollout.version) > 0:
        return None
    return withdraw(s, plan, rollout)


def _go_on(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    if s.route is not None and s.route.problem is not None:
        # Shares in a route that somebody else has changed may not be what they seem.
        return _stay(plan, Blocked(s.route.problem.reason, s.route.problem.message))
    gone = unavailable(s, plan)
    if gone is not None:
        return _stay(plan, gone)
    if rollout.overruled and plan.phase is not Phase.PROMOTING:
        return start_promoting(s, plan, rollout)
    moved = _moved(s, plan, rollout)
    # What was awaited may have come while nobody looked, so the deadline is asked after the look.
    moved = clocked(plan, moved, s.now)
    failure = too_late(s, moved) or too_long(s, moved)
    if failure is not None:
        blocked = why_not_back(s, plan, None)
        return roll_back(s, plan, failure) if blocked is None else _stay(plan, blocked)
    at = deadline(s, moved)
    return moved if at is None else moved.wake(at)


def _moved(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    if plan.phase is Phase.PROMOTING:
        return promote(s, plan, rollout)
    return come_back(s, plan, rollout) if rollout.returns else step(s, plan, rollout)


def _lost(s: Situation, plan: Plan) -> Plan:
    """Nothing is known of the canary, so it gets nothing, if somebody else can answer."""
    if s.ready_of(plan.stable) == 0:
        return _stay(plan, Blocked("StateLost", _STATE_LOST))
    shares = {**dict.fromkeys(plan.shares, 0), plan.stable: 100}
    return replace(plan, phase=Phase.ROLLING_BACK, weights=shares, why="StateLost")


def _stay(plan: Plan, blocked: Blocked) -> Plan:
    """Move nothing, and say why."""
    key = edge_key(plan.rollout, blocked.reason)
    notice = Notice(blocked.reason, blocked.message, key, warning=True)
    return replace(plan, blocked=blocked).tell(notice)


def _tell_what_would_be_done(plan: Plan, s: Situation) -> Plan:
    """Policies that only observe move nothing; what they would have done is told."""
    for t in s.triggers:
        if not t.acts and t.verdict.kind is VerdictKind.BREACHED:
            text = f"{t.policy_kind} {t.policy} only observes; it would act: {t.verdict.message}"
            key = edge_key(plan.rollout, f"{t.policy_kind}/{t.policy}/{t.trigger}")
            plan = plan.tell(Notice("WouldAct", text, key, warning=True))
    return plan
