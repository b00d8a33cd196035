"""The incident of a rollback: written from the model's status alone, so that any later process can finish it."""

from typing import Any, Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    AIModelDeployment,
    Clocks,
    Containment,
    DeploymentStatus,
    FailureReason,
    Fallback,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    RolloutFailure,
    RolloutStatus,
    Severity,
    Subject,
)
from knowngood.decisions.acting import begun, last_move
from knowngood.decisions.breaches import failure_told
from knowngood.decisions.feed_incidents import with_feed_actions
from knowngood.decisions.incident_phases import UNCONTAINED, entered
from knowngood.decisions.naming import MODEL_LABEL
from knowngood.decisions.people import who_asked
from knowngood.decisions.phases import GOING_BACK
from knowngood.decisions.safe_path_incidents import is_on_safe_path, with_safe_path
from knowngood.decisions.serving_incidents import (
    evidence_of,
    is_containment,
    shift_begun,
    with_breaches,
)
from knowngood.decisions.timeline import attained, beginning, detected, extend_timeline

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


def incidents_told(model: AIModelDeployment) -> dict[str, RolloutFailure | None]:
    """All that the model's status tells in an incident, by the incident's name.

    Of the latest one that may be nothing any more: it is not created anew, and only what people do is noted in it.
    """
    status = model.status or DeploymentStatus()
    told: dict[str, RolloutFailure | None] = {}
    if status.incident_ref is not None:
        told[status.incident_ref.name] = None
    told |= dict.fromkeys((veto.incident for veto in status.vetoes), None)
    if status.safe_path is not None and status.safe_path.incident:
        told[status.safe_path.incident] = None
    for breach in reversed(status.serving_breaches):
        if breach.incident and not breach.closed:
            told[breach.incident] = failure_told(breach)
    failure = status.rollout.failure if status.rollout else None
    if failure is not None and failure.incident:
        told[failure.incident] = failure
    for held in status.feeds:  # it may be suspended for longer than anything is found
        told.setdefault(held.incident, None)
    return told


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
    failure = told.rollout.failure if told.rollout else None
    status = with_safe_path(model, incident, with_breaches(model, incident, status))
    if told.rollout and failure and failure.incident == incident.metadata.name:
        status = _opened(model, incident, status, told.rollout, failure)
        status = shift_begun(incident, status, told.rollout, failure)
        if told.phase not in GOING_BACK:
            status = _contained(model, incident, status, told.rollout)
            status = _counted(incident, status, told.rollout)
    return with_feed_actions(model, incident, status)


def _opened(
    model: AIModelDeployment,
    incident: Incident,
    status: IncidentStatus,
    rollout: RolloutStatus,
    failure: RolloutFailure,
) -> IncidentStatus:
    if status.phase is not None:
        return status
    stable = model.status.versions.stable if model.status and model.status.versions else ""
    severity = failure.severity or Severity.HIGH
    role = Role.STABLE if rollout.returning else Role.CANARY
    entries = beginning(rollout, failure, stable)
    by = who_asked(failure.message) if failure.reason is FailureReason.MANUAL else None
    action = begun(ActionType.ROLLBACK, failure.detected_at, decided_by=by)
    actions: tuple[ActionRecord, ...] = (action,)
    if is_containment(rollout):  # what is done about it is told with its action
        entries, actions = entries[:-1], ()
    return extend_timeline(incident, status, *entries).model_copy(
        update={
            "observed_generation": incident.metadata.generation,
            "phase": IncidentPhase.DETECTED,
            "severity": severity,
            "summary": f"version {rollout.version} of {model.metadata.name} is taken back: {failure.message}",
            "subject": Subject(version=rollout.version, role=role, digest=rollout.digest),
            "fallback": Fallback(version=rollout.returning or stable),
            "containment": Containment.PENDING,
            "evidence": evidence_of(EVIDENCE_ID, failure),
            "actions": actions,
            "clocks": detected(status, failure.onset, failure.detected_at),
        }
    )


def _contained(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus, rollout: RolloutStatus
) -> IncidentStatus:
    if status.containment is Containment.UNDONE:
        return status  # what was undone is told by `exposed_again`, both ways
    moved = last_move(status.actions)
    begun_since = moved is not None and moved.state is ActionState.STARTED
    safe = is_on_safe_path(status) and begun_since
    if status.phase not in UNCONTAINED and not safe:
        return status
    at = rollout.step_started_at
    watched = model.spec.traffic is None
    text = (
        f"the traffic of {model.metadata.name} is not Knowngood's to shift: nothing was moved"
        if watched
        else f"the gateway was seen to give version {rollout.version} no requests"
    )
    clocks = status.clocks or Clocks()
    if moved is None:
        return status
    action = moved.model_copy(
        update={
            "state": ActionState.SKIPPED if watched else ActionState.VERIFIED,
            "finished_at": at,
            "result": text,
        }
    )
    told = extend_timeline(incident, status, (at, "RS.MI", text))
    return entered(told, IncidentPhase.CONTAINED, at).model_copy(
        update={
            "containment": Containment.NONE if watched else Containment.VERIFIED,
            "actions": tuple(action if a is moved else a for a in status.actions),
            "attained": status.attained if safe else attained(clocks, at),
        }
    )


def _counted(incident: Incident, status: IncidentStatus, rollout: RolloutStatus) -> IncidentStatus:
    """Say what the version's own counters have shown since: that is when the harm was over, or that it is not."""
    clocks = status.clocks or Clocks()
    if status.phase is not IncidentPhase.CONTAINED or clocks.contained is None:
        return status
    if is_on_safe_path(status):
        return status  # users were safe before
    failed = status.containment is Containment.FAILED
    if rollout.loud and not failed:
        text = f"version {rollout.version} is still counted to answer requests, although the route gives it none"
        seen = rollout.waiting_since or rollout.step_started_at
        return extend_timeline(incident, status, (seen, "DE.AE", text)).model_copy(
            update={"containment": Containment.FAILED}
        )
    silent, text = (
        rollout.silent_at,
        f"version {rollout.version} was counted to answer nobody since",
    )
    here = (e for e in status.timeline if e.time >= clocks.contained)
    if silent is None or any(entry.text == text for entry in here):
        return status
    at = max(silent, clocks.contained)
    return extend_timeline(incident, status, (at, "RS.MI", text)).model_copy(
        update={
            "containment": Containment.VERIFIED,
            "clocks": clocks.model_copy(update={"contained": at}),
            "attained": attained(clocks, at),
        }
    )
