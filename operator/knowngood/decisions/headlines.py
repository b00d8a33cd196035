"""The sentence by which an incident about what serves begins: a version is bad, or what all of them share is."""

from collections.abc import Sequence
from typing import Final

from knowngood.api.v1alpha1 import IncidentStatus
from knowngood.api.v1alpha1.playbook_status import PlaybookStep
from knowngood.decisions.playbook.names import (
    FEATURE_DISTRIBUTIONS,
    PIPELINE_INTEGRITY,
    RECENT_CHANGES,
)

LONGEST: Final = 1024
"""Characters of a summary."""

_ESTABLISH: Final = (FEATURE_DISTRIBUTIONS, PIPELINE_INTEGRITY)
"""Steps that see what happens at every version, the one that names most first."""


def headline(name: str, version: str, steps: Sequence[PlaybookStep] = ()) -> str:
    """Say what is bad, up to the words of the trigger.

    Args:
        name: Of the model.
        version: The one that serves.
        steps: What was looked at: where one has seen the same at every version, none of them is the cause.
    """
    found = {step.name: step.shared for step in steps if step.shared}
    moved = next((found[step] for step in _ESTABLISH if step in found), "")
    if not moved:
        return _plain(name, version)
    feed = found.get(RECENT_CHANGES)
    fed = f"; they are fed by {feed}" if feed else ""
    return f"{_every(name)}so a version is not the cause: {moved}{fed}{_shown(version)}"


def restated(summary: str, name: str, version: str, steps: Sequence[PlaybookStep] = ()) -> str:
    """The summary as what was looked at wants it by now; one that says something else stays.

    Args:
        summary: As it stands.
        name: Of the model.
        version: The one that serves.
        steps: What was looked at.
    """
    plain, every = _plain(name, version), _every(name)
    start = next((one for one in (every, plain) if one in summary), "")
    if not start:
        return summary
    before, _, rest = summary.partition(start)
    if start == every:
        rest = rest.partition(_shown(version))[2]
    return f"{before}{headline(name, version, steps)}{rest}"[:LONGEST]


def is_shared(status: IncidentStatus) -> bool:
    """Say whether the same was seen at every version, so that none of them is the cause."""
    return any(step.shared for step in status.steps if step.name in _ESTABLISH)


def to_find_out(status: IncidentStatus, version: str) -> str:
    """What people have to find out."""
    if is_shared(status):
        return "find out what has changed in what reaches every version, and mend it"
    return f"find out what is wrong with version {version}"


def _plain(name: str, version: str) -> str:
    return f"version {version} of {name}, which serves, is bad: "


def _every(name: str) -> str:
    return f"every version of {name} that answers shifts, "


def _shown(version: str) -> str:
    return f"; at version {version}, which serves: "
