"""What is asked about one version, and in which case it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    FailureReason,
    Incident,
    Phase,
    Rejection,
    RolloutFailure,
    ServingBreach,
    Standing,
)
from knowngood.cli.views.phrases import names
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.situation import standing_of


class Case(StrEnum):
    """What can be said of a version."""

    GOING_BACK = "going back"
    TAKEN_BACK = "taken back"
    TRIED = "tried"
    STARTING = "starting"
    SERVING = "serving"
    WANTED = "wanted"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class About:
    """Everything that is known about one version of a model.

    Attributes:
        record: None where there is none: it never started, or the record was deleted.
        incident: The incident that tells what it did, or why it was taken back; None where none is there.
    """

    model: AIModelDeployment
    version: str
    record: AIModelVersion | None = None
    incident: Incident | None = None

    @property
    def failure(self) -> RolloutFailure | None:
        """Why it was taken back, as the model's status says; None when that is about another version."""
        rollout = self.model.status.rollout if self.model.status else None
        return rollout.failure if rollout and rollout.version == self.version else None

    @property
    def rejection(self) -> Rejection | None:
        """Why it was rejected, as its record says."""
        return self.record.status.rejection if self.record and self.record.status else None

    @property
    def breaches(self) -> tuple[ServingBreach, ...]:
        """Triggers that are breached for it while it answers everybody."""
        found = self.model.status.serving_breaches if self.model.status else ()
        return tuple(b for b in found if b.version == self.version)

    @property
    def standing(self) -> Standing | None:
        """Where it stands, as its record says."""
        return standing_of(self.record) if self.record else None

    @property
    def is_desired(self) -> bool:
        """Whether the spec asks for it."""
        return self.model.spec.model.version == self.version

    @property
    def case(self) -> Case:
        """In which case it is."""
        phase = self.model.status.phase if self.model.status else None
        tried = names(self.model).canary == self.version
        if phase in GOING_BACK and tried:
            return Case.GOING_BACK
        if phase in ROLLING | {Phase.SUSPENDED} and tried:
            return Case.TRIED
        if names(self.model).stable == self.version:
            return Case.SERVING
        if is_rejected(self.model, self.record, self.version) or self._superseded_by_failure():
            return Case.TAKEN_BACK
        if not self.is_desired:
            return Case.PAST
        return Case.STARTING if phase is Phase.INITIALIZING else Case.WANTED

    def _superseded_by_failure(self) -> bool:
        failure = self.failure
        return failure is not None and failure.reason is FailureReason.SUPERSEDED


def is_rejected(model: AIModelDeployment, record: AIModelVersion | None, version: str) -> bool:
    """Say whether a version is not tried again by itself: its record says so, or the model's status does."""
    if record is not None and standing_of(record) in {Standing.REJECTED, Standing.SUSPECT}:
        return True
    digest = record.spec.digest if record else None
    rejected = model.status.rejected if model.status else ()
    return any(r.version == version and digest in {None, r.digest} for r in rejected)


def told_in(model: AIModelDeployment, record: AIModelVersion | None, version: str) -> str:
    """Name the incident that tells what a version did, or why it was taken back; empty where none does."""
    breaches = model.status.serving_breaches if model.status else ()
    serving = next((b.incident for b in breaches if b.version == version and b.incident), "")
    if serving:
        return serving
    rejection = record.status.rejection if record and record.status else None
    if rejection is not None:
        return rejection.incident or ""
    status = model.status
    rollout = status.rollout if status else None
    if rollout is None or rollout.failure is None or rollout.version != version:
        return ""
    return rollout.failure.incident or ""


def asked_about(model: AIModelDeployment, records: Sequence[AIModelVersion]) -> tuple[str, str]:
    """Choose the version that a person most likely asks about.

    Returns:
        The version, and why it is this one.
    """
    status, versions = model.status, names(model)
    if versions.canary:
        return versions.canary, "it is being rolled out"
    if any(b.version == versions.stable for b in (status.serving_breaches if status else ())):
        return versions.stable, "it answers users, and a trigger is breached for it"
    rollout = status.rollout if status else None
    if rollout is not None and rollout.failure is not None:
        return rollout.version, "it was taken back last"
    desired = model.spec.model.version
    if desired != versions.stable:
        return desired, "the spec asks for it"
    known = {r.spec.model.version: r for r in records}
    last = [
        r.version
        for r in (status.rejected if status else ())
        if is_rejected(model, known.get(r.version), r.version)
    ]
    return (last[-1], "it was rejected last") if last else (desired, "it answers users")


def unknown(model: AIModelDeployment, records: Sequence[AIModelVersion], version: str) -> str:
    """Say that a model has no such version, and which it has; empty where it has."""
    rejected = model.status.rejected if model.status else ()
    known = {r.spec.model.version for r in records} | {r.version for r in rejected}
    known |= {v for v in names(model).wire().values() if v} | {model.spec.model.version}
    if version in known:
        return ""
    return f"version {version} of {model.metadata.name} is not known; known are: {', '.join(sorted(known))}"
