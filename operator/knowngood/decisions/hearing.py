"""What people have said to actions that wait for them, written into the incident once, with the time."""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentPhase, IncidentStatus
from knowngood.api.v1alpha1.approvals import (
    MOST_ANSWERS,
    ApprovalAnswer,
    ApprovalDecision,
    HeardAnswer,
)
from knowngood.decisions.people import actor
from knowngood.decisions.people import remark as remark_of
from knowngood.decisions.timeline import extend_timeline

_SAID: Final = {ApprovalDecision.APPROVE: "approved", ApprovalDecision.REJECT: "rejected"}


def heard_first(incident: Incident, now: datetime, *, proved: bool) -> Incident:
    """The incident with all answers in it: what follows from them is told after them."""
    status = incident.status
    if status is None or status.phase in {None, IncidentPhase.CLOSED}:
        return incident
    told = with_heard(incident, status, now, remark_of(proved=proved))
    if told != status:
        told = told.model_copy(update={"observed_generation": incident.metadata.generation})
    return incident.model_copy(update={"status": told})


def with_heard(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    """Write down each answer that is new.

    Args:
        incident: With what people have said in its spec.
        status: What is told in it so far.
        now: The present instant.
        remark: What stands behind the name of a person.
    """
    known = {(one.action_id, one.by, one.decision) for one in status.answers}
    for answer in incident.spec.approvals:
        if (answer.action_id, answer.by, answer.decision) not in known:
            status = _with(incident, status, answer, now, remark)
    return status


def _with(
    incident: Incident, status: IncidentStatus, answer: ApprovalAnswer, now: datetime, remark: str
) -> IncidentStatus:
    note = f": {answer.note}" if answer.note else ""
    known = any(action.id == answer.action_id for action in status.actions)
    text = f"{answer.action_id} is {_SAID[answer.decision]} by {answer.by}{remark}"
    text += note if known else f", and there is no such action{note}"
    heard = HeardAnswer(action_id=answer.action_id, decision=answer.decision, by=answer.by, at=now)
    entry, who = (now, "RS.CO", text[:2048]), actor(answer.by, remark)
    told = extend_timeline(incident, status, entry, actor=who)
    return told.model_copy(update={"answers": (*told.answers, heard)[-MOST_ANSWERS:]})
