"""What goes on with a model, in a sentence or two: where it is, and what it waits for."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ConditionType,
    Phase,
    RolloutStatus,
    WaitingFor,
    seconds,
)
from knowngood.api.v1alpha1.safe_path import SafePathStatus
from knowngood.cli.views.asked import open_breaches
from knowngood.cli.views.phrases import (
    condition,
    moment,
    names,
    on_safe_path,
    present_step,
    step_text,
    steps,
)
from knowngood.decisions.phases import GOING_BACK, GONE_BACK, RESTING, ROLLING

UNSEEN: Final = (
    "the operator has not looked at it yet: is it running? (kubectl get pods -A -l "
    "app.kubernetes.io/name=knowngood)"
)


def going_on(model: AIModelDeployment) -> str:
    """Say where a model is."""
    status = model.status
    if status is None or status.phase is None:
        return UNSEEN
    taken = on_safe_path(model)
    if taken is not None and status.phase in RESTING:
        return _safely(model, taken)
    return PHASES[status.phase](model)


def progress(model: AIModelDeployment, rollout: RolloutStatus) -> str:
    """Say how far a rollout is: `step 2 of 4 (a pause for 10m)`."""
    total, step = len(steps(model)), present_step(model)
    if step is None:
        return f"all {total} steps are done"
    return f"step {rollout.step + 1} of {total} ({step_text(step)})"


def waits(model: AIModelDeployment) -> str:
    """Say what a rollout waits for; empty where it waits for nothing that has a name."""
    rollout = model.status.rollout if model.status else None
    return WAITS[rollout.waiting_for](model, rollout) if rollout else ""


def _for_time(model: AIModelDeployment, rollout: RolloutStatus) -> str:
    step = present_step(model)
    pause = step.pause if step else None
    if pause is None or pause.duration is None:
        return "it pauses"
    ends = rollout.step_started_at + timedelta(seconds=seconds(pause.duration))
    return f"it pauses until {moment(ends)}"


def _for_samples(model: AIModelDeployment, rollout: RolloutStatus) -> str:
    step = present_step(model)
    if step is None:
        text = "it waits for more requests: every trigger that acts has to be Healthy before the promotion"
        return _joined(text, _lacks(rollout))
    pause = step.pause
    number = f"{pause.min_samples} " if pause and pause.min_samples else "more "
    return (
        f"it waits for {number}requests to judge by, counted from {moment(rollout.step_started_at)}"
    )


def _for_proof(_: AIModelDeployment, rollout: RolloutStatus) -> str:
    return _joined(
        "it waits until it is shown not to be worse by the margin that a policy names",
        _lacks(rollout),
    )


def _for_a_verdict(_: AIModelDeployment, rollout: RolloutStatus) -> str:
    return _joined(
        "it is not promoted, and not taken back either, while a gate is closed", _lacks(rollout)
    )


def _lacks(rollout: RolloutStatus) -> str:
    return "; ".join(rollout.lacks)


def _for_a_person(model: AIModelDeployment, _: RolloutStatus) -> str:
    step = present_step(model)
    asked = step is not None and step.pause is not None and not step.pause.wire()
    told = condition(model, ConditionType.RECONCILING)
    if not asked and told is not None:  # the steps ask nobody, so the operator has a reason
        return told.message
    return "it waits for a person (promote or abort)"


Wait = Callable[[AIModelDeployment, RolloutStatus], str]

WAITS: Final[Mapping[WaitingFor, Wait]] = {
    WaitingFor.NONE: lambda _, __: "",
    WaitingFor.PODS: lambda _, __: "it waits for its pods to be ready",
    WaitingFor.ROUTE: lambda _, __: "it waits for the gateway to take the weights over",
    WaitingFor.GATEWAY: lambda _, __: "it waits until it is known whether the gateway can mirror",
    WaitingFor.TIME: _for_time,
    WaitingFor.SAMPLES: _for_samples,
    WaitingFor.PROOF: _for_proof,
    WaitingFor.VERDICT: _for_a_verdict,
    WaitingFor.PERSON: _for_a_person,
    WaitingFor.THAW: lambda _, __: "it waits until its rollout is not frozen any more",
    WaitingFor.RESUME: lambda _, __: "it waits: a person has paused it (resume)",
    WaitingFor.DATA: lambda _, __: "it waits for its signals to be readable again",
}
"""What each wait means."""


def in_short(model: AIModelDeployment) -> str:
    """Say where a model is to somebody who knows which version is rolled out beside which."""
    status = model.status
    if status is None or status.rollout is None:
        return going_on(model)
    if status.phase in GONE_BACK and on_safe_path(model) is None:
        return f"version {names(model).stable} answers all requests"
    if status.phase not in ROLLING:
        return going_on(model)
    return _joined(progress(model, status.rollout), waits(model))


def _rolling(model: AIModelDeployment) -> str:
    rollout = model.status.rollout if model.status else None
    versions = names(model)
    if rollout is None:
        return f"version {versions.canary} is rolled out beside version {versions.stable}"
    begun = f"version {rollout.version} is rolled out beside version {versions.stable}: {progress(model, rollout)}"
    return _joined(_joined(begun, _tried(model, rollout)), waits(model))


def _tried(model: AIModelDeployment, rollout: RolloutStatus) -> str:
    trial = model.spec.traffic.test_traffic if model.spec.traffic else None
    if trial is None or not rollout.tested:
        return ""
    return f"requests with your value of {trial.header} go to it"


def _safely(model: AIModelDeployment, taken: SafePathStatus) -> str:
    served = f"version {names(model).stable}, which served, gets no requests"
    if model.status and model.status.traffic and model.status.traffic.override:
        return f"somebody has set the weights of the route by hand, so the safe path ({taken.service}) does not get all"
    if taken.taken_at is None:
        return f"all requests go to the safe path ({taken.service}) as soon as the gateway follows; {served}"
    text = f"the safe path ({taken.service}) answers all requests, and no model does; {served}"
    if taken.overdue_at is not None:
        return (
            f"{text}; it was to last until {moment(taken.until)} at most: decide"
            if taken.until
            else text
        )
    return f"{text}; until {moment(taken.until)} at most" if taken.until else text


def _initializing(model: AIModelDeployment) -> str:
    return _joined(f"version {names(model).desired} is the first one", waits(model))


def _rolled_back(model: AIModelDeployment) -> str:
    rollout = model.status.rollout if model.status else None
    serves = f"version {names(model).stable} answers all requests"
    if rollout is None or rollout.failure is None:
        return serves
    return f"{serves}; version {rollout.version} was taken back: {rollout.failure.message}"


def _rolling_back(model: AIModelDeployment) -> str:
    versions = names(model)
    rollout = model.status.rollout if model.status else None
    back = f"version {versions.canary} goes back: version {versions.stable} answers everybody once the gateway follows"
    if rollout is not None and rollout.returning not in {None, versions.stable}:
        contains = model.status is not None and model.status.phase is Phase.CONTAINING
        how = "is brought up to take all requests over from" if contains else "comes back for"
        back = _joined(f"version {rollout.returning} {how} version {versions.stable}", waits(model))
    return _joined(back, rollout.failure.message if rollout and rollout.failure else "")


def _serving(model: AIModelDeployment, otherwise: str) -> str:
    found = open_breaches(model)
    bad = f", and is bad: {found[0].message}" if found else otherwise
    return f"version {names(model).stable} answers all requests{bad}"


def _joined(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


PHASES: Final[Mapping[Phase, Callable[[AIModelDeployment], str]]] = {
    Phase.PENDING: lambda m: f"version {names(m).desired} is checked before it starts",
    Phase.INITIALIZING: _initializing,
    Phase.PROBATION: lambda m: _serving(m, ""),
    Phase.GUARDING: lambda m: _serving(m, ", and is known good"),
    **dict.fromkeys(ROLLING, _rolling),
    **dict.fromkeys(GOING_BACK, _rolling_back),
    **dict.fromkeys(GONE_BACK, _rolled_back),
    Phase.SUSPENDED: lambda _: "spec.suspend is true: nothing is shifted or taken back",
    Phase.TERMINATING: lambda _: "the model is being deleted",
}
"""What each phase means."""
