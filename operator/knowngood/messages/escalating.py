"""Who is told of an incident, and from when on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    Incident,
    IncidentPhase,
    IncidentStatus,
    Origin,
    Role,
)
from knowngood.api.v1alpha1.escalation import EscalationStep
from knowngood.api.v1alpha1.notification_status import Notification, OccasionKind
from knowngood.api.v1alpha1.scalars import seconds
from knowngood.messages.reasons import is_taken, opened_at
from knowngood.messages.updates import Every

SETTLES: Final = timedelta(seconds=5)
"""How long an incident about what serves waits before it is told: by then it is known whether it is one of many."""

FIRST_COMES: Final = timedelta(seconds=30)
"""How long one of many waits until the first of them is told, for which alone somebody is called."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the operator's configuration says of one receiver.

    Attributes:
        default: Whether it is told where no policy names anybody.
        namespaces: Whose incidents it may be told of; empty for all.
        every: After how long it gets an update of what is open, by how bad it is; empty for never.
    """

    default: bool = False
    namespaces: Collection[str] = ()
    every: Every = field(default_factory=dict)

    def reaches(self, namespace: str) -> bool:
        """Say whether it may be told of the incidents of a namespace."""
        return not self.namespaces or namespace in self.namespaces


def to_keep(incident: Incident, policy: tuple[EscalationStep, ...]) -> tuple[EscalationStep, ...]:
    """The steps that have to be written into an incident before its policy changes or goes; empty for none.

    What was begun without them goes on without them.
    """
    status = incident.status
    if status is None or opened_at(incident) is None or status.phase is IncidentPhase.CLOSED:
        return ()
    return () if status.escalation or status.notifications else policy


def unusable(
    steps: tuple[EscalationStep, ...], receivers: Mapping[str, Reach], namespace: str
) -> tuple[str, ...]:
    """Receivers that are named and can not be told: not configured, or not for this namespace."""
    named = {name for step in steps for name in step.notify}
    usable = {n for n in named if n in receivers and receivers[n].reaches(namespace)}
    return tuple(sorted(named - usable))


def told_from(
    incident: Incident,
    policy: tuple[EscalationStep, ...],
    receivers: Mapping[str, Reach],
    receiver: str,
    *,
    first_told: bool = False,
) -> datetime | None:
    """From when on a receiver is told of an incident; None for never.

    A name that can not be used stands for the default receivers: a slip of the pen must not leave everybody asleep.
    Whoever was told once is told of the rest too. Who was not yet when a person took the incident, is not any more.
    When it is opened again the steps begin anew, also for those who were told before, until somebody has taken it
    again.

    Args:
        incident: As it was last seen.
        policy: What its policy says, for an incident that has not kept it yet.
        receivers: All that are configured.
        receiver: The one that is meant.
        first_told: Whether it was told of the first incident with the same cause.
    """
    opened, reach = opened_at(incident), receivers[receiver]
    namespace = incident.metadata.namespace
    if opened is None or not reach.reaches(namespace):
        return None
    status, note = incident.status or IncidentStatus(), note_of(incident, receiver)
    over = status.phase is IncidentPhase.CLOSED or is_taken(incident, status)
    if note is not None and (over or (note.reopened or 0) >= status.reopened):
        return opened
    steps = status.escalation or to_keep(incident, policy)
    soonest = opened + (SETTLES if _may_be_one_of_many(incident, status) else timedelta())
    if status.parent and reach.reaches(status.parent.partition("/")[0]) and not first_told:
        soonest = opened + FIRST_COMES
    if not steps:
        return soonest if reach.default or note else None
    waits = [
        seconds(step.after)
        for step in steps
        if receiver in step.notify or (reach.default and unusable((step,), receivers, namespace))
    ]
    wait = min(waits, default=None)
    if wait is None:
        return opened if note else None
    if wait and over:
        return None
    return max(soonest, opened + timedelta(seconds=wait))


def note_of(incident: Incident, receiver: str) -> Notification | None:
    """What a receiver was told of an incident; None for nothing."""
    notes = incident.status.notifications if incident.status else ()
    return next((note for note in notes if note.receiver == receiver), None)


def heard_open(incident: Incident, receiver: str) -> bool:
    """Whether a receiver was told of an incident before its end: whoever heard of that alone was not called."""
    note = note_of(incident, receiver)
    return note is not None and not (note.sent == 1 and note.occasion is OccasionKind.CLOSED)


def with_note(
    status: IncidentStatus, note: Notification, receivers: Collection[str], most: int
) -> IncidentStatus:
    """Note what a receiver was told.

    Args:
        status: As it was last seen.
        note: Of one receiver.
        receivers: Those that are configured: the others make room when there is none left.
        most: How many may be noted.
    """
    others = [n for n in status.notifications if n.receiver != note.receiver]
    if len(others) >= most:
        others = [n for n in others if n.receiver in receivers]
    found = sorted((*others, note), key=lambda n: n.receiver)
    return status.model_copy(update={"notifications": tuple(found)})


def _may_be_one_of_many(incident: Incident, status: IncidentStatus) -> bool:
    """Whether it is about what serves: others may have turned bad at the same time."""
    serves = status.subject is not None and status.subject.role is Role.STABLE
    return serves and incident.spec.origin is Origin.TRIGGER
