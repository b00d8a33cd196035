"""Whose answers may have been wrong, from when to when, and by which pods they were given."""

from knowngood.api.v1alpha1 import (
    Affected,
    AIModelDeployment,
    Clocks,
    Containment,
    CountedAnswers,
    Incident,
    IncidentStatus,
    Subject,
)
from knowngood.decisions.naming import selector_text


def affected(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> Affected | None:
    """What was told of it once stays, but for when it was over: contained, or else the cause gone."""
    clocks = status.clocks or Clocks()
    since = clocks.onset or clocks.detected
    if status.subject is None or since is None:
        return status.affected
    over = clocks.contained if status.containment is Containment.VERIFIED else clocks.eradicated
    if status.affected is not None:
        told = status.affected
        counted = told.decisions or _counted(model, incident, status.subject)
        return told.model_copy(update={"to": over, "decisions": counted})
    version = status.subject.version
    return Affected(
        versions=(version,),
        from_=since,
        to=over,
        decisions=_counted(model, incident, status.subject),
        selector=_selector(model, version) if model else None,
    )


def _counted(
    model: AIModelDeployment | None, incident: Incident, subject: Subject
) -> CountedAnswers | None:
    """How many answers a canary gave until it was counted to be silent, as the model's status has it."""
    rollout = model.status.rollout if model and model.status else None
    if rollout is None or rollout.failure is None or rollout.answered is None:
        return None
    if (rollout.failure.incident, rollout.version) != (incident.metadata.name, subject.version):
        return None
    return CountedAnswers(at_least=rollout.answered)


def _selector(model: AIModelDeployment, version: str) -> str | None:
    if model.spec.serving.deployment is not None:
        return selector_text(model.metadata.name, version)
    services = model.spec.serving.services or ()
    name = next((s.name for s in services if s.version == version), None)
    return f"kubernetes.io/service-name={name}" if name else None
