"""The status of an AIModelDeployment.

Everything that Knowngood has decided, so that any process can go on from it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.command_status import Commanded, LastCommand, Undo
from knowngood.api.v1alpha1.fallback import FallbackStatus
from knowngood.api.v1alpha1.feed_status import Held
from knowngood.api.v1alpha1.holdback_status import Holdback
from knowngood.api.v1alpha1.meta import Conditions
from knowngood.api.v1alpha1.roles import VersionNames
from knowngood.api.v1alpha1.rollout_status import RolloutStatus
from knowngood.api.v1alpha1.safe_path import SafePathStatus, Veto
from knowngood.api.v1alpha1.scalars import (
    Digest,
    ObjectName,
    VersionName,
)
from knowngood.api.v1alpha1.serving_status import ServingBreach
from knowngood.api.v1alpha1.shared import Count, Watch
from knowngood.api.v1alpha1.traffic_status import Moment, TrafficStatus
from knowngood.api.v1alpha1.wire import MicroTime, Wire

Percent = Annotated[int, Field(ge=0, le=100)]


class Phase(StrEnum):
    """Where the model is: serving, rolling a version out, taking one back, or shifting to the one that stands by."""

    PENDING = "Pending"
    INITIALIZING = "Initializing"
    PROBATION = "Probation"
    GUARDING = "Guarding"
    PROGRESSING = "Progressing"
    PAUSED = "Paused"
    PROMOTING = "Promoting"
    ROLLING_BACK = "RollingBack"
    ROLLED_BACK = "RolledBack"
    CONTAINING = "Containing"
    CONTAINED = "Contained"
    SUSPENDED = "Suspended"
    TERMINATING = "Terminating"


class DrainingVersion(Wire):
    """A version whose last requests are still being answered."""

    version: VersionName
    """The version."""

    since: MicroTime
    """When its share was seen to be 0."""


class RejectedVersion(Wire):
    """A version that was rejected."""

    version: VersionName
    """The version."""

    digest: Digest | None = None
    """What it was: under another digest the name means another version."""


class IncidentRef(Wire):
    """An Incident in the same namespace."""

    name: ObjectName
    """Its name."""


class WatchedBy(Wire):
    """A trigger of a policy in mode Act, and what it does for a rollout."""

    trigger: Annotated[str, Field(min_length=1, max_length=600)]
    """Kind, namespace and name of the policy, and name of the trigger."""

    does: Watch
    """Breaches: a breach takes the version back. Promotion: it is also not promoted before it was found healthy."""


class DeploymentStatus(Commanded):
    """What Knowngood does and sees."""

    observed_generation: Count = 0
    """The generation of the spec that the status is about."""

    phase: Phase | None = None
    """Where the model is: serving, rolling a version out, or taking one back."""

    resume: Phase | None = None
    """Where a suspended model goes on."""

    replicas: Count | None = None
    """Ready pods of the version that answers users, where Knowngood runs them."""

    selector: Annotated[str, Field(max_length=512)] | None = None
    """Labels of these pods, for an autoscaler."""

    versions: VersionNames | None = None
    """Which version has which part."""

    rollout: RolloutStatus | None = None
    """The rollout that runs, or the one that failed last."""

    traffic: TrafficStatus | None = None
    """Who gets which share of the requests."""

    watch: Annotated[tuple[WatchedBy, ...], listed(64, key="trigger")] = ()
    """Triggers that have watched rollouts since the last promotion. When one of them is gone or does less, the rollout
    waits for a person: a policy that was deleted or edited by mistake must not let an unjudged version through."""

    serving_breaches: Annotated[tuple[ServingBreach, ...], listed(32)] = ()
    """Triggers that are breached for the version that answers everybody, and the incident that each one is told in."""

    shifts: Annotated[tuple[Moment, ...], listed(16)] = ()
    """When requests of what serves were last shifted by itself: what the limits of policies count."""

    feeds: Held = ()
    """Feeds that were suspended because what serves turned bad, or are to be."""

    suspensions: Annotated[tuple[Moment, ...], listed(16)] = ()
    """When feeds were last suspended by itself: what the limits of policies count."""

    fallback: FallbackStatus | None = None
    """The version that users would be sent to if the one that serves turned bad, and what is known of it; absent while
    none stands by."""

    safe_path: SafePathStatus | None = None
    """The safe path, while all requests go there or are to; absent while the versions answer."""

    judged_since: MicroTime | None = None
    """Since when the version that serves is judged anew, because a person has given it the requests back from the safe
    path: what it answered before says nothing of what reaches it now. Absent where nobody ever did."""

    vetoes: Annotated[tuple[Veto, ...], listed(32)] = ()
    """What is not asked about, and not done, again as long as its incident is open: people have said no, or it has
    failed."""

    draining: Annotated[tuple[DrainingVersion, ...], listed(16, key="version")] = ()
    """Versions whose last requests are still being answered."""

    holdback: Holdback | None = None
    """The earlier version that keeps a share of the requests while the promoted one is in probation; its share is in
    traffic.backends. Absent where there is none."""

    rejected: Annotated[tuple[RejectedVersion, ...], listed(16, key="version")] = ()
    """Versions that were rejected last: not tried again by themselves, also when their record was deleted."""

    last_command: LastCommand | None = None
    """The command that was given last."""

    undo: Undo | None = None
    """What the command undo would do now; absent where it would be refused."""

    incidents: Count = 0
    """How many incidents were numbered for this model so far."""

    incident_ref: IncidentRef | None = None
    """The latest incident."""

    conditions: Conditions = ()
    """Observations: Ready, Reconciling, Stalled, Available, Guarded, KnownGoodAvailable,
    RouteProgrammed, SafePath."""
