"""The steps of the playbook in an incident: which ones are due, and how what came of them is written down.

Every step is written down as Running before it begins, so that whoever leads next knows what was not ended. What has
ended stays: each step is told once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import Clocks, Incident, IncidentPhase, IncidentStatus, Role
from knowngood.api.v1alpha1.playbook_status import (
    MOST_CHANGES,
    PlaybookStep,
    RecentChange,
    StepState,
)
from knowngood.decisions.headlines import restated
from knowngood.decisions.playbook.names import STEPS
from knowngood.decisions.timeline import extend_timeline

WHILE_FRESH: Final = timedelta(hours=1)
"""How long ago an incident may have been detected to be looked into: later the numbers are about something else."""

RESULT_LENGTH: Final = 1024
_ANALYSIS: Final = "RS.AN"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a step.

    Attributes:
        text: In words for people.
        changes: What was changed lately; only the step that looks for it has any.
        shared: What was seen of all versions alike, or of what feeds them; empty where nothing was.
    """

    state: StepState
    text: str
    changes: tuple[RecentChange, ...] = ()
    shared: str = ""


def unended(status: IncidentStatus) -> tuple[str, ...]:
    """Names of the steps that have not ended."""
    ended = {s.name for s in status.steps if s.state is not StepState.RUNNING}
    return tuple(name for name in STEPS if name not in ended)


def is_due(incident: Incident, now: datetime) -> bool:
    """Say whether an incident is to be looked into: it is about what serves, is new, and has steps that have not ended.

    What was begun is ended also later, and also where somebody has closed it meanwhile.
    """
    status = incident.status
    if status is None or not unended(status):
        return False
    if any(step.state is StepState.RUNNING for step in status.steps):
        return True
    subject, detected = status.subject, found_at(status)
    if status.phase in {None, IncidentPhase.CLOSED} or not status.evidence:
        return False
    serves = subject is not None and subject.role is Role.STABLE
    return serves and detected is not None and now - detected <= WHILE_FRESH


def found_at(status: IncidentStatus) -> datetime | None:
    """When an incident was found, for the last time if it was opened again."""
    clocks = status.clocks or Clocks()
    return clocks.reopened or clocks.detected


def begun(status: IncidentStatus, now: datetime) -> IncidentStatus:
    """Note that the steps run which have not ended; those that were begun before keep their beginning."""
    known = {step.name for step in status.steps}
    new = [
        PlaybookStep(name=name, state=StepState.RUNNING, started_at=now)
        for name in STEPS
        if name not in known
    ]
    return status.model_copy(update={"steps": (*status.steps, *new)}) if new else status


def ended(
    incident: Incident, status: IncidentStatus, name: str, finding: Finding, now: datetime
) -> IncidentStatus:
    """Note what came of a step, unless it has ended already; nothing is told any more in what was closed meanwhile.

    Args:
        incident: As it was last seen.
        status: What is told in it so far.
        name: The step.
        finding: What came of it.
        now: When it ended.
    """
    if name not in {s.name for s in status.steps if s.state is StepState.RUNNING}:
        return status
    text = finding.text[:RESULT_LENGTH]
    over: dict[str, object] = {"state": finding.state, "result": text, "finished_at": now}
    if finding.shared:
        over["shared"] = finding.shared[:RESULT_LENGTH]
    steps = tuple(s.model_copy(update=over) if s.name == name else s for s in status.steps)
    told = status
    if status.phase is not IncidentPhase.CLOSED:  # its last entry is how it ended, for a SIEM too
        told = extend_timeline(incident, status, (now, _ANALYSIS, f"{name}: {text}"))
    update: dict[str, object] = {"steps": steps}
    if finding.changes:
        update["changes"] = finding.changes
    if status.summary and status.subject:
        name, version = incident.spec.model_ref.name, status.subject.version
        update["summary"] = restated(status.summary, name, version, steps)
    return told.model_copy(update=update)


def moment(at: datetime) -> str:
    """Write an instant: what is read days later must not say how long ago something was."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def nearest_first(changes: Iterable[RecentChange], onset: datetime) -> tuple[RecentChange, ...]:
    """Order what was changed by how near it was to when the harm began, and keep what there is room for.

    The same thing at the same time is told once.
    """
    once = {(c.time, c.kind, c.name, c.text): c for c in changes}

    def far(c: RecentChange) -> tuple[timedelta, str, str, str]:
        return abs(c.time - onset), c.kind, c.name, c.text

    return tuple(sorted(once.values(), key=far))[:MOST_CHANGES]
