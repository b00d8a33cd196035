"""Blocks: spans in which both versions answered, closed by counts and never by outcomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowngood.signals.cells import NOTHING, CellColumn, Counts

MAX_AGE = 300
"""Seconds after which a block is closed with whatever it has."""

ENOUGH_STABLE = 9
"""Stable requests that are enough for a block, however small the canary's share is."""

HALF_LIFE = 600.0
"""Seconds after which what is known of the past counts half."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """Counts of both versions in one span.

    Attributes:
        x: Events of the canary.
        n_c: Requests of the canary.
        y: Events of the stable version.
        n_s: Requests of the stable version.
        start: First second, unix time.
        end: The second behind the last one.
    """

    x: int
    n_c: int
    y: int
    n_s: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cutter:
    """How far cells were cut into blocks.

    Attributes:
        until: Cells before this second are cut.
        open: The block that is not closed yet.
        past_c: Canary requests of closed blocks, halved every `HALF_LIFE`.
        past_s: Stable requests of closed blocks, likewise.
        past_at: When these two were last true.
    """

    until: int
    open: Block | None = None
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


def cut(
    cutter: Cutter,
    canary: CellColumn,
    stable: CellColumn,
    until: int,
    excluded: Sequence[Span] = (),
) -> tuple[Cutter, tuple[Block, ...]]:
    """Cut the settled cells before `until` that were not cut yet.

    The result does not depend on how often this is called. A block closes at the end of the second
    in which it has a canary request and its share of stable ones, or after `MAX_AGE`.

    Args:
        cutter: Where the last call ended.
        canary: Cells of the canary.
        stable: Cells of the stable version.
        until: Cells from this second on are not settled.
        excluded: Spans of unix seconds whose cells are left out, and that no block reaches across:
            a change of weights with the answers still in flight.
    """
    closed: list[Block] = []
    for second, c, s in _cells(canary, stable, cutter.until, until):
        cutter = _close_due(cutter, second, excluded, closed)
        if any(start < second + 1 and second < end for start, end in excluded):
            continue
        block = _grown(cutter.open, second, c, s)
        cutter = replace(cutter, open=block)
        if block.n_c and block.n_s >= cutter.enough_stable:
            cutter = _close(cutter, block, closed)
    if cutter.open and cutter.open.start + MAX_AGE <= until:
        cutter = _close(cutter, replace(cutter.open, end=cutter.open.start + MAX_AGE), closed)
    return replace(cutter, until=max(until, cutter.until)), tuple(closed)


def _cells(
    canary: CellColumn, stable: CellColumn, start: int, end: int
) -> Iterator[tuple[int, Counts, Counts]]:
    """Seconds in which anybody answered, in order."""
    i, j = canary.index_of(start), stable.index_of(start)
    c_seconds, s_seconds = canary.seconds, stable.seconds
    while True:
        c = c_seconds[i] if i < len(c_seconds) else end
        s = s_seconds[j] if j < len(s_seconds) else end
        second = min(c, s)
        if second >= end:
            return
        counted_c = canary.cell(i) if c == second else NOTHING
        counted_s = stable.cell(j) if s == second else NOTHING
        i += c == second
        j += s == second
        if counted_c.total or counted_s.total:
            yield second, counted_c, counted_s


def _grown(block: Block | None, second: int, c: Counts, s: Counts) -> Block:
    if block is None:
        return Block(c.events, c.total, s.events, s.total, second, second + 1)
    return Block(
        block.x + c.events,
        block.n_c + c.total,
        block.y + s.events,
        block.n_s + s.total,
        block.start,
        second + 1,
    )


def _close_due(
    cutter: Cutter, second: int, excluded: Sequence[Span], closed: list[Block]
) -> Cutter:
    """Close the open block if a cell of this second may not join it."""
    block = cutter.open
    if block is None:
        return cutter
    if second >= block.start + MAX_AGE:
        return _close(cutter, replace(block, end=block.start + MAX_AGE), closed)
    if any(block.start < end and start < second + 1 for start, end in excluded):
        return _close(cutter, block, closed)
    return cutter


def _close(cutter: Cutter, block: Block, closed: list[Block]) -> Cutter:
    closed.append(block)
    kept = decay(block.end - cutter.past_at)
    return replace(
        cutter,
        open=None,
        past_c=cutter.past_c * kept + block.n_c,
        past_s=cutter.past_s * kept + block.n_s,
        past_at=block.end,
    )
