"""The message for those whose business it is: what customers meet, what was done, and when the next update comes."""

from typing import Final

from knowngood.api.v1alpha1 import (
    ActionState,
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
from knowngood.exporting.texts import clean
from knowngood.messages.message import LONGEST_TITLE, Line, Message, line, moment
from knowngood.messages.occasions import Occasion

_TITLES: Final[dict[OccasionKind, str]] = {
    OccasionKind.OPENED: "gives answers that may be wrong",
    OccasionKind.REOPENED: "gives answers that may be wrong once more",
    OccasionKind.ASKED: "waits until people decide who answers customers",
    OccasionKind.COMMON_CAUSE: "is one of several AI models with the same trouble",
    OccasionKind.SEVERITY_RAISED: "is in more serious trouble than we told you",
    OccasionKind.CONTAINMENT_FAILED: "still gives answers that may be wrong",
    OccasionKind.CONTAINMENT_LOST: "gives answers that may be wrong once more",
    OccasionKind.CONTAINED: "answers customers with another version now",
    OccasionKind.ACKNOWLEDGED: "is being looked after",
    OccasionKind.CLOSED: "needs nobody any more",
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
    title = f"The AI model {model} ({incident.metadata.namespace}) {words[occasion.kind]}"
    lines: tuple[Line, ...] = (
        line("Customers", _customers(status)),
        line("What was done", _done(incident, status)),
        line("Next update", _next(status, occasion)),
        line("To ask about it", f"{incident.metadata.name}, {moment(occasion.at)}"),
    )
    record = status.chain.head if status.chain else ""
    return Message(clean(title, LONGEST_TITLE), lines, record)


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
    held = "nothing was changed by itself"
    if status.actions and status.actions[-1].state is ActionState.REJECTED:
        held = "nothing was changed: a person has decided so"
    elif not closed and not _is_over(status):
        held = f"{held}, people have to decide"
    return f"{words.get(status.containment, held) if status.containment else held}{taken}"


def _next(status: IncidentStatus, occasion: Occasion) -> str:
    if occasion.kind is OccasionKind.CLOSED:
        return "none, this one is over"
    if _is_over(status):
        return "when it is over, or if it comes back"
    return "as soon as customers are safe, or if it gets worse"
