"""Beginnings: the first version of a model, and the first step of a rollout."""

from dataclasses import replace

from knowngood.api.v1alpha1 import Phase, RolloutStatus, Standing, WaitingFor
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.adopting import introduce, leave_adopted, let_go, other_answers
from knowngood.decisions.clocking import clocked
from knowngood.decisions.holding import comes_back, end_first
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.rebuilding import is_lost, rebuild
from knowngood.decisions.safety import deadline
from knowngood.decisions.situation import Situation
from knowngood.decisions.watching import remember_watch


def pending(s: Situation, plan: Plan) -> Plan:
    """Start the first version once its spec has been proved."""
    if is_lost(s):
        return rebuild(s, plan)
    if s.problem is not None:
        return plan
    blocked = other_answers(s)
    if blocked is not None:
        notice = Notice(blocked.reason, blocked.message, blocked.reason, warning=True)
        return replace(plan, blocked=blocked).tell(notice)
    return _begin(s, replace(plan, phase=Phase.INITIALIZING))


def initializing(s: Situation, plan: Plan) -> Plan:
    """Bring the first version up and give it the traffic. There is nothing to compare it with.

    One that answers users already is not left half way, whatever is wanted by now: the next one is compared with it.
    """
    rollout = plan.rollout
    share = plan.shares.get(rollout.version, 0) if rollout else 0
    dead = leave_adopted(s, plan, rollout) if rollout else None
    if dead is not None:
        return dead
    answers = rollout is not None and share > 0 and s.ready_of(rollout.version) > 0
    if s.problem is not None and not answers:
        return plan
    if rollout is None or (rollout.version != s.desired and not answers):
        return _begin(s, plan)
    moved = _bring_up(s, plan, rollout)
    late = deadline(s, clocked(plan, moved, s.now))
    return moved if late is None else moved.wake(late)


def _bring_up(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    if rollout.version not in s.versions or s.ready_of(rollout.version) < max(1, s.replicas):
        return plan.waiting(WaitingFor.PODS)
    return introduce(s, plan, rollout) or _serve(s, plan, rollout)


def _serve(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    version = rollout.version
    serving = replace(plan, weights={version: 100}, why="FirstVersion")
    if not s.shares(serving.shares):
        return serving.waiting(WaitingFor.ROUTE)
    draining = let_go(s, serving, rollout)
    if draining is not None:
        return draining
    first = replace(serving, phase=Phase.PROBATION, stable=version, rollout=None)
    return first.stand(version, Standing.PROBATION, "FirstVersion").tell(
        Notice("Serving", f"version {version} answers all requests", edge_key(rollout, "serving"))
    )


def start_rollout(s: Situation, plan: Plan, reason: str) -> Plan:
    """Begin to roll the desired version out, with no traffic yet; whoever is held back leaves before."""
    if plan.holdback is not None:
        return end_first(s, plan).stand(s.desired, Standing.CANDIDATE, reason)
    started = bring_beside(s, plan, _rollout(s))
    text = f"version {s.desired} is rolled out beside version {plan.stable}"
    return started.stand(s.desired, Standing.CANDIDATE, reason).tell(
        Notice("RolloutStarted", text, edge_key(started.rollout, "start"))
    )


def start_return(s: Situation, plan: Plan) -> Plan:
    """Begin to go back to a known good version: it has no steps to take, and keeps its standing."""
    back = comes_back(s, plan)
    if plan.holdback is not None and not back:
        return end_first(s, plan)
    rollout = _rollout(s).model_copy(update={"returns": True, "step": len(s.steps)})
    started = replace(bring_beside(s, plan, rollout), holdback=None)
    if back:
        started = replace(started, weights=plan.weights)
    text = f"version {s.desired} is known good, so it answers all requests again as soon as its pods can"
    return started.tell(Notice("ReturnStarted", text, edge_key(rollout, "start")))


def bring_beside(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Name the desired version in the route, with no share."""
    draining = tuple(d for d in plan.draining if d.version != s.desired)
    # The safe path, too, keeps its place until its last requests are answered.
    gone = [*(d.version for d in draining), *({SAFE_PATH} & plan.shares.keys())]
    return replace(
        remember_watch(s, plan),
        phase=Phase.PROGRESSING,
        canary=s.desired,
        rollout=rollout,
        weights={**dict.fromkeys(gone, 0), plan.stable: 100, s.desired: 0},
        why="Rollout",
        draining=draining,
        rejected=tuple(r for r in plan.rejected if r.version != s.desired),
        blocked=None,
    )


def _begin(s: Situation, plan: Plan) -> Plan:
    if plan.rollout is not None:
        plan = plan.stand(plan.rollout.version, Standing.SUPERSEDED, "Superseded")
    return replace(plan, rollout=_rollout(s)).stand(s.desired, Standing.CANDIDATE, "FirstVersion")


def _rollout(s: Situation) -> RolloutStatus:
    return RolloutStatus(
        version=s.desired,
        digest=s.digest,
        step=0,
        steps=len(s.steps),
        started_at=s.now,
        step_started_at=s.now,
        waiting_for=WaitingFor.PODS,
    )
