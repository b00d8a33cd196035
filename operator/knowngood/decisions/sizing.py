"""How many pods a share of the requests needs. Pure arithmetic."""

from math import ceil

from knowngood.api.v1alpha1 import CanaryReplicas


def canary_pods(replicas: int, weight: int, sizing: CanaryReplicas) -> int:
    """Pods that a canary needs before it gets `weight` percent of the traffic.

    Args:
        replicas: Pods that carry all of the traffic.
        weight: Percent, 0 to 100.
        sizing: Proportional to the weight (at least one), or as many as the stable version has.
    """
    if replicas == 0 or weight == 0:
        return 0
    if sizing is CanaryReplicas.MATCH:
        return replicas
    return max(1, ceil(replicas * weight / 100))
