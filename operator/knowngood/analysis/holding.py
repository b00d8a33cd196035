"""How long a limit has been crossed without a break."""

from dataclasses import dataclass
from enum import Enum, auto


class Look(Enum):
    """What one planned evaluation saw."""

    CROSSED = auto()
    CLEAR = auto()
    BLIND = auto()


MISSES_ALLOWED = 1
"""Blind looks in a row that only stop the clock; one more sets it back."""


@dataclass(frozen=True, slots=True)
class HoldClock:
    """Counts the time of crossed looks.

    Attributes:
        began: When the present crossing was first seen, unix seconds; None: it is not crossed.
        held: Seconds of it that were seen; a blind look adds nothing.
        at: The last look, unix seconds.
        misses: Blind looks in a row up to now.
    """

    began: float | None = None
    held: float = 0.0
    at: float | None = None
    misses: int = 0

    def after(self, look: Look, at: float) -> "HoldClock":
        """With one more look; a look that is not later than the last one changes nothing."""
        if self.at is not None and at <= self.at:
            return self
        if look is Look.BLIND and self.misses < MISSES_ALLOWED:
            return HoldClock(self.began, self.held, at, self.misses + 1)
        if look is Look.BLIND or look is Look.CLEAR:
            return HoldClock(None, 0.0, at, self.misses + 1 if look is Look.BLIND else 0)
        if self.began is None:
            return HoldClock(at, 0.0, at)
        seen = 0.0 if self.misses or self.at is None else at - self.at
        return HoldClock(self.began, self.held + seen, at)

    def through(self, look: Look, first: int, last: int) -> "HoldClock":
        """With a look at each second from the first to the last, all of which saw the same."""
        clock, second = self, first
        # The first ones may be forgiven, or begin a crossing; from then on each does what the one before did.
        while second <= min(last, first + MISSES_ALLOWED + 1):
            clock, second = clock.after(look, second), second + 1
        more = last + 1 - second
        if more <= 0:
            return clock
        if look is Look.BLIND:
            return HoldClock(None, 0.0, last, clock.misses + more)
        return HoldClock(clock.began, clock.held + (more if clock.began is not None else 0), last)

    def has_held(self, seconds: float) -> bool:
        """Whether the last look saw the limit crossed, and it was for so long."""
        return self.began is not None and not self.misses and self.held >= seconds


NEVER_LOOKED = HoldClock()
