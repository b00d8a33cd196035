"""Words that several resources use."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.scalars import Number, ObjectName, Text, Uid
from knowngood.api.v1alpha1.segments import MOST_SEGMENTS, ListedSegment, SegmentValue
from knowngood.api.v1alpha1.wire import MicroTime, Wire

Count = Annotated[int, Field(ge=0)]


class Role(StrEnum):
    """What a version does now.

    Stable answers users, Canary answers a share of them, Shadow stands by. Holdback keeps a share after another version
    was promoted, so that this one can be compared.
    """

    STABLE = "Stable"
    CANARY = "Canary"
    SHADOW = "Shadow"
    HOLDBACK = "Holdback"
    NONE = "None"


class VerdictKind(StrEnum):
    """What a test says: Healthy, Breached, Inconclusive, NoData or ObserverError."""

    HEALTHY = "Healthy"
    BREACHED = "Breached"
    INCONCLUSIVE = "Inconclusive"
    NO_DATA = "NoData"
    OBSERVER_ERROR = "ObserverError"


class Severity(StrEnum):
    """How bad it is: Low, Medium, High or Critical, in rising order."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


class PolicyKind(StrEnum):
    """Which kind of policy: IncidentPolicy or ClusterIncidentPolicy."""

    NAMESPACED = "IncidentPolicy"
    CLUSTER = "ClusterIncidentPolicy"


class FailureReason(StrEnum):
    """Why a version was taken back."""

    BREACHED = "Breached"
    ABORTED = "Aborted"
    MANUAL = "Manual"
    UNDONE = "Undone"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    SUPERSEDED = "Superseded"
    ENDPOINTS_LOST = "EndpointsLost"
    CONTENT_CHANGED = "ContentChanged"
    INCONCLUSIVE = "Inconclusive"


class Watch(StrEnum):
    """What policies in mode Act do for a rollout.

    Breaches: a breach takes the version back. Gate: it is not promoted before it was found healthy. Promotion: both.
    GateProof and Proof: as Gate and Promotion, and it must be shown not to be worse by a margin.
    """

    BREACHES = "Breaches"
    GATE = "Gate"
    PROMOTION = "Promotion"
    GATE_PROOF = "GateProof"
    PROOF = "Proof"


class ModelRef(Wire):
    """The AIModelDeployment that the object belongs to, in the same namespace."""

    name: ObjectName
    """Its name."""

    uid: Uid
    """Its uid: a model that is created anew under the same name is another one."""


class CountedNumbers(Wire):
    """The counts behind a verdict."""

    statistic: Number | None = None
    """The value of the test's statistic. A proportion test writes its evidence (an e-value)."""

    limit: Number | None = None
    """The value that the statistic is compared with."""

    samples: Count | None = None
    """Requests that the judged version answered."""

    events: Count | None = None
    """How many of them showed the event that the signal counts."""

    reference_samples: Count | None = None
    """Requests that the version compared with answered."""

    reference_events: Count | None = None
    """How many of them showed the event."""

    estimate: Number | None = None
    """The judged version's share or value, as estimated."""

    effect: Number | None = None
    """How far the judged version is from the one compared with, as estimated."""


class SegmentNumbers(CountedNumbers):
    """The counts behind what is said of one segment."""

    segment: SegmentValue
    """The segment: a value of the label by which the signal's template tells them apart."""

    verdict: VerdictKind
    """What the test says of it."""


class EvidenceNumbers(CountedNumbers):
    """The counts behind a verdict, and what they promise."""

    guarantee: Text | None = None
    """What the test promises about false alarms, in words."""

    signal: ObjectName | None = None
    """The ClusterSignalTemplate that was read."""

    query: Text | None = None
    """The selectors that were asked for, as they can be asked for again."""

    since: MicroTime | None = None
    """From when on requests were counted."""

    until: MicroTime | None = None
    """Up to when."""

    segments: Annotated[tuple[SegmentNumbers, ...], listed(MOST_SEGMENTS, key="segment")] | None = (
        None
    )
    """The same for each segment of the signal; small ones are left out."""

    named: Annotated[tuple[ListedSegment, ...], listed(MOST_SEGMENTS)] | None = None
    """The segments that have changed, the one with the most evidence first. In the mean one in ten of such names is
    wrong; nothing is done because of a name."""
