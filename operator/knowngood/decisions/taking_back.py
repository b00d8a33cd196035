"""A promotion that is taken back: the version from before gets its pods first, and then all of the requests at once."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    DrainingVersion,
    FailureReason,
    Phase,
    RolloutFailure,
    RolloutStatus,
    Standing,
    UndoneAction,
    WaitingFor,
)
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.adopting import SETTLE
from knowngood.decisions.clocking import clocked, clocked_anew
from knowngood.decisions.phases import GOING_BACK, SERVING
from knowngood.decisions.plan import Notice, Plan, edge_key
from knowngood.decisions.safety import deadline, unavailable
from knowngood.decisions.situation import Situation

_KNOWS_BEFORE: Final = frozenset(
    {UndoneAction.PROMOTION, UndoneAction.RETURN, UndoneAction.SAFE_PATH}
)
"""Undos that name the version which answered before the promotion."""

_BAD: Final = frozenset({Standing.REJECTED, Standing.SUSPECT})


def before_promotion(s: Situation, plan: Plan) -> str:
    """Name the version that answered before the last promotion, while it could come back; else empty."""
    undo = plan.undo
    if plan.phase not in SERVING or undo is None or undo.version != plan.stable:
        return ""
    if undo.action not in _KNOWS_BEFORE:
        return ""
    gone = undo.to not in s.versions or s.standing_of(undo.to) in _BAD
    return "" if gone or s.model.spec.traffic is None else undo.to


def take_back(
    s: Situation, plan: Plan, reason: FailureReason, message: str, *, to: str = ""
) -> Plan | str:
    """Begin to bring a version back, the one from before unless told otherwise; say in words why not."""
    to = to or before_promotion(s, plan)
    failure = RolloutFailure(reason=reason, message=message, detected_at=s.now)
    return why_not_brought(s, plan, to) or bring_back(s, plan, to, failure, Phase.ROLLING_BACK)


def why_not_brought(s: Situation, plan: Plan, to: str) -> str:
    """Say why a version can not be brought up to take the requests over; empty where it can."""
    blocked = unavailable(s, replace(plan, stable=to))
    trouble = blocked or (s.route.problem if s.route else None)
    if trouble is not None:
        return trouble.message
    return "the model is scaled to 0 pods: scale it first" if s.replicas == 0 else ""


def bring_back(s: Situation, plan: Plan, to: str, failure: RolloutFailure, phase: Phase) -> Plan:
    """Begin to bring a version up, which gets all requests as soon as it can answer them.

    Args:
        s: What was seen.
        plan: The plan so far.
        to: The version.
        failure: Why the one that serves has to go.
        phase: RollingBack or Containing.
    """
    record = s.versions.get(plan.stable)
    begun = RolloutStatus(
        version=plan.stable,
        digest=record.spec.digest if record else None,
        step=0,
        steps=len(s.steps),
        started_at=s.now,
        step_started_at=s.now,
        waiting_for=WaitingFor.PODS,
        returning=to,
        failure=failure,
    )
    text = f"version {to} is brought up to take the requests over from version {plan.stable}: {failure.message}"
    # Who is held back keeps its share until it gets everything, and the safe path likewise.
    held = plan.holdback if plan.shares.get(to, 0) > 0 else None
    safe = plan.shares.get(SAFE_PATH, 0) > 0
    shares = plan.shares if safe else {**plan.shares, plan.stable: 100}
    started = replace(
        plan,
        phase=phase,
        rollout=begun,
        weights=plan.shares if held else {**shares, to: 0},
        holdback=held,
        why="Return",
        draining=tuple(d for d in plan.draining if d.version != to),
    )
    return started.tell(Notice("Returning", text, edge_key(begun, "returning"), warning=True))


def is_waiting(plan: Plan) -> bool:
    """Say whether a version is brought back and does not answer yet."""
    back = plan.rollout.returning if plan.rollout else None
    return plan.phase in GOING_BACK and back is not None and back != plan.stable


def awaited(
    s: Situation, plan: Plan, rollout: RolloutStatus, *, lacks: str = "", ends: bool = True
) -> Plan | None:
    """Wait for what the version that comes back needs; None once it can answer everybody.

    Args:
        s: What was seen.
        plan: The plan so far.
        rollout: Which version comes back, and why.
        lacks: What else is missing before it may get the requests, without running numbers; empty: nothing.
        ends: Whether it is given up when it has waited for too long; else the time begins anew.
    """
    waits = _waits(s, plan, rollout)
    if waits is None and lacks:
        waits = plan.waiting(WaitingFor.PODS, (lacks,))
    if waits is None:
        return None
    if rollout.returning not in s.versions:
        return stay(s, plan, "its record is gone")
    waits = clocked(plan, waits, s.now)
    at = deadline(s, waits)
    if at is None or s.now < at:
        return waits if at is None else waits.wake(at)
    return stay(s, plan, "it was not ready in time") if ends else clocked_anew(waits, s.now)


def _waits(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    to = rollout.returning or ""
    # Where nobody answers, one pod is better than none.
    ours = s.model.spec.serving.deployment is not None and s.ready_of(plan.stable) > 0
    if to not in s.versions or s.ready_of(to) < (max(1, s.replicas) if ours else 1):
        return plan.waiting(WaitingFor.PODS)
    if s.route is None:
        return None
    settled = rollout.started_at + SETTLE
    if s.now < settled:
        return plan.waiting(WaitingFor.ROUTE).wake(settled)
    named = s.route.programmed and to in s.route.weights
    return None if named else plan.waiting(WaitingFor.ROUTE)


def swapped(plan: Plan, rollout: RolloutStatus) -> Plan:
    """The version that comes back is the stable one from here on, and the promoted one is the one that goes."""
    stable = rollout.returning or plan.stable
    return replace(plan, stable=stable, canary=rollout.version, holdback=None)


def who_goes_on(plan: Plan) -> str:
    """Say who answers for as long as no version is brought back."""
    return "the safe path" if plan.shares.get(SAFE_PATH, 0) > 0 else f"version {plan.stable}"


def stay(s: Situation, plan: Plan, why: str) -> Plan:
    """Give up: the promoted version goes on answering, as it did all the time."""
    to = plan.rollout.returning if plan.rollout else None
    text = f"{who_goes_on(plan)} goes on answering: version {to} does not come back, {why}"
    left = [DrainingVersion(version=to, since=s.now)] if to and plan.holdback is None else []
    draining = (*plan.draining, *left)
    kept = replace(_failed(s, plan, why), phase=Phase.PROBATION, rollout=None, draining=draining)
    return kept.tell(Notice("NotReturned", text, edge_key(plan.rollout, "stays"), warning=True))


def _failed(s: Situation, plan: Plan, why: str) -> Plan:
    """Note with the breaches that are told in its incident that a containment has failed."""
    if plan.phase is not Phase.CONTAINING or plan.rollout is None:
        return plan
    text = f"version {plan.rollout.returning} was to take the requests over, and does not: {why}"
    failed = {"failed_at": s.now, "held": text[:1024]}
    told = (
        b.model_copy(update=failed) if b.incident == plan.incident else b for b in plan.breaches
    )
    return replace(plan, breaches=tuple(told))


def back_in_place(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Say where both versions stand once the one from before answers everybody."""
    reason = rollout.failure.reason if rollout.failure else FailureReason.UNDONE
    plan = plan.stand(rollout.version, Standing.SUSPECT, reason)
    if s.standing_of(plan.stable) is Standing.KNOWN_GOOD:
        return plan
    return plan.stand(plan.stable, Standing.PROBATION, "Returned")
