"""Rows of counts on the grid of seconds: one lane for each category, or for each bin of a histogram."""

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Generic, TypeVar

from knowngood.signals.cells import MOST

MOST_LANES = 63
"""Categories or bins that are told apart; more is an error. A test has one more, for all others."""

L = TypeVar("L", bound=Hashable)


class Lanes(Generic[L]):
    """The lanes of a ledger, in the order in which they were first counted: none moves or goes away.

    Attributes:
        names: What each one is: a category, or the (lower, upper] edges of a bin.
    """

    def __init__(self, names: Iterable[L] = ()) -> None:
        self.names: list[L] = []
        self._index: dict[Hashable, int] = {}
        for name in names:
            self.index(name)

    def index(self, name: L) -> int:
        """The lane of a name, which begins with the first call."""
        if name in self._index:
            return self._index[name]
        if len(self.names) == MOST_LANES:
            return MOST_LANES  # one for all that are too many: the totals stay right
        self.names.append(name)
        return self._index.setdefault(name, len(self.names) - 1)


@dataclass(frozen=True, slots=True)
class VectorCounts:
    """How many requests went into each lane; lanes that are not there yet have none."""

    counts: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.counts)

    def __add__(self, other: "VectorCounts") -> "VectorCounts":
        pairs = zip_longest(self.counts, other.counts, fillvalue=0)
        return VectorCounts(tuple(a + b for a, b in pairs))


class VectorColumn:
    """A column of rows, see `cells.Column`.

    Attributes:
        lanes: What the places of a row stand for; shared by all versions of a ledger.
    """

    __slots__ = ("_sums", "lanes", "seconds")

    def __init__(self, lanes: Lanes[Any]) -> None:
        self.lanes = lanes
        self.seconds: list[int] = []
        self._sums: list[array[int]] = []

    @property
    def nothing(self) -> VectorCounts:
        """What a second holds in which nobody was counted."""
        return VectorCounts()

    def append(self, second: int, counts: Mapping[int, int]) -> None:
        """Settle one cell: requests by lane."""
        for _ in range(len(self._sums), max(counts, default=-1) + 1):
            self._sums.append(array("q", bytes(8 * (len(self.seconds) + 1))))
        for lane, sums in enumerate(self._sums):
            sums.append(min(sums[-1] + counts.get(lane, 0), MOST))
        self.seconds.append(second)

    def forget(self, before: float) -> None:
        """Drop the cells that begin before an instant; spans that reach back there count no more."""
        first = self.index_of(before)
        del self.seconds[:first]
        for sums in self._sums:
            del sums[:first]

    def index_of(self, instant: float) -> int:
        """The index of the first cell that begins at the instant or later."""
        return bisect_left(self.seconds, instant)

    def cell(self, index: int) -> VectorCounts:
        """The counts of the cell whose second is `seconds[index]`."""
        return VectorCounts(tuple(sums[index + 1] - sums[index] for sums in self._sums))

    def between(self, start: float, end: float) -> VectorCounts:
        """The counts of all cells that begin in [start, end)."""
        first, last = self.index_of(start), self.index_of(end)
        if last <= first:
            return VectorCounts()
        return VectorCounts(tuple(sums[last] - sums[first] for sums in self._sums))
