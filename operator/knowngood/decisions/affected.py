"""Whose answers may have been wrong: of which version, from when to when, and how many they were at least."""

from datetime import datetime, timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    ActionState,
    ActionType,
    Affected,
    AIModelDeployment,
    Clocks,
    Containment,
    CountedAnswers,
    Incident,
    IncidentStatus,
    Role,
    Subject,
)
from knowngood.decisions.naming import selector_text
from knowngood.decisions.witnessing import LATE

COUNTED_FOR: Final = timedelta(minutes=1)
"""For how long after the harm answers from before may still come to light: with the next scrape of a pod."""


def affected(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus
) -> Affected | None:
    """What was told of it once stays, but for when it was over, and how many there were by then."""
    clocks = status.clocks or Clocks()
    since = clocks.onset or clocks.detected
    if status.subject is None or since is None:
        return status.affected
    over = _over_at(model, status, clocks)
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


def spans_counted(status: IncidentStatus, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The spans in which the answers of a version that served are to be counted now, the longest one first.

    It is over, and was not long ago. Of a version that gets no request any more, what comes to light later is from
    before.
    """
    affected, subject = status.affected, status.subject
    if (
        affected is None
        or affected.to is None
        or subject is None
        or subject.role is not Role.STABLE
    ):
        return ()
    if not affected.to <= now < affected.to + COUNTED_FOR:
        return ()
    plain = affected.from_, affected.to
    if status.containment is not Containment.VERIFIED:
        return (plain,)
    return ((affected.from_, affected.to + LATE), plain)


def with_counted(status: IncidentStatus, answers: int | None) -> IncidentStatus:
    """Note how many answers a version gave that served; a number only grows, so a repeated call changes nothing.

    Args:
        status: What is told in it so far.
        answers: As its own counters show them; None where nobody knows.
    """
    known = status.affected.decisions if status.affected else None
    if status.affected is None or not answers or (known and known.at_least >= answers):
        return status
    update = {"decisions": CountedAnswers(at_least=answers)}
    return status.model_copy(update={"affected": status.affected.model_copy(update=update)})


def _over_at(
    model: AIModelDeployment | None, status: IncidentStatus, clocks: Clocks
) -> datetime | None:
    """When it was over: contained, or the cause was gone; None while it may go on.

    A version that got its requests back by a person's word, and was found healthy from there on, did no harm again.
    """
    if status.containment is Containment.VERIFIED:
        return clocks.contained
    if clocks.eradicated is None:
        return None
    told = status.affected.to if status.affected else None
    if told is not None and told <= clocks.eradicated:
        return told
    anew = model.status.judged_since if model and model.status else None
    safe = (
        a.finished_at
        for a in reversed(status.actions)
        if a.type is ActionType.SAFE_PATH and a.state is ActionState.VERIFIED
    )
    since = next(safe, None)
    given_back = since is not None and anew is not None and since <= anew
    return since if given_back else clocks.eradicated


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
