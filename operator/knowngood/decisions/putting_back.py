"""A route that somebody has changed is put back as it was set at first: without losing a request over it.

A gateway loses requests to a backend that it does not know yet. So a version that was taken out of the route is named
with weight 0 first, and an adopted Service that was put in again keeps its place for the requests that it answers.
"""

from collections.abc import Mapping
from datetime import datetime

from knowngood.api.v1alpha1 import AIModelDeployment, DeploymentStatus, Phase
from knowngood.decisions.adopting import SETTLE
from knowngood.decisions.plan import Plan
from knowngood.decisions.situation import Situation


def shares_now(s: Situation, plan: Plan) -> Mapping[str, int]:
    """Say what to write now, for a moment after a drift; the plan's shares where nobody would be left to answer.

    Returns:
        Percent by version, or 0 for all of them: then the adopted Service goes on answering.
    """
    if s.route is None or settling(s, plan) is None:
        return plan.shares
    named = s.route.weights
    fresh = [v for v, share in plan.shares.items() if share > 0 and named.get(v, 0) == 0]
    if not fresh:
        return plan.shares
    if named.get(plan.stable, 0) > 0 and s.ready_of(plan.stable) > 0:
        return {**dict.fromkeys(plan.shares, 0), plan.stable: 100}
    return dict.fromkeys(plan.shares, 0) if s.route.adopted and s.adopted_ready else plan.shares


def settling(s: Situation, plan: Plan) -> datetime | None:
    """When a version that was named at the last drift will be known to the gateway; None when it is."""
    until = plan.drifts[-1] + SETTLE if plan.drifts else s.now
    return until if s.now < until else None


def keeps_adopted(model: AIModelDeployment) -> bool:
    """Whether the adopted Service keeps a place in the route, with weight 0, for the requests that it still answers.

    Args:
        model: With the status that was just written.
    """
    status = model.status or DeploymentStatus()
    drifted = status.traffic is not None and bool(status.traffic.drifts)
    return status.phase is Phase.INITIALIZING or drifted
