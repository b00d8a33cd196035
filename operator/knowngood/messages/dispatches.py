"""What a receiver is handed: a message with all that is needed to file it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentPhase, IncidentStatus, Severity, TimelineEntry
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.messages.business import for_business
from knowngood.messages.message import Audience, Line, Message
from knowngood.messages.occasions import Occasion
from knowngood.messages.operations import for_operations
from knowngood.messages.reasons import asked_at, opened_at, severity_of

_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "notifications.knowngood.dev")
TEST: Final = "Test"
"""The word in the place of an occasion, in a message that only tries the way."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One message on its way to one receiver.

    Attributes:
        key: The same whenever this is sent again: whoever has taken it can drop it.
        thread: The same for all that is sent about one incident: its uid.
        reopened: How often the incident was opened again.
        called: How often it had been when the receiver was told last; None where it was told nothing.
        why: The kind of the occasion, or `Test`.
        pages: Whether somebody should be called.
        at: Since when there is a reason to send it.
        severity: None where nobody knows.
        was: The severity that the receiver knew before; None for none.
        opened: When the incident was found.
        closed: When it was closed; None while it is open.
        began: When the incident was found for the first time.
        entries: Its timeline, as far as it is kept.
        parent: Namespace and name of the first incident with the same cause; empty for none.
    """

    key: str
    thread: str
    reopened: int
    called: int | None
    why: str
    pages: bool
    at: datetime
    severity: Severity | None
    was: Severity | None
    namespace: str
    incident: str
    model: str
    version: str
    parent: str
    opened: datetime
    closed: datetime | None
    began: datetime
    entries: tuple[TimelineEntry, ...]
    message: Message


def dispatch_of(
    incident: Incident,
    occasion: Occasion,
    receiver: str,
    audience: Audience,
    note: Notification | None,
) -> Dispatch:
    """Write a dispatch.

    Args:
        incident: As it is now.
        occasion: Why the receiver is told.
        receiver: Its name.
        audience: Who reads there.
        note: What it was told before; None for nothing.
    """
    status, meta = incident.status or IncidentStatus(), incident.metadata
    write = for_business if audience is Audience.BUSINESS else for_operations
    closed = status.clocks.closed if status.clocks else None
    return Dispatch(
        key=str(uuid.uuid5(_SPACE, f"{meta.uid}/{occasion.number}/{occasion.kind}/{receiver}")),
        thread=meta.uid,
        reopened=status.reopened,
        called=(note.reopened or 0) if note else None,
        why=occasion.kind.value,
        pages=occasion.pages,
        at=occasion.at,
        severity=severity_of(incident),
        was=note.severity if note else None,
        namespace=meta.namespace,
        incident=meta.name,
        model=incident.spec.model_ref.name,
        version=status.subject.version if status.subject else "",
        parent=status.parent or "",
        opened=opened_at(incident) or occasion.at,
        closed=(closed or occasion.at) if status.phase is IncidentPhase.CLOSED else None,
        began=(status.clocks.detected if status.clocks else None) or occasion.at,
        entries=status.timeline,
        message=write(incident, occasion),
    )


def reminder_of(
    incident: Incident, receiver: str, audience: Audience, note: Notification
) -> Dispatch:
    """Write what a receiver was told last once more, as the incident is now."""
    opened, kind = opened_at(incident) or note.at, note.occasion
    if kind is OccasionKind.ASKED and asked_at(incident.status or IncidentStatus()) is None:
        kind = OccasionKind.OPENED  # people have decided, or are not asked any more
    last = Occasion(kind, note.sent, opened, pages=False, next_update=note.next_update)
    return dispatch_of(incident, last, receiver, audience, note)


def test_dispatch(receiver: str, now: datetime) -> Dispatch:
    """Write a message that only tries whether anything comes there."""
    title = f"This is a test of the receiver {receiver}: no model is in trouble"
    lines = (Line("You must", "do nothing, but tell whoever tries it that this has come"),)
    key = str(uuid.uuid5(_SPACE, f"test/{receiver}/{now.isoformat()}"))
    return Dispatch(
        key=key,
        thread=key,
        reopened=0,
        called=None,
        why=TEST,
        pages=True,
        at=now,
        severity=Severity.LOW,
        was=None,
        namespace="",
        incident="",
        model="",
        version="",
        parent="",
        opened=now,
        closed=None,
        began=now,
        entries=(),
        message=Message(title, lines, ""),
    )
