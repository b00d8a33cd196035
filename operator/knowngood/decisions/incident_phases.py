"""The phases of an incident: forwards only, skips allowed, and each with its clock.

The one way back is that the same version turns bad again after the cause was thought to be gone.
"""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import Clocks, IncidentPhase, IncidentStatus

ORDER: Final = tuple(IncidentPhase)
"""From the detection to the end."""

UNCONTAINED: Final = frozenset({IncidentPhase.DETECTED, IncidentPhase.TRIAGED})
"""Phases before the containment: what is found meanwhile is told as part of it."""

GONE: Final = frozenset({IncidentPhase.ERADICATED, IncidentPhase.RECOVERED})
"""Phases in which the cause was seen to be gone."""

_CLOCKS: Final = {
    IncidentPhase.TRIAGED: "triaged",
    IncidentPhase.CONTAINED: "contained",
    IncidentPhase.ERADICATED: "eradicated",
    IncidentPhase.RECOVERED: "recovered",
    IncidentPhase.CLOSED: "closed",
}


def may_enter(current: IncidentPhase | None, target: IncidentPhase) -> bool:
    """Say whether a phase lies ahead; of an incident in which nothing is told yet none does but the end."""
    if current is None:
        return target is IncidentPhase.CLOSED
    return ORDER.index(target) > ORDER.index(current)


def entered(status: IncidentStatus, target: IncidentPhase, at: datetime) -> IncidentStatus:
    """Go on to a phase that lies ahead, and set its clock."""
    if not may_enter(status.phase, target):
        return status
    clocks = (status.clocks or Clocks()).model_copy(update={_CLOCKS[target]: at})
    return status.model_copy(update={"phase": target, "clocks": clocks})
