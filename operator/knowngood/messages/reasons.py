"""Why there is more to tell: each reason compares an incident with what a receiver was told of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionState,
    Clocks,
    Containment,
    Incident,
    IncidentStatus,
    Severity,
)
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.decisions.this_time import acknowledgement_of

ONE_FINDING: Final = timedelta(minutes=5)
"""What fires within that time of the opening shows the same thing, and calls nobody once more."""


def opened_at(incident: Incident) -> datetime | None:
    """When an incident was found, for the last time if it was opened again; None while nothing is told in it."""
    status = incident.status
    if status is None or status.phase is None:
        return None
    clocks = status.clocks or Clocks()
    found = clocks.reopened or clocks.detected
    return found or (status.timeline[0].time if status.timeline else None)


def asked_at(status: IncidentStatus) -> datetime | None:
    """When people were asked what they have not answered; None while nothing waits for them."""
    waiting = (a.approval for a in status.actions if a.state is ActionState.WAITING)
    return max((a.asked_at for a in waiting if a and a.granted_at is None), default=None)


def overdue_at(status: IncidentStatus) -> datetime | None:
    """When the safe path had lasted for as long as it may, for the last time; None while it has not."""
    return max((a.overdue_at for a in status.actions if a.overdue_at), default=None)


def severity_of(incident: Incident) -> Severity | None:
    """How bad it is: a person's word counts for more than the trigger's."""
    return incident.spec.severity or (incident.status.severity if incident.status else None)


def is_taken(incident: Incident, status: IncidentStatus) -> bool:
    """Whether somebody has taken it since it was opened for the last time, heard already or not."""
    heard = (status.clocks or Clocks()).acknowledged is not None
    return heard or acknowledgement_of(incident, status) is not None


def _rank(severity: Severity | None) -> int:
    return [*Severity].index(severity) if severity else -1


def _reopened(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    return status.reopened > (note.reopened or 0)


def _asked(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    at = asked_at(status)
    # An earlier question was told with, or before, the one that is noted.
    return at is not None and (note.asked is None or at > note.asked)


def _one_of_many(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    return status.parent is not None and not note.common_cause


def _raised(incident: Incident, _: IncidentStatus, note: Notification) -> bool:
    return _rank(severity_of(incident)) > _rank(note.severity)


def _failed(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    known = {Containment.FAILED, Containment.VERIFIED}
    return status.containment is Containment.FAILED and note.containment not in known


def _lost(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    now, before = status.containment, note.containment
    lost = {Containment.FAILED, Containment.UNDONE}
    return now in lost and before == Containment.VERIFIED


def _new_cause(incident: Incident, status: IncidentStatus, note: Notification) -> bool:
    return len(later_causes(status, opened_at(incident))) > (note.causes or 0)


def later_causes(status: IncidentStatus, opened: datetime | None) -> frozenset[tuple[str, str]]:
    """Triggers that have fired for the first time when the incident was open for a while."""
    if opened is None:
        return frozenset()
    first: dict[tuple[str, str], datetime] = {}
    for one in status.evidence:
        if one.until is not None and one.until >= opened - ONE_FINDING:
            cause = (one.policy or "", one.trigger)
            first[cause] = min(one.until, first.get(cause, one.until))
    return frozenset(cause for cause, at in first.items() if at - opened > ONE_FINDING)


def _contained(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    now = status.containment
    return now is Containment.VERIFIED and note.containment != Containment.VERIFIED


def _overdue(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    at = overdue_at(status)
    return at is not None and (note.overdue is None or at > note.overdue)


def _acknowledged(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    taken = (status.clocks or Clocks()).acknowledged
    return taken is not None and not note.acknowledged


REASONS: Final[Mapping[OccasionKind, Callable[[Incident, IncidentStatus, Notification], bool]]] = {
    OccasionKind.REOPENED: _reopened,
    OccasionKind.COMMON_CAUSE: _one_of_many,
    OccasionKind.SEVERITY_RAISED: _raised,
    OccasionKind.CONTAINMENT_FAILED: _failed,
    OccasionKind.CONTAINMENT_LOST: _lost,
    OccasionKind.ASKED: _asked,
    OccasionKind.NEW_CAUSE: _new_cause,
    OccasionKind.SAFE_PATH_OVERDUE: _overdue,
    OccasionKind.CONTAINED: _contained,
    OccasionKind.ACKNOWLEDGED: _acknowledged,
}
"""Why there is more to tell, the most urgent first."""
