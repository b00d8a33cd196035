"""Exact counts by bin, from the buckets of classic histograms."""

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from itertools import pairwise

from knowngood.signals.buckets import Histogram, Row, histograms, spread
from knowngood.signals.cells import CellColumn
from knowngood.signals.counting import is_count
from knowngood.signals.edges import bin_text, edge_text, edges_text
from knowngood.signals.ledger import (
    C,
    Gains,
    Ledger,
    Strand,
    TargetOf,
    VersionOf,
    of_its_pod,
)
from knowngood.signals.lineage import Key
from knowngood.signals.partition import Partition
from knowngood.signals.series import RawSeries, Target
from knowngood.signals.vectors import MOST_LANES, Lanes, VectorColumn

_BUCKETS = 0


class BucketLedger(Ledger[Row, C]):
    """A ledger whose strands are histograms: all buckets of one scrape are read together.

    A scrape counts when it has every edge that the ledger counts by; further ones are folded into
    the bins around them. A histogram that does not have them cannot be added to the others: it is
    not counted, and `problem` names its pod. When any bucket falls below its last value the process
    began anew, so all of them count in full.
    """

    def __init__(self, since: float, *, stale_after: float | None = None) -> None:
        """Begin an epoch; arguments as of `Ledger`."""
        super().__init__(since, stale_after=stale_after)
        self.edges: tuple[float, ...] = ()
        self._waiting: dict[str, list[int]] = {}
        self._problem = ""

    def advance(
        self,
        buckets: Iterable[RawSeries],
        version_of: VersionOf,
        now: float,
        *,
        target_of: TargetOf = of_its_pod,
        scraped_from: float | None = None,
        closed: bool = False,
    ) -> "BucketLedger[C]":
        """Count what is new in a read of all buckets; arguments as of `CountLedger.advance`."""
        found = histograms(buckets, target_of)
        mine = [one for one in found if version_of(one.target) is not None]
        if not self.edges:
            self.edges = self._choose(mine)
        self._problem = next(filter(None, map(self._fault, mine)), "")
        read = (
            Strand((_BUCKETS, one.labels), one.target, rows)
            for one in (found if self.edges else ())
            if (rows := one.rows(self.edges))
        )
        self._count(read, version_of, now, scraped_from, closed=closed)
        return self

    def problem(self) -> str:
        """Why the counts can not be trusted as a whole, for people; empty when they can."""
        return self._problem

    def _is_count(self, value: Row) -> bool:
        return all(map(is_count, value))

    def _rise(self, before: Row, value: Row) -> Row:
        gained = tuple(new - old for old, new in zip(before, value, strict=True))
        return value if min(gained) < 0 else gained

    def _add(self, cell: Gains, key: Key, gained: Row | None) -> None:  # noqa: ARG002  - one kind of strand
        for place, gain in enumerate(gained or ()):
            if gain:
                cell[place] = cell.get(place, 0) + int(gain)

    def _append(self, version: str, second: int, gains: Gains) -> None:
        waiting = self._waiting.get(version) or [0] * len(self.edges)
        cumulative = [gains.get(place, 0) + kept for place, kept in enumerate(waiting)]
        bins, self._waiting[version] = spread(cumulative)
        self._put(self.column(version), second, bins)

    def _fault(self, one: Histogram) -> str:
        if one.odd:
            return (
                f"a bucket of pod {one.target.pod} has the label le={one.odd}, which is no number"
            )
        lacking = one.lacks(self.edges)
        return self._unfit(one, lacking) if lacking else ""

    @abstractmethod
    def _choose(self, found: Sequence[Histogram]) -> tuple[float, ...]:
        """The edges to count by; none while they can not be told."""

    @abstractmethod
    def _unfit(self, one: Histogram, lacking: Sequence[float]) -> str:
        """Why a histogram can not be counted, for people."""

    @abstractmethod
    def _put(self, column: C, second: int, bins: Sequence[int]) -> None:
        """Settle a cell whose bins are known."""


class HistogramLedger(BucketLedger[VectorColumn]):
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

    def _choose(self, found: Sequence[Histogram]) -> tuple[float, ...]:
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
        self.lanes = Lanes(pairwise((-math.inf, *edges)))
        return edges

    def _fault(self, one: Histogram) -> str:
        if not self.edges and one.edges and one.edges[-1] != math.inf:
            return f"the histogram of pod {one.target.pod} has no bucket le=+Inf"
        return super()._fault(one)

    def _unfit(self, one: Histogram, lacking: Sequence[float]) -> str:
        return (
            f"the histogram of pod {one.target.pod} has other buckets than the first one that was "
            f"read: it has {edges_text(one.edges)}, and lacks {edges_text(lacking)}; "
            "counts in different bins can not be compared"
        )

    def _begin_column(self) -> VectorColumn:
        return VectorColumn(self.lanes)

    def _put(self, column: VectorColumn, second: int, bins: Sequence[int]) -> None:
        column.append(second, dict(enumerate(bins)))


class AboveLedger(BucketLedger[CellColumn]):
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

    def _choose(self, found: Sequence[Histogram]) -> tuple[float, ...]:  # noqa: ARG002  - told
        return self.edges

    def _unfit(self, one: Histogram, lacking: Sequence[float]) -> str:
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


def _age(one: Histogram) -> tuple[float, Target, list[tuple[str, str]]]:
    return min(one.scrapes, default=math.inf), one.target, sorted(one.labels)
