"""What an incident tells of the safe path: from the model's status alone, once for each step."""

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    AIModelDeployment,
    Clocks,
    Containment,
    Fallback,
    Incident,
    IncidentPhase,
    IncidentStatus,
)
from knowngood.api.v1alpha1.safe_path import SafePathStatus
from knowngood.decisions.acting import with_begun
from knowngood.decisions.incident_phases import entered
from knowngood.decisions.leaving_safe_path import back_text, left_text
from knowngood.decisions.timeline import LONGEST, attained, extend_timeline, instant, is_told


def with_safe_path(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus
) -> IncidentStatus:
    """Tell how far the safe path is that is taken for an incident; it only adds."""
    taken = model.status.safe_path if model.status else None
    if taken is None or taken.incident != incident.metadata.name or status.phase is None:
        return status
    if taken.left_why is not None and is_told(status, taken.step_at, left_text(taken)):
        return status
    status = _begun(incident, status, taken)
    status = _taken(incident, status, taken)
    status = _overdue(incident, status, taken)
    return _left(model, incident, status, taken)


def with_return(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus
) -> IncidentStatus:
    """Tell, once, that the gateway was seen to send nothing there any more; after whoever wanted that was noted."""
    taken = model.status.safe_path if model.status else None
    if taken is None or taken.incident != incident.metadata.name or taken.back_at is None:
        return status
    if status.phase in {None, IncidentPhase.CLOSED}:
        return status
    action, text = _action(status, taken), back_text(taken)
    if action is None or is_told(status, taken.back_at, text):
        return status
    told = extend_timeline(incident, status, (taken.back_at, "RS.MI", text))
    field = "result" if action.state is ActionState.FAILED else "reversed"
    said = f"{getattr(action, field)}; {text}"[:LONGEST]
    return _with(told, action.model_copy(update={field: said}))


def is_on_safe_path(status: IncidentStatus) -> bool:
    """Say whether users are answered by the safe path, or were until another version took over."""
    taken = any(
        a.type is ActionType.SAFE_PATH and a.state is ActionState.VERIFIED for a in status.actions
    )
    return taken and status.containment is Containment.VERIFIED


def _begun(incident: Incident, status: IncidentStatus, taken: SafePathStatus) -> IncidentStatus:
    if _action(status, taken) is not None:
        return status
    actions = with_begun(status.actions, ActionType.SAFE_PATH, taken.since, taken.by)
    last = actions[-1].model_copy(update={"result": f"decided by {taken.by}"})
    text = (
        f"the safe path ({taken.service}) gets all requests from version {taken.version} as soon as the gateway knows "
        f"it, as {taken.by} has decided"
    )
    told = extend_timeline(incident, status, (taken.since, "RS.MI", text))
    update = {
        "containment": Containment.PENDING,
        "fallback": Fallback(service=taken.service),
        "actions": (*actions[:-1], last),
    }
    return told.model_copy(update=update)


def _taken(incident: Incident, status: IncidentStatus, taken: SafePathStatus) -> IncidentStatus:
    action, at = _action(status, taken), taken.taken_at
    if action is None or at is None or action.state is not ActionState.STARTED:
        return status
    until = f", until {instant(taken.until)} at most" if taken.until else ""
    text = f"the gateway was seen to send all requests to the safe path ({taken.service}), and none to a version{until}"
    done = {"state": ActionState.VERIFIED, "finished_at": at, "result": text}
    told = entered(
        extend_timeline(incident, status, (at, "RS.MI", text)), IncidentPhase.CONTAINED, at
    )
    update = {
        "containment": Containment.VERIFIED,
        "attained": attained(status.clocks or Clocks(), at),
    }
    return _with(told, action.model_copy(update=done)).model_copy(update=update)


def _overdue(incident: Incident, status: IncidentStatus, taken: SafePathStatus) -> IncidentStatus:
    action, at = _action(status, taken), taken.overdue_at
    if action is None or at is None or action.overdue_at is not None:
        return status
    text = f"the safe path ({taken.service}) is taken for longer than it may be: a person has to decide"
    told = extend_timeline(incident, status, (at, "RS.CO", text))
    return _with(told, action.model_copy(update={"overdue_at": at}))


def _left(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus, taken: SafePathStatus
) -> IncidentStatus:
    action = _action(status, taken)
    if action is None or taken.left_why is None:
        return status
    text = left_text(taken)
    told = extend_timeline(incident, status, (taken.step_at, "RS.MI", text))
    ended = {"reversed_at": taken.step_at, "reversed": text}
    if taken.failed or action.state is ActionState.STARTED:
        ended = {"state": ActionState.FAILED, "finished_at": taken.step_at, "result": text}
    told = _with(told, action.model_copy(update=ended))
    names = model.status.versions if model.status else None
    if names is not None and names.stable != taken.version:
        return told  # another version answers: how far that is, is told with its own action
    return _uncontained(told, failed=bool(taken.failed))


def _uncontained(status: IncidentStatus, *, failed: bool) -> IncidentStatus:
    """Users meet the version again that was found to be bad: what was reached is not reached any more."""
    clocks = status.clocks or Clocks()
    phase = IncidentPhase.TRIAGED if clocks.triaged else IncidentPhase.DETECTED
    back = phase if status.phase is IncidentPhase.CONTAINED else status.phase
    return status.model_copy(
        update={
            "phase": back,
            "containment": Containment.FAILED if failed else Containment.NONE,
            "fallback": None,
            "attained": None,
            "clocks": clocks.model_copy(update={"contained": None}),
        }
    )


def _action(status: IncidentStatus, taken: SafePathStatus) -> ActionRecord | None:
    mine = (a for a in status.actions if a.type is ActionType.SAFE_PATH)
    return next((a for a in mine if a.started_at == taken.since), None)


def _with(status: IncidentStatus, action: ActionRecord) -> IncidentStatus:
    actions = tuple(action if a.id == action.id else a for a in status.actions)
    return status.model_copy(update={"actions": actions})
