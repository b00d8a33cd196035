"""Who has taken an incident: a person of the API server, who is in the spec, or somebody who was paged."""

from knowngood.api.v1alpha1 import Clocks, Incident, IncidentPhase, IncidentStatus
from knowngood.api.v1alpha1.notification_status import PagedAcknowledgement
from knowngood.decisions.this_time import acknowledgement_of
from knowngood.decisions.timeline import extend_timeline


def acknowledged_by(incident: Incident) -> str:
    """Name whoever has taken an incident first since it was opened for the last time; empty for nobody.

    Where it came back from where they were paged, the way is told.
    """
    status = incident.status or IncidentStatus()
    if status.acknowledgement is not None:
        return with_way(status.acknowledgement)
    said = acknowledgement_of(incident, status)
    return said.by if said is not None else ""


def with_way(said: PagedAcknowledgement) -> str:
    """Name somebody who was paged. What stands behind the name keeps it from passing for a user name."""
    return f"{said.by} ({said.way} receiver {said.receiver})"


def taken_where_paged(
    incident: Incident, said: PagedAcknowledgement, said_in: int
) -> IncidentStatus | None:
    """Write down that somebody who was paged has taken an incident; None where it is taken already, or closed.

    What a person has written into the spec counts as taken also before it is heard: who has it is said once.

    Args:
        incident: As it was last seen.
        said: Who, and how it came back.
        said_in: How often the incident had been opened again when they were paged: what comes late takes nothing.
    """
    status = incident.status or IncidentStatus()
    clocks = status.clocks or Clocks()
    if acknowledgement_of(incident, status) or clocks.acknowledged or _is_closed(status):
        return None
    if said_in < status.reopened:
        return None
    told = extend_timeline(
        incident, status, (said.at, "RS.CO", f"acknowledged by {with_way(said)}")
    )
    clocks = clocks.model_copy(update={"acknowledged": said.at})
    return told.model_copy(update={"clocks": clocks, "acknowledgement": said})


def _is_closed(status: IncidentStatus) -> bool:
    return status.phase is IncidentPhase.CLOSED
