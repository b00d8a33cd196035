"""What an incident says to somebody who sees nothing else: what to do, what undoes it, which answers are in doubt."""

from knowngood.api.v1alpha1 import (
    ActionState,
    AIModelDeployment,
    Clocks,
    Condition,
    ConditionType,
    Containment,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Outcome,
    Undo,
    UndoneAction,
    VersionNames,
    WayBack,
)
from knowngood.decisions.acting import last_move
from knowngood.decisions.affected import affected
from knowngood.decisions.asked_of_people import questions
from knowngood.decisions.calling import order
from knowngood.decisions.declaring import unknown_model
from knowngood.decisions.exposed_again import next_of_exposed
from knowngood.decisions.feed_incidents import feed_way_back
from knowngood.decisions.headlines import to_find_out
from knowngood.decisions.phases import ROLLING
from knowngood.decisions.progress import serving
from knowngood.decisions.safe_path_handed_over import (
    closed_on_safe_path,
    left_in,
    taken_for,
    task_on_safe_path,
    way_back,
)
from knowngood.decisions.serving_incidents import told_in
from knowngood.decisions.tasks import tasks
from knowngood.decisions.this_time import decision_of
from knowngood.decisions.timeline import LONGEST
from knowngood.decisions.ways_back import ways_in_words

_REVERSED = frozenset({UndoneAction.ROLLBACK, UndoneAction.RETURN})
"""What undo reverses of what an incident has done; a step or a promotion is none of its actions."""


_DECIDED = {
    Outcome.RETRAIN: "ship a version that was trained anew in place of {}",
    Outcome.PATCH: "ship a mended version in place of {}",
    Outcome.FIX_PIPELINE: "mend what reaches {}",
    Outcome.ACCEPT_RISK: "leave {} as it is: the risk is accepted",
    Outcome.NONE: "leave {} as it is: nothing has to be done",
}


def readable(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> IncidentStatus:
    """Say in an incident what a person needs who reads nothing else. One that was closed before stays as it is.

    Args:
        model: With the status as it was last written; None when it is gone.
        incident: As it was last seen.
        status: What is to be written of it.
    """
    before = incident.status.phase if incident.status else None
    if before is IncidentPhase.CLOSED or not status.timeline:
        return status
    told = status.model_copy(
        update={
            "next_for_human": next_for_human(model, incident, status)[:LONGEST],
            "affected": affected(model, incident, status),
            "undo": _undo(model, incident, status),
        }
    )
    return told.model_copy(update={"tasks": tasks(model, incident, told)})


def next_for_human(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> str:
    """Say in a sentence what a person has to do now."""
    if status.phase is IncidentPhase.CLOSED:
        closed = f"nothing is asked any more: the incident is closed{_left(status)}"
        return closed_on_safe_path(model, incident) or closed
    meta, clocks = incident.metadata, status.clocks or Clocks()
    close = f"then close the incident {meta.name}"
    if model is None and incident.spec.declared is not None:
        return f"{unknown_model(incident)}; find out what was meant; {close}"
    if model is None or (status.subject is None and incident.spec.declared is None):
        return f"find out what it was: its model is not watched any more; {close}"
    version = status.subject.version if status.subject else ""
    if status.containment is Containment.PENDING and not _is_stuck(model):
        return f"nothing is to be done now: version {version} is being taken away from users"
    taken = f"knowngood incident acknowledge {meta.name} -n {meta.namespace}"
    first = "" if clocks.acknowledged else f"say that you have it ({taken}), and "
    asked = questions(incident, status)
    if asked and status.containment is not Containment.PENDING:
        return f"{first}{asked}"  # to close it now would end the question, or call the shift off
    return f"{first}{_task(model, incident, status, version)}; {close}"


def _left(status: IncidentStatus) -> str:
    """What was not seen to be done: closing an incident does none of it."""
    roles = [str(task.role) for task in status.tasks if not task.done]
    return f"; not seen to be done: what is left to {', '.join(roles)}" if roles else ""


def _task(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus, version: str
) -> str:
    if status.containment is Containment.PENDING:
        return f"look at what the shift waits for: it does not go on by itself ({order(model, 'status')})"
    later = next_of_exposed(model, status, version) or _of_later(model, incident, status, version)
    taken = taken_for(model, incident)
    if taken is not None:
        later = task_on_safe_path(model, taken, later or to_find_out(status, version))
    if later:
        return later
    if status.containment is Containment.VERIFIED:
        return _of_contained(model, version)
    moved = last_move(status.actions)
    state = moved.state if moved else ActionState.VERIFIED
    if status.containment is Containment.FAILED and state is not ActionState.FAILED:
        return (
            f"find out who sends requests to version {version}, and stop its pods: it is counted to answer, although "
            "the route gives it none"
        )
    if state is ActionState.SKIPPED:
        return f"take version {version} out of the traffic, which is not Knowngood's to shift"
    return _of_held(model, incident, version, left_in(status))


def _of_later(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus, version: str
) -> str:
    """What is left once the cause is gone, or a person has decided; empty where neither is so."""
    now = serving(model)
    if status.phase is IncidentPhase.RECOVERED:
        return f"see what is left to do (status.tasks): version {now or version} was healthy for a while"
    if status.phase is IncidentPhase.ERADICATED:
        return f"watch version {now or version}, which answers users: the cause is gone"
    said = decision_of(incident, status)
    failed = status.containment is Containment.FAILED
    if said is None or (failed and status.phase is IncidentPhase.CONTAINED):
        return ""
    what = f"version {version}" if version else "the model"
    return f"{_DECIDED[said.outcome].format(what)}, as {said.by} has decided"


def _of_contained(model: AIModelDeployment, version: str) -> str:
    names = _names(model)
    rollout, phase = (model.status.rollout, model.status.phase) if model.status else (None, None)
    if phase in ROLLING and rollout is not None and rollout.version == version:
        return f"watch version {version}, which is tried again because a person asked for it"
    if names.stable == version:
        return f"watch version {version}, which answers users again because a person asked for it"
    if not names.stable:
        return f"look at the model first, whose status does not say which version serves ({order(model, 'status')})"
    safe = (
        f"find out what is wrong with version {version}: users are safe with version {names.stable}"
    )
    if model.spec.model.version != version:
        return safe
    return f"{safe}, but the spec still asks for {version}: set spec.model.version to another one, or to {names.stable}"


def _of_held(model: AIModelDeployment, incident: Incident, version: str, left: str) -> str:
    if incident.spec.declared is not None:
        return "find out what it is: Knowngood has found nothing itself, and does nothing"
    if not told_in(model, incident.metadata.name):
        return f"find out what it was: nothing is found about version {version} any more"
    text = f"decide: version {version} goes on answering users, and nothing was shifted{left}"
    if left:
        text = f"decide: version {version} answers users{left}"
    ways = ways_in_words(model, version)
    if ways:
        return f"{text}; either mend what reaches it, or {ways}"
    return f"{text}; no command sends them elsewhere: mend what reaches it, or ship another version"


def _is_stuck(model: AIModelDeployment) -> bool:
    conditions: tuple[Condition, ...] = model.status.conditions if model.status else ()
    return any(c.type == ConditionType.STALLED and c.status == "True" for c in conditions)


def _undo(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> WayBack | None:
    """What reverses the last action, while it was taken for this incident."""
    if model is None or status.phase is IncidentPhase.CLOSED:
        return None
    moved, feed = _undo_moved(model, incident), feed_way_back(model, incident)
    if moved is None or feed is None:
        return moved or feed
    what = f"{moved.what}. {feed.what} ({feed.command})"
    return moved.model_copy(update={"what": what[:LONGEST]})


def _undo_moved(model: AIModelDeployment, incident: Incident) -> WayBack | None:
    """What sends the requests back that were shifted for an incident."""
    undo = _undo_of(model)
    if undo is None:
        return None
    back = way_back(model, incident)
    if back is not None:
        return back
    rollout = model.status.rollout if model.status else None
    failure = rollout.failure if rollout else None
    if failure is None or failure.incident != incident.metadata.name:
        return None
    if undo.action not in _REVERSED:
        return None
    return WayBack(what=undo.what, command=order(model, "undo", f"--version {undo.version}"))


def _undo_of(model: AIModelDeployment) -> Undo | None:
    return model.status.undo if model.status else None


def _names(model: AIModelDeployment) -> VersionNames:
    found = model.status.versions if model.status else None
    return found or VersionNames(desired=model.spec.model.version)
