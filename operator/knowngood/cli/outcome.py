"""How a rollout ends for somebody who waits for it, as an exit code and a sentence."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ConditionType,
    FailureReason,
    Phase,
    Reason,
    RolloutFailure,
    WaitingFor,
)
from knowngood.cli.ordering import is_pending
from knowngood.cli.views.going import going_on, waits
from knowngood.cli.views.phrases import condition, names
from knowngood.decisions.phases import RESTING, SERVING


class Exit(IntEnum):
    """Exit codes of this program. Scripts depend on them."""

    DONE = 0
    TAKEN_BACK = 1
    TROUBLE = 2
    PERSON = 3
    TIMEOUT = 4
    SUPERSEDED = 5
    INTERRUPTED = 130


_FOR_PEOPLE = frozenset({WaitingFor.PERSON, WaitingFor.THAW, WaitingFor.RESUME})

REFUSED = Exit.TAKEN_BACK
"""A command that the operator did not carry out."""


class Goal(StrEnum):
    """What is waited for.

    Promoted: the version answers all requests. Settled: also, the last requests to the other version are over.
    """

    PROMOTED = "promoted"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a wait."""

    code: Exit
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody waits for.

    Attributes:
        stop_at_person: Whether to end where it can not go on without a person.
    """

    version: str
    goal: Goal = Goal.PROMOTED
    stop_at_person: bool = False


def outcome(model: AIModelDeployment, wanted: Wanted) -> Outcome | None:
    """Say how it ended; None while it has not."""
    if model.metadata.deletion_timestamp is not None:
        return deleted(model.metadata.name)
    if _is_stale(model):
        return None
    ended = _ended(model, wanted.version)
    if ended is not None:
        return ended if wanted.goal is Goal.PROMOTED or _is_settled(model) else None
    return _stopped(model, wanted.version) if wanted.stop_at_person else None


def deleted(name: str) -> Outcome:
    """The model is gone, so nothing is rolled out any more."""
    return Outcome(Exit.TAKEN_BACK, f"model {name} is deleted")


def _is_stale(model: AIModelDeployment) -> bool:
    """Say whether the status is about an earlier spec, or from before a command that was given."""
    status = model.status
    return (
        status is None
        or status.observed_generation < model.metadata.generation
        or is_pending(model)
    )


def _ended(model: AIModelDeployment, version: str) -> Outcome | None:
    if model.status is None or names(model).canary == version:
        return None
    versions, phase, wants = names(model), model.status.phase, model.spec.model.version
    if versions.stable == version:
        return _stable(version, phase, wants)
    failure = _failure(model, version)
    if failure is not None and failure.reason is FailureReason.SUPERSEDED:
        return _superseded(version, wants)
    if phase in RESTING and _is_rejected(model, version):
        because = failure.message if failure else f"version {version} was rejected before"
        text = f"version {version} was taken back, version {versions.stable} answers all requests: {because}"
        return Outcome(Exit.TAKEN_BACK, text)
    return _superseded(version, wants) if wants != version else None


def _stable(version: str, phase: Phase | None, wants: str) -> Outcome | None:
    if phase in SERVING:
        return Outcome(Exit.DONE, f"version {version} answers all requests")
    if wants != version:
        text = f"version {version} is the stable version; version {wants} was asked for since"
        return Outcome(Exit.DONE, text)
    return None  # another version still gets a share


def _failure(model: AIModelDeployment, version: str) -> RolloutFailure | None:
    rollout = model.status.rollout if model.status else None
    return rollout.failure if rollout and rollout.version == version else None


def _is_rejected(model: AIModelDeployment, version: str) -> bool:
    if _failure(model, version) is not None:
        return True
    if model.spec.model.version == version:
        # The name alone does not tell: it may stand for other contents than those that were rejected.
        ready = condition(model, ConditionType.READY)
        return ready is not None and ready.reason == Reason.VERSION_REJECTED
    return any(r.version == version for r in (model.status.rejected if model.status else ()))


def _superseded(version: str, wants: str) -> Outcome:
    return Outcome(Exit.SUPERSEDED, f"the spec asks for version {wants}, not for version {version}")


def _is_settled(model: AIModelDeployment) -> bool:
    route = condition(model, ConditionType.ROUTE_PROGRAMMED)
    programmed = route is None or route.status == "True"
    return programmed and not (model.status and model.status.draining)


def _stopped(model: AIModelDeployment, version: str) -> Outcome | None:
    stalled = condition(model, ConditionType.STALLED)
    if stalled is not None and stalled.status == "True":
        return Outcome(
            Exit.PERSON, f"version {version} does not go on by itself: {stalled.message}"
        )
    rollout = model.status.rollout if model.status else None
    stopped = rollout is not None and rollout.waiting_for in _FOR_PEOPLE
    if model.status and model.status.phase is Phase.SUSPENDED:
        return Outcome(Exit.PERSON, f"version {version} does not go on: {going_on(model)}")
    if rollout is not None and rollout.version == version and stopped:
        return Outcome(Exit.PERSON, f"version {version} does not go on by itself: {waits(model)}")
    return None
