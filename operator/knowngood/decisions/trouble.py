"""Why users may be answered otherwise than they should be."""

from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import Condition, ConditionType, Phase, Reason
from knowngood.api.v1alpha1.safe_path import SAFE_PATH
from knowngood.decisions.phases import GOING_BACK, RESTING
from knowngood.decisions.plan import Blocked, Plan
from knowngood.decisions.resting import OVERDUE
from knowngood.decisions.safety import too_late
from knowngood.decisions.situation import Situation

SOON: Final = timedelta(seconds=3)
"""How long a gateway usually needs, and more."""

_HARMFUL: Final = {
    Reason.BREACHED,
    Reason.EVERY_VERSION_BREACHED,
    Reason.FALLBACK_NOT_READY,
    Reason.STATE_LOST,
}
"""Reasons for standing still under which users may be answered wrongly."""


def harm(s: Situation, plan: Plan) -> Blocked | None:
    """Why users may be answered by a version that they should not meet; None when they are not."""
    found = stuck(s, plan)
    if found is not None and found.reason == Reason.ROUTE_CONTESTED:
        return found
    if plan.blocked is not None and plan.blocked.reason in _HARMFUL:
        return Blocked(Reason.BREACHED, plan.blocked.message)
    if found is None and plan.rollout is not None and plan.rollout.loud:
        text = f"version {plan.rollout.version} was taken back, and is still counted to answer requests"
        return Blocked(Reason.STILL_ANSWERING, text)
    return found or _bad_serving(plan)


def _bad_serving(plan: Plan) -> Blocked | None:
    """Say that the version that serves is bad, for as long as the incident about it is open."""
    for breach in plan.breaches:
        if not breach.closed:
            text = f"version {breach.version}, which serves, is bad: {breach.message}"
            return Blocked(Reason.SERVING_BREACHED, text)
    return None


def stuck(s: Situation, plan: Plan, after: timedelta = OVERDUE) -> Blocked | None:
    """Say why users may be answered otherwise than the weights say; None while that has not lasted for `after`."""
    if plan.blocked is not None and plan.blocked.reason == Reason.ROUTE_CONTESTED:
        return plan.blocked
    if s.route is None or s.does(plan.shares, plan.copies, plan.tested) or s.model.status is None:
        return None
    if plan.override is not None or not any(plan.shares.values()):
        return None  # a person has set them, or whoever answered before does
    kind = ConditionType.ROUTE_PROGRAMMED
    was = next((c for c in s.model.status.conditions if c.type == kind), None)
    if (
        was is None
        or was.reason != Reason.NOT_PROGRAMMED
        or s.now < was.last_transition_time + after
    ):
        return None
    text = f"the gateway has not taken the route over for more than {after.seconds} seconds: {s.route.message}"
    if plan.phase in GOING_BACK:
        text = f"version {plan.canary} should get no requests any more, but {text}"
    return Blocked(Reason.NOT_PROGRAMMED, text)


def soon_stuck(s: Situation, plan: Plan) -> Blocked | None:
    """The same for a model at rest, where nothing was to change: pipelines are told early, people when it lasts."""
    return stuck(s, plan, SOON if plan.phase in RESTING else OVERDUE)


def silent_stable(s: Situation, plan: Plan) -> Blocked | None:
    """Say that a version that should answer everybody has no pod; None where it has one, or is scaled to nothing."""
    if plan.phase not in RESTING or s.replicas == 0 or s.ready_of(plan.stable) > 0:
        return None
    if plan.shares.get(SAFE_PATH, 0) > 0:
        return None  # it is asked for nothing
    text = f"version {plan.stable} waits for an endpoint that is ready: nobody answers users"
    return Blocked(Reason.NO_ENDPOINTS, text)


def never_up(s: Situation, plan: Plan) -> Blocked | None:
    """Say that the first version has not come up in time. It is awaited on: there is nothing to go back to."""
    late = too_late(s, plan) if plan.phase is Phase.INITIALIZING else None
    return Blocked(Reason.PROGRESS_DEADLINE_EXCEEDED, late.message) if late else None


def is_same(before: Condition, *, true: bool, reason: str) -> bool:
    """Whether a condition stays what it was; a route that is held by hand is in another state than one that is late."""
    by_hand = {before.reason, reason} & {Reason.ROUTE_OVERRIDDEN}
    if before.type == ConditionType.ROUTE_PROGRAMMED and by_hand and before.reason != reason:
        return False
    return before.status == ("True" if true else "False")
