"""Exact counts by bin, from native histograms."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowngood.signals.above import ShareOfHistogram
from knowngood.signals.buckets import Row
from knowngood.signals.edges import bin_text
from knowngood.signals.ledger import Gains, Ledger, TargetOf, VersionOf, of_its_pod
from knowngood.signals.lineage import Key, Strand
from knowngood.signals.native import NativeCounts, NativeSeries, overlaps
from knowngood.signals.partition import Interval, Partition, partition_at
from knowngood.signals.rows import Readable
from knowngood.signals.series import Target
from knowngood.signals.vectors import MOST_LANES, Lanes, VectorColumn

_HISTOGRAMS = 0


class NativeLedger(Ledger[NativeCounts, VectorColumn]):
    """Requests by bucket of native histograms, per version and second.

    Only buckets that are not empty are ever seen, so a bin begins with its first request. A
    histogram with a bucket that lies partly in another one's cannot be added to the others: it is
    not counted, and `problem` names its pod. When the count falls the process began anew, and all
    of it counts; when it does not fall but a bucket does, the process has rearranged its buckets,
    and what came with that one scrape is left out.
    """

    def __init__(self, since: float, *, stale_after: float | None = None) -> None:
        """Begin an epoch; arguments as of `Ledger`."""
        super().__init__(since, stale_after=stale_after)
        self.lanes: Lanes[Interval] = Lanes()
        self._since_when: dict[Interval, float] = {}
        self._problem = ""

    def advance(
        self,
        histograms: Iterable[NativeSeries],
        version_of: VersionOf,
        now: float,
        *,
        target_of: TargetOf = of_its_pod,
        scraped_from: float | None = None,
        closed: bool = False,
    ) -> "NativeLedger":
        """Count what is new in a read; arguments as of `CountLedger.advance`."""
        found = [(t, one) for one in histograms if (t := target_of(one)) and one.samples]
        self._problem, fitting = "", list[Strand[NativeCounts]]()
        for target, one in sorted(found, key=lambda pair: (pair[1].samples[0][0], pair[0])):
            words = self._meet(target, one)
            if not words:
                key = (_HISTOGRAMS, frozenset(one.labels.items()))
                fitting.append(Strand(key, target, one.samples))
            elif version_of(target) is not None:
                self._problem = self._problem or words
        self._count(fitting, version_of, now, scraped_from, closed=closed)
        return self

    def partition(self, until: float) -> Partition:
        """The bins that a test may use: between the edges of buckets that were used before an instant.

        Chosen by what was there before anything was bet, so that a bet never knows its outcome.

        Args:
            until: Unix seconds.
        """
        return partition_at(one for one, since in self._since_when.items() if since < until)

    def problem(self) -> str:
        """Why the counts can not be trusted as a whole, for people; empty when they can."""
        edges = {edge for interval in self._since_when for edge in interval}
        if len(edges) > MOST_LANES:
            return f"the histograms use buckets with {len(edges)} edges: too many to be told apart"
        return self._problem or super().problem()

    def _meet(self, target: Target, one: NativeSeries) -> str:
        """Take note of the buckets of a histogram; why it can not be counted, or nothing."""
        new: dict[Interval, float] = {}
        for at, counts in one.samples:
            for interval, _ in counts.buckets:
                if interval not in self._since_when or at < self._since_when[interval]:
                    new.setdefault(interval, at)
        for interval in new:
            other = overlaps(interval, [*self._since_when, *new])
            if other is not None:
                return (
                    f"the histogram of pod {target.pod} has a bucket {bin_text(*interval)} beside one "
                    f"{bin_text(*other)}: counts in different bins can not be compared"
                )
        if len(self._since_when) <= MOST_LANES:
            self._since_when |= new
        return ""

    def _size(self, value: NativeCounts) -> float:
        return value.count

    def _oddity(self, value: NativeCounts) -> float | None:
        return value.oddity

    def _rise(self, before: NativeCounts, value: NativeCounts) -> NativeCounts | None:
        if value.count < before.count:
            return value
        gained, old = dict(value.buckets), dict(before.buckets)
        for interval, count in old.items():
            gained[interval] = gained.get(interval, 0.0) - count
        if any(gain < 0 for gain in gained.values()):
            return None
        return NativeCounts(value.count - before.count, tuple(gained.items()))

    def _add(self, cell: Gains, key: Key, gained: NativeCounts | None) -> None:  # noqa: ARG002  - one kind of strand
        for interval, gain in gained.buckets if gained else ():
            if gain:
                cell[interval] = cell.get(interval, 0) + int(gain)

    def _begin_column(self) -> VectorColumn:
        return VectorColumn(self.lanes)

    def _append(self, version: str, second: int, gains: Gains) -> None:
        counts: dict[int, int] = {}
        for interval in sorted(one for one in gains if isinstance(one, tuple)):
            lane = self.lanes.index(interval)
            counts[lane] = counts.get(lane, 0) + gains[interval]
        self.column(version).append(second, counts)


@dataclass(frozen=True, slots=True)
class NativeShare:
    """A native histogram, read as cumulative counts at some edges."""

    target: Target
    labels: frozenset[tuple[str, str]]
    series: NativeSeries
    odd: str = ""

    @property
    def edges(self) -> tuple[float, ...]:
        """The edges of the buckets that are not empty."""
        buckets = self.series.samples[-1][1].buckets
        return tuple(sorted({edge for interval, _ in buckets for edge in interval}))

    @property
    def began(self) -> float:
        """Its first sample, unix seconds."""
        return self.series.samples[0][0]

    def rows(self, edges: Sequence[float]) -> list[tuple[float, Row]]:
        """The samples none of whose buckets lies on both sides of an edge."""
        return [
            (
                at,
                tuple(
                    sum(n for (_, upper), n in counts.buckets if upper <= edge) for edge in edges
                ),
            )
            for at, counts in self.series.samples
            if not _straddled(counts, edges)
        ]

    def lacks(self, edges: Sequence[float]) -> tuple[float, ...]:
        """Edges inside of a bucket."""
        return _straddled(self.series.samples[-1][1], edges)


def _straddled(counts: NativeCounts, edges: Sequence[float]) -> tuple[float, ...]:
    finite = [edge for edge in edges if math.isfinite(edge)]
    return tuple(e for e in finite if any(low < e < high for (low, high), _ in counts.buckets))


class NativeAboveLedger(ShareOfHistogram[NativeSeries]):
    """Requests above an edge of native histograms among all of their requests."""

    def _put_together(
        self, series: Iterable[NativeSeries], target_of: TargetOf
    ) -> Sequence[Readable]:
        found = [(t, one) for one in series if (t := target_of(one)) and one.samples]
        return [NativeShare(t, frozenset(one.labels.items()), one) for t, one in found]
