"""What the places of a row mean to a test: bins that do not change while it runs."""

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

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
        lower = lane[0] if isinstance(lane, tuple) else math.inf
        return sum(edge <= lower for edge in self.edges or ())
