"""Records as OCSF 1.8.0 has them: Incident Finding (2005) for an entry, Detection Finding (2004) for evidence."""

from collections.abc import Mapping
from typing import Any, Final

from knowngood.api.v1alpha1 import Ending, EvidenceEntry, Origin, Severity
from knowngood.exporting.numbers import details, numbers
from knowngood.exporting.records import Activity, Progress, Record, evidence_uid
from knowngood.exporting.texts import NAME, clean, milliseconds

OCSF_VERSION: Final = "1.8.0"
CATEGORY: Final = 2
INCIDENT_FINDING: Final = 2005
DETECTION_FINDING: Final = 2004
STATISTICAL: Final = 3
FINDINGS: Final = 6
"""Pieces of evidence that the record of an entry repeats: each has a record of its own, too, and room is short."""

Event = dict[str, Any]

PRODUCT: Final[Event] = {"name": "Knowngood", "vendor_name": "Knowngood"}
_ACTIVITIES: Final = {Activity.CREATE: 1, Activity.UPDATE: 2, Activity.CLOSE: 3}
_STATES: Final = {
    Progress.NEW: (1, "New"),
    Progress.IN_PROGRESS: (2, "In Progress"),
    Progress.RESOLVED: (4, "Resolved"),
    Progress.CLOSED: (5, "Closed"),
}
_SEVERITIES: Final = {Severity.LOW: 2, Severity.MEDIUM: 3, Severity.HIGH: 4, Severity.CRITICAL: 5}
_ENDINGS: Final = {
    Ending.RESOLVED: (2, "True Positive"),
    Ending.FALSE_POSITIVE: (1, "False Positive"),
    Ending.MODEL_DELETED: (7, "Insufficient Data"),
    Ending.AUTO_CLOSED: (7, "Insufficient Data"),
}


def ocsf(record: Record, team: str) -> Event:
    """Write a record as an OCSF event.

    Args:
        record: What is told.
        team: Who is on call: an incident that nobody has taken is theirs.
    """
    if record.evidence is not None:
        return _detection(record, record.evidence)
    return _incident(record, team)


def _incident(record: Record, team: str) -> Event:
    state, caption = _STATES[record.progress]
    verdict, said = _verdict(record)
    taken = {"assignee": {"name": clean(record.taken_by, NAME)}} if record.taken_by else {}
    clocks = record.clocks
    return {
        **_common(record, INCIDENT_FINDING, "Incident Finding", record.activity),
        "status_id": state,
        "status": caption,
        "verdict_id": verdict,
        "verdict": said,
        **taken,
        "assignee_group": {"name": clean(team, NAME)},
        "message": clean(record.entry.text),
        "finding_info_list": [
            _case(record),
            *(_finding(record, evidence) for evidence in record.told[:FINDINGS]),
        ],
        **({"start_time": milliseconds(clocks.onset)} if clocks.onset else {}),
        **({"end_time": milliseconds(record.contained)} if record.contained else {}),
        "unmapped": _unmapped(record),
    }


def _detection(record: Record, evidence: EvidenceEntry) -> Event:
    return {
        **_common(record, DETECTION_FINDING, "Detection Finding", Activity.CREATE),
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "message": clean(evidence.message),
        "finding_info": _finding(record, evidence),
        "resources": [_resource(record)],
        "anomaly_analyses": [_anomaly(record, evidence)],
        "evidences": [{"data": details(evidence)}],
    }


def _common(record: Record, kind: int, name: str, activity: Activity) -> Event:
    severity = record.status.severity
    return {
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": kind,
        "class_name": name,
        "activity_id": _ACTIVITIES[activity],
        "activity_name": str(activity),
        "type_uid": kind * 100 + _ACTIVITIES[activity],
        "type_name": f"{name}: {activity}",
        "time": milliseconds(record.entry.time),
        "severity_id": _SEVERITIES[severity] if severity else 0,
        "severity": str(severity) if severity else "Unknown",
        "metadata": {
            "version": OCSF_VERSION,
            "product": PRODUCT,
            "uid": record.uid,
            "correlation_uid": record.incident.metadata.uid,
            "sequence": record.entry.seq,
            "log_name": "incidents",
        },
    }


def _case(record: Record) -> Event:
    """The incident itself, as the first of its findings."""
    detected = record.clocks.detected
    return {
        "uid": record.incident.metadata.uid,
        "title": clean(f"Incident {record.incident.metadata.name}", NAME),
        "desc": clean(record.status.summary or ""),
        "types": [str(record.incident.spec.origin)],
        **({"created_time": milliseconds(detected)} if detected else {}),
    }


def _finding(record: Record, evidence: EvidenceEntry) -> Event:
    onset, until = record.clocks.onset, evidence.until
    policy = f" of {evidence.policy}" if evidence.policy else ""
    return {
        "uid": evidence_uid(record.incident, evidence),
        "title": clean(f"{evidence.trigger}{policy}", NAME),
        "analytic": {
            "name": clean(evidence.trigger, NAME),
            "type_id": STATISTICAL,
            "type": "Statistical",
        },
        "created_time": milliseconds(record.entry.time),
        **({"first_seen_time": milliseconds(onset)} if onset else {}),
        **({"last_seen_time": milliseconds(until)} if until else {}),
    }


def _resource(record: Record) -> Event:
    incident, subject = record.incident, record.status.subject
    return {
        "name": incident.spec.model_ref.name,
        "uid": incident.spec.model_ref.uid,
        "namespace": incident.metadata.namespace,
        "type": "AIModelDeployment",
        **({"version": subject.version} if subject else {}),
    }


def _anomaly(record: Record, evidence: EvidenceEntry) -> Event:
    """What the judged version shows, beside the version that it was compared with."""
    found = numbers(evidence)
    what = clean(evidence.signal or evidence.trigger, NAME)
    other = _observed(what, found, "reference_events", "reference_samples")
    return {
        "analysis_targets": [
            {"name": f"version {record.version or 'unknown'}", "type": "AIModelVersion"}
        ],
        "anomalies": [_observed(what, found, "events", "samples")],
        **({"baselines": [other]} if "reference_samples" in found else {}),
    }


def _observed(what: str, found: Mapping[str, float], events: str, samples: str) -> Event:
    """A share where events were counted, else the number of answers."""
    count = found.get(samples)
    of = f"{count:.0f}" if count is not None else "unknown"
    value = f"{found[events]:.0f} of {of}" if events in found else of
    seen = {"value": value, **({"count": int(count)} if count is not None else {})}
    return {"observation_parameter": what, "observations": [seen]}


def _verdict(record: Record) -> tuple[int, str]:
    """What people found about it; every origin that is added has to say what it is worth."""
    match record.incident.spec.origin:
        case Origin.TRIGGER | Origin.MANUAL:
            return _ENDINGS[record.ending] if record.ending else (0, "Unknown")


def _unmapped(record: Record) -> Event:
    incident, attained = record.incident, record.status.attained
    told = {
        "incident": f"{incident.metadata.namespace}/{incident.metadata.name}",
        "model": incident.spec.model_ref.name,
        "model_version": record.version,
        "role": str(record.status.subject.role) if record.status.subject else "",
        "csf": clean(record.entry.csf or ""),
        "actor": clean(record.entry.actor, NAME),
        "hash": record.entry.hash or "",
        "resolution": str(record.ending or ""),
        "rto": attained.rto or "" if attained and record.ending else "",
    }
    return {name: value for name, value in told.items() if value}
