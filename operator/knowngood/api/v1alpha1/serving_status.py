"""What is found about the version that answers everybody."""

from knowngood.api.v1alpha1.scalars import ObjectName, Text, VersionName, Word
from knowngood.api.v1alpha1.shared import EvidenceNumbers, PolicyKind
from knowngood.api.v1alpha1.wire import MicroTime


class ServingBreach(EvidenceNumbers):
    """A trigger that is breached for the version that answers everybody, as it was when that was found."""

    version: VersionName
    """The version."""

    trigger: Word
    """The trigger."""

    policy: ObjectName
    """The policy that the trigger belongs to."""

    policy_kind: PolicyKind
    """The policy's kind: IncidentPolicy or ClusterIncidentPolicy."""

    message: Text
    """What it said."""

    found_at: MicroTime
    """When."""
