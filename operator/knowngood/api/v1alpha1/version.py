"""AIModelVersion: the record of one version of a model, which never changes."""

from enum import StrEnum
from typing import Annotated, Literal

from knowngood.api.hints import cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.meta import Conditions, ObjectMeta
from knowngood.api.v1alpha1.scalars import Digest, ObjectName, PortNumber, ServiceName, Word
from knowngood.api.v1alpha1.serving import ModelSpec, PodTemplate, Ports
from knowngood.api.v1alpha1.shared import Count, FailureReason, ModelRef, Role
from knowngood.api.v1alpha1.wire import MicroTime, Wire


class Standing(StrEnum):
    """What is known about a version."""

    CANDIDATE = "Candidate"
    TRIAL = "Trial"
    PROBATION = "Probation"
    KNOWN_GOOD = "KnownGood"
    SUSPECT = "Suspect"
    REJECTED = "Rejected"
    SUPERSEDED = "Superseded"
    RETIRED = "Retired"


class RecordedDeployment(Wire):
    """What the version's pods and Service are made from."""

    ports: Ports
    """Ports of the version's Service."""

    template: PodTemplate
    """Template of the version's pods."""


class RecordedService(Wire):
    """The Service that answers for the version."""

    name: ServiceName
    """Name of the Service."""

    port: PortNumber
    """Port of the Service."""


class RecordedServing(Wire):
    """How the version is served."""

    model_config = validated_by(exactly_one("deployment", "service"))

    deployment: RecordedDeployment | None = None
    """Pods and Service that Knowngood runs."""

    service: RecordedService | None = None
    """A Service that somebody else runs."""


class VersionSpec(Wire):
    """What the version is. It never changes."""

    model_config = validated_by(
        cel(
            "self == oldSelf",
            "spec is immutable: a version never changes its meaning",
            reason="FieldValueForbidden",
        )
    )

    model_ref: ModelRef
    """The AIModelDeployment that the version belongs to."""

    model: ModelSpec
    """The model's and the version's name."""

    serving: RecordedServing
    """How the version is served."""

    digest: Digest
    """Digest over what the version means."""


class Transition(Wire):
    """One change of standing."""

    standing: Standing
    """The standing that began."""

    time: MicroTime
    """When it began."""

    reason: Word
    """Why."""


class Rejection(Wire):
    """Why the version was rejected."""

    incident: ObjectName | None = None
    """The incident that tells it in full."""

    reason: FailureReason
    """Why: Breached, Aborted, Manual, Undone, ProgressDeadlineExceeded or EndpointsLost."""

    trigger: Word | None = None
    """The trigger that fired."""

    time: MicroTime
    """When."""


class VersionStatus(Wire):
    """What is known about the version."""

    observed_generation: Count = 0
    """The generation of the spec that the status is about."""

    standing: Standing | None = None
    """What is known: Candidate, Trial, Probation, KnownGood, Suspect, Rejected, Superseded or
    Retired."""

    role: Role | None = None
    """What the version does now: Stable, Canary, Shadow or None."""

    transitions: Annotated[tuple[Transition, ...], listed(20)] = ()
    """Changes of standing, the newest last."""

    promoted_at: MicroTime | None = None
    """When it began to answer all requests."""

    rejection: Rejection | None = None
    """Why it was rejected. A rejected version is not tried again by itself."""

    conditions: Conditions = ()
    """Observations: Ready."""


class AIModelVersion(Wire):
    """The record of one version of a model.

    What it is, which never changes, and what is known about it.
    """

    api_version: Literal["knowngood.dev/v1alpha1"] = "knowngood.dev/v1alpha1"
    kind: Literal["AIModelVersion"] = "AIModelVersion"
    metadata: ObjectMeta

    spec: VersionSpec
    """What the version is. It never changes."""

    status: VersionStatus | None = None
    """What is known about the version."""
