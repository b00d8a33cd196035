"""Which response of a policy answers a trigger that fires for what serves."""

from knowngood.api.v1alpha1 import JudgedRole, PolicySpec, Trigger, Use, When
from knowngood.api.v1alpha1.policy import Response


def response_for_serving(spec: PolicySpec, trigger: Trigger) -> Response | None:
    """Find the response that answers: the first one that fits. None where none does, and then it is held.

    A response that only takes a canary back is none to it, and a gate moves nothing.
    """
    if trigger.use is Use.GATE:
        return None
    for response in spec.responses:
        when = response.when or When()
        fits = not when.triggers or trigger.name in when.triggers
        if not fits or (when.roles and JudgedRole.STABLE not in when.roles):
            continue
        if any(action.rollback is None for action in response.actions):
            return response
    return None
