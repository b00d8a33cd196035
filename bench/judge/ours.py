"""Knowngood's own judge on a stream: the operator's code, fed as the operator feeds it."""

from collections.abc import Iterator
from typing import Final

from bench.judge.streams import Plan, Stream
from knowngood.analysis import noninferiority, proportion
from knowngood.analysis.blocks import Block, Cutter, cut
from knowngood.analysis.noninferiority import NonInferiorRule
from knowngood.analysis.proportion import ProportionRule
from knowngood.api.v1alpha1.comparisons import Direction
from knowngood.signals.cells import CellColumn

ALPHA: Final = 0.01
"""False alarms per rollout that are promised, however often one looks."""

_HORIZON: Final = 3600.0  # the planned length of a rollout; a run of 24 h goes far beyond it
_AT_A_TIME: Final = 600  # seconds that are cut at once; the blocks are the same for any number


def rule(plan: Plan, tolerance: float = 0.0) -> ProportionRule:
    """`comparedTo: Stable` with the defaults of a policy."""
    return ProportionRule(
        Direction.INCREASE if plan.rises else Direction.DECREASE,
        tolerance,
        ALPHA,
        _HORIZON,
        min_samples=500,
        min_events=3,
    )


def alarm(stream: Stream, tested: ProportionRule) -> int | None:
    """The second behind the cell that led to a breach; None: no breach."""
    state = proportion.begin(tested, 0.0)
    for block in blocks(stream):
        state = proportion.fold(state, tested, block)
        if state.breached_by:
            return block.end
    return None


def shown(stream: Stream, asked: NonInferiorRule) -> int | None:
    """The second behind the cell that showed the canary not to be worse by the margin; or None."""
    state = noninferiority.begin(asked)
    for block in blocks(stream):
        state = noninferiority.fold(state, asked, block)
        if state.shown:
            return block.end
    return None


def blocks(stream: Stream) -> Iterator[Block]:
    """What the judge sees of a stream: cells, settled scrape by scrape, and cut into blocks."""
    canary, stable, cutter = CellColumn(), CellColumn(), Cutter(0)
    at_a_time = _AT_A_TIME // stream.cell
    for first in range(0, len(stream.x), at_a_time):
        settle(stream, first, first + at_a_time, canary, stable)
        cutter, closed = cut(cutter, canary, stable, (first + at_a_time) * stream.cell)
        yield from closed


def settle(stream: Stream, first: int, end: int, canary: CellColumn, stable: CellColumn) -> None:
    """Append a stream's cells [first, end) to the columns, each at the second of its scrape."""
    counts = (c[first:end].tolist() for c in (stream.x, stream.n_c, stream.y, stream.n_s))
    for k, (x, n_c, y, n_s) in enumerate(zip(*counts, strict=True), first):
        second = (k + 1) * stream.cell - 1
        canary.append(second, x, n_c)
        stable.append(second, y, n_s)
