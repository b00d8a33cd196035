"""What people have said of an incident since it was opened for the last time: what was said before is no word on now.

Each word says for which time it is meant, so one that comes late, or was never heard, does not pass for a new one.
"""

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.api.v1alpha1.answers import Acknowledgement, Decision


def acknowledgement_of(incident: Incident, status: IncidentStatus) -> Acknowledgement | None:
    """Who has taken it, as it stands in the spec; None where nobody has since."""
    said = incident.spec.acknowledgement
    return said if said is not None and _is_of_now(said.round, status) else None


def decision_of(incident: Incident, status: IncidentStatus) -> Decision | None:
    """What was decided; None where nothing was since."""
    said = incident.spec.decision
    return said if said is not None and _is_of_now(said.round, status) else None


def _is_of_now(said_in: int | None, status: IncidentStatus) -> bool:
    """An incident that comes from a backup without its status was opened more often than it knows."""
    return (said_in or 0) >= status.reopened
