"""What an incident says to people while requests go to the safe path, or after it was left."""

from knowngood.api.v1alpha1 import (
    ActionState,
    ActionType,
    AIModelDeployment,
    Incident,
    IncidentStatus,
    UndoneAction,
    WayBack,
)
from knowngood.api.v1alpha1.safe_path import SafePathStatus, SafePathStep
from knowngood.decisions.calling import order
from knowngood.decisions.timeline import instant


def taken_for(model: AIModelDeployment | None, incident: Incident) -> SafePathStatus | None:
    """The safe path while it answers for an incident; None where it does not."""
    taken = model.status.safe_path if model and model.status else None
    mine = taken is not None and taken.incident == incident.metadata.name
    return taken if mine and taken and taken.step is SafePathStep.TAKEN else None


def task_on_safe_path(model: AIModelDeployment, taken: SafePathStatus, what: str) -> str:
    """Say what is to do while it answers.

    Args:
        model: With the status as it was last written.
        taken: Its safe path.
        what: What is to do besides.
    """
    back = f"give the requests back to version {_stable(model)} ({_undo(model)})"
    if model.status and model.status.traffic and model.status.traffic.override:
        return (
            f"{what}: somebody has set the weights of the route by hand, so the safe path ({taken.service}) does not "
            f"get all requests ({order(model, 'release')} puts the route back); to end it, {back}"
        )
    if taken.overdue_at is not None:
        return (
            f"decide now: the safe path ({taken.service}) answers everybody for longer than it may, and nothing moves "
            f"by itself: {what}, then {back}"
        )
    until = f", until {instant(taken.until)} at most" if taken.until else ""
    return f"{what}: the safe path ({taken.service}) answers everybody, and no model does{until}; then {back}"


def closed_on_safe_path(model: AIModelDeployment | None, incident: Incident) -> str:
    """Say how the requests come back where the incident is closed; empty where the safe path does not answer."""
    taken = taken_for(model, incident)
    if model is None or taken is None:
        return ""
    return (
        f"the incident is closed, and that moves nothing: the safe path ({taken.service}) goes on answering everybody "
        f"before the requests are given back ({_undo(model)})"
    )


def way_back(model: AIModelDeployment, incident: Incident) -> WayBack | None:
    """What gives the requests back; None where the safe path does not have them."""
    undo = model.status.undo if model.status else None
    taken = model.status.safe_path if model.status else None
    mine = taken is not None and taken.incident == incident.metadata.name
    if undo is None or undo.action is not UndoneAction.SAFE_PATH or not mine:
        return None
    return WayBack(what=undo.what, command=order(model, "undo", f"--version {undo.version}"))


def left_in(status: IncidentStatus) -> str:
    """Say why the safe path is not taken again, in words that go on a sentence; empty where it was not left."""
    over = [a for a in status.actions if a.type is ActionType.SAFE_PATH and a.finished_at]
    ended = bool(over) and over[-1].state in {ActionState.FAILED, ActionState.VERIFIED}
    if not ended or status.fallback is not None:
        return ""
    return f" ({over[-1].reversed or over[-1].result}; it is not taken again by itself)"


def _stable(model: AIModelDeployment) -> str:
    names = model.status.versions if model.status else None
    return names.stable if names else ""


def _undo(model: AIModelDeployment) -> str:
    return order(model, "undo", f"--version {_stable(model)}")
