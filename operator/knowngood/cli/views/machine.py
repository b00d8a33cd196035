"""The same for machines: JSON of a documented shape (docs/cli.md). Fields are added, and never change their meaning."""

from collections.abc import Sequence
from typing import Any

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    ConditionType,
    Incident,
    IncidentStatus,
    WaitingFor,
)
from knowngood.cli.views.attention import attention
from knowngood.cli.views.going import going_on
from knowngood.cli.views.one import role_of, sorted_records
from knowngood.cli.views.overview import canary_weight
from knowngood.cli.views.phrases import backends, condition, names, steps
from knowngood.decisions.situation import standing_of

Json = dict[str, Any]


def models_json(models: Sequence[AIModelDeployment]) -> Json:
    """All models: `{"models": [...]}`."""
    return {"models": [summary(model) for model in models]}


def model_json(
    model: AIModelDeployment, records: Sequence[AIModelVersion], incident: Incident | None
) -> Json:
    """One model: its summary, and what only the view of one model tells."""
    status = model.status
    last = status.last_command if status else None
    undo = status.undo if status else None
    return {
        **summary(model),
        "says": going_on(model),
        "rollout": _rollout(model),
        "versions": [_version(model, record) for record in sorted_records(records)],
        "attention": [
            {
                "conditions": list(a.kinds),
                "reason": a.reason,
                "message": a.message,
                "advice": a.advice.text if a.advice else None,
                "command": (a.advice.command if a.advice else "") or None,
            }
            for a in attention(model)
        ],
        "undo": {"what": undo.what, "command": undo.command} if undo else None,
        "lastCommand": last.wire() if last else None,
        "latestIncident": _incident(incident) if incident else None,
    }


def summary(model: AIModelDeployment) -> Json:
    """What the table tells of a model."""
    status, versions = model.status, names(model)
    return {
        "name": model.metadata.name,
        "namespace": model.metadata.namespace,
        "phase": status.phase if status else None,
        "desired": model.spec.model.version,
        "stable": versions.stable or None,
        "canary": versions.canary or None,
        "canaryWeight": canary_weight(model),
        "ready": _holds(model, ConditionType.READY),
        "available": _holds(model, ConditionType.AVAILABLE),
        "guarded": _holds(model, ConditionType.GUARDED),
        "incident": status.incident_ref.name if status and status.incident_ref else None,
        "upToDate": bool(status and status.observed_generation >= model.metadata.generation),
    }


def _holds(model: AIModelDeployment, kind: ConditionType) -> bool | None:
    found = condition(model, kind)
    return {"True": True, "False": False}.get(found.status) if found else None


def _rollout(model: AIModelDeployment) -> Json | None:
    rollout = model.status.rollout if model.status else None
    if rollout is None:
        return None
    waits = rollout.waiting_for is not WaitingFor.NONE
    times = rollout.wire()
    return {
        "version": rollout.version,
        "step": rollout.step,
        "steps": len(steps(model)),
        "waitingFor": rollout.waiting_for if waits else None,
        "lacks": list(rollout.lacks),
        "paused": bool(rollout.paused),
        "mirror": rollout.mirror,
        "tested": bool(rollout.tested),
        "startedAt": times["startedAt"],
        "stepStartedAt": times["stepStartedAt"],
        "failure": rollout.failure.wire() if rollout.failure else None,
    }


def _version(model: AIModelDeployment, record: AIModelVersion) -> Json:
    version = record.spec.model.version
    backend = next((b for b in backends(model) if b.version == version), None)
    passed = record.wire().get("status", {}).get("transitions", ())
    return {
        "version": version,
        "name": record.metadata.name,
        "role": role_of(record),
        "standing": standing_of(record),
        "since": passed[-1]["time"] if passed else None,
        "weight": backend.weight if backend else None,
        "appliedWeight": backend.applied_weight if backend else None,
    }


def _incident(incident: Incident) -> Json:
    status = incident.status or IncidentStatus()
    return {
        "name": incident.metadata.name,
        "phase": status.phase,
        "severity": status.severity,
        "version": status.subject.version if status.subject else None,
        "summary": status.summary,
    }
