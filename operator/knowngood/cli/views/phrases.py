"""Phrases that several views use: times, steps, shares, and the commands that a person can give."""

from datetime import UTC, datetime

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    Backend,
    Condition,
    ConditionType,
    Step,
    VersionNames,
)
from knowngood.api.v1alpha1.safe_path import SafePathStatus, SafePathStep
from knowngood.decisions.default_steps import DEFAULT_STEPS
from knowngood.decisions.naming import MODEL_LABEL, VERSION_LABEL


def moment(time: datetime | None) -> str:
    """Write a time as everybody reads it in the same way: `2026-03-01 12:00:00Z`; empty for none."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if time else ""


def pods(model: AIModelDeployment, version: str = "") -> str:
    """Write a call of kubectl that shows the pods of a model, or of one version."""
    meta = model.metadata
    labels = f"{MODEL_LABEL}={meta.name}" + (f",{VERSION_LABEL}={version}" if version else "")
    return f"kubectl -n {meta.namespace} get pods -l {labels}"


def names(model: AIModelDeployment) -> VersionNames:
    """Which version has which part."""
    found = model.status.versions if model.status else None
    return found or VersionNames(desired=model.spec.model.version)


def condition(model: AIModelDeployment, kind: ConditionType) -> Condition | None:
    """Find a condition."""
    conditions = model.status.conditions if model.status else ()
    return next((c for c in conditions if c.type == kind), None)


def backends(model: AIModelDeployment) -> tuple[Backend, ...]:
    """Versions in the route."""
    traffic = model.status.traffic if model.status else None
    return traffic.backends if traffic else ()


def on_safe_path(model: AIModelDeployment) -> SafePathStatus | None:
    """The safe path while it is to answer everybody; None while a version does."""
    taken = model.status.safe_path if model.status else None
    there = {SafePathStep.ASKED, SafePathStep.TAKEN}
    return taken if taken is not None and taken.step in there else None


def weight(backend: Backend) -> str:
    """Say which share a version gets, and which it should get where the gateway is not there yet."""
    seen = backend.applied_weight
    if seen is None or seen == backend.weight:
        return f"{backend.weight} %"
    return f"{seen} % (soon {backend.weight} %)"


def steps(model: AIModelDeployment) -> tuple[Step, ...]:
    """The steps of a rollout of the model, or the default ones."""
    rollout = model.spec.rollout
    return rollout.steps if rollout and rollout.steps else DEFAULT_STEPS


def present_step(model: AIModelDeployment) -> Step | None:
    """The step that a rollout is at; None when all are done, or there is no rollout."""
    rollout = model.status.rollout if model.status else None
    all_steps = steps(model)
    return all_steps[rollout.step] if rollout and rollout.step < len(all_steps) else None


def step_text(step: Step) -> str:
    """Say what a step is."""
    if step.set_weight is not None:
        return f"{step.set_weight} % of the requests"
    pause = step.pause
    wanted = [
        pause.duration if pause and pause.duration else "",
        f"{pause.min_samples} requests" if pause and pause.min_samples else "",
    ]
    most = f", {pause.max_duration} at most" if pause and pause.max_duration else ""
    return f"a pause for {' and '.join(w for w in wanted if w) or 'a person'}{most}"
