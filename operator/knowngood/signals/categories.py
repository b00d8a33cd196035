"""Exact counts by a label's value: how many requests ended in each category."""

from collections.abc import Iterable

from knowngood.signals.counting import CounterLedger, strands
from knowngood.signals.ledger import Gains, TargetOf, VersionOf, of_its_pod
from knowngood.signals.lineage import Key, Strand
from knowngood.signals.partition import OTHER, Partition
from knowngood.signals.series import RawSeries, Target
from knowngood.signals.vectors import MOST_LANES, Lanes, VectorColumn

_COUNTS = 0


class CategoryLedger(CounterLedger[VectorColumn]):
    """Requests by category, per version and second.

    A category begins with the first request that is counted in it, whichever version answered that.
    """

    def __init__(self, since: float, by: str, *, stale_after: float | None = None) -> None:
        """Begin an epoch.

        Args:
            since: Its start, unix seconds.
            by: The label whose value is the category.
            stale_after: As of `Ledger`.
        """
        super().__init__(since, stale_after=stale_after)
        self.by = by
        self.lanes: Lanes[str] = Lanes()
        self._category_of: dict[Key, str] = {}
        self._since_when: dict[str, float] = {}
        self._unlabelled: Target | None = None

    def advance(
        self,
        counts: Iterable[RawSeries],
        version_of: VersionOf,
        now: float,
        *,
        target_of: TargetOf = of_its_pod,
        scraped_from: float | None = None,
        closed: bool = False,
    ) -> "CategoryLedger":
        """Count what is new in a read; arguments as of `CountLedger.advance`."""
        read = tuple(strands(counts, _COUNTS, target_of))
        for one in read:
            if one.key not in self._category_of:
                self._meet(one)
        bare = (one.target for one in read if not self._category_of[one.key])
        self._unlabelled = next((t for t in bare if version_of(t) is not None), None)
        self._count(read, version_of, now, scraped_from, closed=closed)
        return self

    def partition(self, until: float) -> Partition:
        """The categories that a test may tell apart: those that a series had before an instant.

        All later ones are one more. Chosen by what was there before anything was bet, so that a bet
        never knows its outcome.

        Args:
            until: Unix seconds.
        """
        known = sorted(c for c, since in self._since_when.items() if since < until)
        return Partition((*known, OTHER))

    def problem(self) -> str:
        """Why the counts can not be trusted as a whole, for people; empty when they can."""
        if self._unlabelled is not None:
            return (
                f"pod {self._unlabelled.pod} has a series without the label {self.by}, by which "
                "requests are told apart: leave such series out in spec.categories.counts"
            )
        if len(self._since_when) > MOST_LANES:
            return (
                f"the label {self.by} has more than {MOST_LANES} values: "
                "too many to be told apart; choose one with few values"
            )
        return super().problem()

    def _meet(self, strand: Strand[float]) -> None:
        category = dict(strand.key[1]).get(self.by, "")
        self._category_of[strand.key] = category
        if category not in self._since_when and len(self._since_when) > MOST_LANES:
            return  # enough to say that there are too many
        first = strand.samples[0][0]
        self._since_when[category] = min(first, self._since_when.get(category, first))

    def _add(self, cell: Gains, key: Key, gained: float | None) -> None:
        if gained:
            category = self._category_of[key]
            cell[category] = cell.get(category, 0) + int(gained)

    def _begin_column(self) -> VectorColumn:
        return VectorColumn(self.lanes)

    def _append(self, version: str, second: int, gains: Gains) -> None:
        counts: dict[int, int] = {}
        for category in sorted(str(name) for name in gains):
            lane = self.lanes.index(category)
            counts[lane] = counts.get(lane, 0) + gains[category]
        self.column(version).append(second, counts)
