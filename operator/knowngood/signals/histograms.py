"""Exact counts by bin, from the buckets of classic histograms."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from knowngood.signals.buckets import histograms
from knowngood.signals.edges import bin_text, edges_text
from knowngood.signals.ledger import TargetOf
from knowngood.signals.partition import Partition
from knowngood.signals.rows import BucketLedger, Readable
from knowngood.signals.series import RawSeries, Target
from knowngood.signals.vectors import MOST_LANES, Lanes, VectorColumn


class HistogramLedger(BucketLedger[RawSeries, VectorColumn]):
    """Requests by bin, per version and second.

    The bins are those of the histogram that was there first, which is the stable version's.
    """

    def __init__(self, since: float, *, stale_after: float | None = None) -> None:
        """Begin an epoch; arguments as of `Ledger`."""
        super().__init__(since, stale_after=stale_after)
        self.lanes: Lanes[tuple[float, float]] = Lanes()
        self._too_many = ""

    def partition(self, until: float) -> Partition | None:  # noqa: ARG002  - others choose later
        """The bins that a test may use; None while they are not known.

        Args:
            until: Unix seconds; what came to light later must not choose them.
        """
        if not self.edges:
            return None
        return Partition(tuple(bin_text(*lane) for lane in self.lanes.names), self.edges[:-1])

    def problem(self) -> str:
        """Why the counts can not be trusted as a whole, for people; empty when they can."""
        return self._too_many or super().problem()

    def _put_together(self, series: Iterable[RawSeries], target_of: TargetOf) -> Sequence[Readable]:
        return histograms(series, target_of)

    def _choose(self, found: Sequence[Readable]) -> tuple[float, ...]:
        if not found:
            return ()
        first = min(found, key=_age)
        edges = first.edges
        self._too_many = ""
        if len(edges) > MOST_LANES:
            self._too_many = (
                f"the histogram of pod {first.target.pod} has {len(edges)} buckets: "
                f"at most {MOST_LANES} can be told apart"
            )
            return ()
        if not edges or edges[-1] != math.inf:
            return ()
        # Somebody may hold a column already, from before the first scrape: its lanes are these.
        for one in pairwise((-math.inf, *edges)):
            self.lanes.index(one)
        return edges

    def _fault(self, one: Readable) -> str:
        if not self.edges and one.edges and one.edges[-1] != math.inf:
            return f"the histogram of pod {one.target.pod} has no bucket le=+Inf"
        return super()._fault(one)

    def _unfit(self, one: Readable, lacking: Sequence[float]) -> str:
        return (
            f"the histogram of pod {one.target.pod} has other buckets than the first one that was "
            f"read: it has {edges_text(one.edges)}, and lacks {edges_text(lacking)}; "
            "counts in different bins can not be compared"
        )

    def _begin_column(self) -> VectorColumn:
        return VectorColumn(self.lanes)

    def _put(self, column: VectorColumn, second: int, bins: Sequence[int]) -> None:
        column.append(second, dict(enumerate(bins)))


def _age(one: Readable) -> tuple[float, Target, list[tuple[str, str]]]:
    return one.began, one.target, sorted(one.labels)
