"""What is found about the version that answers everybody."""

from typing import Annotated

from pydantic import Field

from knowngood.api.v1alpha1.approvals import ApprovalRequest
from knowngood.api.v1alpha1.fallback import ProvedBy
from knowngood.api.v1alpha1.incident_status import Ending
from knowngood.api.v1alpha1.scalars import ObjectName, Person, Text, VersionName, Word
from knowngood.api.v1alpha1.shared import Count, EvidenceNumbers, PolicyKind, Severity
from knowngood.api.v1alpha1.wire import MicroTime


class BetterSeen(EvidenceNumbers):
    """What shows that the version which stands by does better.

    The numbers of the version that serves come first, and as those of the reference the other one's; of golden requests
    they are rounds, and how many of them went wrong.
    """

    version: VersionName
    """The version that stands by."""

    by: ProvedBy
    """By what: Copies or GoldenRequests."""

    seen_at: MicroTime
    """When it was shown."""

    message: Text
    """The same in words for people."""


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

    policy_generation: Count | None = None
    """The policy's generation when that was found."""

    severity: Severity | None = None
    """How bad it is, as the trigger says."""

    onset: MicroTime | None = None
    """When the harm is estimated to have begun."""

    incident: ObjectName | None = None
    """The incident that it is told in."""

    closed: Ending | None = None
    """How that incident ended, where it did: nothing is done for the breach any more. What was a FalsePositive stays so
    until the policy is edited, or another version serves."""

    better: BetterSeen | None = None
    """What shows that the version which stands by does better; absent while nothing does."""

    held: Text | None = None
    """Why nothing was shifted for it when it was found; absent where the requests were shifted."""

    failed_at: MicroTime | None = None
    """When a shift that was begun for it failed: it is not tried again by itself."""

    approval: ApprovalRequest | None = None
    """What people are asked about it, and how far that is; absent where nobody was asked."""

    refused_by: Person | None = None
    """Who said that nothing is to be shifted for it."""

    refused_at: MicroTime | None = None
    """When that was heard."""

    safe_path_refused: Text | None = None
    """Why the safe path is not taken for it, as long as its incident is open: somebody said no, or it has failed."""

    safe_path_refused_at: MicroTime | None = None
    """When that was heard."""

    safe_path_lost_at: MicroTime | None = None
    """When the safe path was left because its Service could answer nobody, or the gateway did not lead there. A person
    decides whether it is taken again, whatever the policy says."""

    limited: Text | None = None
    """Which limit of the policies kept the requests where they are, and until when."""

    limited_at: MicroTime | None = None
    """When that was found."""

    common_cause: Text | None = None
    """What it shares with others that turned bad at about the same time, in words; absent where it is alone. With it
    nothing is shifted by itself."""

    common_since: MicroTime | None = None
    """When that was seen."""

    parent: Annotated[str, Field(max_length=507)] | None = None
    """Namespace and name of the first incident of them; absent where this one is the first."""
