"""What nobody has said or done yet about an incident that is being closed: closing does none of it."""

from collections.abc import Iterator

from knowngood.api.v1alpha1 import ActionState, Incident, IncidentStatus, Role
from knowngood.decisions.acknowledging import acknowledged_by
from knowngood.decisions.incident_phases import UNCONTAINED


def unsaid(incident: Incident) -> Iterator[str]:
    """List it, one line each; nothing where everything was seen to be done."""
    status = incident.status or IncidentStatus()
    subject = status.subject
    if subject is not None and subject.role is Role.STABLE and status.phase in UNCONTAINED:
        yield f"users are not safe: version {subject.version} answers them, and nothing more is done about it"
    for action in status.actions:
        if action.state is ActionState.WAITING:
            yield f"people are asked about {action.id} ({action.type}): the question ends with it, and nothing is done"
    if not acknowledged_by(incident):
        yield "nobody has acknowledged it"
    if incident.spec.decision is None and incident.spec.declared is None:
        yield "nobody has said what is decided about it"
    for task in status.tasks:
        if not task.done:
            yield f"not seen to be done ({task.role}): {task.text}"
