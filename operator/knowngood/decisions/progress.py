"""How an incident goes on after the containment: the cause is gone, and the model was well for long enough since.

It hangs on no pass: earlier incidents of a model go on too. It moves on what was observed, and moves no traffic.
"""

from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Clocks,
    Containment,
    DeploymentStatus,
    Incident,
    IncidentPhase,
    IncidentStatus,
    Role,
    VersionNames,
)
from knowngood.decisions.acting import asked_no_more
from knowngood.decisions.healed import healed_words, with_healed
from knowngood.decisions.incident_phases import UNCONTAINED, entered
from knowngood.decisions.incidents import incidents_told
from knowngood.decisions.phases import SERVING
from knowngood.decisions.serving_incidents import told_in
from knowngood.decisions.timeline import extend_timeline, span
from knowngood.decisions.wellness import Trigger, Wellness

COOL_DOWN: Final = timedelta(minutes=15)
"""For how long a version has to be seen well after the cause was gone."""

OVER_ON_IT: Final = "what was found about version {} is over"
"""How it is told that the same version is well again; where another one answers, nobody has seen that."""


def progressed(
    model: AIModelDeployment | None,
    incident: Incident,
    status: IncidentStatus,
    wellness: Wellness | None,
    now: datetime,
) -> IncidentStatus:
    """Say how far an incident is, given what is so now.

    Args:
        model: With the status as it was last written; None when it is gone.
        incident: As it was last seen.
        status: What is to be written of it.
        wellness: What was seen of the version that serves; None while it is not seen to be well.
        now: The instant of the look.
    """
    if model is None or status.phase is None or status.subject is None:
        return status
    if incident.metadata.name not in incidents_told(model):
        # No pass looks at it any more: what could not be written when the question ended is written here.
        status = status.model_copy(update={"actions": asked_no_more(status.actions)})
    gone = _gone(model, incident, status, wellness)
    if gone:
        told = extend_timeline(incident, status, (now, "RS.MI", gone))
        if wellness is not None and gone.startswith(OVER_ON_IT.format(wellness.version)):
            told = with_healed(told, _found(status), wellness, gone)
        status = entered(told, IncidentPhase.ERADICATED, now)
    if _recovered(model, incident, status, wellness):
        text = f"version {serving(model)} was seen to be healthy for {span(now, now - COOL_DOWN)}"
        told = extend_timeline(incident, status, (now, "RC.RP", text))
        status = entered(told, IncidentPhase.RECOVERED, now)
    return status


def awaits_wellness(model: AIModelDeployment | None, status: IncidentStatus) -> bool:
    """Say whether an incident goes on when the version that serves is seen to be well."""
    if model is None or status.subject is None or not serving(model):
        return False
    if status.phase is IncidentPhase.ERADICATED:
        return True
    return status.phase in UNCONTAINED and bool(status.evidence) and _is_stable(status)


def is_over_on_it(status: IncidentStatus) -> bool:
    """Say whether the cause was seen to be gone while the same version went on serving."""
    at = status.clocks.eradicated if status.clocks else None
    if at is None or status.subject is None:
        return False
    words = OVER_ON_IT.format(status.subject.version)
    return any(entry.time == at and entry.text.startswith(words) for entry in status.timeline)


def serving(model: AIModelDeployment) -> str:
    """The version that the spec asks for and that answers everybody; empty while there is none."""
    status = model.status or DeploymentStatus()
    names = status.versions or VersionNames()
    settled = status.phase in SERVING and names.stable == names.desired == model.spec.model.version
    return names.stable if settled else ""


def _gone(
    model: AIModelDeployment,
    incident: Incident,
    status: IncidentStatus,
    wellness: Wellness | None,
) -> str:
    """Say in words why the cause is gone; empty while it may not be."""
    phase, subject = status.phase, status.subject
    if subject is None or phase not in UNCONTAINED | {IncidentPhase.CONTAINED}:
        return ""
    if status.containment is Containment.PENDING or told_in(model, incident.metadata.name):
        return ""
    if phase is IncidentPhase.CONTAINED and status.containment is Containment.FAILED:
        return ""  # it is counted to answer, although the route gives it no requests
    stable = serving(model)
    exposed = status.containment is Containment.UNDONE  # weights by hand may give it users still
    if (
        stable
        and stable != subject.version
        and not exposed
        and subject.role in {Role.STABLE, Role.CANARY}
    ):
        return f"version {stable} answers users, as the spec asks, and version {subject.version} is not wanted any more"
    found = _found(status)
    seen = wellness.healthy if wellness and wellness.version == subject.version else frozenset()
    well = phase in UNCONTAINED and _is_stable(status) and stable and found and found <= seen
    if well and wellness is not None:
        said = "; ".join(healed_words(status, one, wellness) for one in sorted(found))
        return f"{OVER_ON_IT.format(subject.version)}: {said}"
    return ""


def _recovered(
    model: AIModelDeployment,
    incident: Incident,
    status: IncidentStatus,
    wellness: Wellness | None,
) -> bool:
    if status.phase is not IncidentPhase.ERADICATED or wellness is None:
        return False
    if wellness.version != serving(model) or told_in(model, incident.metadata.name):
        return False
    return wellness.lasts((status.clocks or Clocks()).eradicated) >= COOL_DOWN


def _is_stable(status: IncidentStatus) -> bool:
    return status.subject is not None and status.subject.role is Role.STABLE


def _found(status: IncidentStatus) -> set[Trigger]:
    """The triggers that had something against the version."""
    return {(e.policy or "", e.trigger) for e in status.evidence}
