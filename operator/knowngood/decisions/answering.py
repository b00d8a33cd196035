"""What people say to an incident: that they have taken it, what becomes of it, and how it ended."""

from datetime import datetime

from knowngood.api.v1alpha1 import Clocks, Ending, Incident, IncidentPhase, IncidentStatus
from knowngood.decisions.acting import asked_no_more
from knowngood.decisions.hearing import with_heard
from knowngood.decisions.incident_phases import entered
from knowngood.decisions.people import actor
from knowngood.decisions.people import remark as remark_of
from knowngood.decisions.this_time import acknowledgement_of, decision_of
from knowngood.decisions.timeline import extend_timeline


def heard(incident: Incident, now: datetime, *, proved: bool) -> IncidentStatus | None:
    """Write down what people have said to an incident, and whether it is proved who; None when there is nothing new.

    It hangs on no model: earlier incidents are answered too, and those whose model is gone.
    """
    status = incident.status or IncidentStatus()
    if status.phase is IncidentPhase.CLOSED:
        return None
    said = status
    for word in (_taken, with_heard, _decided, _closed):
        said = word(incident, said, now, remark_of(proved=proved))
    said = _triaged(said)
    if said == status:
        return None
    return said.model_copy(update={"observed_generation": incident.metadata.generation})


def _taken(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    clocks, said = status.clocks or Clocks(), acknowledgement_of(incident, status)
    if said is None or clocks.acknowledged is not None:
        return status
    clocks = clocks.model_copy(update={"acknowledged": now})
    entry = (now, "RS.CO", f"acknowledged by {said.by}{remark}")
    told = extend_timeline(incident, status, entry, actor=actor(said.by, remark))
    return told.model_copy(update={"clocks": clocks})


def _decided(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    clocks, said = status.clocks or Clocks(), decision_of(incident, status)
    if said is None or clocks.decided is not None:
        return status
    clocks = clocks.model_copy(update={"decided": now})
    text = f"{said.by}{remark} has decided {said.outcome}: {said.rationale}"
    told = extend_timeline(incident, status, (now, "RS.MA", text), actor=actor(said.by, remark))
    return told.model_copy(update={"clocks": clocks})


def _triaged(status: IncidentStatus) -> IncidentStatus:
    """Whoever decides has judged what it is. What is found later asks for a judgement of its own."""
    clocks = status.clocks or Clocks()
    if clocks.decided is None:
        return status
    return entered(status, IncidentPhase.TRIAGED, clocks.decided)


def _closed(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    said = incident.spec.close
    if said is None or (status.clocks and status.clocks.closed is not None):
        return status
    text = f"closed as {said.resolution} by {said.by}{remark}; no traffic moves"
    told = extend_timeline(incident, status, (now, "RC.RP", text), actor=actor(said.by, remark))
    ended = entered(told, IncidentPhase.CLOSED, now)
    return ended.model_copy(
        update={
            "resolution": Ending(said.resolution.value),
            "actions": asked_no_more(status.actions),
        }
    )
