"""Bins, and how many requests of two versions fell into each of them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isfinite

FEWEST = 2
MOST = 64
"""Bins of one distribution."""


@dataclass(frozen=True)
class Bins:
    """What the counts of a vector mean.

    Attributes:
        labels: One per bin, for people: `0.9-1.0`, or the name of a category.
        edges: The inner boundaries in ascending order, one fewer than bins; the outer bins are
            open. None: the bins are categories, without an order.

    Raises:
        ValueError: The labels or edges are not of this form; the message names the field.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.labels) <= MOST:
            raise ValueError(f"labels: {FEWEST} to {MOST} bins, not {len(self.labels)}")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: each bin needs a name of its own")
        if self.edges is None:
            return
        if len(self.edges) != len(self.labels) - 1:
            raise ValueError(
                f"edges: {len(self.labels)} bins have {len(self.labels) - 1} inner boundaries, "
                f"not {len(self.edges)}"
            )
        if not all(map(isfinite, self.edges)) or any(a >= b for a, b in pairwise(self.edges)):
            raise ValueError("edges: finite numbers in ascending order are needed")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_ordered(self) -> bool:
        """Whether neighbouring bins are alike."""
        return self.edges is not None

    @cached_property
    def steps(self) -> tuple[float, ...]:
        """The distance from the middle of each bin to that of the next one.

        An open bin is taken to be as wide as its neighbour. Empty for categories.
        """
        edges = self.edges or ()
        if len(edges) < FEWEST:
            return (1.0,) * len(edges)
        widths = [after - before for before, after in pairwise(edges)]
        widths = [widths[0], *widths, widths[-1]]
        return tuple((before + after) / 2 for before, after in pairwise(widths))


@dataclass(frozen=True, slots=True)
class VectorBlock:
    """Requests of both versions in one span, by bin.

    Attributes:
        canary: Requests of the judged version per bin.
        stable: Those of the version that it is compared with; not looked at by a rule that has a
            reference.
        start: First second, unix time.
        end: The second behind the last one.
    """

    canary: tuple[int, ...]
    stable: tuple[int, ...]
    start: int
    end: int
