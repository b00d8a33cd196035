"""The message for those who mend it: harm, done, verified, you must, undo, stop."""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    Clocks,
    Containment,
    Ending,
    EvidenceEntry,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Origin,
    VerdictKind,
)
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.decisions.acknowledging import acknowledged_by
from knowngood.decisions.acting import last_move
from knowngood.decisions.questions import target
from knowngood.exporting.texts import clean
from knowngood.messages.message import LONGEST_TASK, LONGEST_TITLE, Line, Message, line, moment
from knowngood.messages.occasions import Occasion
from knowngood.messages.reasons import severity_of

STOP: Final = "knowngood freeze --all (no rollout of any model starts or goes on)"
"""What stops everything that could make it worse. The way back to a good version stays open."""

_TITLES: Final[Mapping[OccasionKind, str]] = {
    OccasionKind.OPENED: "is found to be bad",
    OccasionKind.REOPENED: "is found to be bad again",
    OccasionKind.ASKED: "waits for people to decide",
    OccasionKind.COMMON_CAUSE: "is one of many models that turned bad at once",
    OccasionKind.SEVERITY_RAISED: "is worse than you were told",
    OccasionKind.CONTAINMENT_FAILED: "could not be taken away from users",
    OccasionKind.CONTAINMENT_LOST: "answers users again",
    OccasionKind.NEW_CAUSE: "is bad in one more way",
    OccasionKind.CONTAINED: "is kept away from users",
    OccasionKind.SAFE_PATH_OVERDUE: "was kept away from users by the safe path for as long as that may last",
    OccasionKind.ACKNOWLEDGED: "is taken care of",
    OccasionKind.CLOSED: "is closed",
    OccasionKind.UPDATE: "is not settled yet",
}


def for_operations(incident: Incident, occasion: Occasion) -> Message:
    """Write it."""
    status = incident.status or IncidentStatus()
    lines: tuple[Line | None, ...] = (
        line("Harm", _harm(status, newest=occasion.kind is OccasionKind.NEW_CAUSE)),
        line("Done", _done(status)),
        line("Verified", _verified(status)),
        line("You must", status.next_for_human or "find out what it is", LONGEST_TASK),
        _undo(status),
        line("Stop", STOP),
    )
    return Message(
        title=clean(_title(incident, status, occasion), LONGEST_TITLE),
        lines=tuple(one for one in lines if one is not None),
        record=status.chain.head if status.chain else "",
    )


def _title(incident: Incident, status: IncidentStatus, occasion: Occasion) -> str:
    meta, model = incident.metadata, incident.spec.model_ref.name
    severity = f"{severity_of(incident)}: " if severity_of(incident) else ""
    version = f"version {status.subject.version} of {model}" if status.subject else model
    what = f"{version} in {meta.namespace} {_what(incident, occasion)}{_who(incident, occasion)}"
    return f"{severity}{what} ({meta.name}, {moment(occasion.at)})"


def _what(incident: Incident, occasion: Occasion) -> str:
    """What is the matter; where no trigger has found anything nothing is called found."""
    if occasion.kind is not OccasionKind.OPENED or incident.spec.origin is Origin.TRIGGER:
        return _TITLES[occasion.kind]
    return "is said to be bad" if incident.spec.declared else "is taken back"


def _who(incident: Incident, occasion: Occasion) -> str:
    taken, ended = acknowledged_by(incident), incident.status and incident.status.resolution
    if occasion.kind is OccasionKind.ACKNOWLEDGED and taken:
        return f" by {taken}"
    return f": {ended}" if occasion.kind is OccasionKind.CLOSED and ended else ""


def _harm(status: IncidentStatus, *, newest: bool) -> str:
    clocks = status.clocks or Clocks()
    found = _found(status)
    seen = found[-1 if newest else 0].message if found else status.summary or "it is not known"
    others = len({(one.policy, one.trigger) for one in found}) - 1
    seen += f", and {others} more trigger{'s' if others > 1 else ''}" if others > 0 else ""
    since = clocks.reopened or clocks.onset or clocks.detected
    many = f"; one of many, look at {status.parent} first" if status.parent else ""
    return f"{seen}, since {moment(since)}{many}" if since else f"{seen}{many}"


def _found(status: IncidentStatus) -> tuple[EvidenceEntry, ...]:
    """What triggers saw since it was opened for the last time: what was seen before are no numbers of now."""
    again = (status.clocks or Clocks()).reopened
    harm = tuple(one for one in status.evidence if one.verdict is not VerdictKind.HEALTHY)
    if again is None:
        return harm
    told = {entry.text for entry in status.timeline if entry.time >= again}
    return tuple(one for one in harm if one.message in told) or harm


def _done(status: IncidentStatus) -> str:
    if not status.actions:
        return "nothing" if status.phase is IncidentPhase.CLOSED else "nothing yet"
    action = last_move(status.actions)
    feeds = [f"{a.feed}: {a.result}" for a in status.actions if a.feed and a.result]
    if action is None:
        return "; ".join(feeds) or "nothing yet"
    to = status.fallback.name if status.fallback else "another version"
    text = _did(action, to)
    result = f" ({action.result})" if action.result else ""
    return "; ".join([f"{text}{result}", *feeds])


def _did(action: ActionRecord, to: str) -> str:
    if action.type is ActionType.HOLD:
        return "nothing was shifted"
    if action.state in _NOT_BEGUN:
        return "nothing was shifted"
    if action.state is ActionState.WAITING:
        asked = action.approval
        if asked is None:
            return "nothing yet"
        said = "people decide whether" if asked.granted_at is None else "it is decided that"
        return f"nothing yet; {said} {target(asked)} gets all requests"
    what = _WORDS.get(action.type, action.type.value)
    return f"{what.format(to=to)}: {_STATES[action.state]}"


_WORDS: Final[Mapping[ActionType, str]] = {
    ActionType.ROLLBACK: "all requests go back to {to}",
    ActionType.SHIFT_TO_SHADOW: "all requests go to {to}, which stands by",
    ActionType.SAFE_PATH: "all requests go to {to}, and no model answers",
}
_NOT_BEGUN: Final = frozenset({ActionState.REJECTED, ActionState.WITHDRAWN})
"""What people were asked about, and what was not done then."""

_STATES: Final[Mapping[ActionState, str]] = {
    ActionState.STARTED: "begun",
    ActionState.VERIFIED: "done",
    ActionState.FAILED: "failed",
    ActionState.SKIPPED: "not done",
}


def _verified(status: IncidentStatus) -> str:
    version = f"version {status.subject.version}" if status.subject else "the version"
    if status.containment is Containment.VERIFIED:
        at = status.clocks.contained if status.clocks else None
        since = f" since {moment(at)}" if at else ""
        took = f", {status.attained.rto} after it began" if _rto(status) and status.attained else ""
        return f"yes, {version} was seen to get no requests{since}{took}"
    over = status.clocks.eradicated if status.clocks else None
    undone = status.containment is Containment.UNDONE
    if over is not None:
        moved = "it answers users again" if undone else "nothing was moved"
        return f"nothing to verify: {moved}, and the cause was seen to be gone at {moment(over)}"
    if status.resolution is Ending.MODEL_DELETED:
        return "nothing to verify any more: the model is gone"
    if undone or status.containment is Containment.FAILED:
        return f"no, {version} {'answers users again' if undone else 'still answers users'}"
    if status.containment is Containment.PENDING:
        return f"not yet, {version} may still answer users"
    goes_on = f", and {version} goes on as before" if status.subject else ""
    return f"nothing to verify: nothing was moved{goes_on}"


def _rto(status: IncidentStatus) -> str | None:
    return status.attained.rto if status.attained else None


def _undo(status: IncidentStatus) -> Line | None:
    undo = status.undo
    return line("Undo", f"{undo.command} ({undo.what})") if undo else None
