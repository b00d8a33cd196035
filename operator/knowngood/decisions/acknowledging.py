"""Who has taken an incident: a person of the API server, who is in the spec, or somebody who was paged."""

from knowngood.api.v1alpha1 import Clocks, Incident, IncidentPhase, IncidentStatus
from knowngood.api.v1alpha1.notification_status import PagedAcknowledgement
from knowngood.decisions.timeline import extend_timeline


def acknowledged_by(incident: Incident) -> str:
    """Name whoever has taken an incident first, and how it came back where they were paged; empty for nobody."""
    paged = incident.status.acknowledgement if incident.status else None
    if paged is not None:
        return with_way(paged)
    said = incident.spec.acknowledgement
    return said.by if said is not None else ""


def with_way(said: PagedAcknowledgement) -> str:
    """Name somebody who was paged. What stands behind the name keeps it from passing for a user name."""
    return f"{said.by} ({said.way} receiver {said.receiver})"


def taken_where_paged(incident: Incident, said: PagedAcknowledgement) -> IncidentStatus | None:
    """Write down that somebody who was paged has taken an incident; None where it is taken already, or closed.

    What a person has written into the spec counts as taken also before it is heard: who has it is said once.
    """
    status = incident.status or IncidentStatus()
    clocks = status.clocks or Clocks()
    if incident.spec.acknowledgement or clocks.acknowledged or _is_closed(status):
        return None
    told = extend_timeline(
        incident, status, (said.at, "RS.CO", f"acknowledged by {with_way(said)}")
    )
    clocks = clocks.model_copy(update={"acknowledged": said.at})
    return told.model_copy(update={"clocks": clocks, "acknowledgement": said})


def _is_closed(status: IncidentStatus) -> bool:
    return status.phase is IncidentPhase.CLOSED
