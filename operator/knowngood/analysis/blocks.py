"""Blocks: spans in which both versions answered, closed by counts and never by outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowngood.analysis.cutting import (
    ENOUGH_STABLE,
    HALF_LIFE,
    MAX_AGE,
    Pair,
    Span,
    cut_pairs,
    decay,
)
from knowngood.analysis.cutting import Cutter as AnyCutter
from knowngood.signals.cells import Column, Counts

__all__ = [
    "ENOUGH_STABLE",
    "HALF_LIFE",
    "MAX_AGE",
    "Block",
    "Cutter",
    "Span",
    "block_of",
    "cut",
    "decay",
]

Cutter = AnyCutter[Counts]
"""How far cells were cut into blocks."""


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


def cut(
    cutter: Cutter,
    canary: Column[Counts],
    stable: Column[Counts],
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
    cutter, pairs = cut_pairs(cutter, canary, stable, until, excluded)
    return cutter, tuple([block_of(pair) for pair in pairs])


def block_of(pair: Pair[Counts]) -> Block:
    """The block that ends as a pair of counts is now."""
    c, s = pair.canary, pair.stable
    return Block(c.events, c.total, s.events, s.total, pair.start, pair.end)
