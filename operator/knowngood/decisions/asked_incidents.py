"""What an incident says of an action that people decide about: told from the breaches in the model's status, once."""

from collections.abc import Collection, Iterable
from datetime import datetime

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    Incident,
    IncidentStatus,
    ServingBreach,
)
from knowngood.api.v1alpha1.approvals import ApprovalMode, ApprovalRequest, OnTimeout
from knowngood.decisions.acting import next_number, with_action, withdrawn
from knowngood.decisions.approving import is_open
from knowngood.decisions.questions import target
from knowngood.decisions.timeline import extend_timeline, instant, is_told


def with_requests(
    incident: Incident, status: IncidentStatus, breaches: Iterable[ServingBreach]
) -> IncidentStatus:
    """Tell what people are asked, and what came of it.

    Args:
        incident: As it was last seen.
        status: What is told in it so far.
        breaches: Those of the model's status that are told in it.
    """
    asked = []
    for breach in breaches:
        if breach.limited is not None and breach.limited_at is not None:
            status = _once(incident, status, breach.limited_at, breach.limited)
        if breach.approval is not None:
            status = _told(incident, status, breach, breach.approval)
            asked += [breach.approval.asked_at] if is_open(breach) else []
    actions = tuple(a if _is_asked(a, asked) else withdrawn(a) for a in status.actions)
    return status if actions == status.actions else status.model_copy(update={"actions": actions})


def question(incident: Incident, status: IncidentStatus) -> str:
    """Say what people are asked, and how they answer; empty where nothing waits for them."""
    waiting = (
        a
        for a in status.actions
        if a.state is ActionState.WAITING and a.approval and a.feed is None
    )
    action = next(waiting, None)
    if action is None or action.approval is None:
        return ""
    meta, version = incident.metadata, status.subject.version if status.subject else ""
    where = f"{meta.name} --action {action.id} -n {meta.namespace}"
    what = f"{target(action.approval)} gets all requests instead of version {version}"
    if action.approval.is_safe_path:
        what = f"{what}, so that no model answers"
    calls = f"knowngood incident approve {where}, or knowngood incident veto {where}"
    if action.approval.granted_at is not None:
        return f"wait until {what}, {terms(action.approval)}; or stop it (knowngood incident veto {where})"
    return f"decide whether {what} ({calls}): {terms(action.approval)}"


def terms(asked: ApprovalRequest) -> str:
    """Say until when a request waits, and what happens then."""
    until, many = instant(asked.until), "1 person has" if asked.people == 1 else "2 people have"
    if asked.granted_at is not None:
        return f"decided by {asked.granted_by}: it begins as soon as that is safe"
    if asked.overdue_at is not None:
        return f"nobody decided in time: it begins when {many} approved, for as long as this lasts"
    if asked.mode is ApprovalMode.VETO_WINDOW and asked.on_timeout is OnTimeout.ACT:
        return f"it begins at {until} unless somebody objects, or as soon as 1 person has approved"
    then = (
        f"at {until} also without"
        if asked.on_timeout is OnTimeout.ACT
        else f"nothing is shifted before, also after {until}"
    )
    return f"it begins as soon as {many} approved; {then}"


def _told(
    incident: Incident, status: IncidentStatus, breach: ServingBreach, asked: ApprovalRequest
) -> IncidentStatus:
    known = next((a for a in status.actions if _is_about(a, asked)), None)
    if known is None:
        if not is_open(breach):
            return status
        answered = {answer.action_id for answer in incident.spec.approvals}
        known = _waiting(f"a{next_number(status.actions, answered)}", asked)
        text = f"people are asked whether all requests go to {target(asked)} ({known.id}): {terms(asked)}"
        status = extend_timeline(incident, status, (asked.asked_at, "RS.MA", text[:2048]))
        status = status.model_copy(update={"actions": with_action(status.actions, known)})
    if known.state is not ActionState.WAITING:
        return status
    refused = breach.safe_path_refused_at if asked.is_safe_path else None
    refused = refused or breach.refused_at
    if refused is not None:
        text = f"nothing is shifted: {breach.held}"
        status = _once(incident, status, refused, text)
        ended = {"state": ActionState.REJECTED, "finished_at": refused, "result": text}
        return _with(status, known.model_copy(update=ended))
    return _gone_on(incident, status, known, asked)


def _gone_on(
    incident: Incident, status: IncidentStatus, known: ActionRecord, asked: ApprovalRequest
) -> IncidentStatus:
    """Time has passed, people have answered, or the policy asks for more."""
    at = asked.granted_at or asked.overdue_at
    before = known.approval and (known.approval.granted_at or known.approval.overdue_at)
    if at is not None and at != before:
        status = _once(incident, status, at, f"{known.id}: {terms(asked)}")
    return _with(status, known.model_copy(update={"approval": asked, "result": terms(asked)}))


def _waiting(identity: str, asked: ApprovalRequest) -> ActionRecord:
    return ActionRecord(
        id=identity,
        type=ActionType.SAFE_PATH if asked.is_safe_path else ActionType.SHIFT_TO_SHADOW,
        state=ActionState.WAITING,
        started_at=asked.asked_at,
        result=terms(asked),
        approval=asked.model_copy(
            update={"granted_at": None, "granted_by": None, "overdue_at": None}
        ),
    )


def _is_asked(action: ActionRecord, asked: Collection[datetime]) -> bool:
    """Whether an action waits for nobody, or for what people are asked still."""
    waits = action.state is ActionState.WAITING and action.approval is not None
    waits = waits and action.feed is None  # what is asked about feeds is told beside it
    return not waits or (action.approval is not None and action.approval.asked_at in asked)


def _is_about(action: ActionRecord, asked: ApprovalRequest) -> bool:
    about = action.approval if action.feed is None else None
    return about is not None and about.asked_at == asked.asked_at


def _with(status: IncidentStatus, action: ActionRecord) -> IncidentStatus:
    actions = tuple(action if a.id == action.id else a for a in status.actions)
    return status if actions == status.actions else status.model_copy(update={"actions": actions})


def _once(incident: Incident, status: IncidentStatus, at: datetime, text: str) -> IncidentStatus:
    """Add an entry that is not there yet."""
    if is_told(status, at, text):
        return status
    return extend_timeline(incident, status, (at, "RS.MI", text[:2048]))
