"""What triggers have said in a rollout, kept with the numbers of that instant."""

from knowngood.api.v1alpha1.scalars import ObjectName, Text, Word
from knowngood.api.v1alpha1.shared import EvidenceNumbers, PolicyKind, VerdictKind
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class ProofStatus(Wire):
    """A trigger whose nonInferior is shown."""

    trigger: Word
    """The trigger."""

    policy: ObjectName
    """The policy that the trigger belongs to."""

    policy_kind: PolicyKind
    """The policy's kind: IncidentPolicy or ClusterIncidentPolicy."""

    message: Text
    """What was shown, in words for people, with the numbers of that instant."""

    evidence: EvidenceNumbers | None = None
    """The counts of that instant."""

    shown_at: MicroTime
    """When it was shown first; more requests can not take it back."""


class PassedTrigger(Wire):
    """What a trigger said when a pause or the last gate was passed."""

    trigger: Word
    """The trigger."""

    policy: ObjectName
    """The policy that the trigger belongs to."""

    policy_kind: PolicyKind
    """The policy's kind: IncidentPolicy or ClusterIncidentPolicy."""

    verdict: VerdictKind
    """What it said: Healthy, Breached, Inconclusive, NoData or ObserverError."""

    message: Text
    """The same in words, with the numbers of that instant."""

    at: MicroTime
    """When."""
