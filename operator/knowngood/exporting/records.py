"""Records: one for each entry of an incident's timeline, and one for each piece of evidence that an entry tells of."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from knowngood.api.v1alpha1 import (
    Clocks,
    Ending,
    EvidenceEntry,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Severity,
    TimelineEntry,
    VerdictKind,
)
from knowngood.decisions.acknowledging import acknowledged_by

_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "incidents.knowngood.dev")
_ANSWERED: Final = ("RS.", "RC.")
"""Functions of the framework with which something is done about an incident."""

_FOUND, _RECOVERED = "DE.", "RC."
"""Functions of the framework with which harm is found, and with which it is over: the last of them says how it is."""


class Activity(StrEnum):
    """What an entry does to its incident."""

    CREATE = "Create"
    UPDATE = "Update"
    CLOSE = "Close"


class Progress(StrEnum):
    """How far an incident is when an entry is written."""

    NEW = "New"
    IN_PROGRESS = "InProgress"
    RESOLVED = "Resolved"
    CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that a SIEM is told.

    Attributes:
        uid: The same whenever, and wherever, this is sent.
        incident: What it is about. Only what does not change any more may be read from its status.
        entry: The entry of the timeline.
        evidence: What a trigger saw; None for a record of the entry itself.
        told: Evidence that the entry tells of, in a record of the entry; its own records come first.
        ending: How the incident ended; None before its last entry.
        taken_by: Who has taken the incident by then; empty for nobody.
    """

    uid: str
    incident: Incident
    entry: TimelineEntry
    evidence: EvidenceEntry | None
    told: tuple[EvidenceEntry, ...]
    activity: Activity
    progress: Progress
    ending: Ending | None
    taken_by: str

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.entry.time

    @property
    def number(self) -> int:
        """Number of the entry."""
        return self.entry.seq

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        return "evidence" if self.evidence else "incident"

    @property
    def severity(self) -> Severity | None:
        """How bad the incident is; None where nobody knows."""
        return self.status.severity

    @property
    def status(self) -> IncidentStatus:
        """The status of the incident."""
        return self.incident.status or IncidentStatus()

    @property
    def clocks(self) -> Clocks:
        """When the incident reached which point. Its containment may still move until it is closed."""
        return self.status.clocks or Clocks()

    @property
    def contained(self) -> datetime | None:
        """When the harm was over; known for good once the incident is closed."""
        return self.clocks.contained if self.ending is not None else None

    @property
    def version(self) -> str:
        """The version that the incident is about; empty where nobody knows."""
        return self.status.subject.version if self.status.subject else ""


def records_since(incident: Incident, seq: int) -> tuple[Record, ...]:
    """Tell what an incident's timeline says beyond a number, in order.

    Entries that the timeline has dropped are not told any more; their numbers are missing then.

    Args:
        incident: As it was last seen.
        seq: Number of the last entry that was told; 0 for none.
    """
    status = incident.status or IncidentStatus()
    tellers = _tellers(status)
    return tuple(
        record
        for n, entry in enumerate(status.timeline)
        if entry.seq > seq
        for record in _of_entry(incident, n, tuple(e for k, e in tellers if k == n))
    )


def evidence_uid(incident: Incident, evidence: EvidenceEntry) -> str:
    """The id of a piece of evidence, as a finding and as a record."""
    return _uid(incident, f"evidence/{evidence.id}")


def _of_entry(incident: Incident, n: int, told: tuple[EvidenceEntry, ...]) -> Iterator[Record]:
    status = incident.status or IncidentStatus()
    entry = status.timeline[n]
    last = status.phase is IncidentPhase.CLOSED and n == len(status.timeline) - 1
    record = Record(
        uid=_uid(incident, f"timeline/{entry.seq}"),
        incident=incident,
        entry=entry,
        evidence=None,
        told=told,
        activity=_activity(entry, last=last),
        progress=Progress.CLOSED if last else _progress(status, n),
        ending=status.resolution if last else None,
        taken_by=_taken_by(incident, status, n),
    )
    for evidence in told:
        yield _of_evidence(record, evidence)
    yield record


def _of_evidence(record: Record, evidence: EvidenceEntry) -> Record:
    return Record(
        uid=evidence_uid(record.incident, evidence),
        incident=record.incident,
        entry=record.entry,
        evidence=evidence,
        told=(),
        activity=Activity.CREATE,
        progress=Progress.NEW,
        ending=None,
        taken_by="",
    )


def _tellers(status: IncidentStatus) -> list[tuple[int, EvidenceEntry]]:
    """Which entry tells of which evidence: the one that was written with it and has its words.

    Of several with the same words each has one. Where none has them any more it is the first that is kept.
    """
    places: dict[str, list[int]] = {}
    for n, entry in enumerate(status.timeline):
        places.setdefault(entry.text, []).append(n)
    for left in places.values():
        left.reverse()
    found = (e for e in status.evidence if e.verdict is VerdictKind.BREACHED)
    return [(places[e.message].pop() if places.get(e.message) else 0, e) for e in found]


def _activity(entry: TimelineEntry, *, last: bool) -> Activity:
    if last:
        return Activity.CLOSE
    return Activity.CREATE if entry.seq == 1 else Activity.UPDATE


def _progress(status: IncidentStatus, n: int) -> Progress:
    """An incident is in progress once something was done about it; entries that were dropped were early ones.

    It is resolved while the model has recovered; what is found after that opens it again.
    """
    dropped = status.timeline[0].seq > 1
    told = [e.csf or "" for e in status.timeline[: n + 1]]
    last = next((c for c in reversed(told) if c.startswith((_FOUND, _RECOVERED))), "")
    if last.startswith(_RECOVERED):
        return Progress.RESOLVED
    answered = any(c.startswith(_ANSWERED) for c in told)
    return Progress.IN_PROGRESS if answered or dropped else Progress.NEW


def _taken_by(incident: Incident, status: IncidentStatus, n: int) -> str:
    by, at = acknowledged_by(incident), (status.clocks or Clocks()).acknowledged
    if at is None:
        return ""
    noted = [k for k, e in enumerate(status.timeline) if e.time == at and e.csf == "RS.CO"]
    return by if not noted or n >= noted[0] else ""


def _uid(incident: Incident, what: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{incident.metadata.uid}/{what}"))
