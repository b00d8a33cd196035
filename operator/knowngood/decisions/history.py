"""Which records of versions are old enough to be forgotten."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    DeploymentStatus,
    Incident,
    IncidentPhase,
    Standing,
)
from knowngood.decisions.situation import standing_of

NEWEST_KNOWN_GOOD: Final = 2

_OVER: Final = frozenset({Standing.REJECTED, Standing.SUPERSEDED, Standing.RETIRED})
"""Standings of versions that nobody uses any more."""


def to_forget(
    model: AIModelDeployment, records: Sequence[AIModelVersion], incidents: Iterable[Incident]
) -> list[AIModelVersion]:
    """Choose the records that are beyond the model's limit, the oldest first.

    Args:
        model: With the status that was written last.
        records: All of its versions'.
        incidents: Of its namespace.
    """
    if model.status is None or model.status.phase is None:
        return []
    kept = _in_use(model, model.status) | _told_of(model, incidents) | _known_good(records)
    old = sorted(records, key=_age)
    free = [r for r in old if r.spec.model.version not in kept and standing_of(r) in _OVER]
    return free[: max(0, len(records) - model.spec.version_history_limit)]


def _in_use(model: AIModelDeployment, status: DeploymentStatus) -> set[str]:
    used = {model.spec.model.version, *(d.version for d in status.draining)}
    if status.versions is not None:
        used |= {status.versions.stable, status.versions.canary, status.versions.shadow}
    if status.rollout is not None:
        used.add(status.rollout.version)
    if status.undo is not None:
        used.add(status.undo.to)
    if status.traffic is not None:
        used |= {b.version for b in status.traffic.backends}
    return used


def _told_of(model: AIModelDeployment, incidents: Iterable[Incident]) -> set[str]:
    told: set[str] = set()
    for incident in incidents:
        status = incident.status
        if incident.spec.model_ref.uid != model.metadata.uid or status is None:
            continue
        if status.phase is not IncidentPhase.CLOSED:
            parts = (status.subject, status.fallback)
            told |= {part.version for part in parts if part is not None and part.version}
    return told


def _known_good(records: Collection[AIModelVersion]) -> set[str]:
    good = [r for r in records if standing_of(r) is Standing.KNOWN_GOOD]
    return {r.spec.model.version for r in sorted(good, key=_age)[-NEWEST_KNOWN_GOOD:]}


def _age(record: AIModelVersion) -> tuple[str, str]:
    created = record.metadata.creation_timestamp
    return created.isoformat() if created else "", record.metadata.name
