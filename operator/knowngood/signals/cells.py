"""Counts on an absolute grid of one second, kept so that any span is summed in logarithmic time."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Counted(Protocol):
    """What a span holds, of whatever kind."""

    @property
    def total(self) -> int:
        """All requests in it."""
        ...


CellT_co = TypeVar("CellT_co", bound=Counted, covariant=True)


class Column(Protocol[CellT_co]):
    """The settled cells of one version: append-only, ascending.

    A cell `k` covers [k, k+1) in unix seconds. It exists when the version was scraped in it, also
    when nothing was counted.
    """

    @property
    def seconds(self) -> Sequence[int]:
        """The second of each cell."""
        ...

    @property
    def nothing(self) -> CellT_co:
        """What a second holds in which nobody was counted."""
        ...

    def index_of(self, instant: float) -> int:
        """The index of the first cell that begins at the instant or later."""
        ...

    def cell(self, index: int) -> CellT_co:
        """The counts of the cell whose second is `seconds[index]`."""
        ...

    def between(self, start: float, end: float) -> CellT_co:
        """The counts of all cells that begin in [start, end)."""
        ...


class KeptColumn(Column[CellT_co], Protocol[CellT_co]):
    """The settled cells of a version where they are kept, and not only looked at."""

    def forget(self, before: float) -> None:
        """Drop the cells that begin before an instant; spans that reach back there count no more."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Events among requests."""

    events: int
    total: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.events + other.events, self.total + other.total)


NOTHING = Counts(0, 0)

MOST = 2**62
"""Requests of a column that are counted: no counter means more, and what says so must not break the sums."""


class CellColumn:
    """A column of events among requests: `events <= total` holds in every cell and in every span."""

    __slots__ = ("_carried", "_events", "_totals", "seconds")

    def __init__(self) -> None:
        # A day has many cells: as plain numbers they take a quarter of the room.
        self.seconds: array[int] = array("q")
        self._events: array[int] = array("q", [0])
        self._totals: array[int] = array("q", [0])
        self._carried = 0

    @property
    def nothing(self) -> Counts:
        """What a second holds in which nobody was counted."""
        return NOTHING

    def append(self, second: int, events: int, total: int) -> None:
        """Settle one cell.

        Two counters are not read in the same instant, so an event may come to light one scrape
        before its request. What is more than the total waits for the next cell with room for it.
        """
        total = min(total, MOST - self._totals[-1])
        waiting = min(self._carried + events, MOST)
        fitting = min(waiting, total)
        self._carried = waiting - fitting
        self.seconds.append(second)
        self._events.append(self._events[-1] + fitting)
        self._totals.append(self._totals[-1] + total)

    def forget(self, before: float) -> None:
        """Drop the cells that begin before an instant; spans that reach back there count no more."""
        first = self.index_of(before)
        del self.seconds[:first], self._events[:first], self._totals[:first]

    def index_of(self, instant: float) -> int:
        """The index of the first cell that begins at the instant or later."""
        return bisect_left(self.seconds, instant)

    def cell(self, index: int) -> Counts:
        """The counts of the cell whose second is `seconds[index]`."""
        events, totals = self._events, self._totals
        return Counts(events[index + 1] - events[index], totals[index + 1] - totals[index])

    def between(self, start: float, end: float) -> Counts:
        """The counts of all cells that begin in [start, end)."""
        first, last = self.index_of(start), self.index_of(end)
        if last <= first:
            return NOTHING
        return Counts(
            self._events[last] - self._events[first], self._totals[last] - self._totals[first]
        )
