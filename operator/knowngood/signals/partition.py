"""What the places of a row mean to a test: bins that do not change while it runs."""

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from knowngood.signals.edges import bin_text

OTHER = "any other"
"""What a category is called that nobody had when the bins were chosen."""

Interval = tuple[float, float]
"""A bin of a histogram: above the first edge, up to the second one."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Bins, chosen before anything was bet on them.

    Attributes:
        labels: One per bin, for people.
        edges: The inner boundaries in ascending order, one fewer than bins; None: categories.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None = None

    def places(self, lanes: Iterable[Hashable]) -> tuple[int, ...]:
        """The bin of each lane of a column."""
        if self.edges is None:
            known = {label: place for place, label in enumerate(self.labels)}
            return tuple(known.get(str(lane), len(self.labels) - 1) for lane in lanes)
        return tuple(self._place(lane) for lane in lanes)

    def _place(self, lane: Hashable) -> int:
        upper = lane[1] if isinstance(lane, tuple) else math.inf
        return sum(edge < upper for edge in self.edges or ())


def partition_at(intervals: Iterable[Interval]) -> Partition:
    """Bins between all finite edges of some buckets; the outer ones are open."""
    edges = sorted({edge for interval in intervals for edge in interval if math.isfinite(edge)})
    bins = pairwise((-math.inf, *edges, math.inf))
    return Partition(tuple(bin_text(*one) for one in bins), tuple(edges))
