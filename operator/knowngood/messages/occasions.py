"""When a message is owed: whenever an incident is not any more what a receiver was told of it.

It is a comparison of two states and no list of events, so it needs no memory but the note in the incident: what came
and went while a receiver was away is not told, and what still holds is told as it is now.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    Clocks,
    Incident,
    IncidentPhase,
    IncidentStatus,
)
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.reasons import (
    REASONS,
    asked_at,
    is_taken,
    later_causes,
    opened_at,
    overdue_at,
    severity_of,
)
from knowngood.messages.updates import Every, promised

CLOSED_FOR: Final = timedelta(days=1)
"""How long ago an incident may have been closed, to be told to somebody who has never heard of it."""

_NEVER: Final[Every] = {}

_Now = Callable[[Incident, IncidentStatus], object]

_PAGES: Final = frozenset(
    {
        OccasionKind.OPENED,
        OccasionKind.REOPENED,
        OccasionKind.ASKED,
        OccasionKind.COMMON_CAUSE,
        OccasionKind.SEVERITY_RAISED,
        OccasionKind.CONTAINMENT_FAILED,
        OccasionKind.CONTAINMENT_LOST,
        OccasionKind.SAFE_PATH_OVERDUE,
        OccasionKind.NEW_CAUSE,
    }
)
"""What somebody is called for. All else is told to whoever looks."""

_EVERYTHING: Final = frozenset({OccasionKind.OPENED, OccasionKind.REOPENED, OccasionKind.CLOSED})
"""What tells all there is but who has the incident."""

_KNOWN: Final[Mapping[str, tuple[Collection[OccasionKind], _Now]]] = {
    "asked": ({OccasionKind.ASKED}, lambda _, status: asked_at(status)),
    "overdue": ({OccasionKind.SAFE_PATH_OVERDUE}, lambda _, status: overdue_at(status)),
    "common_cause": ({OccasionKind.COMMON_CAUSE}, lambda _, status: bool(status.parent) or None),
    "severity": ({OccasionKind.SEVERITY_RAISED}, lambda incident, _: severity_of(incident)),
    "containment": (
        {
            OccasionKind.CONTAINED,
            OccasionKind.CONTAINMENT_FAILED,
            OccasionKind.CONTAINMENT_LOST,
        },
        lambda _, status: status.containment.value if status.containment else None,
    ),
    # Whatever calls somebody says how many triggers there are.
    "causes": (_PAGES, lambda incident, status: len(later_causes(status, opened_at(incident)))),
}
"""Which messages tell what, and what that is now."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to send one message to one receiver.

    Attributes:
        number: How many messages the receiver has taken with this one.
        at: Since when there is that reason.
        pages: Whether somebody should be called for it.
        told: When the receiver was told last; None for never.
        next_update: When the message says that the next one comes at the latest; None where it says nothing of it.
    """

    kind: OccasionKind
    number: int
    at: datetime
    pages: bool
    told: datetime | None = None
    next_update: datetime | None = None


def owed(
    incident: Incident,
    note: Notification | None,
    *,
    now: datetime,
    parent_told: bool = False,
    every: Every = _NEVER,
) -> Occasion | None:
    """Say what a receiver is to be told next; None when it knows everything.

    An update that it was promised may lie ahead: then `at` does.

    Args:
        incident: As it was last seen.
        note: What the receiver was told; None for nothing.
        now: To leave out what was closed long ago.
        parent_told: Whether it was told of the first incident with the same cause: one cause calls people once.
        every: After how long it gets an update.
    """
    found = _owed(incident, note, now, parent_told=parent_told, every=every)
    if found is None:
        return None
    # What is promised counts from when this can be told at the earliest.
    due = promised(incident, severity_of(incident), found.at, max(now, found.at), every)
    return replace(found, told=note.at if note else None, next_update=due)


def _owed(
    incident: Incident, note: Notification | None, now: datetime, *, parent_told: bool, every: Every
) -> Occasion | None:
    status, opened = incident.status or IncidentStatus(), opened_at(incident)
    if opened is None:
        return None
    number = note.sent + 1 if note else 1
    if status.phase is IncidentPhase.CLOSED:
        closed = (status.clocks or Clocks()).closed or opened
        over = note.occasion is OccasionKind.CLOSED if note else now - closed >= CLOSED_FOR
        return None if over else Occasion(OccasionKind.CLOSED, number, closed, pages=False)
    if note is None:
        calls = not (parent_told and status.parent) and not is_taken(incident, status)
        return Occasion(OccasionKind.OPENED, number, opened, pages=calls)
    for kind, holds in REASONS.items():
        if holds(incident, status, note):
            taken = kind is OccasionKind.REOPENED and is_taken(incident, status)
            known = taken or (kind is OccasionKind.COMMON_CAUSE and parent_told)
            calls = kind in _PAGES and not known
            return Occasion(kind, number, _since(status, kind, opened), pages=calls)
    if note.next_update is None or not every:
        return None
    return Occasion(OccasionKind.UPDATE, number, note.next_update, pages=False)


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
    told["next_update"] = occasion.next_update
    if kind in _EVERYTHING:
        told |= {"reopened": status.reopened or None, "acknowledged": None}
    for field, (kinds, now) in _KNOWN.items():
        if kind in kinds or kind in _EVERYTHING:
            told[field] = now(incident, status)
    if kind is OccasionKind.ACKNOWLEDGED:
        told["acknowledged"] = True
    before = note or Notification(receiver=receiver, sent=0, occasion=kind, at=at, first_at=at)
    return before.model_copy(update=told)


def _since(status: IncidentStatus, kind: OccasionKind, opened: datetime) -> datetime:
    clocks = status.clocks or Clocks()
    known = {
        OccasionKind.REOPENED: clocks.reopened,
        OccasionKind.ASKED: asked_at(status),
        OccasionKind.SAFE_PATH_OVERDUE: overdue_at(status),
        OccasionKind.CONTAINED: clocks.contained,
        OccasionKind.ACKNOWLEDGED: clocks.acknowledged,
    }
    last = status.timeline[-1].time if status.timeline else opened
    return max(opened, known.get(kind) or last)
