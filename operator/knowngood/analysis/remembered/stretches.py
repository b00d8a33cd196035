"""What one version answered, cut along an absolute grid: the same at every look and every leader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowngood.analysis.blocks import Span
from knowngood.signals.cells import CellColumn

GRID = 10
"""Seconds of one stretch; an hour holds whole ones, so that each belongs to one stratum."""

LONGEST = 60
"""Seconds that one stretch may stand for at most."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The answers of one version in one span of the grid.

    Attributes:
        events: Requests that showed the event.
        total: Requests, above 0.
        start: First second, unix time.
        end: The second behind the last one.
        judged: Minutes that it stands for: since the stretch before, at most one. The judged time
            of all stretches is never more than the time that passed.
    """

    events: int
    total: int
    start: int
    end: int
    judged: float


@dataclass(frozen=True, slots=True)
class Alongside:
    """How far a column was cut.

    Attributes:
        until: Cells before this second are cut; on the grid.
        last: End of the last stretch with answers, or the start of the epoch.
    """

    until: int
    last: int


def alongside(since: float) -> Alongside:
    """Before the first stretch of an epoch; the first one begins on the grid, not before `since`."""
    start = math.ceil(since / GRID) * GRID
    return Alongside(start, start)


def cut_alone(
    alongside: Alongside, column: CellColumn, until: int, excluded: Sequence[Span] = ()
) -> tuple[Alongside, tuple[Stretch, ...]]:
    """Cut the settled cells before `until` that were not cut yet.

    The result does not depend on how often this is called. Spans without answers make no stretch:
    no data never adds to the evidence.

    Args:
        alongside: Where the last call ended.
        column: Cells of the version.
        until: Cells from this second on are not settled.
        excluded: Spans of unix seconds that are not judged; a stretch that touches one is left out.
    """
    behind = max(alongside.until, until // GRID * GRID)
    last, stretches = alongside.last, list[Stretch]()
    index, seconds = column.index_of(alongside.until), column.seconds
    while index < len(seconds) and seconds[index] < behind:
        start = seconds[index] // GRID * GRID
        end = start + GRID
        index = column.index_of(end)
        counts = column.between(start, end)
        if not counts.total or _touches(excluded, start, end):
            continue
        judged = judged_minutes(last, start, end, excluded)
        stretches.append(Stretch(counts.events, counts.total, start, end, judged))
        last = end
    return Alongside(behind, last), tuple(stretches)


def judged_minutes(last: float, start: int, end: int, excluded: Sequence[Span] = ()) -> float:
    """The minutes that a span of answers stands for.

    Args:
        last: When the one before ended.
        start: Its first second.
        end: The second behind its last one.
        excluded: Spans that are not judged; time before the end of one does not count.
    """
    begun = max([last, *(over for _, over in excluded if over <= start)])
    return min(float(LONGEST), end - begun) / 60


def _touches(excluded: Sequence[Span], start: int, end: int) -> bool:
    return any(begin < end and start < over for begin, over in excluded)
