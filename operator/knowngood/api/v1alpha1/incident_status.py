"""The status of an Incident: what happened, what was done, and when."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.actions import ActionRecord
from knowngood.api.v1alpha1.approvals import (
    MOST_ANSWERS,
    EntryId,
    HeardAnswer,
)
from knowngood.api.v1alpha1.clocks import Attained, Clocks
from knowngood.api.v1alpha1.export_status import Exported
from knowngood.api.v1alpha1.handover import Affected, Task, WayBack
from knowngood.api.v1alpha1.meta import Conditions
from knowngood.api.v1alpha1.notification_status import Notified
from knowngood.api.v1alpha1.playbook_status import Investigated
from knowngood.api.v1alpha1.scalars import (
    Digest,
    ObjectName,
    ServiceName,
    Text,
    VersionName,
    Word,
)
from knowngood.api.v1alpha1.shared import Count, EvidenceNumbers, Role, Severity, VerdictKind
from knowngood.api.v1alpha1.timeline import KEPT, Chain, TimelineEntry
from knowngood.api.v1alpha1.wire import Wire


class IncidentPhase(StrEnum):
    """How far the incident is: Detected, Triaged, Contained, Eradicated, Recovered or Closed."""

    DETECTED = "Detected"
    TRIAGED = "Triaged"
    CONTAINED = "Contained"
    ERADICATED = "Eradicated"
    RECOVERED = "Recovered"
    CLOSED = "Closed"


class Ending(StrEnum):
    """How an incident ended: Resolved, FalsePositive, ModelDeleted, or AutoClosed (nobody said so)."""

    RESOLVED = "Resolved"
    FALSE_POSITIVE = "FalsePositive"
    MODEL_DELETED = "ModelDeleted"
    AUTO_CLOSED = "AutoClosed"


class Resolution(StrEnum):
    """How an incident ends: Resolved, or FalsePositive."""

    RESOLVED = "Resolved"
    FALSE_POSITIVE = "FalsePositive"


class Containment(StrEnum):
    """Whether users are safe: None (nothing was moved), Pending, Verified, Failed, Undone (they were, not now)."""

    NONE = "None"
    PENDING = "Pending"
    VERIFIED = "Verified"
    FAILED = "Failed"
    UNDONE = "Undone"


class Subject(Wire):
    """The version that the incident is about."""

    version: VersionName
    """The version."""

    role: Role
    """Its role when the incident began."""

    digest: Digest | None = None
    """Its digest."""


class Fallback(Wire):
    """The version that users are sent to, or the safe path."""

    version: VersionName | None = None
    """The version; absent where they are sent to the safe path."""

    service: ServiceName | None = None
    """The Service of the safe path; absent where they are sent to a version."""

    digest: Digest | None = None
    """Digest of the version."""

    @property
    def name(self) -> str:
        """What it is, in words for people."""
        return f"version {self.version}" if self.version else f"the safe path ({self.service})"


class EvidenceEntry(EvidenceNumbers):
    """What one trigger saw."""

    id: EntryId
    """Identity of the entry."""

    trigger: Word
    """The trigger."""

    policy: ObjectName | None = None
    """The policy that the trigger belongs to."""

    verdict: VerdictKind
    """What the test says: Healthy, Breached, Inconclusive, NoData or ObserverError."""

    message: Text
    """The same in words for people."""

    better: VersionName | None = None
    """The version that this shows to do better than the one that the incident is about; absent where it shows harm."""


class IncidentStatus(Exported, Notified, Investigated):
    """What happened, what was done, and when."""

    observed_generation: Count = 0
    """The generation of the spec that the status is about."""

    phase: IncidentPhase | None = None
    """How far it is: Detected, Triaged, Contained, Eradicated, Recovered or Closed."""

    severity: Severity | None = None
    """How bad it is: Low, Medium, High or Critical."""

    resolution: Ending | None = None
    """How it ended: Resolved, FalsePositive, ModelDeleted, or AutoClosed (nobody said so)."""

    summary: Text | None = None
    """The incident in one sentence."""

    next_for_human: Text | None = None
    """What a person has to do now, in one sentence; also that nothing is to be done."""

    tasks: Annotated[tuple[Task, ...], listed(8, key="role")] = ()
    """What each role has to do, and whether it was seen to be done."""

    affected: Affected | None = None
    """Which answers may have been wrong."""

    undo: WayBack | None = None
    """What reverses the last action; absent where nothing does."""

    subject: Subject | None = None
    """The version that it is about."""

    fallback: Fallback | None = None
    """The version that users are sent to, or the safe path."""

    parent: Annotated[str, Field(max_length=507)] | None = None
    """Namespace and name of the first of many incidents with a common cause; absent in that one."""

    containment: Containment | None = None
    """Whether users are safe again: None (nothing was moved), Pending, Verified, Failed, or Undone (they were, and the
    version gets their requests again)."""

    evidence: Annotated[tuple[EvidenceEntry, ...], listed(32, key="id")] = ()
    """What the triggers saw."""

    actions: Annotated[tuple[ActionRecord, ...], listed(64, key="id")] = ()
    """What was done."""

    answers: Annotated[tuple[HeardAnswer, ...], listed(MOST_ANSWERS)] = ()
    """What people have said to actions, and when that was heard."""

    timeline: Annotated[tuple[TimelineEntry, ...], listed(KEPT)] = ()
    """What happened, in order."""

    chain: Chain | None = None
    """By what the timeline shows that no entry was changed, removed, inserted or moved."""

    clocks: Clocks | None = None
    """When it reached which point."""

    attained: Attained | None = None
    """How long it took."""

    reopened: Count = 0
    """How often the same version turned bad again after the cause was thought to be gone."""

    conditions: Conditions = ()
    """Observations: Ready."""
