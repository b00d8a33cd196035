"""Incidents outlive their model: what is open ends with it, and stays to be read."""

from datetime import datetime

from knowngood.api.v1alpha1 import Ending, Incident, IncidentPhase, IncidentStatus
from knowngood.decisions.acting import asked_no_more
from knowngood.decisions.handing_over import readable
from knowngood.decisions.incident_phases import entered
from knowngood.decisions.timeline import extend_timeline


def ended_with_model(incident: Incident, now: datetime) -> IncidentStatus | None:
    """Close an incident whose model was deleted; None when it is closed already."""
    status = incident.status or IncidentStatus()
    if status.phase is IncidentPhase.CLOSED:
        return None
    entry = (now, "RC.RP", "closed because the model was deleted")
    told = extend_timeline(incident, status, entry)
    closed = entered(told, IncidentPhase.CLOSED, now).model_copy(
        update={
            "observed_generation": incident.metadata.generation,
            "resolution": Ending.MODEL_DELETED,
            "actions": asked_no_more(status.actions),
        }
    )
    return readable(None, incident, closed)
