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

    def has_held(self, seconds: float) -> bool:
        """Whether the last look saw the limit crossed, and it was for so long."""
        return self.began is not None and not self.misses and self.held >= seconds


NEVER_LOOKED = HoldClock()
