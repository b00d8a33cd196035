"""The incident of a version that serves and is found to be bad: told from the breaches in the model's status alone.

It may be that nothing is shifted for it; then it says why, and waits for a person. What is found later about the same
version joins it.
"""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    AIModelDeployment,
    Clocks,
    Containment,
    DeploymentStatus,
    EvidenceEntry,
    FailureReason,
    Fallback,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Phase,
    Role,
    RolloutFailure,
    RolloutStatus,
    ServingBreach,
    Severity,
    Subject,
    VerdictKind,
)
from knowngood.decisions.acting import begun, next_number, with_action, with_begun
from knowngood.decisions.asked_incidents import with_requests
from knowngood.decisions.better_told import EVIDENCE_KEPT, with_better_told
from knowngood.decisions.breaches import failure_told
from knowngood.decisions.exposed_again import without_exposure
from knowngood.decisions.headlines import LONGEST, headline, restated
from knowngood.decisions.incident_phases import GONE
from knowngood.decisions.people import who_asked
from knowngood.decisions.safe_path_incidents import is_on_safe_path
from knowngood.decisions.timeline import detected, extend_timeline, is_told, onset_entry

_OF_ONE_TIME: Final = (
    "acknowledged",
    "triaged",
    "decided",
    "contained",
    "eradicated",
    "recovered",
)
"""Clocks of what says nothing any more once the version is bad again."""


def told_in(model: AIModelDeployment, name: str) -> tuple[ServingBreach, ...]:
    """Breaches of the version that serves that an incident tells of."""
    breaches = model.status.serving_breaches if model.status else ()
    return tuple(b for b in breaches if b.incident == name)


def is_containment(rollout: RolloutStatus) -> bool:
    """Say whether a version was taken back because a trigger is breached for it while it serves."""
    failed = rollout.failure is not None and rollout.failure.trigger is not None
    return failed and bool(rollout.returning)


def with_breaches(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus
) -> IncidentStatus:
    """Tell of the breaches that an incident is about; it only adds."""
    told = model.status or DeploymentStatus()
    for breach in told_in(model, incident.metadata.name):
        shifted = told.phase is Phase.CONTAINING and breach.held is None
        if status.phase is None:
            status = _opened(model, incident, status, breach, shifted=shifted)
        elif status.phase in GONE or status.containment is Containment.UNDONE:
            status = _reopened(incident, status, breach, shifted=shifted)
        elif not any(_is_of(entry, breach) for entry in status.evidence):
            status = _joined(incident, status, breach)
        status = with_better_told(incident, status, breach)
        if breach.common_cause is not None and breach.common_since is not None:
            status = _one_of_many(
                incident, status, breach, breach.common_cause, breach.common_since
            )
        if breach.failed_at is not None:
            status = _failed(incident, status, breach, breach.failed_at)
    return with_requests(incident, status, told_in(model, incident.metadata.name))


def _one_of_many(
    incident: Incident, status: IncidentStatus, breach: ServingBreach, text: str, at: datetime
) -> IncidentStatus:
    """Others have turned bad at the same time; it is said once, in the words of the first look."""
    if is_told(status, at, text):
        return status
    told = extend_timeline(incident, status, (at, "DE.AE", text))
    summary = f"{text}; {status.summary}"[:LONGEST]
    return told.model_copy(update={"parent": status.parent or breach.parent, "summary": summary})


def shift_begun(
    incident: Incident, status: IncidentStatus, rollout: RolloutStatus, failure: RolloutFailure
) -> IncidentStatus:
    """Note that the requests are shifted away from a version that serves: for a trigger, or because a person asked."""
    known = {a.started_at for a in status.actions if a.type is not ActionType.HOLD}
    if not rollout.returning or failure.detected_at in known:
        return status
    kind = ActionType.SHIFT_TO_SHADOW if is_containment(rollout) else ActionType.ROLLBACK
    by = who_asked(failure.message) if failure.reason is FailureReason.MANUAL else None
    actions = with_begun(status.actions, kind, failure.detected_at, by)
    asked = f": {failure.message}" if by else ""  # the trigger that it is for is told already
    text = (
        f"version {rollout.returning} is brought up, and gets all requests from version {rollout.version} as soon as "
        f"it can answer{asked}"
    )
    return extend_timeline(incident, status, (rollout.started_at, "RS.MI", text)).model_copy(
        update={
            "containment": status.containment if is_on_safe_path(status) else Containment.PENDING,
            "fallback": Fallback(version=rollout.returning or ""),
            "actions": actions,
        }
    )


def evidence_of(entry: str, failure: RolloutFailure) -> tuple[EvidenceEntry, ...]:
    """What a trigger saw; nothing where no trigger did."""
    numbers = failure.evidence.model_dump() if failure.evidence else {}
    if not failure.trigger:
        return ()
    return (
        EvidenceEntry(
            id=entry,
            trigger=failure.trigger,
            policy=failure.policy,
            verdict=VerdictKind.BREACHED,
            message=failure.message,
            **numbers,
        ),
    )


def _opened(
    model: AIModelDeployment,
    incident: Incident,
    status: IncidentStatus,
    breach: ServingBreach,
    *,
    shifted: bool,
) -> IncidentStatus:
    at, version = breach.found_at, breach.version
    entries = [*onset_entry(version, breach.onset), (at, "DE.AE", breach.message)]
    held = () if shifted else (_hold(breach),)
    if not shifted:
        entries.append((at, "RS.MI", f"nothing is shifted: {_why(breach)}"))
    return extend_timeline(incident, status, *entries).model_copy(
        update={
            "observed_generation": incident.metadata.generation,
            "phase": IncidentPhase.DETECTED,
            "severity": breach.severity or Severity.HIGH,
            "summary": f"{headline(model.metadata.name, version)}{breach.message}"[:LONGEST],
            "subject": Subject(version=version, role=Role.STABLE),
            "containment": Containment.PENDING if shifted else Containment.NONE,
            "evidence": evidence_of("e1", failure_told(breach)),
            "actions": held,
            "clocks": detected(status, breach.onset, at),
        }
    )


def _hold(breach: ServingBreach, number: int = 1) -> ActionRecord:
    action = begun(ActionType.HOLD, breach.found_at, number)
    update = {"state": ActionState.VERIFIED, "finished_at": breach.found_at, "result": _why(breach)}
    return action.model_copy(update=update)


def _reopened(
    incident: Incident, status: IncidentStatus, breach: ServingBreach, *, shifted: bool
) -> IncidentStatus:
    """The version turns bad again after the cause was thought to be gone: what was reached is not reached any more."""
    at, actions = breach.found_at, status.actions
    again = (at, "DE.AE", f"the incident is opened again: version {breach.version} is bad again")
    told = _joined(incident, extend_timeline(incident, status, again), breach)
    if not shifted:
        text = f"nothing is shifted: {_why(breach)}"
        told = extend_timeline(incident, told, (at, "RS.MI", text))
        actions = with_action(actions, _hold(breach, next_number(actions)))
    reached, named = dict.fromkeys(_OF_ONE_TIME), (incident.spec.model_ref.name, breach.version)
    return told.model_copy(
        update={
            "phase": IncidentPhase.DETECTED,
            "summary": restated(without_exposure(status.summary) or "", *named),
            "reopened": status.reopened + 1,
            "containment": Containment.PENDING if shifted else Containment.NONE,
            "actions": actions,
            "attained": None,
            "acknowledgement": None,  # nobody has it now, and the timeline keeps who had it
            "steps": (),  # what was found then says nothing of now; the timeline keeps it
            "changes": (),
            "clocks": (status.clocks or Clocks()).model_copy(update=reached | {"reopened": at}),
        }
    )


def _joined(incident: Incident, status: IncidentStatus, breach: ServingBreach) -> IncidentStatus:
    if len(status.evidence) >= EVIDENCE_KEPT and is_told(status, breach.found_at, breach.message):
        return status
    told = extend_timeline(incident, status, (breach.found_at, "DE.AE", breach.message))
    entry = evidence_of(f"e{len(status.evidence) + 1}", failure_told(breach))
    kept = (*status.evidence, *entry)[:EVIDENCE_KEPT]
    return told.model_copy(update={"evidence": kept})


def _failed(
    incident: Incident, status: IncidentStatus, breach: ServingBreach, at: datetime
) -> IncidentStatus:
    """The requests were to be shifted, and stay where they are."""
    actions = tuple(_ended(a, breach, at) if _is_shift(a) else a for a in status.actions)
    if actions == status.actions:
        return status
    text = f"nothing is shifted: {_why(breach)}; it is not tried again by itself"
    return extend_timeline(incident, status, (at, "RS.MI", text)).model_copy(
        update={
            "containment": status.containment if is_on_safe_path(status) else Containment.FAILED,
            "actions": actions,
        }
    )


def _ended(action: ActionRecord, breach: ServingBreach, at: datetime) -> ActionRecord:
    if action.state is not ActionState.STARTED or action.started_at > at:
        return action  # a later one goes on
    update = {"state": ActionState.FAILED, "finished_at": at, "result": _why(breach)}
    return action.model_copy(update=update)


def _why(breach: ServingBreach) -> str:
    return breach.held or "the requests are shifted for another trigger"


def _is_of(entry: EvidenceEntry, breach: ServingBreach) -> bool:
    """A trigger that was breached, was not any more, and is again, is evidence once more."""
    same = (entry.trigger, entry.policy) == (breach.trigger, breach.policy)
    harm = entry.verdict is VerdictKind.BREACHED and entry.better is None
    return same and entry.until == breach.until and harm


def _is_shift(action: ActionRecord) -> bool:
    return action.type is ActionType.SHIFT_TO_SHADOW
