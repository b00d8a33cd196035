"""The phases of a model and the edges between them, as data.

`EDGES` is the whole truth about where a model can go next; a test walks it against every observation.
"""

from collections.abc import Mapping
from typing import Final

from knowngood.api.v1alpha1 import Phase

EDGES: Final[Mapping[Phase, frozenset[Phase]]] = {
    Phase.PENDING: frozenset({Phase.INITIALIZING, Phase.PROBATION}),
    Phase.INITIALIZING: frozenset({Phase.PROBATION}),
    Phase.PROBATION: frozenset(
        {Phase.GUARDING, Phase.PROGRESSING, Phase.ROLLING_BACK, Phase.CONTAINING}
    ),
    Phase.GUARDING: frozenset(
        {Phase.PROBATION, Phase.PROGRESSING, Phase.ROLLING_BACK, Phase.CONTAINING}
    ),
    Phase.PROGRESSING: frozenset({Phase.PAUSED, Phase.PROMOTING, Phase.ROLLING_BACK}),
    Phase.PAUSED: frozenset({Phase.PROGRESSING, Phase.PROMOTING, Phase.ROLLING_BACK}),
    Phase.PROMOTING: frozenset(
        {Phase.PROBATION, Phase.PROGRESSING, Phase.PAUSED, Phase.ROLLING_BACK}
    ),
    Phase.ROLLING_BACK: frozenset({Phase.ROLLED_BACK, Phase.PROBATION}),
    Phase.ROLLED_BACK: frozenset(
        {Phase.PROBATION, Phase.GUARDING, Phase.PROGRESSING, Phase.CONTAINING}
    ),
    Phase.CONTAINING: frozenset({Phase.CONTAINED, Phase.PROBATION}),
    Phase.CONTAINED: frozenset({Phase.PROBATION, Phase.GUARDING, Phase.PROGRESSING}),
    Phase.SUSPENDED: frozenset(Phase) - {Phase.SUSPENDED, Phase.TERMINATING},
    Phase.TERMINATING: frozenset(),
}
"""Where each phase may go. Any phase may also stay, and any may go to Terminating when the object is deleted.

Any but Terminating may go to Suspended when a person says so, and comes back to where it was.
"""

ROLLING: Final = frozenset({Phase.PROGRESSING, Phase.PAUSED, Phase.PROMOTING})
"""Phases in which a canary may answer users: it is judged in all of them."""

SERVING: Final = frozenset({Phase.PROBATION, Phase.GUARDING})
"""Phases in which the version that the spec asks for answers everybody; in Guarding it is known good."""

GOING_BACK: Final = frozenset({Phase.ROLLING_BACK, Phase.CONTAINING})
"""Phases in which a version is being taken back: a canary, or one that serves."""

GONE_BACK: Final = frozenset({Phase.ROLLED_BACK, Phase.CONTAINED})
"""Phases in which another version answers everybody than the one that was taken back."""

RESTING: Final = SERVING | GONE_BACK
"""Phases in which nothing moves until somebody changes the spec."""

COPIED: Final = RESTING | {Phase.CONTAINING}
"""Phases in which the version that stands by may answer copies: also while it is brought up, to be seen to be right."""


def may_go(current: Phase | None, target: Phase) -> bool:
    """Say whether the edge is declared; a model without a phase is in Pending."""
    current = current or Phase.PENDING
    if current is not Phase.TERMINATING and target is Phase.SUSPENDED:
        return True
    return target in {current, Phase.TERMINATING} or target in EDGES[current]
