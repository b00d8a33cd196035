"""AIModelVersion: the record of one version of a model, which never changes."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from knowngood.api.hints import cel, exactly_one, listed, validated_by
from knowngood.api.v1alpha1.baseline import Baseline
from knowngood.api.v1alpha1.epochs import BudgetShares
from knowngood.api.v1alpha1.meta import Conditions, ObjectMeta
from knowngood.api.v1alpha1.rollout_said import PassedTrigger
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
    """Why: Breached, Aborted, Manual, Undone, ProgressDeadlineExceeded, EndpointsLost or Inconclusive."""

    trigger: Word | None = None
    """The trigger that fired."""

    time: MicroTime
    """When."""


ImageId = Annotated[
    str, Field(max_length=1024, description="Container and image id, as the node tells it.")
]
Missing = Annotated[
    str, Field(max_length=1024, description="Kind, name and the field that names it.")
]


class Observed(Wire):
    """What was seen of what the version is made of."""

    image_ids: Annotated[tuple[ImageId, ...], Field(alias="imageIDs"), listed(32)] = ()
    """What its containers run, as `container=image id`: what its pods were last seen with."""

    judged_image_ids: Annotated[tuple[ImageId, ...], Field(alias="judgedImageIDs"), listed(32)] = ()
    """Likewise, when it was promoted or found good. What differs from this was never judged."""

    missing_refs: Annotated[tuple[Missing, ...], listed(32)] = ()
    """While it stands by: what its pods need and is not there."""


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

    promoted_on: Annotated[tuple[PassedTrigger, ...], listed(32)] = ()
    """What the triggers said when it was promoted, and what each of them would have found."""

    known_good_since: MicroTime | None = None
    """When it was called known good."""

    baselines: Annotated[tuple[Baseline, ...], listed(32, key="signal")] = ()
    """What its signals showed while it was known to do well: frozen when it was called known good, or handed in."""

    shares: Annotated[tuple[BudgetShares, ...], listed(3, key="use")] = ()
    """How the false alarms that are accepted while it answers all requests are shared among the triggers, fixed when it
    began to."""

    observed: Observed | None = None
    """What was seen of what the version is made of."""

    rejection: Rejection | None = None
    """Why it was rejected. A rejected version is not tried again by itself."""

    conditions: Conditions = ()
    """Observations: Ready, KnownGood."""


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
