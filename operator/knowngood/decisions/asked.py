"""Whether what is wanted of a route was written down before."""

from knowngood.api.v1alpha1 import TrafficStatus
from knowngood.decisions.plan import Plan


def is_asked_already(before: TrafficStatus, plan: Plan) -> bool:
    """Say whether what was written down before asks for the same shares and copies, and tries the same version."""
    asked = {b.version: (b.weight, b.mirror_percent or 0, bool(b.tested)) for b in before.backends}
    return asked == {
        v: (weight, plan.copies.get(v, 0), v == plan.tested) for v, weight in plan.shares.items()
    }
