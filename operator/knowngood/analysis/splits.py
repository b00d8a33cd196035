"""Which share of the requests the canary may have had at a time, from the weights that were asked for and seen."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

EARLY = 10.0
"""Seconds before a change of weights was noted in which it may have taken effect already."""

LATE = 60.0
"""Seconds after a change was verified in which answers of the share before it may still be counted: requests that were
in flight, connections that were kept, and the time until the next scrape."""

_NOBODY = 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """A share that was given to the canary.

    Attributes:
        share: As a fraction.
        asked_at: When it was asked for, or first seen, unix seconds.
        verified_at: When the gateway was first seen to do it; None: it was not yet.
    """

    share: float
    asked_at: float
    verified_at: float | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that the canary's share may be, as fractions; both ends hold in no drain window only."""

    least: float
    most: float


class Splits:
    """The bounds of the canary's share over time. Of a time before anything was verified nothing is known."""

    __slots__ = ("_bounds", "_starts")

    def __init__(self, given: Sequence[Split]) -> None:
        """Work them out once.

        Args:
            given: In order of time.
        """
        windows = _windows(given)
        edges = sorted({edge for start, end, _ in windows for edge in (start, end)})
        self._starts = edges
        self._bounds = [_bounds(windows, edge) for edge in edges]

    def at(self, second: float) -> Bounds | None:
        """The bounds for what was counted in the cell of a second; None where nothing is known."""
        index = bisect_right(self._starts, second) - 1
        return self._bounds[index] if index >= 0 else None


@lru_cache(maxsize=4096)
def splits_of(given: tuple[Split, ...]) -> Splits:
    """The bounds over time, kept for the next look."""
    return Splits(given)


Window = tuple[float, float, float]
"""From when to when a share may be in effect, and the share."""


def _windows(given: Sequence[Split]) -> list[Window]:
    verified = [split.verified_at for split in given if split.verified_at is not None]
    if not verified:
        return []
    # Before its first request was possible, the canary had nothing.
    windows = [(verified[0], verified[0] + LATE, _NOBODY)]
    for index, split in enumerate(given):
        ends = [later.verified_at for later in given[index + 1 :] if later.verified_at is not None]
        start = max(split.asked_at - EARLY - 1, verified[0])
        windows.append((start, ends[0] + LATE if ends else float("inf"), split.share))
    return [window for window in windows if window[0] < window[1]]


def _bounds(windows: Sequence[Window], second: float) -> Bounds | None:
    possible = [share for start, end, share in windows if start <= second < end]
    return Bounds(min(possible), max(possible)) if possible else None
