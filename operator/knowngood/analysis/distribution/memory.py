"""What is remembered of the past, with less weight the older it is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """Counts per bin that fade.

    Attributes:
        counts: What is left of the requests, per bin.
        total: Their sum.
    """

    counts: tuple[float, ...]
    total: float = 0.0

    def after(self, kept: float, counts: Sequence[int], total: int) -> "Memory":
        """Keep a part of the past, then add the requests of one block."""
        if not total and kept == 1:
            return self
        faded = [kept * old + new for old, new in zip(self.counts, counts, strict=True)]
        return Memory(tuple(faded), kept * self.total + total)


def nothing(bins: int) -> Memory:
    """The memory before the first request."""
    return Memory((0.0,) * bins)


def kept_after(seconds: float, half_life: float) -> float:
    """What is left of the past's weight after some seconds."""
    return float(2.0 ** (-seconds / half_life))
