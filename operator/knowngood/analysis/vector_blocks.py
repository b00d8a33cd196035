"""Blocks of rows: the spans of `blocks`, with requests by bin."""

from collections.abc import Sequence

from knowngood.analysis.cutting import Cutter, Pair, Span, cut_pairs
from knowngood.analysis.distribution.bins import VectorBlock
from knowngood.signals.partition import Partition
from knowngood.signals.vectors import VectorColumn, VectorCounts

VectorCutter = Cutter[VectorCounts]
"""How far rows were cut into blocks."""


def cut_vectors(
    cutter: VectorCutter,
    canary: VectorColumn,
    stable: VectorColumn,
    partition: Partition,
    until: int,
    *,
    excluded: Sequence[Span] = (),
) -> tuple[VectorCutter, tuple[VectorBlock, ...]]:
    """Cut the settled cells before `until` that were not cut yet.

    Blocks end where `blocks.cut` ends them: by the totals of both versions, whatever the bins are.

    Args:
        cutter: Where the last call ended.
        canary: Cells of the canary.
        stable: Cells of the stable version, of the same ledger.
        partition: The bins; the same ones in each call.
        until: Cells from this second on are not settled.
        excluded: As of `blocks.cut`.
    """
    cutter, pairs = cut_pairs(cutter, canary, stable, until, excluded)
    places = partition.places(canary.lanes.names) if pairs else ()
    return cutter, tuple([_block(pair, places, len(partition.labels)) for pair in pairs])


def _block(pair: Pair[VectorCounts], places: Sequence[int], bins: int) -> VectorBlock:
    canary, stable = (_binned(row.counts, places, bins) for row in (pair.canary, pair.stable))
    return VectorBlock(canary, stable, pair.start, pair.end)


def _binned(counts: Sequence[int], places: Sequence[int], bins: int) -> tuple[int, ...]:
    found = [0] * bins
    for lane, count in enumerate(counts):
        found[places[lane] if lane < len(places) else -1] += count
    return tuple(found)
