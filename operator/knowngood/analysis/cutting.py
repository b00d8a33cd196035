"""Cells are cut into spans in which both versions answered: closed by totals, never by outcomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

from knowngood.signals.cells import Column

MAX_AGE = 300
"""Seconds after which a block is closed with whatever it has."""

ENOUGH_STABLE = 9
"""Stable requests that are enough for a block, however small the canary's share is."""

HALF_LIFE = 600.0
"""Seconds after which what is known of the past counts half."""

Span = tuple[float, float]


class Addable(Protocol):
    """Counts of any kind, of which only the total decides where a block ends."""

    @property
    def total(self) -> int:
        """All requests."""
        ...

    def __add__(self, other: "Self") -> "Self": ...


K = TypeVar("K", bound=Addable)


@dataclass(frozen=True, slots=True)
class Pair(Generic[K]):
    """Counts of both versions in one span.

    Attributes:
        canary: Of the judged version.
        stable: Of the version that it is compared with.
        start: First second, unix time.
        end: The second behind the last one.
    """

    canary: K
    stable: K
    start: int
    end: int


@dataclass(frozen=True)  # no slots: a generic class with them can not be called by its alias
class Cutter(Generic[K]):
    """How far cells were cut into blocks.

    Attributes:
        until: Cells before this second are cut.
        open: The block that is not closed yet.
        past_c: Canary requests of closed blocks, halved every `HALF_LIFE`.
        past_s: Stable requests of closed blocks, likewise.
        past_at: When these two were last true.
    """

    until: int
    open: Pair[K] | None = None
    past_c: float = 0.0
    past_s: float = 0.0
    past_at: int = 0

    @property
    def enough_stable(self) -> float:
        """Stable requests that the open block waits for: as many as usually come per canary one."""
        if not self.past_c:
            return ENOUGH_STABLE
        return min(ENOUGH_STABLE, self.past_s / self.past_c)


def decay(seconds: float) -> float:
    """What is left of the past's weight after some seconds."""
    return float(2.0 ** (-seconds / HALF_LIFE))


def cut_pairs(
    cutter: Cutter[K],
    canary: Column[K],
    stable: Column[K],
    until: int,
    excluded: Sequence[Span] = (),
) -> tuple[Cutter[K], list[Pair[K]]]:
    """Cut the settled cells before `until` that were not cut yet; see `blocks.cut`."""
    closed: list[Pair[K]] = []
    for pair in _cells(canary, stable, cutter.until, until):
        second = pair.start
        if cutter.open:
            cutter = _close_due(cutter, cutter.open, second, excluded, closed)
        if excluded and any(start < second + 1 and second < end for start, end in excluded):
            continue
        block = pair if cutter.open is None else _grown(cutter.open, pair)
        if block.canary.total and block.stable.total >= cutter.enough_stable:
            cutter = _close(cutter, block, closed)
        else:
            cutter = Cutter(cutter.until, block, cutter.past_c, cutter.past_s, cutter.past_at)
    if cutter.open and cutter.open.start + MAX_AGE <= until:
        cutter = _close(cutter, replace(cutter.open, end=cutter.open.start + MAX_AGE), closed)
    settled = max(until, cutter.until)
    return Cutter(settled, cutter.open, cutter.past_c, cutter.past_s, cutter.past_at), closed


def _cells(canary: Column[K], stable: Column[K], start: int, end: int) -> Iterator[Pair[K]]:
    """Seconds in which anybody answered, in order."""
    i, j = canary.index_of(start), stable.index_of(start)
    c_seconds, s_seconds = canary.seconds, stable.seconds
    while True:
        c = c_seconds[i] if i < len(c_seconds) else end
        s = s_seconds[j] if j < len(s_seconds) else end
        second = min(c, s)
        if second >= end:
            return
        counted_c = canary.cell(i) if c == second else canary.nothing
        counted_s = stable.cell(j) if s == second else stable.nothing
        i += c == second
        j += s == second
        if counted_c.total or counted_s.total:
            yield Pair(counted_c, counted_s, second, second + 1)


def _grown(block: Pair[K], cell: Pair[K]) -> Pair[K]:
    return Pair(block.canary + cell.canary, block.stable + cell.stable, block.start, cell.end)


def _close_due(
    cutter: Cutter[K], block: Pair[K], second: int, excluded: Sequence[Span], closed: list[Pair[K]]
) -> Cutter[K]:
    """Close the open block if a cell of this second may not join it."""
    if second >= block.start + MAX_AGE:
        return _close(cutter, replace(block, end=block.start + MAX_AGE), closed)
    if excluded and any(block.start < end and start < second + 1 for start, end in excluded):
        return _close(cutter, block, closed)
    return cutter


def _close(cutter: Cutter[K], block: Pair[K], closed: list[Pair[K]]) -> Cutter[K]:
    closed.append(block)
    kept = decay(block.end - cutter.past_at)
    return Cutter(  # not `replace`: it takes longer than the rest, and each second counts
        cutter.until,
        None,
        past_c=cutter.past_c * kept + block.canary.total,
        past_s=cutter.past_s * kept + block.stable.total,
        past_at=block.end,
    )
