"""Incidents that nobody closes: after a long quiet time they are closed without anybody's word, and move nothing."""

from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Containment,
    Ending,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Outcome,
    Role,
)
from knowngood.decisions.incident_phases import entered
from knowngood.decisions.serving_incidents import told_in
from knowngood.decisions.this_time import decision_of
from knowngood.decisions.timeline import extend_timeline, span

_OPEN: Final = frozenset({Containment.PENDING, Containment.FAILED, Containment.UNDONE})
"""What was accepted before it came to this is not accepted now."""


def expires_at(
    model: AIModelDeployment | None,
    incident: Incident,
    status: IncidentStatus,
    after: timedelta,
) -> datetime | None:
    """When an incident is closed because nothing more is told in it; None where a person has to close it.

    Args:
        model: With the status as it was last written; None when it is gone.
        incident: As it was last seen.
        status: What is told in it.
        after: How long nothing may be told.
    """
    if not status.timeline or not _may_expire(model, incident, status):
        return None
    return max(entry.time for entry in status.timeline) + after


def expired(
    model: AIModelDeployment | None,
    incident: Incident,
    status: IncidentStatus,
    after: timedelta,
    now: datetime,
) -> IncidentStatus:
    """Close an incident when its time is over. The arguments are those of `expires_at`, and the instant."""
    at = expires_at(model, incident, status, after)
    if at is None or now < at:
        return status
    quiet = span(now, now - after)
    text = f"closed as {Ending.AUTO_CLOSED}: nothing was told in it for {quiet}; no traffic moves"
    told = extend_timeline(incident, status, (now, "RC.RP", text))
    ended = entered(told, IncidentPhase.CLOSED, now)
    return ended.model_copy(update={"resolution": Ending.AUTO_CLOSED})


def _may_expire(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> bool:
    if status.phase is IncidentPhase.RECOVERED:
        return model is None or not told_in(model, incident.metadata.name)
    if status.phase in {IncidentPhase.CONTAINED, IncidentPhase.ERADICATED}:
        role = status.subject.role if status.subject else None
        if role is Role.CANARY and status.containment is Containment.VERIFIED:
            return True  # users are where they were before it, and nobody has to bring them back
    if status.phase in {None, IncidentPhase.CLOSED}:
        return False
    return _is_settled(model, incident, status)


def _is_settled(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> bool:
    """Whether a person has said that nothing has to be done, or nothing can be found out any more."""
    if model is None:
        return incident.spec.declared is not None
    if status.containment in _OPEN:
        return False
    said = decision_of(incident, status)
    accepted = said is not None and said.outcome in {Outcome.ACCEPT_RISK, Outcome.NONE}
    return accepted and not told_in(model, incident.metadata.name)
