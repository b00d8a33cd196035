"""Incidents that people declare: they are told and kept as others are, and nothing is done because of them."""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Clocks,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    Severity,
    Subject,
    VersionNames,
)
from knowngood.decisions.people import remark
from knowngood.decisions.timeline import extend_timeline

MARK: Final = "manual"
"""Stands between a model's name and what tells its declared incidents apart: those of triggers have numbers there."""


def taken_up(
    model: AIModelDeployment | None,
    incident: Incident,
    status: IncidentStatus,
    now: datetime,
    *,
    proved: bool,
) -> IncidentStatus:
    """Begin an incident that a person has declared; one that has begun, or that nobody has declared, stays as it is.

    Args:
        model: The model that it names; None where there is none.
        incident: As it was last seen.
        status: What is told in it so far: somebody may have answered it at once.
        now: The instant.
        proved: The API server lets nobody speak in another name than their own.
    """
    said = incident.spec.declared
    if said is None or status.phase is not None:
        return status
    at = incident.metadata.creation_timestamp or now
    by = f"{said.by}{remark(proved=proved)}"
    entries = [(at, "DE.AE", f"declared by {by}: {said.summary}")]
    if model is None:
        entries.append((now, "DE.AE", unknown_model(incident)))
    clocks = (status.clocks or Clocks()).model_copy(update={"detected": at})
    return extend_timeline(incident, status, *entries).model_copy(
        update={
            "observed_generation": incident.metadata.generation,
            "phase": IncidentPhase.DETECTED,
            "severity": incident.spec.severity or Severity.HIGH,
            "summary": f"{by} says of {incident.spec.model_ref.name}: {said.summary}",
            "subject": _subject(model, said.version),
            "containment": Containment.NONE,
            "clocks": clocks,
        }
    )


def unknown_model(incident: Incident) -> str:
    """Say that an incident is about no model that there is."""
    ref, namespace = incident.spec.model_ref, incident.metadata.namespace
    return (
        f"spec.modelRef: there is no AIModelDeployment {ref.name} with uid {ref.uid} in namespace {namespace}, so "
        "nothing can be observed"
    )


def _subject(model: AIModelDeployment | None, named: str | None) -> Subject | None:
    names = (model.status.versions if model and model.status else None) or VersionNames()
    version = named or names.stable
    if not version:
        return None
    roles = {names.shadow: Role.SHADOW, names.canary: Role.CANARY, names.stable: Role.STABLE}
    return Subject(version=version, role=roles.get(version, Role.NONE))
