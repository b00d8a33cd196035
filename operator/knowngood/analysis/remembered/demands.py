"""What every remembered comparison asks for before an alarm."""

import math
from dataclasses import dataclass
from enum import Enum, auto

from knowngood.analysis.remembered.cusum import Watch
from knowngood.analysis.remembered.tallies import Tally, TallyWindow
from knowngood.api.v1alpha1.comparisons import Direction

_SHORTEST_KEPT = 3600.0  # seconds that are kept for people when the test itself has no window
_FALLS = {Direction.DECREASE: (True,), Direction.INCREASE: (False,)}


class Need(Enum):
    """What a test still needs for an alarm."""

    PROOF = auto()
    SAMPLES = auto()
    EVENTS = auto()
    EFFECT = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What is asked for.

    Attributes:
        direction: Which change of the share of events is bad.
        tolerance: Changes up to this are harmless, as a fraction, above 0.
        once_in_minutes: Judged minutes in which one false alarm is accepted.
        min_samples: Requests that the window, if there is one, needs for an alarm; and that are
            needed before anything is called healthy.
        min_events: Bad answers before an alarm.
        effect_at_least: The estimated change that an alarm needs besides the proof; None, or less
            than the tolerance: it needs the tolerance.
        effect_over: Seconds over which it is estimated; None: since the change began. A window
            that reaches back into healthy time delays an alarm.
        design_effect: How many requests count as one; fixed for the epoch.
    """

    direction: Direction
    tolerance: float
    once_in_minutes: float
    min_samples: int = 500
    min_events: int = 3
    effect_at_least: float | None = None
    effect_over: float | None = None
    design_effect: float = 1.0

    @property
    def limit(self) -> float:
        """The evidence at which the test is crossed; both directions share the rate."""
        return (2 if self.direction is Direction.EITHER else 1) * self.once_in_minutes

    @property
    def smallest_effect(self) -> float:
        """The estimated change that an alarm needs, as a fraction."""
        return max(self.tolerance, self.effect_at_least or 0.0)

    def watches(self) -> tuple[Watch, ...]:
        """One per direction, before the first stretch."""
        return tuple(map(Watch, _FALLS.get(self.direction, (True, False))))

    def window(self) -> TallyWindow:
        """The rule's window, or the last hour, before the first stretch."""
        return TallyWindow(self.effect_over or _SHORTEST_KEPT)

    def estimated_on(self, watch: Watch, window: TallyWindow) -> Tally:
        """What the change is estimated on: the window, or all since it began."""
        return watch.best.tally if self.effect_over is None else window.sums

    def needed(self, watch: Watch, window: TallyWindow) -> Need:
        """What a watch still needs for an alarm; all of it must be there at once."""
        if watch.log_evidence < math.log(self.limit):
            return Need.PROOF
        tally = self.estimated_on(watch, window)
        samples = min(tally.total, tally.reference_total)
        if self.effect_over is not None and samples < self.min_samples:
            return Need.SAMPLES
        if tally.bad(falls=watch.falls) < self.min_events:
            return Need.EVENTS
        if tally.harm(falls=watch.falls) < self.smallest_effect:
            return Need.EFFECT
        return Need.NOTHING

    def met_by(self, watches: tuple[Watch, ...], window: TallyWindow) -> Watch | None:
        """The first watch that needs nothing any more."""
        met = (watch for watch in watches if self.needed(watch, window) is Need.NOTHING)
        return next(met, None)
