"""Whether people may try a canary, and whether they do."""

from knowngood.api.v1alpha1 import RolloutStatus, TrialTraffic
from knowngood.decisions.situation import Situation


def trial_of(s: Situation, rollout: RolloutStatus) -> TrialTraffic | None:
    """Which requests a canary should answer alone; None where nobody should try it."""
    traffic = s.model.spec.traffic
    return traffic.test_traffic if traffic and s.desired == rollout.version else None


def is_tried(s: Situation, rollout: RolloutStatus) -> bool:
    """Say whether a canary needs a pod for those who try it, or for the last of them."""
    still = s.route is not None and rollout.version in s.route.tested
    return still or trial_of(s, rollout) is not None
