"""What people do about a rollback is noted in its incident: who undid it, and who went past its verdict."""

from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    CommandResult,
    Incident,
    IncidentPhase,
    IncidentStatus,
)
from knowngood.decisions.commands import Verb
from knowngood.decisions.timeline import extend_timeline, is_told

_NOTED: Final = frozenset({Verb.UNDO, Verb.FORCE, Verb.RETRY, Verb.RESTORE})


def noted(model: AIModelDeployment, incident: Incident, status: IncidentStatus) -> IncidentStatus:
    """Note the last command, once, where it came after the incident began.

    Args:
        model: With the status as it was last written.
        incident: One of its incidents: only in the latest one is anything noted.
        status: Of that incident.
    """
    latest = model.status.incident_ref if model.status else None
    if latest is None or latest.name != incident.metadata.name:
        return status
    last = model.status.last_command if model.status else None
    if last is None or last.result is not CommandResult.DONE or last.verb not in _NOTED:
        return status
    detected = status.clocks.detected if status.clocks else None
    if status.phase is IncidentPhase.CLOSED or detected is None or last.time < detected:
        return status
    text = f"{last.by} gave the command {last.verb} {last.version}" + (
        f": {last.message}" if last.message else ""
    )
    if is_told(status, last.time, text):
        return status
    return extend_timeline(incident, status, (last.time, "RS.CO", text), actor=last.by)
