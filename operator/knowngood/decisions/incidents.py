"""The incident of a rollback: written from the model's status alone, so that any later process can finish it."""

from datetime import datetime
from typing import Any, Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    AIModelDeployment,
    Clocks,
    Containment,
    DeploymentStatus,
    Ending,
    EvidenceEntry,
    Fallback,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Phase,
    Role,
    RolloutFailure,
    RolloutStatus,
    Severity,
    Subject,
    VerdictKind,
)
from knowngood.decisions.naming import MODEL_LABEL
from knowngood.decisions.people import remark
from knowngood.decisions.timeline import attained, beginning, extend_timeline

ROLLBACK_ID: Final = "a1"
EVIDENCE_ID: Final = "e1"


def incident_manifest(
    model: AIModelDeployment, name: str, failure: RolloutFailure
) -> dict[str, Any]:
    """The incident as it is created. It has no owner: evidence outlives the model."""
    spec: dict[str, Any] = {
        "modelRef": {"name": model.metadata.name, "uid": model.metadata.uid},
        "origin": "Trigger" if failure.trigger or failure.evidence else "Manual",
    }
    if failure.policy and failure.policy_kind:
        spec["policyRef"] = {
            "kind": failure.policy_kind,
            "name": failure.policy,
            "generation": failure.policy_generation or 0,
        }
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {
            "name": name,
            "namespace": model.metadata.namespace,
            "labels": {MODEL_LABEL: model.metadata.name},
        },
        "spec": spec,
    }


def incident_status(model: AIModelDeployment, incident: Incident) -> IncidentStatus:
    """Say how an incident stands, given the model's status.

    It only adds: what was written stays, so that a repeated call changes nothing.

    Args:
        model: With the status as it was last written.
        incident: As it was last seen.
    """
    status = incident.status or IncidentStatus()
    if status.phase is IncidentPhase.CLOSED:
        return status
    told = model.status or DeploymentStatus()
    mine = told.incident_ref is not None and told.incident_ref.name == incident.metadata.name
    if mine and told.rollout is not None and told.rollout.failure is not None:
        status = _opened(model, incident, status, told.rollout, told.rollout.failure)
        if told.phase is not Phase.ROLLING_BACK:
            status = _contained(model, status, told.rollout, told.rollout.step_started_at)
            status = _counted(status, told.rollout)
    return status


def heard(incident: Incident, now: datetime, *, proved: bool) -> IncidentStatus | None:
    """Write down what people have said to an incident, and whether it is proved who; None when there is nothing new.

    It hangs on no model: earlier incidents are answered too, and those whose model is gone.
    """
    status = incident.status or IncidentStatus()
    if status.phase is IncidentPhase.CLOSED:
        return None
    said = _by_people(incident, status, now, remark(proved=proved))
    if said == status:
        return None
    return said.model_copy(update={"observed_generation": incident.metadata.generation})


def _opened(
    model: AIModelDeployment,
    incident: Incident,
    status: IncidentStatus,
    rollout: RolloutStatus,
    failure: RolloutFailure,
) -> IncidentStatus:
    if status.timeline:
        return status
    stable = model.status.versions.stable if model.status and model.status.versions else ""
    severity = failure.severity or Severity.HIGH
    role = Role.STABLE if rollout.returning else Role.CANARY
    return status.model_copy(
        update={
            "observed_generation": incident.metadata.generation,
            "phase": IncidentPhase.DETECTED,
            "severity": severity,
            "summary": f"version {rollout.version} of {model.metadata.name} is taken back: {failure.message}",
            "subject": Subject(version=rollout.version, role=role, digest=rollout.digest),
            "fallback": Fallback(version=stable),
            "containment": Containment.PENDING,
            "evidence": _evidence(failure),
            "actions": (
                ActionRecord(
                    id=ROLLBACK_ID,
                    type=ActionType.ROLLBACK,
                    state=ActionState.STARTED,
                    started_at=failure.detected_at,
                ),
            ),
            "timeline": extend_timeline((), beginning(rollout, failure, stable)),
            "clocks": Clocks(onset=failure.onset, detected=failure.detected_at),
        }
    )


def _contained(
    model: AIModelDeployment, status: IncidentStatus, rollout: RolloutStatus, at: datetime
) -> IncidentStatus:
    if status.phase is not IncidentPhase.DETECTED:
        return status
    watched = model.spec.traffic is None
    text = (
        f"the traffic of {model.metadata.name} is not Knowngood's to shift: nothing was moved"
        if watched
        else f"the gateway was seen to give version {rollout.version} no requests"
    )
    clocks = status.clocks or Clocks()
    action = status.actions[0].model_copy(
        update={
            "state": ActionState.SKIPPED if watched else ActionState.VERIFIED,
            "finished_at": at,
            "result": text,
        }
    )
    return status.model_copy(
        update={
            "phase": IncidentPhase.CONTAINED,
            "containment": Containment.NONE if watched else Containment.VERIFIED,
            "actions": (action, *status.actions[1:]),
            "timeline": extend_timeline(status.timeline, [(at, "RS.MI", text)]),
            "clocks": clocks.model_copy(update={"contained": at}),
            "attained": attained(clocks, at),
        }
    )


def _counted(status: IncidentStatus, rollout: RolloutStatus) -> IncidentStatus:
    """Say what the version's own counters have shown since: that is when the harm was over, or that it is not."""
    clocks = status.clocks or Clocks()
    if status.phase is not IncidentPhase.CONTAINED or clocks.contained is None:
        return status
    failed = status.containment is Containment.FAILED
    if rollout.loud and not failed:
        text = f"version {rollout.version} is still counted to answer requests, although the route gives it none"
        seen = rollout.waiting_since or rollout.step_started_at
        entries = extend_timeline(status.timeline, [(seen, "DE.AE", text)])
        return status.model_copy(update={"containment": Containment.FAILED, "timeline": entries})
    silent, text = (
        rollout.silent_at,
        f"version {rollout.version} was counted to answer nobody since",
    )
    if silent is None or any(entry.text == text for entry in status.timeline):
        return status
    at = max(silent, clocks.contained)
    return status.model_copy(
        update={
            "containment": Containment.VERIFIED,
            "timeline": extend_timeline(status.timeline, [(at, "RS.MI", text)]),
            "clocks": clocks.model_copy(update={"contained": at}),
            "attained": attained(clocks, at),
        }
    )


def _by_people(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    clocks = status.clocks or Clocks()
    acknowledged, closed = incident.spec.acknowledgement, incident.spec.close
    if acknowledged is not None and clocks.acknowledged is None:
        clocks = clocks.model_copy(update={"acknowledged": now})
        entry = (now, "RS.CO", f"acknowledged by {acknowledged.by}{remark}")
        status = status.model_copy(
            update={"clocks": clocks, "timeline": extend_timeline(status.timeline, [entry])}
        )
    if closed is not None and clocks.closed is None:
        clocks = clocks.model_copy(update={"closed": now})
        text = f"closed as {closed.resolution} by {closed.by}{remark}; no traffic moves"
        entry = (now, "RC.RP", text)
        status = status.model_copy(
            update={
                "phase": IncidentPhase.CLOSED,
                "resolution": Ending(closed.resolution.value),
                "clocks": clocks,
                "timeline": extend_timeline(status.timeline, [entry]),
            }
        )
    return status


def _evidence(failure: RolloutFailure) -> tuple[EvidenceEntry, ...]:
    numbers = failure.evidence.model_dump() if failure.evidence else {}
    if not failure.trigger:
        return ()
    return (
        EvidenceEntry(
            id=EVIDENCE_ID,
            trigger=failure.trigger,
            policy=failure.policy,
            verdict=VerdictKind.BREACHED,
            message=failure.message,
            **numbers,
        ),
    )
