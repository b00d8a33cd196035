"""When a message is owed: whenever an incident is not any more what a receiver was told of it.

It is a comparison of two states and no list of events, so it needs no memory but the note in the incident: what came
and went while a receiver was away is not told, and what still holds is told as it is now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionState,
    Clocks,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Severity,
)
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind

CLOSED_FOR: Final = timedelta(days=1)
"""How long ago an incident may have been closed, to be told to somebody who has never heard of it."""

_PAGES: Final = frozenset(
    {
        OccasionKind.OPENED,
        OccasionKind.REOPENED,
        OccasionKind.ASKED,
        OccasionKind.COMMON_CAUSE,
        OccasionKind.SEVERITY_RAISED,
        OccasionKind.CONTAINMENT_FAILED,
        OccasionKind.CONTAINMENT_LOST,
    }
)
"""What somebody is called for. All else is told to whoever looks."""

_EVERYTHING: Final = frozenset({OccasionKind.OPENED, OccasionKind.REOPENED, OccasionKind.CLOSED})
"""What tells all there is but who has the incident."""

_ABOUT_CONTAINMENT: Final = frozenset(
    {
        OccasionKind.CONTAINED,
        OccasionKind.CONTAINMENT_FAILED,
        OccasionKind.CONTAINMENT_LOST,
    }
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to send one message to one receiver.

    Attributes:
        number: How many messages the receiver has taken with this one.
        at: Since when there is that reason.
        pages: Whether somebody should be called for it.
    """

    kind: OccasionKind
    number: int
    at: datetime
    pages: bool


def owed(
    incident: Incident, note: Notification | None, *, now: datetime, parent_told: bool = False
) -> Occasion | None:
    """Say what a receiver is to be told next; None when it knows everything.

    Args:
        incident: As it was last seen.
        note: What the receiver was told; None for nothing.
        now: To leave out what was closed long ago.
        parent_told: Whether it was told of the first incident with the same cause: one cause calls people once.
    """
    status, opened = incident.status or IncidentStatus(), opened_at(incident)
    if opened is None:
        return None
    number = note.sent + 1 if note else 1
    if status.phase is IncidentPhase.CLOSED:
        closed = (status.clocks or Clocks()).closed or opened
        over = note.occasion is OccasionKind.CLOSED if note else now - closed >= CLOSED_FOR
        return None if over else Occasion(OccasionKind.CLOSED, number, closed, pages=False)
    if note is None:
        calls = not (parent_told and status.parent) and not _is_taken(incident, status, opened)
        return Occasion(OccasionKind.OPENED, number, opened, pages=calls)
    for kind, holds in _REASONS.items():
        if holds(incident, status, note):
            return Occasion(kind, number, _since(status, kind, opened), pages=kind in _PAGES)
    return None


def noted(
    incident: Incident, note: Notification | None, occasion: Occasion, receiver: str, at: datetime
) -> Notification:
    """What a receiver knows once it has taken a message.

    Only what the message was about is noted, so that each other change is told as well. The first one tells everything
    but who has the incident.

    Args:
        incident: That the message was made from.
        note: What the receiver was told before.
        occasion: What the message was about.
        receiver: Its name.
        at: When it had taken it.
    """
    kind, status = occasion.kind, incident.status or IncidentStatus()
    told: dict[str, object] = {"sent": occasion.number, "occasion": kind, "at": at}
    everything = kind in _EVERYTHING
    if everything:
        told["reopened"] = status.reopened or None
    if everything or kind is OccasionKind.ASKED:
        told["asked"] = asked_at(status)
    if everything or kind is OccasionKind.COMMON_CAUSE:
        told["common_cause"] = True if status.parent else None
    if everything or kind is OccasionKind.SEVERITY_RAISED:
        told["severity"] = severity_of(incident)
    if everything or kind in _ABOUT_CONTAINMENT:
        told["containment"] = status.containment.value if status.containment else None
    if kind is OccasionKind.ACKNOWLEDGED:
        told["acknowledged"] = True
    before = note or Notification(receiver=receiver, sent=0, occasion=kind, at=at)
    return before.model_copy(update=told)


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


def severity_of(incident: Incident) -> Severity | None:
    """How bad it is: a person's word counts for more than the trigger's."""
    return incident.spec.severity or (incident.status.severity if incident.status else None)


def _is_taken(incident: Incident, status: IncidentStatus, opened: datetime) -> bool:
    """Whether a person has taken it since it was opened for the last time."""
    at = (status.clocks or Clocks()).acknowledged
    return incident.spec.acknowledgement is not None and (at is None or at >= opened)


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


def _contained(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    now = status.containment
    return now is Containment.VERIFIED and note.containment != Containment.VERIFIED


def _acknowledged(_: Incident, status: IncidentStatus, note: Notification) -> bool:
    taken = (status.clocks or Clocks()).acknowledged
    return taken is not None and not note.acknowledged


_REASONS: Final[Mapping[OccasionKind, Callable[[Incident, IncidentStatus, Notification], bool]]] = {
    OccasionKind.REOPENED: _reopened,
    OccasionKind.COMMON_CAUSE: _one_of_many,
    OccasionKind.SEVERITY_RAISED: _raised,
    OccasionKind.CONTAINMENT_FAILED: _failed,
    OccasionKind.CONTAINMENT_LOST: _lost,
    OccasionKind.ASKED: _asked,
    OccasionKind.CONTAINED: _contained,
    OccasionKind.ACKNOWLEDGED: _acknowledged,
}
"""Why there is more to tell, the most urgent first."""


def _since(status: IncidentStatus, kind: OccasionKind, opened: datetime) -> datetime:
    clocks = status.clocks or Clocks()
    known = {
        OccasionKind.REOPENED: clocks.reopened,
        OccasionKind.ASKED: asked_at(status),
        OccasionKind.CONTAINED: clocks.contained,
        OccasionKind.ACKNOWLEDGED: clocks.acknowledged,
    }
    last = status.timeline[-1].time if status.timeline else opened
    return max(opened, known.get(kind) or last)
