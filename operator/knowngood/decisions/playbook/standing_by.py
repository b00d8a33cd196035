"""Whether users can be sent back to the version that stands by, as it is known at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Condition,
    ConditionType,
    FallbackState,
    Observed,
)
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.decisions.contents import unjudged
from knowngood.decisions.golden import Tried
from knowngood.decisions.playbook.steps import Finding, moment

Pods = Mapping[str, int]
"""Ready pods by version."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is known of the way back.

    Attributes:
        bad: The version that the incident is about.
        record: Of the version that stands by; None where none does.
        pods: Ready pods by version.
        tried: What the version that stands by has answered to golden requests lately; None where nobody knows.
    """

    model: AIModelDeployment
    bad: str
    record: AIModelVersion | None
    pods: Pods
    tried: Tried | None


_WRONG: Final = frozenset({FallbackState.WRONG, FallbackState.NOT_READY})


def fallback_ready(found: Ready) -> Finding:
    """Say whether somebody could be sent there now, and what speaks against it."""
    status = found.model.status
    versions = status.versions if status else None
    if versions is None:
        return Finding(StepState.SKIPPED, "nothing of this model serves")
    if versions.stable not in {"", found.bad}:
        return Finding(StepState.PASSED, f"version {versions.stable} answers everybody already")
    if not versions.shadow:
        why = _condition(found.model)
        text = "no version stands by"
        return Finding(StepState.FOUND, f"{text}: {why.message}" if why else text)
    faults = tuple(filter(None, _faults(found, versions.shadow)))
    words = f"version {versions.shadow} stands by: {'; '.join((*faults, *_known(found, versions.shadow)))}"
    return Finding(StepState.FOUND if faults else StepState.PASSED, words)


def _faults(found: Ready, version: str) -> tuple[str, ...]:
    """What speaks against sending anybody there."""
    status = found.model.status
    fallback = status.fallback if status else None
    if fallback is None or fallback.version != version:
        return ("nobody has looked at it yet", _contents(found.record))
    said = fallback.message if fallback.state is not FallbackState.RIGHT else ""
    if fallback.state is FallbackState.UNTRIED:
        said = f"{said}: it gets no copies, and no golden requests have been answered lately"
    condition = _condition(found.model)
    other = condition.message if condition and condition.status == "False" else ""
    return (said, other if other != fallback.message else "", _contents(found.record))


def _known(found: Ready, version: str) -> tuple[str, ...]:
    """What is known of it besides, in words."""
    status = found.model.status
    fallback = status.fallback if status else None
    proof = ""
    if fallback is not None and fallback.version == version and fallback.state not in _WRONG:
        known = f"{fallback.message} (since {moment(fallback.since)})"
        proof = known if fallback.state is FallbackState.RIGHT else ""
    latest = ""
    if found.tried is not None:
        latest = f"golden requests were last answered at {moment(found.tried.at)}"
    return (*filter(None, (proof, latest)), _capacity(found, version), *_same(found.record))


def _capacity(found: Ready, version: str) -> str:
    ready, needed = found.pods.get(version, 0), found.pods.get(found.bad, 0)
    pods = f"{ready} of its pods {'is' if ready == 1 else 'are'} ready"
    if ready >= needed:
        return f"{pods}, version {found.bad} has {needed}"
    return f"{pods}, {needed} are needed: the others are started before anybody is sent there"


def _contents(record: AIModelVersion | None) -> str:
    """What it runs that was never judged; empty where nothing is known of that."""
    if record is None or record.status is None:
        return "it has no record"
    seen = record.status.observed or Observed()
    if seen.missing_refs:
        return f"its pods need what is not there: {', '.join(seen.missing_refs)}"
    other = unjudged(seen.image_ids, seen.judged_image_ids)
    return f"it runs what was never judged: {', '.join(other)}" if other else ""


def _same(record: AIModelVersion | None) -> tuple[str, ...]:
    seen = record.status.observed if record is not None and record.status else None
    if seen is None or not seen.judged_image_ids or unjudged(seen.image_ids, seen.judged_image_ids):
        return ()
    return ("it runs the contents that it was judged with",)


def _condition(model: AIModelDeployment) -> Condition | None:
    conditions = model.status.conditions if model.status else ()
    return next((c for c in conditions if c.type == ConditionType.KNOWN_GOOD_AVAILABLE), None)
