"""The message for those whose business it is: what customers meet, what was done, and when the next update comes."""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionRecord,
    ActionState,
    ActionType,
    Clocks,
    Containment,
    Ending,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
)
from knowngood.api.v1alpha1.notification_status import OccasionKind
from knowngood.decisions.acknowledging import acknowledged_by
from knowngood.decisions.acting import last_move
from knowngood.exporting.texts import clean
from knowngood.messages.message import LONGEST_TITLE, Line, Message, line, moment
from knowngood.messages.occasions import Occasion
from knowngood.messages.updates import needs_nobody

_TITLES: Final[dict[OccasionKind, str]] = {
    OccasionKind.OPENED: "gives answers that may be wrong",
    OccasionKind.REOPENED: "gives answers that may be wrong once more",
    OccasionKind.ASKED: "waits until people decide who answers customers",
    OccasionKind.COMMON_CAUSE: "is one of several AI models with the same trouble",
    OccasionKind.SEVERITY_RAISED: "is in more serious trouble than we told you",
    OccasionKind.CONTAINMENT_FAILED: "still gives answers that may be wrong",
    OccasionKind.CONTAINMENT_LOST: "gives answers that may be wrong once more",
    OccasionKind.NEW_CAUSE: "is in trouble for one more reason",
    OccasionKind.CONTAINED: "answers customers with another version now",
    OccasionKind.SAFE_PATH_OVERDUE: "is replaced for longer than it may be: people have to decide",
    OccasionKind.ACKNOWLEDGED: "is being looked after",
    OccasionKind.CLOSED: "needs nobody any more",
    OccasionKind.UPDATE: "is not settled yet",
}
_ON_SAFE_PATH: Final[dict[OccasionKind, str]] = {
    OccasionKind.CONTAINED: "answers nobody now: something that asks no model does",
}
_WHEN_OVER: Final[dict[OccasionKind, str]] = {
    OccasionKind.OPENED: "gave answers that may have been wrong",
    OccasionKind.REOPENED: "gave answers that may have been wrong once more",
}
"""What is told so where the harm was over when it could be told: a canary's mostly is."""


def for_business(incident: Incident, occasion: Occasion) -> Message:
    """Write it."""
    status, model = incident.status or IncidentStatus(), incident.spec.model_ref.name
    words = _TITLES | _WHEN_OVER if _is_over(status) else _TITLES
    words = words | _ON_SAFE_PATH if _is_on_safe_path(status) else words
    if occasion.kind is OccasionKind.UPDATE and needs_nobody(incident):
        words = _TITLES | {OccasionKind.UPDATE: "needs nobody now"}
    since = occasion.told if occasion.kind is OccasionKind.UPDATE else None
    news = (line("New", _new(status, since)),) if since else ()
    title = f"The AI model {model} ({incident.metadata.namespace}) {words[occasion.kind]}"
    lines: tuple[Line, ...] = (
        *news,
        line("Customers", _customers(status)),
        line("What was done", _done(incident, status)),
        line("Next update", _next(incident, status, occasion)),
        line("To ask about it", f"{incident.metadata.name}, {moment(occasion.at)}"),
    )
    record = status.chain.head if status.chain else ""
    return Message(clean(title, LONGEST_TITLE), lines, record)


def _is_on_safe_path(status: IncidentStatus) -> bool:
    return status.fallback is not None and status.fallback.service is not None


def _is_over(status: IncidentStatus) -> bool:
    """Whether nobody gets wrong answers any more, as far as anybody has seen."""
    gone = status.clocks.eradicated if status.clocks else None
    return status.containment is Containment.VERIFIED or gone is not None


def _customers(status: IncidentStatus) -> str:
    clocks = status.clocks or Clocks()
    contained = clocks.contained if status.containment is Containment.VERIFIED else None
    began, ended = (
        clocks.reopened or clocks.onset or clocks.detected,
        contained or clocks.eradicated,
    )
    since = f" since {moment(began)}" if began else ""
    if began and ended:
        since = f" from {moment(began)} to {moment(ended)}"
    who = "some customers" if status.subject and status.subject.role is Role.CANARY else "customers"
    if status.containment is Containment.VERIFIED:
        span = since if ended else " before"
        return f"they are safe now; {who} may have got wrong answers{span}"
    if status.phase is IncidentPhase.CLOSED:
        return _after_all(status, f"{who} may have got wrong answers{since}")
    if ended:
        return f"what was wrong was seen to be over; {who} may have got wrong answers{since}"
    if status.containment is Containment.PENDING:
        return f"{who} may be getting wrong answers{since}; this is being stopped"
    return f"{who} may be getting wrong answers{since}"


def _after_all(status: IncidentStatus, else_: str) -> str:
    """How it was for customers, in what was closed without that another version answers them."""
    if status.resolution is Ending.FALSE_POSITIVE:
        return "nothing was wrong: it was a false alarm"
    if status.resolution is Ending.AUTO_CLOSED:
        return f"{else_}; nothing was found since, and nobody has closed it by hand"
    if status.resolution is Ending.MODEL_DELETED:
        return f"{else_}; the model is gone"
    return f"{else_}; people have looked at it and closed it"


def _done(incident: Incident, status: IncidentStatus) -> str:
    by, closed = acknowledged_by(incident), status.phase is IncidentPhase.CLOSED
    taken = f"; {by} {'has looked' if closed else 'is looking'} after it" if by else ""
    words = {
        Containment.VERIFIED: "all requests go to another version, about which nothing bad was found",
        Containment.PENDING: "all requests are being sent to another version",
        Containment.FAILED: "requests were to be sent to another version, and that has not worked",
        Containment.UNDONE: "requests went to another version, and come back by the decision of people",
    }
    if _is_on_safe_path(status):
        safe = "no AI model answers: all requests go to what was chosen for that"
        words |= {
            Containment.VERIFIED: safe,
            Containment.PENDING: "requests are being taken from it",
        }
    held = "nothing was changed by itself"
    moved = last_move(status.actions)
    if moved is not None and moved.type is ActionType.SAFE_PATH:
        words[Containment.FAILED] = (
            "what was chosen to answer in place of the AI model does not; the model does"
        )
    if moved is not None and _is_given_back(status, moved):
        held = "no AI model answered for a while; now it answers again"
    elif moved is not None and moved.state is ActionState.REJECTED:
        held = "nothing was changed: a person has decided so"
    elif not closed and not _is_over(status):
        held = f"{held}, people have to decide"
    return f"{words.get(status.containment, held) if status.containment else held}{taken}"


def _is_given_back(status: IncidentStatus, moved: ActionRecord) -> bool:
    """Whether what asks no model has answered, and the model answers again."""
    was = moved.type is ActionType.SAFE_PATH and moved.state is ActionState.VERIFIED
    return was and not _is_on_safe_path(status)


def _next(incident: Incident, status: IncidentStatus, occasion: Occasion) -> str:
    if occasion.kind is OccasionKind.CLOSED:
        return "none, this one is over"
    if occasion.next_update is not None:
        return f"at {moment(occasion.next_update)}, or as soon as something changes"
    if needs_nobody(incident):
        return (
            "none by the clock, because nobody has to do anything any more; only if it comes back"
        )
    if _is_over(status):
        return "when it is over, or if it comes back"
    return "as soon as customers are safe, or if it gets worse"


def _new(status: IncidentStatus, since: datetime) -> str:
    """What has happened since they were told last, beyond what was told at once."""
    clocks = status.clocks or Clocks()
    happened = {
        "people have decided what becomes of it": clocks.decided,
        "what was wrong was seen to be gone": clocks.eradicated,
        "it was seen to be well for a while": clocks.recovered,
    }
    found = [words for words, at in happened.items() if at is not None and at > since]
    if found:
        return ", and ".join(found)
    taken = "" if clocks.acknowledged else ", and nobody has said yet that they look after it"
    return f"nothing since {moment(since)}{taken}"
