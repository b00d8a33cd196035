"""What an incident says of feeds: told from the feeds in the model's status, in a way that only adds."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    AIModelDeployment,
    Incident,
    IncidentStatus,
    WayBack,
)
from knowngood.api.v1alpha1.approvals import ApprovalRequest
from knowngood.api.v1alpha1.feed_status import FeedState, HeldFeed
from knowngood.decisions.acting import next_number, with_action, withdrawn
from knowngood.decisions.asked_incidents import terms
from knowngood.decisions.calling import order
from knowngood.decisions.feeds import HELD, field, words
from knowngood.decisions.timeline import OPERATOR, extend_timeline, is_told

_STATES: Final = {
    FeedState.WAITING: ActionState.WAITING,
    FeedState.SUSPENDING: ActionState.STARTED,
    FeedState.SUSPENDED: ActionState.VERIFIED,
    FeedState.RESUMING: ActionState.VERIFIED,
    FeedState.RESUMED: ActionState.VERIFIED,
    FeedState.RESUMED_BY_HAND: ActionState.VERIFIED,
    FeedState.GONE: ActionState.VERIFIED,
    FeedState.FAILED: ActionState.FAILED,
    FeedState.SKIPPED: ActionState.SKIPPED,
    FeedState.REJECTED: ActionState.REJECTED,
}
"""How far the action is; one that a limit holds back is none yet."""

_SAID: Final = "RS.CO"
"""Function of the framework of what a person has said; all else is seen, or done."""

_Entry = tuple[datetime, str, str]


def with_feed_actions(
    model: AIModelDeployment, incident: Incident, status: IncidentStatus
) -> IncidentStatus:
    """Tell what is done about feeds, and what people are asked about them.

    Args:
        model: With the status as it was last written.
        incident: As it was last seen.
        status: What is told in it so far; nothing is told before the incident itself.
    """
    told = model.status.feeds if model.status else ()
    mine = [held for held in told if held.incident == incident.metadata.name]
    if status.phase is None:
        return status
    actions = tuple(withdrawn(a) if _is_dropped(a, mine) else a for a in status.actions)
    if actions != status.actions:
        status = status.model_copy(update={"actions": actions})
    for held in mine:
        status = _told(incident, status, held)
    return status


def _is_dropped(action: ActionRecord, feeds: list[HeldFeed]) -> bool:
    if action.feed is None or action.state is not ActionState.WAITING:
        return False
    return not any(_is_about(action, held) for held in feeds)


def _is_about(action: ActionRecord, held: HeldFeed) -> bool:
    if action.feed != words(held):
        return False
    if action.approval is None or held.approval is None:
        return action.started_at in {held.noticed_at, held.since}
    return action.approval.asked_at == held.approval.asked_at


def _told(incident: Incident, status: IncidentStatus, held: HeldFeed) -> IncidentStatus:
    known = next((a for a in status.actions if _is_about(a, held)), None)
    state = _STATES.get(held.state)
    if state is not None and known is None:
        answered = {answer.action_id for answer in incident.spec.approvals}
        known = _action(f"a{next_number(status.actions, answered)}", held, state)
        status = status.model_copy(update={"actions": with_action(status.actions, known)})
    if known is not None and known.state is ActionState.WITHDRAWN:
        return status
    for entry in _entries(held, known.id if known else ""):
        if not is_told(status, entry[0], entry[2]):
            who = (held.by if entry[1] == _SAID else None) or OPERATOR
            status = extend_timeline(incident, status, entry, actor=who)
    if known is None or state is None:
        return status
    now = _action(known.id, held, state)
    actions = tuple(now if a.id == known.id else a for a in status.actions)
    return status if actions == status.actions else status.model_copy(update={"actions": actions})


def _action(identity: str, held: HeldFeed, state: ActionState) -> ActionRecord:
    waits = state is ActionState.WAITING
    return ActionRecord(
        id=identity,
        type=ActionType.SUSPEND_FEED,
        feed=words(held),
        state=state,
        started_at=held.noticed_at if waits else held.since or held.noticed_at,
        finished_at=held.verified_at or held.ended_at,
        result=result_of(held)[:2048],
        decided_by=held.approval.granted_by if held.approval else None,
        approval=held.approval,
    )


def result_of(held: HeldFeed) -> str:
    """Say how far a feed is, in words for people."""
    if held.state is FeedState.WAITING and held.approval is not None:
        return _terms(held)
    if held.state is FeedState.SUSPENDING:
        return _beginning(held)
    if held.verified_at is None:
        return held.message or ""
    then = f". {held.message}" if held.message else ""
    return f"{_suspended(held)}{then}"


def _terms(held: HeldFeed) -> str:
    if held.approval is None:
        return ""
    text = terms(held.approval).replace("nothing is shifted before", "it is not suspended before")
    return f"{text}. {held.limit}" if held.limit else text


def _beginning(held: HeldFeed) -> str:
    by = held.approval.granted_by if held.approval else None
    who = f"decided by {by}" if by else "the policy asks nobody"
    return f"{words(held)} is being suspended: {field(held.path or '')} was {_was(held)} ({who})"


def _suspended(held: HeldFeed) -> str:
    """What was seen: the field, what it was before, and what runs on."""
    runs = (
        f"under way, and running on: {', '.join(held.running)}"
        if held.running
        else "no run was under way"
    )
    return (
        f"{words(held)} was seen to be suspended: {field(held.path or '')} is {held.value}, and was {_was(held)} "
        f"before; {runs}"
    )


def _was(held: HeldFeed) -> str:
    return "absent" if held.before is None else held.before


def _entries(held: HeldFeed, identity: str) -> Iterator[_Entry]:
    """Everything that has happened so far, whichever of it is told already."""
    if held.approval is not None:
        yield from _asked(held, held.approval, identity)
    if held.limited_at is not None and held.limit:
        yield held.limited_at, "RS.MI", held.limit
    if held.since is not None:
        yield held.since, "RS.MI", _beginning(held)
    if held.verified_at is not None:
        yield held.verified_at, "RS.MI", _suspended(held)
    if held.resuming_at is not None:
        yield held.resuming_at, _SAID, f"{held.by} asked for {words(held)} to be resumed"
    if held.ended_at is not None and held.message:
        resumed = held.verified_at is not None
        yield held.ended_at, "RC.RP" if resumed else "RS.MI", held.message


def _asked(held: HeldFeed, asked: ApprovalRequest, identity: str) -> Iterator[_Entry]:
    """What people were asked, and what they, or time, have decided."""
    text = (
        f"people are asked whether {words(held)}, which feeds the model, is suspended ({identity})"
    )
    yield asked.asked_at, "RS.MA", text
    if asked.overdue_at is not None:
        yield asked.overdue_at, "RS.MA", f"{identity}: nobody decided in time"
    if asked.granted_at is not None:
        yield asked.granted_at, "RS.MA", f"{identity}: decided by {asked.granted_by}"


def question_about(incident: Incident, action: ActionRecord) -> str:
    """Say what people are asked about a feed, and how they answer."""
    if action.approval is None:
        return ""
    meta = incident.metadata
    where = f"{meta.name} --action {action.id} -n {meta.namespace}"
    calls = f"knowngood incident approve {where}, or knowngood incident veto {where}"
    if action.approval.granted_at is not None:
        return (
            f"wait until {action.feed} is suspended, or stop it (knowngood incident veto {where})"
        )
    return f"decide whether {action.feed}, which feeds the model, is suspended ({calls}): {action.result}"


def feed_way_back(model: AIModelDeployment, incident: Incident) -> WayBack | None:
    """What resumes the feeds that are suspended for an incident; None where none is."""
    told = model.status.feeds if model.status else ()
    mine = [h for h in told if h.incident == incident.metadata.name and h.state in HELD]
    if not mine:
        return None
    what = f"{words(mine[0])} is resumed; closing the incident resumes nothing"
    if len(mine) > 1:
        what += f". Suspended too: {', '.join(words(h) for h in mine[1:])}"
    return WayBack(what=what[:2048], command=order(model, "feed resume", mine[0].name))
