"""A rollout: safety first, then what the spec wants, then the steps. The order is the point."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, VerdictKind
from knowngood.decisions.leaving import roll_back, supersede, withdraw
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.safety import breach, deadline, failure_of, too_late, why_not_back
from knowngood.decisions.situation import Situation
from knowngood.decisions.stepping import promote, step


def rolling(s: Situation, plan: Plan) -> Plan:
    """Decide in Progressing, Paused and Promoting."""
    rollout = plan.rollout
    if rollout is None:  # nothing is known of the canary, so it gets nothing
        return replace(plan, phase=Phase.ROLLING_BACK, weights={plan.stable: 100}, why="StateLost")
    plan = _tell_what_would_be_done(plan, s)
    # 1. A bad canary goes, whatever else is asked.
    trigger = breach(s)
    failure = failure_of(trigger, s.now) if trigger else too_late(s, plan)
    if failure is not None:
        blocked = why_not_back(s, plan, trigger)
        if blocked is None:
            return roll_back(s, plan, failure)
        notice = Notice(
            blocked.reason, blocked.message, edge_key(rollout, blocked.reason), warning=True
        )
        return replace(plan, blocked=blocked).tell(notice)
    # 2. Another version is wanted.
    if s.problem is None and s.desired != rollout.version:
        return supersede(s, plan)
    # 3. Nobody is sent to a canary that has no pod to answer.
    if plan.shares.get(rollout.version, 0) > 0 and s.ready_of(rollout.version) == 0:
        return withdraw(s, plan, rollout)
    # 4. The rollout goes on.
    moved = promote(s, plan, rollout) if plan.phase is Phase.PROMOTING else step(s, plan, rollout)
    at = deadline(s, moved)
    return moved if at is None else moved.wake(at)


def _tell_what_would_be_done(plan: Plan, s: Situation) -> Plan:
    """Policies that only observe move nothing; what they would have done is told."""
    for t in s.triggers:
        if not t.acts and t.verdict.kind is VerdictKind.BREACHED:
            text = f"{t.policy_kind} {t.policy} only observes; it would act: {t.verdict.message}"
            key = edge_key(plan.rollout, f"{t.policy_kind}/{t.policy}/{t.trigger}")
            plan = plan.tell(Notice("WouldAct", text, key, warning=True))
    return plan
