"""Records in the Elastic Common Schema; what it has no word for stands under `knowngood`."""

from typing import Any, Final

from knowngood.api.v1alpha1 import EvidenceEntry, Severity
from knowngood.exporting.numbers import details
from knowngood.exporting.records import Activity, Record
from knowngood.exporting.texts import NAME, clean, instant

ECS_VERSION: Final = "8.17.0"

Document = dict[str, Any]

OBSERVER: Final = {"vendor": "Knowngood", "product": "Knowngood", "type": "operator"}

_SEVERITIES: Final = {
    Severity.LOW: 21,
    Severity.MEDIUM: 47,
    Severity.HIGH: 73,
    Severity.CRITICAL: 99,
}
"""The numbers that Elastic's own detection rules use."""

_TYPES: Final = {Activity.CREATE: "start", Activity.UPDATE: "change", Activity.CLOSE: "end"}


def ecs(record: Record) -> Document:
    """Write a record as a document of the Elastic Common Schema."""
    incident, evidence = record.incident, record.evidence
    model = incident.spec.model_ref.name
    return {
        "@timestamp": instant(record.entry.time),
        "ecs": {"version": ECS_VERSION},
        "message": clean(evidence.message if evidence else record.entry.text),
        "event": _event(record),
        "observer": OBSERVER,
        "orchestrator": {
            "type": "kubernetes",
            "namespace": incident.metadata.namespace,
            "resource": {"type": "incident", "name": incident.metadata.name},
        },
        "service": {"name": model, **({"version": record.version} if record.version else {})},
        **({"rule": _rule(evidence)} if evidence else {}),
        **({"user": {"name": clean(record.taken_by, NAME)}} if record.taken_by else {}),
        "knowngood": _own(record),
    }


def _event(record: Record) -> Document:
    evidence, severity, onset = record.evidence, record.status.severity, record.clocks.onset
    what = "evidence-found" if evidence else f"incident-{record.activity.lower()}d"
    return {
        "id": record.uid,
        "kind": "alert" if evidence else "event",
        "module": "knowngood",
        "dataset": "knowngood.evidence" if evidence else "knowngood.incident",
        "provider": "knowngood",
        "type": ["info" if evidence else _TYPES[record.activity]],
        "action": what,
        "sequence": record.entry.seq,
        **({"severity": _SEVERITIES[severity]} if severity else {}),
        **({"start": instant(onset)} if onset else {}),
        **({"end": instant(record.contained)} if record.contained else {}),
    }


def _rule(evidence: EvidenceEntry) -> Document:
    policy = {"ruleset": clean(evidence.policy, NAME)} if evidence.policy else {}
    return {"name": clean(evidence.trigger, NAME), **policy}


def _own(record: Record) -> Document:
    incident, subject, attained = record.incident, record.status.subject, record.status.attained
    told = {
        "incident": {
            "uid": incident.metadata.uid,
            "origin": str(incident.spec.origin),
            "summary": "" if record.evidence else clean(record.status.summary or ""),
            "severity": str(record.status.severity or ""),
            "progress": str(record.progress),
            "resolution": str(record.ending or ""),
            "rto": attained.rto or "" if attained and record.ending else "",
        },
        "entry": {
            "csf": clean(record.entry.csf or ""),
            "actor": clean(record.entry.actor, NAME),
            "hash": record.entry.hash or "",
        },
        "role": str(subject.role) if subject else "",
        "evidence": details(record.evidence) if record.evidence else {},
    }
    return {name: _filled(part) for name, part in told.items() if part}


def _filled(part: Any) -> Any:
    return {k: v for k, v in part.items() if v or v == 0} if isinstance(part, dict) else part
