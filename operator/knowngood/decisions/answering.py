"""What people say to an incident: that they have taken it, and how it ended."""

from datetime import datetime

from knowngood.api.v1alpha1 import Clocks, Ending, Incident, IncidentPhase, IncidentStatus
from knowngood.decisions.acting import asked_no_more
from knowngood.decisions.hearing import with_heard
from knowngood.decisions.people import remark
from knowngood.decisions.timeline import extend_timeline


def heard(incident: Incident, now: datetime, *, proved: bool) -> IncidentStatus | None:
    """Write down what people have said to an incident, and whether it is proved who; None when there is nothing new.

    It hangs on no model: earlier incidents are answered too, and those whose model is gone.
    """
    status = incident.status or IncidentStatus()
    if status.phase is IncidentPhase.CLOSED:
        return None
    said = _by_people(incident, status, now, remark(proved=proved))
    if said == status:
        return None
    return said.model_copy(update={"observed_generation": incident.metadata.generation})


def _by_people(
    incident: Incident, status: IncidentStatus, now: datetime, remark: str
) -> IncidentStatus:
    clocks = status.clocks or Clocks()
    acknowledged, closed = incident.spec.acknowledgement, incident.spec.close
    if acknowledged is not None and clocks.acknowledged is None:
        clocks = clocks.model_copy(update={"acknowledged": now})
        entry = (now, "RS.CO", f"acknowledged by {acknowledged.by}{remark}")
        status = extend_timeline(incident, status, entry).model_copy(update={"clocks": clocks})
    status = with_heard(incident, status, now, remark)
    if closed is not None and clocks.closed is None:
        clocks = clocks.model_copy(update={"closed": now})
        text = f"closed as {closed.resolution} by {closed.by}{remark}; no traffic moves"
        entry = (now, "RC.RP", text)
        status = extend_timeline(incident, status, entry).model_copy(
            update={
                "phase": IncidentPhase.CLOSED,
                "resolution": Ending(closed.resolution.value),
                "clocks": clocks,
                "actions": asked_no_more(status.actions),
            }
        )
    return status
