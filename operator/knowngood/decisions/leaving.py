"""Ways back to the stable version: a breach, a person's word, a deadline, or another version that is wanted instead."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import (
    DrainingVersion,
    FailureReason,
    Phase,
    RejectedVersion,
    RolloutFailure,
    RolloutStatus,
    Standing,
    WaitingFor,
)
from knowngood.decisions.calling_off import awaited_or_called_off
from knowngood.decisions.numbering import joined, numbered, opens_incident, with_failure
from knowngood.decisions.plan import (
    Notice,
    Plan,
    edge_key,
    enter_step,
    go_back,
)
from knowngood.decisions.resting import is_rejected
from knowngood.decisions.situation import Situation
from knowngood.decisions.standby import stand_by_again
from knowngood.decisions.starting import start_rollout
from knowngood.decisions.taking_back import back_in_place, is_waiting, swapped

REJECTED_KEPT: Final = 16

WITHDRAWALS: Final = 3
"""How often a version without a ready pod may get its requests back in one rollout."""


def roll_back(s: Situation, plan: Plan, failure: RolloutFailure) -> Plan:
    """Send everything back to the stable version.

    An incident is numbered in the same write, unless a person merely changed their mind; where one is open about a
    version that served, it is told there, whatever the reason.
    """
    back = go_back(plan, failure, s.now)
    if s.sticky:
        back = replace(back, weights={plan.stable: 100})
    told = joined(back) or (numbered(s, back) if opens_incident(failure) else None)
    if told is not None:
        back = with_failure(told)
    text = f"version {plan.canary} goes back to version {plan.stable}: {failure.message}"
    return back.tell(Notice("RollingBack", text, edge_key(plan.rollout, "back"), warning=True))


def withdraw(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan:
    """Take the canary's traffic away while none of its pods is ready; the step is taken again when one is.

    Nothing is rejected at first: a pod may restart. The progress deadline runs from here on. But users wait in vain
    each time before it is noticed, so a version whose pods come and go is taken back.
    """
    if s.ready_of(plan.stable) == 0 and plan.shares.get(rollout.version, 0) > 0:
        return plan  # nobody could answer instead
    if rollout.withdrawals >= WITHDRAWALS:
        text = f"version {rollout.version} had no ready pod {WITHDRAWALS + 1} times in this rollout"
        lost = RolloutFailure(reason=FailureReason.ENDPOINTS_LOST, message=text, detected_at=s.now)
        return roll_back(s, plan, lost)
    shares = [
        i
        for i, step in enumerate(s.steps[: rollout.step + 1])
        if step.set_weight is not None or step.set_mirror is not None
    ]
    promoting = plan.phase is Phase.PROMOTING
    again = rollout.step if promoting else max(shares, default=0)
    back = replace(
        plan,
        phase=plan.phase if promoting else Phase.PROGRESSING,
        rollout=enter_step(rollout, again, s.now).model_copy(
            update={"withdrawals": rollout.withdrawals + 1, "mirror": 0, "tested": None}
        ),
        weights={**plan.shares, plan.stable: 100, rollout.version: 0},
        why="NoEndpoints",
    ).waiting(WaitingFor.PODS)
    text = f"version {rollout.version} has no ready pod: its requests go to version {plan.stable} until it has one"
    return back.tell(Notice("Withdrawn", text, edge_key(rollout, s.now.isoformat()), warning=True))


def rolling_back(s: Situation, plan: Plan) -> Plan:
    """Wait until the canary's share was seen to be 0; until then the weights are asked for again."""
    rollout = plan.rollout
    if rollout is not None and rollout.failure is not None and is_waiting(plan):
        waits = awaited_or_called_off(s, plan, rollout)
        return waits or _sent_back(s, swapped(plan, rollout), rollout.failure)
    if not s.does(plan.shares, {}) or _keeps_clients(s, plan):
        return plan
    if rollout is None:
        known = {plan.stable, *(d.version for d in plan.draining)}
        left = (DrainingVersion(version=v, since=s.now) for v in plan.shares if v not in known)
        return replace(plan, phase=Phase.ROLLED_BACK, canary="", draining=(*plan.draining, *left))
    superseded = rollout.failure is not None and rollout.failure.reason is FailureReason.SUPERSEDED
    contained = plan.phase is Phase.CONTAINING
    back = replace(
        plan,
        phase=Phase.CONTAINED if contained else Phase.ROLLED_BACK,
        canary="",
        rollout=rollout.model_copy(
            update={"waiting_for": WaitingFor.NONE, "step_started_at": s.now}
        ),
        draining=(*plan.draining, DrainingVersion(version=rollout.version, since=s.now)),
    )
    if not superseded:
        now = RejectedVersion(version=rollout.version, digest=rollout.digest)
        before = [r for r in plan.rejected if r.version != rollout.version]
        back = replace(back, rejected=(*before, now)[-REJECTED_KEPT:])
    stood, becomes = _stood(s, back, rollout)
    text = f"version {plan.stable} answers all requests; version {rollout.version} is {becomes}"
    key = edge_key(rollout, "rolled-back")
    reason = "Contained" if contained else "RolledBack"
    return stood.tell(Notice(reason, text, key, warning=not superseded))


def _sent_back(s: Situation, plan: Plan, failure: RolloutFailure) -> Plan:
    """Send the requests to the version that comes back; where what served is contained, its incident is open already.

    From here on it is counted what the one that goes answers still.
    """
    if plan.phase is not Phase.CONTAINING or plan.rollout is None:
        return roll_back(s, plan, failure)
    counted = replace(plan, rollout=plan.rollout.model_copy(update={"evidence_since": s.now}))
    back = replace(go_back(counted, failure, s.now), phase=Phase.CONTAINING, why="ShiftToShadow")
    if s.sticky:
        back = replace(back, weights={plan.stable: 100})
    text = f"version {plan.canary} is contained: version {plan.stable} gets all requests: {failure.message}"
    return back.tell(Notice("Containing", text, edge_key(plan.rollout, "contain"), warning=True))


def _keeps_clients(s: Situation, plan: Plan) -> bool:
    """Whether a version is still named in a route whose clients stay with whom they met."""
    named = s.route.weights if s.sticky and s.route else {}
    return any(version not in plan.shares for version in named)


def _stood(s: Situation, plan: Plan, rollout: RolloutStatus) -> tuple[Plan, str]:
    """Say where a version stands that was taken back, in the plan and in words.

    One that was promoted, or known good, is suspect before it is rejected; and not for a change of mind.
    """
    reason = rollout.failure.reason if rollout.failure else FailureReason.ABORTED
    if rollout.returning:
        return back_in_place(s, plan, rollout), Standing.SUSPECT.lower()
    if rollout.returns and reason in {FailureReason.SUPERSEDED, FailureReason.ABORTED}:
        return stand_by_again(s, plan, rollout.version), "known good still"
    standing = Standing.SUSPECT if rollout.returns else Standing.REJECTED
    if reason is FailureReason.SUPERSEDED:
        standing = Standing.SUPERSEDED
    return plan.stand(rollout.version, standing, reason), standing.lower()


def supersede(s: Situation, plan: Plan) -> Plan:
    """Another version is wanted: the canary loses its traffic first, and only then the next one starts."""
    rollout = plan.rollout
    if rollout is None:
        return plan
    if s.desired == plan.stable or is_rejected(s, plan):
        text = f"the spec asks for version {s.desired} instead"
        return roll_back(
            s,
            plan,
            RolloutFailure(reason=FailureReason.SUPERSEDED, message=text, detected_at=s.now),
        )
    empty = replace(
        plan,
        phase=Phase.PROGRESSING,
        weights={**plan.shares, plan.stable: 100, rollout.version: 0},
        why="Superseded",
        rollout=rollout.model_copy(update={"mirror": 0, "tested": None}),
    )
    if not s.does(empty.shares, {}):
        return empty.waiting(WaitingFor.ROUTE)
    gone = replace(
        empty, draining=(*plan.draining, DrainingVersion(version=rollout.version, since=s.now))
    )
    if rollout.returns:
        gone = stand_by_again(s, gone, rollout.version)
    else:
        gone = gone.stand(rollout.version, Standing.SUPERSEDED, "Superseded")
    return start_rollout(s, gone, "Rollout")
