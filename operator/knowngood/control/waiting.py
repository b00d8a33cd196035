"""Pauses that grow while something fails again and again."""

from dataclasses import dataclass
from typing import Final

FIRST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 60.0


@dataclass(slots=True)
class Wait:
    """How often something has failed in a row, and until when it is left in peace; seconds of a monotonic clock."""

    failures: int = 0
    until: float = 0.0

    def failed(self, now: float) -> float:
        """Begin the next, longer pause; returns its seconds."""
        pause = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(self.failures, 16))
        self.failures += 1
        self.until = now + pause
        return pause
