"""What nobody has said or done yet about an incident that is being closed: closing does none of it."""

from collections.abc import Iterator

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.decisions.acknowledging import acknowledged_by


def unsaid(incident: Incident) -> Iterator[str]:
    """List it, one line each; nothing where everything was seen to be done."""
    status = incident.status or IncidentStatus()
    if not acknowledged_by(incident):
        yield "nobody has acknowledged it"
    if incident.spec.decision is None and incident.spec.declared is None:
        yield "nobody has said what is decided about it"
    for task in status.tasks:
        if not task.done:
            yield f"not seen to be done ({task.role}): {task.text}"
