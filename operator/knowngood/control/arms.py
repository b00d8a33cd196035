"""The two versions that a rollout compares, and which scraped targets belong to which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from knowngood.analysis.splits import Split
from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    GivenWeight,
    IdentityBy,
    Step,
    seconds,
)
from knowngood.control.ports import Endpoints
from knowngood.decisions.default_steps import DEFAULT_STEPS
from knowngood.decisions.fixing import planned_length
from knowngood.decisions.naming import child_name, is_pod_of
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.witnessing import is_watched
from knowngood.signals.series import RawSeries, Target

SHORTEST_HORIZON = 3600.0
"""Seconds over which the chances that harm begins later are spread, for rollouts without long pauses."""

Span = tuple[float, float]
"""From one instant to another, unix seconds."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One version in a comparison.

    Attributes:
        pods: Names of the pods behind the Service, where the pods are not Knowngood's own.
    """

    version: str
    service: str
    deployment: str | None
    ready: int
    pods: frozenset[str] = frozenset()

    def has(self, pod: str) -> bool:
        """Say whether a pod is of this version."""
        return is_pod_of(self.deployment, pod) if self.deployment else pod in self.pods


@dataclass(frozen=True, slots=True)
class Arms:
    """A canary and the stable version beside it.

    Attributes:
        since: When the canary was first given requests, unix seconds.
        step_since: When the present step began, unix seconds.
        horizon: Planned length of the rollout, seconds.
        judged: The canary may be taken back; else it was, and is only counted.
        given: Shares of the requests that the canary was given; empty where nobody can tell.
    """

    namespace: str
    uid: str
    model: str
    digest: str
    canary: Arm
    stable: Arm
    since: float
    step_since: float
    horizon: float
    judged: bool = True
    given: tuple[Split, ...] = ()

    @property
    def rollout(self) -> tuple[str, str, str, str, float]:
        """What evidence belongs to: anything else starts anew."""
        return self.uid, self.canary.version, self.digest, self.stable.version, self.since

    @property
    def compared(self) -> Arm | None:
        """The version beside the judged one; None where one answers alone."""
        return None if self.stable.version == self.canary.version else self.stable

    @property
    def expected(self) -> Mapping[str, int]:
        """How many pods of each version are ready."""
        return {arm.version: arm.ready for arm in (self.canary, self.stable)}

    def version_of(self, target: Target) -> str | None:
        """Which of the two versions a scraped target belongs to; None for neither."""
        if target.namespace != self.namespace:
            return None
        for arm in (self.canary, self.stable):
            if arm.has(target.pod):
                return arm.version
        return None

    def labelled(self, series: RawSeries) -> Target | None:
        """Take a series' own word for its version: for sources that are trusted."""
        labels = series.labels
        if labels.get("namespace") != self.namespace or labels.get("model") != self.model:
            return None
        version = labels.get("model_version", "")
        pod = labels.get("pod") or "+".join(
            f"{k}={v}" for k, v in sorted(labels.items()) if k in {"instance", "job"}
        )
        return Target(self.namespace, f"{version}/{pod}")

    def labelled_version(self, target: Target) -> str | None:
        """The version of a target that `labelled` made."""
        version = target.pod.split("/", 1)[0]
        return version if version in {self.canary.version, self.stable.version} else None

    def groups(self, by: IdentityBy) -> Iterable[tuple[str, str]]:
        """Where the series of this model are found in an answer."""
        if by is IdentityBy.LABELS:
            return [(self.namespace, self.model)]
        names = [a.deployment for a in (self.canary, self.stable) if a.deployment]
        pods = [pod for a in (self.canary, self.stable) for pod in a.pods]
        return [(self.namespace, name) for name in (*names, *pods)]


def arms_of(
    model: AIModelDeployment,
    versions: Mapping[str, AIModelVersion],
    endpoints: Endpoints,
    now: datetime,
) -> Arms | None:
    """Find what is compared now; None while no canary answers users, and none that was taken back is watched."""
    status = model.status
    if status is None or status.rollout is None or status.versions is None:
        return None
    judged = status.phase in ROLLING
    if not judged and not is_watched(status, now):
        return None
    rollout = status.rollout
    if rollout.evidence_since is None or not status.versions.stable:
        return None
    namespace = model.metadata.namespace
    canary = _arm(model, rollout.version, versions.get(rollout.version), endpoints)
    stable = _arm(model, status.versions.stable, versions.get(status.versions.stable), endpoints)
    return Arms(
        namespace=namespace,
        uid=model.metadata.uid,
        model=model.spec.model.name or model.metadata.name,
        digest=rollout.digest or "",
        canary=canary,
        stable=stable,
        since=rollout.evidence_since.timestamp(),
        step_since=rollout.step_started_at.timestamp(),
        judged=judged,
        given=tuple(_split(one) for one in rollout.weights),
        horizon=horizon(model.spec.rollout.steps if model.spec.rollout else (), rollout.planned),
    )


def alone(
    model: AIModelDeployment, record: AIModelVersion, endpoints: Endpoints, since: float
) -> Arms:
    """A version that answers everybody, with nothing beside it.

    Args:
        model: The model.
        record: Of the version.
        endpoints: Who is ready.
        since: When its evidence begins, unix seconds.
    """
    arm = _arm(model, record.spec.model.version, record, endpoints)
    return Arms(
        namespace=model.metadata.namespace,
        uid=model.metadata.uid,
        model=model.spec.model.name or model.metadata.name,
        digest=record.spec.digest,
        canary=arm,
        stable=arm,
        since=since,
        step_since=since,
        horizon=SHORTEST_HORIZON,
    )


def beside(
    model: AIModelDeployment,
    record: AIModelVersion,
    earlier: AIModelVersion,
    endpoints: Endpoints,
    since: float,
    *,
    planned: str | None = None,
) -> Arms:
    """A version that serves, and one beside it: the one from before that keeps a share, or one that answers copies.

    Args:
        model: The model.
        record: Of the version that serves.
        earlier: Of the other one.
        endpoints: Who is ready.
        since: When the evidence begins, unix seconds.
        planned: Length of the rollout whose evidence goes on, as it was written down.
    """
    arms = alone(model, record, endpoints, since)
    stable = _arm(model, earlier.spec.model.version, earlier, endpoints)
    steps = model.spec.rollout.steps if model.spec.rollout else ()
    return replace(arms, stable=stable, horizon=horizon(steps, planned))


def _split(given: GivenWeight) -> Split:
    verified = given.verified_at.timestamp() if given.verified_at else None
    return Split(given.weight / 100, given.since.timestamp(), verified)


def horizon(steps: tuple[Step, ...], planned: str | None = None) -> float:
    """Planned length of a rollout, and an hour at least.

    Args:
        steps: As they are now.
        planned: What was written down when it began; None: nothing yet, or by an earlier version of Knowngood.
    """
    length = seconds(planned) if planned else planned_length(steps or DEFAULT_STEPS)
    return max(SHORTEST_HORIZON, length)


def _arm(
    model: AIModelDeployment, version: str, record: AIModelVersion | None, endpoints: Endpoints
) -> Arm:
    namespace = model.metadata.namespace
    service = record.spec.serving.service if record else None
    if service is not None:
        ready, pods = (
            endpoints.ready(namespace, service.name),
            endpoints.pods(namespace, service.name),
        )
        return Arm(version, service.name, None, ready, pods)
    child = child_name(model.metadata.name, version)
    return Arm(version, child, child, endpoints.ready(namespace, child))
