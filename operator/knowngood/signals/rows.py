"""What ledgers of histograms share: all buckets of one scrape are read together."""

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from knowngood.signals.buckets import Row, spread
from knowngood.signals.counting import is_count
from knowngood.signals.edges import edge_text
from knowngood.signals.ledger import C, Gains, Ledger, TargetOf, VersionOf, of_its_pod
from knowngood.signals.lineage import Key, Strand
from knowngood.signals.series import Target

_BUCKETS = 0
_MOST_WAITING = 50  # requests that may come while a process reads its buckets
_MOST_WAITING_SHARE = 0.05

S = TypeVar("S")
"""A series as it was read."""


class Readable(Protocol):
    """A histogram of one target that can be read as cumulative counts; see `buckets.Histogram`."""

    @property
    def target(self) -> Target:
        """Who was scraped."""
        ...

    @property
    def labels(self) -> frozenset[tuple[str, str]]:
        """What tells it from the target's other histograms."""
        ...

    @property
    def odd(self) -> str:
        """An edge that is no number; empty when all are."""
        ...

    @property
    def edges(self) -> tuple[float, ...]:
        """All of its edges."""
        ...

    @property
    def began(self) -> float:
        """Its first sample, unix seconds."""
        ...

    def rows(self, edges: Sequence[float]) -> list[tuple[float, Row]]:
        """Cumulative counts at some edges, of the samples that have them all."""
        ...

    def lacks(self, edges: Sequence[float]) -> tuple[float, ...]:
        """Those of some edges that it does not have."""
        ...


class BucketLedger(Ledger[Row, C], Generic[S, C]):
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
        buckets: Iterable[S],
        version_of: VersionOf,
        now: float,
        *,
        target_of: TargetOf = of_its_pod,
        scraped_from: float | None = None,
        closed: bool = False,
    ) -> "BucketLedger[S, C]":
        """Count what is new in a read of all buckets; arguments as of `CountLedger.advance`."""
        found = self._put_together(buckets, target_of)
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
        overfull = next(filter(None, map(self._overfull, self._waiting)), "")
        return self._problem or overfull or super().problem()

    def _overfull(self, version: str) -> str:
        """Why a version's buckets make no sense: what waits is more than a scrape could be torn by."""
        waiting = self._waiting[version]
        most = max(waiting)
        counted = self.column(version).between(-math.inf, math.inf).total
        if most <= max(_MOST_WAITING, counted * _MOST_WAITING_SHARE):
            return ""
        edge = edge_text(self.edges[waiting.index(most)])
        return (
            f"the bucket le={edge} of version {version} counts requests that wider buckets do not: "
            f"{most} beside {counted} in all"
        )

    def _size(self, value: Row) -> float:
        return value[-1]

    def _oddity(self, value: Row) -> float | None:
        return next((one for one in value if not is_count(one)), None)

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

    def _fault(self, one: Readable) -> str:
        if one.odd:
            return (
                f"a bucket of pod {one.target.pod} has the label le={one.odd}, which is no number"
            )
        lacking = one.lacks(self.edges)
        return self._unfit(one, lacking) if lacking else ""

    @abstractmethod
    def _put_together(self, series: Iterable[S], target_of: TargetOf) -> Sequence[Readable]:
        """The histograms that series are of; series without a target or a sample are left out."""

    @abstractmethod
    def _choose(self, found: Sequence[Readable]) -> tuple[float, ...]:
        """The edges to count by; none while they can not be told."""

    @abstractmethod
    def _unfit(self, one: Readable, lacking: Sequence[float]) -> str:
        """Why a histogram can not be counted, for people."""

    @abstractmethod
    def _put(self, column: C, second: int, bins: Sequence[int]) -> None:
        """Settle a cell whose bins are known."""
