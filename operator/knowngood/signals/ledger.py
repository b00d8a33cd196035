"""What every ledger does, whatever it counts: who is scraped, what is new, and when a second is settled."""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

from knowngood.signals.cells import KeptColumn
from knowngood.signals.lateness import Lateness
from knowngood.signals.lineage import Key, Lineages, Strand
from knowngood.signals.oddities import Oddities
from knowngood.signals.restarts import Restarts, Sizes, hid
from knowngood.signals.series import Target, target_of
from knowngood.signals.sightings import Freshness, Sightings, until
from knowngood.signals.twice import Twice

LOOKBACK = 90.0
"""Seconds that the first read goes back before the epoch: every target was scraped in them."""

V = TypeVar("V")
"""What one sample says: a number, or a row of numbers that were read together."""

C = TypeVar("C", bound=KeptColumn[Any])
"""The settled cells of a version."""

Gains = dict[Hashable, int]
"""What was counted in one second of one version, by lane."""

VersionOf = Callable[[Target], str | None]
TargetOf = Callable[[Any], Target | None]
"""Says who is behind a series of any kind."""


def of_its_pod(series: Any) -> Target | None:
    """Who is behind a series, by its own `namespace` and `pod`."""
    return target_of(series.labels)


class Ledger(ABC, Generic[V, C]):
    """What versions answered, per second since an epoch began.

    An accumulator: reads are added to it, because copying an hour of seconds at every tick would be
    quadratic. Reads may overlap as they like. The settled cells depend on the samples alone, not on
    how reads cut them, so the next leader gets the same ones from one long read.

    Rules, per strand:
        Reset: a value below the one before counts in full, and so does any value of a process whose
            requests fell (see `Restarts`).
        Birth: a strand that began to exist since the scraper is at work counts from 0 (see
            `Sightings.is_new`); otherwise its first sample is only a baseline.
        Label: one that goes on with a label more or less counts on (see `Lineages.before`).
        Gap: what came between two samples counts in the cell of the later one.
        Epoch: samples before `since` are baselines only.
        Oddity: a value that is no count is not read, and `problem` tells of it; the next count is a baseline.

    A cell is settled once every live target was read beyond its end, and never changes then. A
    sample that comes to light later (of a target that had been given up, or was not known) counts
    in the first cell that is not settled.
    """

    def __init__(self, since: float, *, stale_after: float | None = None) -> None:
        """Begin an epoch.

        Args:
            since: Its start, unix seconds.
            stale_after: Seconds of silence after which a target is not waited for any more.
                None: five seconds or four scrapes, whatever is longer.
        """
        self.since = since
        self.watermark = since
        self.settled_until = math.floor(since)
        self._stale_after = stale_after
        self._sightings = Sightings()
        self._lineages: Lineages[V] = Lineages()
        self._oddities = Oddities()
        self._restarts = Restarts()
        self._twice = Twice()
        self._consumed: dict[Key, tuple[float, V]] = {}
        self._fresh: list[Strand[V]] = []
        self._is_part = False
        self.lateness = Lateness()
        self._open: dict[tuple[int, str], Gains] = {}
        self._columns: dict[str, C] = defaultdict(self._begin_column)

    @property
    def read_from(self) -> float:
        """The instant from which the next read must have all samples (`Need.since`)."""
        return self.watermark if self.watermark > self.since else self.since - LOOKBACK

    def column(self, version: str) -> C:
        """The settled cells of a version; all of them begin before `settled_until`."""
        return self._columns[version]

    def freshness(self, version: str, now: float) -> Freshness:
        """How lately a version was seen, as of `now` in unix seconds."""
        seen = self._sightings.of(version)
        live = sum(s.present and s.is_live(now, self._stale_after) for s in seen)
        last = max((s.last for s in seen), default=-math.inf)
        return Freshness(last if math.isfinite(last) else None, live)

    def forget(self, before: float) -> None:
        """Drop what was counted before an instant, and the targets that are gone and silent since.

        The next leader reads none of it. To be called when nobody looks back that far.
        """
        for column in self._columns.values():
            column.forget(before)
        self.lateness.forget(before)
        self._sightings.forget(before)
        for key in self._lineages.keep_of(self._sightings):
            self._consumed.pop(key, None)
            self._oddities.drop(key)
            self._twice.drop(key)
        self._restarts.keep_of(self._sightings)

    def problem(self) -> str:
        """Why the counts can not be trusted as a whole, for people; empty when they can."""
        return self._oddities.problem(self._sightings) or self._twice.problem(self._sightings)

    def _count(
        self,
        strands: Iterable[Strand[V]],
        version_of: VersionOf,
        now: float,
        scraped_from: float | None,
        *,
        closed: bool,
    ) -> None:
        """Count what is new in a read; arguments as of `CountLedger.advance`."""
        self._fresh = [new for one in strands if (new := self._unseen(one, now)) is not None]
        if self._is_part:
            return
        self._sightings.tell(version_of, scraped_from)
        self.settle(now if closed else self._sightings.read_by_all(now, self._stale_after))

    def join(self, sightings: Sightings) -> None:
        """Count a part of what targets show: who was scraped, and when, is known from all parts together.

        Reads are then only noted, until `settle` is called; that comes after the reads of all parts.
        """
        self._sightings, self._is_part = sightings, True

    def settle(self, watermark: float) -> None:
        """Count what was read up to an instant, unix seconds."""
        self.watermark = max(self.watermark, watermark)
        self._restarts.find(
            self._fresh, self._consumed, self._lineages.family, self._size, self._sizes
        )
        for one in sorted(self._fresh, key=lambda one: one.samples[0][0]):
            self._consume(one)
        self._fresh = []
        self._settle()

    def _unseen(self, strand: Strand[V], now: float) -> Strand[V] | None:
        """Take note of who was seen, and leave out the samples that were consumed before, or are of the future."""
        read_until = self.watermark if self.watermark > self.since else -math.inf
        samples = until(strand.samples, now)
        if not samples:
            return None
        sighting = self._sightings.meet(strand.target, read_until)
        sighting.saw(samples, is_total=strand.is_clock)
        self._twice.saw(strand, samples)
        self._lineages.saw(strand.key, strand.target, samples[-1][0])
        before = self._consumed.get(strand.key)
        start = 0 if before is None else bisect_right(samples, before[0], key=itemgetter(0))
        second = start + (before is None)
        if second < len(samples):
            self._sightings.scraper_was_at_work(samples[second][0])
        if start == len(samples):
            return None
        return Strand(strand.key, strand.target, samples[start:], strand.is_clock)

    def _consume(self, strand: Strand[V]) -> None:
        key, target = strand.key, strand.target
        before = known = self._lineages.before(key, target, strand.samples[0][0], self._consumed)
        version = self._sightings[target].version
        restarts = self._restarts.of(strand)
        for at, value in strand.samples:
            if at > self.watermark:
                break
            odd = self._oddity(value)
            if odd is not None:
                self._oddities.saw(key, target, at, odd)
                continue
            if before is not None:
                anew = restarts and hid(restarts, before[0], at, self._size(value))
                gained = value if anew else self._rise(before[1], value)
            else:
                began = key not in self._oddities and self._sightings.is_new(target, at)
                gained = value if began else None
            gap = at - before[0] if before is not None else 0.0
            before = (at, value)
            if version is not None and at >= self.since:
                second = max(math.floor(at), self.settled_until)
                self._add(self._open.setdefault((second, version), {}), key, gained)
                self.lateness.note(version, second, gap)
        if (
            before is not None and before is not known
        ):  # what it goes on from is another one's sample
            self._consumed[key] = before

    def _settle(self) -> None:
        self.settled_until = math.floor(self.watermark)
        for second, version in sorted(k for k in self._open if k[0] < self.settled_until):
            self._append(version, second, self._open.pop((second, version)))

    def _sizes(self, samples: Sequence[tuple[float, V]]) -> Sizes:
        """Requests of those samples that are counts and can be consumed now."""
        return [
            (at, self._size(value))
            for at, value in samples
            if at <= self.watermark and self._oddity(value) is None
        ]

    @abstractmethod
    def _size(self, value: V) -> float:
        """How many requests a sample counts."""

    @abstractmethod
    def _oddity(self, value: V) -> float | None:
        """What of a sample is no count; None when it is one that counts."""

    @abstractmethod
    def _rise(self, before: V, value: V) -> V | None:
        """What came between two samples of a strand; None when it can not be told."""

    @abstractmethod
    def _add(self, cell: Gains, key: Key, gained: V | None) -> None:
        """Put a gain into its lanes; None adds nothing."""

    @abstractmethod
    def _begin_column(self) -> C:
        """The cells of a version that was not seen before."""

    @abstractmethod
    def _append(self, version: str, second: int, gains: Gains) -> None:
        """Settle a cell."""
