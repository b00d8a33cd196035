"""Whether the receivers that a policy names are there."""

from collections.abc import Mapping
from datetime import datetime

from knowngood.api.v1alpha1 import Condition, ConditionType, PolicyStatus, Reason
from knowngood.control.policies import Policy
from knowngood.messages.escalating import Reach, unusable


def receivers_condition(
    policy: Policy, reaches: Mapping[str, Reach], now: datetime
) -> tuple[Condition, ...]:
    """Say whether everybody can be told whom a policy names; nothing for a policy that names nobody.

    Args:
        policy: Of one namespace, or of many: of those nobody can say here whose incidents a receiver is told of.
        reaches: All receivers that are configured, by name.
        now: When it is said.
    """
    steps, namespace = policy.spec.escalation, policy.metadata.namespace
    if not steps:
        return ()
    known = reaches if namespace else {name: Reach() for name in reaches}
    names = ", ".join(unusable(steps, known, namespace))
    status = "False" if names else "True"
    before = (policy.status or PolicyStatus()).conditions
    found = next((c for c in before if c.type == ConditionType.RECEIVERS_FOUND), None)
    words = (
        f"spec.escalation: {names}: not configured, or not for this namespace; the default receivers are told instead"
        if names
        else "every receiver is configured"
    )
    same = found is not None and found.status == status
    return (
        Condition(
            type=ConditionType.RECEIVERS_FOUND,
            status=status,
            reason=Reason.RECEIVER_UNKNOWN if names else Reason.RECEIVERS_FOUND,
            message=words,
            observed_generation=policy.metadata.generation,
            last_transition_time=found.last_transition_time if found and same else now,
        ),
    )
