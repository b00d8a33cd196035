"""The safe path is left: the requests go back to the version that served, or on to one that is known good."""

from dataclasses import replace
from typing import Final

from knowngood.api.v1alpha1 import IncidentStatus, ServingBreach
from knowngood.api.v1alpha1.safe_path import SAFE_PATH, SafePathStatus, SafePathStep
from knowngood.decisions.adopting import DRAIN, SETTLE
from knowngood.decisions.plan import Notice, Plan
from knowngood.decisions.situation import Situation
from knowngood.decisions.timeline import is_told

_ALL: Final = 100


def leave(s: Situation, plan: Plan, why: str, *, failed: bool = False) -> Plan:
    """Give all requests back to the version that serves; what it was taken for does not take it again.

    Args:
        s: What was seen.
        plan: The plan so far, with a safe path.
        why: In words for people.
        failed: Whether it did not work. That may be mended, so people are asked once more.
    """
    taken = plan.safe_path
    if taken is None:
        return plan
    shares = {**dict.fromkeys(plan.shares, 0), plan.stable: 100}
    if taken.step is SafePathStep.NAMED or s.ready_of(SAFE_PATH) == 0:
        # Nobody answers there, and while a route can not lead somewhere, nothing of it is taken over.
        shares.pop(SAFE_PATH, None)
    back = replace(plan, weights={plan.stable: 100} if s.sticky else shares, why="SafePathLeft")
    text = f"version {plan.stable} gets all requests again, and the safe path ({taken.service}) none: {why}"
    reason = "SafePathFailed" if failed else "SafePathLeft"
    back = _asked_anew(s, back) if failed else _refused(s, back, f"the safe path was left: {why}")
    return _left(s, back, taken, why, failed=failed).tell(notice(taken, reason, text))


def settle(s: Situation, plan: Plan) -> Plan:
    """Note that another version has got the requests, in the write in which it is to get them."""
    taken = plan.safe_path
    if taken is None or taken.step is SafePathStep.LEFT or plan.weights is None:
        return plan
    # One that is only named has no share yet: it must not take the requests from a version that has got them since.
    waits = taken.step is SafePathStep.NAMED and taken.version == plan.stable
    if waits or plan.shares.get(SAFE_PATH, 0) > 0:
        return plan
    why = f"version {plan.stable} answers all requests"
    return _left(s, plan, taken, why).tell(notice(taken, "SafePathLeft", why))


def left_text(taken: SafePathStatus) -> str:
    """What an incident says of a safe path that is left."""
    return f"the safe path ({taken.service}) is left: {taken.left_why}"


def back_text(taken: SafePathStatus) -> str:
    """What an incident says once the gateway was seen to send nothing there any more."""
    to = f"all requests to version {taken.back_to}, and " if taken.back_to else ""
    return f"the gateway was seen to send {to}none to the safe path ({taken.service})"


def let_go(s: Situation, plan: Plan, taken: SafePathStatus) -> Plan:
    """Keep its place in the route until its last requests are answered, and what happened until it is told."""
    taken = _seen_back(s, plan, taken)
    plan = replace(plan, safe_path=taken)
    if SAFE_PATH in plan.shares:
        gone = taken.step_at + DRAIN
        if s.now < gone or not (s.shares(plan.shares) or taken.failed):
            return plan.wake(max(gone, s.now + SETTLE))
        plan = replace(plan, weights={v: w for v, w in plan.shares.items() if v != SAFE_PATH})
        return plan.wake(s.now + SETTLE)
    named = s.route is not None and SAFE_PATH in s.route.weights
    return plan if named or not _is_left_told(s, taken) else replace(plan, safe_path=None)


def _is_left_told(s: Situation, taken: SafePathStatus) -> bool:
    incident = s.incidents.get(taken.incident or "")
    if taken.incident is None or taken.incident in s.incidents_unread:
        return True  # nobody waits for it, or whoever wrote it knew more
    status = (incident.status if incident else None) or IncidentStatus()
    back = taken.back_at is None or is_told(status, taken.back_at, back_text(taken))
    return back and is_told(status, taken.step_at, left_text(taken))


def _seen_back(s: Situation, plan: Plan, taken: SafePathStatus) -> SafePathStatus:
    """Note when the gateway was first seen to follow: that it was asked to is no proof that it does."""
    if taken.back_at is not None or plan.shares.get(SAFE_PATH, 0) > 0:
        return taken
    if s.route is None or not s.shares(plan.shares):
        return taken
    alone = next((v for v, weight in plan.shares.items() if weight == _ALL), None)
    return taken.model_copy(update={"back_at": s.now, "back_to": alone})


def _left(
    s: Situation, plan: Plan, taken: SafePathStatus, why: str, *, failed: bool = False
) -> Plan:
    known = plan.safe_path or taken
    update = {
        "step": SafePathStep.LEFT,
        "step_at": s.now,
        "left_why": why,
        "failed": True if failed else None,
    }
    return replace(plan, safe_path=known.model_copy(update=update)).wake(s.now + DRAIN)


def _asked_anew(s: Situation, plan: Plan) -> Plan:
    """What people have said was about a Service that could answer; no policy sends users there a second time."""
    breaches = (
        b.model_copy(
            update={
                "safe_path_lost_at": s.now,
                "approval": None if b.approval and b.approval.is_safe_path else b.approval,
            }
        )
        for b in plan.breaches
    )
    return replace(plan, breaches=tuple(breaches))


def _refused(s: Situation, plan: Plan, why: str) -> Plan:
    """Nothing that is known by now takes it again, in whichever incident it is told."""
    update = {"safe_path_refused": why[:1024], "safe_path_refused_at": s.now}
    breaches = (
        b if b.closed or b.safe_path_refused else b.model_copy(update=update) for b in plan.breaches
    )
    return replace(plan, breaches=tuple(breaches))


def told_of(plan: Plan, taken: SafePathStatus) -> list[ServingBreach]:
    """Breaches that are told in the incident that it is taken for."""
    return [b for b in plan.breaches if b.incident and b.incident == taken.incident]


def notice(taken: SafePathStatus, reason: str, text: str) -> Notice:
    """Tell something once for each time that it is taken."""
    return Notice(reason, text, f"safe-path/{taken.since.isoformat()}/{reason}", warning=True)
