"""The status of an AIModelDeployment.

Everything that Knowngood has decided, so that any process can go on from it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from knowngood.api.hints import listed
from knowngood.api.v1alpha1.command_status import LastCommand, RouteOverride, Undo
from knowngood.api.v1alpha1.fallback import FallbackStatus
from knowngood.api.v1alpha1.feed_status import Held
from knowngood.api.v1alpha1.holdback_status import Holdback
from knowngood.api.v1alpha1.meta import Conditions
from knowngood.api.v1alpha1.original_rule import OriginalRule
from knowngood.api.v1alpha1.roles import VersionHeader, VersionNames
from knowngood.api.v1alpha1.rollout_status import RolloutStatus
from knowngood.api.v1alpha1.safe_path import SafePathStatus, Veto
from knowngood.api.v1alpha1.scalars import (
    Digest,
    ObjectName,
    PortNumber,
    ServiceName,
    VersionName,
    Word,
)
from knowngood.api.v1alpha1.serving_status import ServingBreach
from knowngood.api.v1alpha1.shared import Count, Watch
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


class Backend(Wire):
    """One version in the route, or the safe path."""

    version: VersionName
    """The version; `safe-path` for the safe path."""

    service: ServiceName
    """Its Service."""

    port: PortNumber
    """The port of the Service that requests go to."""

    weight: Percent
    """Share of the requests that it should get, in percent."""

    applied_weight: Percent | None = None
    """Share that the gateway was last seen to give it, in percent."""

    mirror_percent: Percent | None = None
    """Share of the requests that it should get a copy of, in percent; absent where it gets none."""

    tested: bool | None = None
    """Whether it should answer the requests of spec.traffic.testTraffic; absent where it should not."""


class Intent(Wire):
    """The last change of weights, written down before it was made."""

    id: Word
    """Identity of the change."""

    fence: Count
    """The leader's term under which it was made."""

    reason: Word
    """Why it was made."""


Moment = Annotated[MicroTime, Field(description="An instant.")]


class TrafficStatus(Wire):
    """Who should get which share of the requests, and who was seen to get it."""

    backends: Annotated[tuple[Backend, ...], listed(32, key="version")] = ()
    """Versions in the route."""

    canary_weight: Percent | None = None
    """Share of the requests that the canary should get, in percent; absent without a canary."""

    intent: Intent | None = None
    """The last change of weights."""

    verified_at: MicroTime | None = None
    """When the gateway was first seen to do what the weights say."""

    written: bool = False
    """Whether the route was seen to ask for these weights; when it does no more, somebody else has changed it."""

    drifts: Annotated[tuple[Moment, ...], listed(3)] = ()
    """When somebody else was last found to have changed these weights in the route."""

    version_header: VersionHeader | None = None
    """The header of answers that names the version; absent while no gateway was seen to set it."""

    override: RouteOverride | None = None
    """Weights that a person has set by hand while an incident is open or rollouts are frozen: kept for an hour."""

    original: Annotated[tuple[OriginalRule, ...], listed(16)] = ()
    """Where the rules of somebody else's route led before, to give the requests back when the model is deleted."""


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


class DeploymentStatus(Wire):
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
