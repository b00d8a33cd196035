"""What each role has to do in an incident, and what of it was seen to be done."""

from collections.abc import Iterator
from datetime import datetime

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Clocks,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Outcome,
    Role,
    Task,
    TaskRole,
)
from knowngood.decisions.headlines import is_shared
from knowngood.decisions.incident_phases import GONE
from knowngood.decisions.progress import is_over_on_it, serving
from knowngood.decisions.this_time import decision_of

_NEW_VERSION = {
    Outcome.RETRAIN: "a version that was trained anew",
    Outcome.PATCH: "a mended version",
}
_NOTHING = frozenset({Outcome.ACCEPT_RISK, Outcome.NONE})


def tasks(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> tuple[Task, ...]:
    """List what is to do, at most one task for each role.

    What an incident says when it is closed stays: that something was not seen to be done by then.

    Args:
        model: With the status as it was last written; None when it is gone.
        incident: As it was last seen.
        status: What is told in it, up to the question who may have been harmed.
    """
    if status.phase in {None, IncidentPhase.CLOSED}:
        return status.tasks
    return tuple(_tasks(model, incident, status))


def _tasks(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> Iterator[Task]:
    yield _on_call(incident, status)
    if status.subject is None:
        return
    yield _owner(model, incident, status, status.subject.version)
    fix = _decided(incident, status) is Outcome.FIX_PIPELINE
    if fix or status.parent is not None or is_shared(status):
        yield _data(incident, status)
    if status.affected is not None and status.subject.role in {Role.STABLE, Role.CANARY}:
        yield _business(incident, status, status.subject.version)


def _on_call(incident: Incident, status: IncidentStatus) -> Task:
    clocks = status.clocks or Clocks()
    safe = status.containment is Containment.VERIFIED or status.phase in GONE
    if clocks.acknowledged is None or safe:
        text = "say that you have it, and see that users are safe"
        done = clocks.acknowledged is not None
        return Task(
            role=TaskRole.ON_CALL, text=text, command=_call(incident, "acknowledge"), done=done
        )
    text = "see that users are safe: status.nextForHuman says what is left to do"
    return Task(role=TaskRole.ON_CALL, text=text, command=_call(incident, "show"), done=False)


def _owner(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus, version: str
) -> Task:
    outcome = _decided(incident, status)
    if outcome is None:
        text = f"find out what is wrong with version {version}, and say what is decided"
        if incident.spec.decision is not None:
            text = f"find out why version {version} is bad again, and say what is decided now"
        rest = " --outcome OUTCOME --rationale TEXT"
        call = _call(incident, "decide", rest)
        return Task(role=TaskRole.MODEL_OWNER, text=text, command=call, done=False)
    if outcome in _NEW_VERSION:
        text = f"ship {_NEW_VERSION[outcome]} in place of version {version}"
        now = serving(model) if model is not None else ""
        done = status.phase in GONE and now not in {"", version}
        return Task(role=TaskRole.MODEL_OWNER, text=text, done=done)
    text = f"say what is decided about version {version}: it is {outcome}"
    return Task(role=TaskRole.MODEL_OWNER, text=text, done=True)


def _data(incident: Incident, status: IncidentStatus) -> Task:
    """A mended feed is seen by the version that it broke alone: that one is well again. A promotion mends no feed."""
    text = "find out what the models that turned bad share, and mend it"
    if status.parent is None:
        text = "find out what has changed in what reaches every version, and mend it"
    if _decided(incident, status) is Outcome.FIX_PIPELINE:
        text = "mend what reaches the model"
    # What was seen stays when the timeline makes room for other entries.
    before = any(t.done for t in status.tasks if t.role is TaskRole.DATA_ENGINEER)
    done = status.phase in GONE and (before or is_over_on_it(status))
    return Task(role=TaskRole.DATA_ENGINEER, text=text, done=done)


def _business(incident: Incident, status: IncidentStatus, version: str) -> Task:
    """Nobody sees what becomes of wrong answers: it is done when a person says that nothing has to be done."""
    affected = status.affected
    until = _moment(affected.to) if affected and affected.to else ""
    since = _moment(affected.from_) if affected else ""
    span = f"from {since} to {until}" if until else f"since {since}, which may go on"
    counted = affected.decisions if affected else None
    many = f" ({counted.at_least} answers at least)" if counted else ""
    text = f"find those who were answered by version {version} {span}{many}, and decide what becomes of those answers"
    done = _decided(incident, status) in _NOTHING
    return Task(role=TaskRole.BUSINESS_OWNER, text=text, command=_call(incident, "show"), done=done)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _decided(incident: Incident, status: IncidentStatus) -> Outcome | None:
    said = decision_of(incident, status)
    return said.outcome if said is not None else None


def _call(incident: Incident, verb: str, rest: str = "") -> str:
    meta = incident.metadata
    return f"knowngood incident {verb} {meta.name}{rest} -n {meta.namespace}"
