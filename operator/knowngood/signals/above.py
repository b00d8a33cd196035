"""Exact shares from histograms: requests above an edge, among all of them."""

import math
from collections.abc import Iterable, Sequence

from knowngood.signals.buckets import histograms
from knowngood.signals.cells import CellColumn
from knowngood.signals.edges import edge_text, edges_text
from knowngood.signals.ledger import TargetOf
from knowngood.signals.rows import BucketLedger, Readable, S
from knowngood.signals.series import RawSeries


class ShareOfHistogram(BucketLedger[S, CellColumn]):
    """Requests above an edge of a histogram among all of its requests, per version and second."""

    def __init__(self, since: float, above: float, *, stale_after: float | None = None) -> None:
        """Begin an epoch.

        Args:
            since: Its start, unix seconds.
            above: The edge.
            stale_after: As of `Ledger`.
        """
        super().__init__(since, stale_after=stale_after)
        self.edges = (above, math.inf)

    def _choose(self, found: Sequence[Readable]) -> tuple[float, ...]:  # noqa: ARG002  - told
        return self.edges

    def _unfit(self, one: Readable, lacking: Sequence[float]) -> str:
        if math.inf in lacking:
            return f"the histogram of pod {one.target.pod} has no bucket le=+Inf"
        return (
            f"{edge_text(self.edges[0])} is no edge of the histogram of pod {one.target.pod}; "
            f"its edges are {edges_text(one.edges)}"
        )

    def _begin_column(self) -> CellColumn:
        return CellColumn()

    def _put(self, column: CellColumn, second: int, bins: Sequence[int]) -> None:
        column.append(second, bins[1], sum(bins))


class AboveLedger(ShareOfHistogram[RawSeries]):
    """The share above an edge of classic histograms."""

    def _put_together(self, series: Iterable[RawSeries], target_of: TargetOf) -> Sequence[Readable]:
        return histograms(series, target_of)
