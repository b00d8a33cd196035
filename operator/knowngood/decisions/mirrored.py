"""Which share of the requests is copied, as it was written down."""

from knowngood.api.v1alpha1 import DeploymentStatus
from knowngood.decisions.phases import COPIED


def mirrored(status: DeploymentStatus) -> int:
    """Which share the version that stands by gets copies of; a canary's is written down with its rollout."""
    if status.traffic is None or status.versions is None or status.phase not in COPIED:
        return 0
    shadow = status.versions.shadow
    found = (b.mirror_percent or 0 for b in status.traffic.backends if shadow == b.version)
    return max(found, default=0)
