"""The first version takes the requests over from the Service that answered before, without losing one.

A backend that is new to a gateway is named with weight 0 first; one that goes keeps a place until its last requests are
answered.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import RolloutStatus, WaitingFor
from knowngood.decisions.plan import Blocked, Notice, Plan, edge_key, enter_step
from knowngood.decisions.situation import Situation

SETTLE: Final = timedelta(seconds=2)
"""How long a version stands in the route with weight 0 before it gets its first request."""

DRAIN: Final = timedelta(seconds=30)
"""How long a version keeps its pods and its place in the route after its share was seen to be 0."""

NAMING, SHIFTING, DRAINING = range(3)
"""Steps of an adoption, as `status.rollout.step` counts them."""


def other_answers(s: Situation) -> Blocked | None:
    """Say when a route of somebody else leads to another version than the first one that is wanted."""
    weights = s.route.weights if s.route else {}
    others = [v for v, w in weights.items() if w > 0 and v in s.services and v != s.desired]
    if not others:
        return None
    text = (
        f"the route leads to version {', '.join(sorted(others))}, and version {s.desired} was never compared with it: "
        f"set spec.model.version to the version that serves, and to {s.desired} once that one is Ready"
    )
    return Blocked("RouteAmbiguous", text)


def introduce(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Name the first version beside the adopted Service; None once that has settled, or where none is adopted."""
    if s.route is None or not s.route.adopted or rollout.step > SHIFTING:
        return None
    if rollout.step == NAMING:
        # Another version that was on its way in keeps its place until nobody is sent there any more.
        others = {v: 0 for v in s.route.weights if v in s.services}
        named = replace(plan, weights={**others, rollout.version: 0}, why="Adopt")
        named = named.waiting(WaitingFor.ROUTE)
        if not s.route.programmed or rollout.version not in s.route.weights:
            return named
        plan = replace(named, rollout=enter_step(rollout, SHIFTING, s.now))
        return plan.waiting(WaitingFor.ROUTE).wake(s.now + SETTLE)
    settled = rollout.step_started_at + SETTLE
    return plan.waiting(WaitingFor.ROUTE).wake(settled) if s.now < settled else None


def leave_adopted(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Give the requests back while the first version has no pod to answer them; None while it can, or has none."""
    share = plan.shares.get(rollout.version, 0)
    if s.route is None or not s.route.adopted or share == 0 or s.ready_of(rollout.version) > 0:
        return None
    version = rollout.version
    text = f"version {version} has no ready pod: its requests go to the Service that answered before until it has one"
    again = replace(plan, weights={version: 0}, why="NoEndpoints")
    again = replace(again, rollout=enter_step(rollout, NAMING, s.now)).waiting(WaitingFor.PODS)
    return again.tell(Notice("Withdrawn", text, edge_key(rollout, s.now.isoformat()), warning=True))


def let_go(s: Situation, plan: Plan, rollout: RolloutStatus) -> Plan | None:
    """Keep the adopted Service in the route until its last requests are answered; None once they are."""
    if s.route is None or not s.route.adopted:
        return None
    if rollout.step < DRAINING:
        plan = replace(plan, rollout=enter_step(rollout, DRAINING, s.now))
        return plan.waiting(WaitingFor.TIME).wake(s.now + DRAIN)
    over = rollout.step_started_at + DRAIN
    return plan.waiting(WaitingFor.TIME).wake(over) if s.now < over else None
