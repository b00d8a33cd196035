"""A version that an incident calls contained gets users again: the incident says so at once, and who wanted it.

It is told from what the model's status asks of the route, and before the gateway has followed: too early rather than
too late. When the version is taken away from users once more, that is told as well.
"""

from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Clocks,
    CommandResult,
    Containment,
    DeploymentStatus,
    Incident,
    IncidentPhase,
    IncidentStatus,
    LastCommand,
    Phase,
    Role,
    VersionNames,
)
from knowngood.api.v1alpha1.safe_path import SafePathStep
from knowngood.decisions.calling import order
from knowngood.decisions.commands import Verb
from knowngood.decisions.incident_phases import GONE, UNCONTAINED, entered
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.timeline import attained, extend_timeline, instant

BEFORE: Final = "; before that: "
_GIVEN_BY: Final = frozenset({Verb.UNDO, Verb.RETRY, Verb.FORCE, Verb.PROMOTE, Verb.RESUME})
"""Verbs by which a version gets requests."""

_REACHED: Final = {"contained": None, "eradicated": None, "recovered": None, "triaged": None}


def exposed_again(
    model: AIModelDeployment | None, incident: Incident, status: IncidentStatus, now: datetime
) -> IncidentStatus:
    """Withdraw the containment of a version that gets users again, and say when it has none any more.

    Args:
        model: With the status as it was last written; None when it is gone.
        incident: As it was last seen.
        status: What is told in it so far.
        now: The instant of the look.
    """
    subject = status.subject
    if model is None or subject is None or status.phase in {None, IncidentPhase.CLOSED}:
        return status
    if subject.role not in {Role.STABLE, Role.CANARY} or model.spec.traffic is None:
        return status
    share = share_of(model, subject.version)
    if _is_left(model, incident):
        return status
    if status.containment is Containment.VERIFIED and share:
        text = (
            f"version {subject.version} answers users again: it gets {share} % of the requests"
            f"{_who(model, status, subject.version)}; it is contained no more"
        )
        return _exposed(incident, status, subject.version, text, now)
    safely = status.containment is Containment.NONE and _is_on_safe_path(model, incident)
    if (status.containment is Containment.UNDONE or safely) and status.phase in UNCONTAINED:
        over = _is_known(model) and share == 0 and not _may_get_some(model, subject.version)
        return _over(incident, status, subject.version, now) if over else status
    return status


def share_of(model: AIModelDeployment, version: str) -> int:
    """Percent of the users' requests that a version gets, or is about to get; by hand or by Knowngood."""
    traffic = model.status.traffic if model.status else None
    if traffic is None:
        return 0
    asked = (max(b.weight, b.applied_weight or 0) for b in traffic.backends if b.version == version)
    by_hand = traffic.override.weights if traffic.override else ()
    held = (share.weight for share in by_hand if share.version == version)
    return max((*asked, *held), default=0)


def without_exposure(summary: str | None) -> str | None:
    """The sentence of an incident as it was before the version got users again."""
    return summary.partition(BEFORE)[2] or summary if summary else summary


def next_of_exposed(model: AIModelDeployment, status: IncidentStatus, version: str) -> str:
    """Say what a person has to do while the version gets users again; empty while it does not, or is well again."""
    if status.containment is not Containment.UNDONE or status.phase in GONE:
        return ""
    names, share = _names(model), share_of(model, version)
    answers = f"version {version} answers {share} % of the users again"
    if share == 0:
        return f"watch version {version}, which may answer users again any moment"
    verb = Verb.ROLLBACK if names.stable == version else Verb.ABORT
    by_hand = model.status.traffic.override if model.status and model.status.traffic else None
    if by_hand is not None:
        call = order(model, Verb.RELEASE, f"--version {names.stable}")
        return f"{answers}, by weights that somebody has set by hand: watch it, or put the route back ({call})"
    call = order(model, verb, f"--version {version}")
    return f"{answers}, because a person asked for it: watch it, or take it away from them ({call})"


def _exposed(
    incident: Incident, status: IncidentStatus, version: str, text: str, now: datetime
) -> IncidentStatus:
    clocks = status.clocks or Clocks()
    head = f"version {version} answers users again since {instant(now)}"
    told = extend_timeline(incident, status, (now, "DE.AE", text))
    return told.model_copy(
        update={
            "phase": IncidentPhase.DETECTED,
            "containment": Containment.UNDONE,
            "summary": f"{head}{BEFORE}{without_exposure(status.summary) or ''}"[:1024],
            "attained": None,
            "clocks": clocks.model_copy(update=_REACHED),
        }
    )


def _over(
    incident: Incident, status: IncidentStatus, version: str, now: datetime
) -> IncidentStatus:
    text = f"version {version} gets no requests any more"
    told = extend_timeline(incident, status, (now, "RS.MI", text))
    return entered(told, IncidentPhase.CONTAINED, now).model_copy(
        update={
            "containment": Containment.VERIFIED,
            "summary": without_exposure(status.summary),
            "attained": attained(status.clocks or Clocks(), now),
        }
    )


def _is_known(model: AIModelDeployment) -> bool:
    """Whether it is written down who gets which share: where a status was lost, nobody knows until it is rebuilt."""
    return model.status is not None and model.status.traffic is not None


def _may_get_some(model: AIModelDeployment, version: str) -> bool:
    """Whether it is on its way to users, or its way back was not seen to be over."""
    status = model.status or DeploymentStatus()
    tried = status.phase in ROLLING and status.rollout and status.rollout.version == version
    return bool(tried) or status.phase in GOING_BACK or status.phase is Phase.SUSPENDED


def _is_on_safe_path(model: AIModelDeployment, incident: Incident) -> bool:
    """Whether it answers again: users were sent past it for a while, and the version was found to be bad anew."""
    return _step_for(model, incident) is SafePathStep.TAKEN


def _is_left(model: AIModelDeployment, incident: Incident) -> bool:
    """Whether the safe path is left that it was contained by: that is told for itself, and nothing is found anew."""
    return _step_for(model, incident) is SafePathStep.LEFT


def _step_for(model: AIModelDeployment, incident: Incident) -> SafePathStep | None:
    taken = model.status.safe_path if model.status else None
    mine = taken is not None and taken.incident == incident.metadata.name
    return taken.step if mine and taken else None


def _who(model: AIModelDeployment, told: IncidentStatus, version: str) -> str:
    """Who wanted it, as far as that is known: a command from before the containment did not."""
    status, clocks = model.status or DeploymentStatus(), told.clocks or Clocks()
    if status.traffic is not None and status.traffic.override is not None:
        return ", by weights that somebody has set by hand on the route"
    last, since = status.last_command, clocks.contained or clocks.detected
    if last is not None and _gave_it(last, version) and (since is None or last.time >= since):
        return f", because {last.by} gave the command {last.verb} {version}"
    return ", because the spec asks for it" if model.spec.model.version == version else ""


def _gave_it(last: LastCommand, version: str) -> bool:
    return last.result is CommandResult.DONE and last.verb in _GIVEN_BY and last.version == version


def _names(model: AIModelDeployment) -> VersionNames:
    found = model.status.versions if model.status else None
    return found or VersionNames(desired=model.spec.model.version)
