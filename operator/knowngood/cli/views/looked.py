"""What an incident tells of what was looked at by itself, and of what was changed before."""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import IncidentStatus
from knowngood.api.v1alpha1.playbook_status import StepState
from knowngood.cli.views.lines import Line, Tone
from knowngood.cli.views.phrases import moment

_TONES: Final[Mapping[StepState, Tone]] = {
    StepState.PASSED: Tone.GOOD,
    StepState.FOUND: Tone.WARNING,
    StepState.FAILED: Tone.BAD,
}


def steps(status: IncidentStatus) -> tuple[Line, ...]:
    """What was looked at, and what came of it."""
    return tuple(
        Line(
            step.result or "it goes on",
            head=f"  {step.name}  {step.state}  ",
            tone=_TONES.get(step.state, Tone.PLAIN),
        )
        for step in status.steps
    )


def changes(status: IncidentStatus) -> tuple[Line, ...]:
    """What was changed, the newest first; that it was proves nothing."""
    return tuple(
        Line(f"{change.kind} {change.name}: {change.text}", head=f"  {moment(change.time)}  ")
        for change in status.changes
    )
