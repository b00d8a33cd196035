"""Updates by the clock: whoever is told when the next word comes hears it then, whether or not something is new."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Outcome,
    Role,
    Severity,
)
from knowngood.decisions.this_time import decision_of

Every = Mapping[Severity, timedelta]
"""After how long an update comes, by how bad it is; what is not in it has none."""

_MINUTE: Final = timedelta(minutes=1)
_ACCEPTED: Final = frozenset({Outcome.ACCEPT_RISK, Outcome.NONE})


def promised(
    incident: Incident, severity: Severity | None, at: datetime, now: datetime, every: Every
) -> datetime | None:
    """Say when the next update comes, to the minute; None for never.

    A message that is sent again, because nobody could write down that it was taken, promises the same: what counts is
    when it became due, unless that is long ago.

    Args:
        incident: As the message tells it.
        severity: How bad it is; what nobody knows is taken for High.
        at: Since when there is a reason for the message.
        now: The present instant.
        every: After how long updates come.
    """
    pause = every.get(severity or Severity.HIGH)
    if pause is None or needs_nobody(incident):
        return None
    due = (at if now - at < pause / 2 else now) + pause
    full = due.replace(second=0, microsecond=0)
    return full if full == due else full + _MINUTE


def needs_nobody(incident: Incident) -> bool:
    """Whether an incident is closed, or is left to close by itself unless something is found anew."""
    status = incident.status or IncidentStatus()
    if status.phase in {IncidentPhase.RECOVERED, IncidentPhase.CLOSED}:
        return True
    if status.containment in {Containment.PENDING, Containment.FAILED, Containment.UNDONE}:
        return False
    role = status.subject.role if status.subject else None
    if role is Role.CANARY and status.containment is Containment.VERIFIED:
        return True  # users are where they were before it
    said = decision_of(incident, status)
    return said is not None and said.outcome in _ACCEPTED
