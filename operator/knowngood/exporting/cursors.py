"""How far each SIEM has come with an incident, and what it still lacks."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import Clocks, Export, Incident, IncidentPhase, IncidentStatus
from knowngood.api.v1alpha1.export_status import MOST_SINKS

CLOSED_FOR: Final = timedelta(days=1)
"""How long ago an incident may have been closed that a sink has never heard of, to be told to it all the same."""


GIVEN_FOR: Final = timedelta(days=1)
"""How long ago a command may have been given, to be told to a sink that has never heard of its model."""


def cursor(incident: Incident, sink: str) -> int | None:
    """Number of the last entry that a sink has taken; None where it has taken none."""
    for export in incident.status.exports if incident.status else ():
        if export.sink == sink:
            return export.seq
    return None


def newest(incident: Incident) -> int:
    """Number of the last entry of the timeline; 0 where there is none."""
    timeline = incident.status.timeline if incident.status else ()
    return timeline[-1].seq if timeline else 0


def is_for(incident: Incident, sink: str, now: datetime) -> bool:
    """Say whether a sink is to be told of an incident at all.

    A sink that is new begins with what is open. What was opened and closed while nobody could be told must not be lost,
    and nothing is written down before something was told: so what was closed lately counts as well.
    """
    status = incident.status or IncidentStatus()
    if cursor(incident, sink) is not None or status.phase is not IncidentPhase.CLOSED:
        return True
    closed = (status.clocks or Clocks()).closed
    return closed is not None and now - closed < CLOSED_FOR


def unsent_since(incident: Incident, seq: int) -> datetime | None:
    """Since when the first entry beyond a number waits; None where there is none.

    The harm may have begun long before it was found; nothing waits before that.
    """
    status = incident.status or IncidentStatus()
    first = next((e.time for e in status.timeline if e.seq > seq), None)
    found = (status.clocks or Clocks()).detected
    return max(first, found) if first and found else first


def with_cursor(
    status: IncidentStatus, sink: str, seq: int, sinks: Collection[str]
) -> IncidentStatus:
    """Note how far a sink has come.

    Args:
        status: As it was last seen.
        sink: Whose number it is.
        seq: The last entry that it has taken.
        sinks: Those that are configured: the others make room when there is none left.
    """
    return status.model_copy(update={"exports": with_export(status.exports, sink, seq, sinks)})


def with_export(
    exports: Collection[Export], sink: str, seq: int, sinks: Collection[str]
) -> tuple[Export, ...]:
    """Set one sink's number among those of all; where room is short, those go whose sinks are not configured."""
    others = [e for e in exports if e.sink != sink]
    if len(others) >= MOST_SINKS:
        others = [e for e in others if e.sink in sinks]
    return tuple(sorted((*others, Export(sink=sink, seq=seq)), key=lambda e: e.sink))
