"""What shows that another version does better, as an incident tells it: evidence like that of the harm itself."""

from typing import Final

from knowngood.api.v1alpha1 import (
    EvidenceEntry,
    EvidenceNumbers,
    Incident,
    IncidentStatus,
    ServingBreach,
    VerdictKind,
)
from knowngood.decisions.timeline import extend_timeline, is_told

EVIDENCE_KEPT: Final = 32


def with_better_told(
    incident: Incident, status: IncidentStatus, breach: ServingBreach
) -> IncidentStatus:
    """Tell of it once, with the numbers of both versions; nothing where nothing is shown."""
    better = breach.better
    if better is None or is_told(status, better.seen_at, better.message):
        return status
    told = extend_timeline(incident, status, (better.seen_at, "DE.AE", better.message))
    numbers = better.model_dump(include=set(EvidenceNumbers.model_fields))
    entry = EvidenceEntry(
        id=f"e{len(status.evidence) + 1}",
        trigger=breach.trigger,
        policy=breach.policy,
        verdict=VerdictKind.BREACHED,
        message=better.message,
        better=better.version,
        **numbers,
    )
    kept = (*status.evidence, entry)[:EVIDENCE_KEPT]
    return told.model_copy(update={"evidence": kept})
