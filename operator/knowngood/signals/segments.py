"""Exact counts of parts of the requests: each named segment has a ledger of its own, over one view of who is scraped.

A segment's series may begin with its first request. Whether that request counts depends on whether its pod was scraped
before, which other segments tell: so what is known of targets, and how far they were read, is of all series together.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from knowngood.signals.buckets import LE
from knowngood.signals.edges import parse_edge
from knowngood.signals.ledger import LOOKBACK, TargetOf, VersionOf, of_its_pod
from knowngood.signals.ledgers import AnyLedger, How, Read, advance, begin_whole
from knowngood.signals.planning import CountedSpec, QueryKind, Segments
from knowngood.signals.series import Target
from knowngood.signals.sightings import Sightings, until

OTHERWISE = ""
"""Where series are that lack the label."""


class SegmentedLedger:
    """What versions answered in each of some segments, per second since an epoch began.

    Series with another value count nowhere, and nothing of them is kept but who exported them.

    Attributes:
        segments: How they are told apart.
        parts: The ledger of each segment, in the order in which they are named.
    """

    def __init__(self, spec: CountedSpec, segments: Segments, since: float) -> None:
        """Begin an epoch.

        Args:
            spec: What each of them counts.
            segments: How they are told apart.
            since: Its start, unix seconds.
        """
        self.segments = segments
        self.since = since
        self._sightings = Sightings()
        self._unlabelled: Target | None = None
        self.parts: dict[str, AnyLedger] = {}
        for value in segments.values:
            self.parts[value] = begin_whole(spec, since)
            self.parts[value].join(self._sightings)

    @property
    def settled_until(self) -> int:
        """Cells that begin before it are settled, in all parts."""
        return self._any.settled_until

    @property
    def read_from(self) -> float:
        """The instant from which the next read must have all samples (`Need.since`)."""
        at = self._any.watermark
        return at if at > self.since else self.since - LOOKBACK

    @property
    def _any(self) -> AnyLedger:
        return next(iter(self.parts.values()))

    def advance(
        self,
        read: Read,
        version_of: VersionOf,
        now: float,
        **how: Unpack[How],
    ) -> "SegmentedLedger":
        """Count what is new in a read of all series; arguments as of `CountLedger.advance`."""
        target_of = how.get("target_of", of_its_pod)
        divided = {value: dict[QueryKind, list[Any]]() for value in self.parts}
        self._unlabelled = None
        for kind, series in read.items():
            for one in series:
                value = one.labels.get(self.segments.by, OTHERWISE)
                if value in divided:
                    divided[value].setdefault(kind, []).append(one)
                else:
                    self._see(kind, one, target_of, version_of, now)
        for value, part in self.parts.items():
            advance(part, divided[value], version_of, now, target_of=target_of)
        self._sightings.tell(version_of, how.get("scraped_from"))
        watermark = now if how.get("closed") else self._sightings.read_by_all(now, None)
        for part in self.parts.values():
            part.settle(watermark)
        return self

    def widest(self, version: str, start: float = -math.inf, end: float = math.inf) -> int:
        """Requests of a version in a span of unix seconds, in the segment that has the most.

        There were as many at least: what is told apart may be requests, or features that each request has.
        """
        return max(part.column(version).between(start, end).total for part in self.parts.values())

    def problem(self) -> str:
        """Why the segments can not be told apart, for people; empty when they can."""
        if self._unlabelled is None:
            return ""
        return (
            f"pod {self._unlabelled.pod} has a series without the label {self.segments.by}, by which segments are told "
            "apart: leave such series out in the selector"
        )

    def _see(
        self, kind: QueryKind, one: Any, target_of: TargetOf, version_of: VersionOf, now: float
    ) -> None:
        """Take note of who exported a series that is in no segment."""
        target = target_of(one)
        samples = until(one.samples, now) if one.samples else ()
        if target is None or not samples:
            return
        if not one.labels.get(self.segments.by) and version_of(target) is not None:
            self._unlabelled = target
        watermark = self._any.watermark
        seen = self._sightings.meet(target, watermark if watermark > self.since else -math.inf)
        seen.saw(samples, is_total=_tells_the_time(kind, one.labels))
        if len(samples) > 1:
            self._sightings.scraper_was_at_work(samples[1][0])


def begin(spec: CountedSpec, since: float) -> AnyLedger | SegmentedLedger:
    """A ledger for what a signal counts, from an instant in unix seconds."""
    if spec.segments is not None:
        return SegmentedLedger(spec, spec.segments, since)
    return begin_whole(spec, since)


def parts_of(ledger: AnyLedger | SegmentedLedger) -> Iterable[AnyLedger]:
    """The ledgers of all segments, or the one of all requests."""
    return ledger.parts.values() if isinstance(ledger, SegmentedLedger) else (ledger,)


def requests_of(ledger: AnyLedger | SegmentedLedger, version: str, start: float, end: float) -> int:
    """Requests of a version in a span of unix seconds; of segments, what the largest one had."""
    if isinstance(ledger, SegmentedLedger):
        return ledger.widest(version, start, end)
    return ledger.column(version).between(start, end).total


def _tells_the_time(kind: QueryKind, labels: Mapping[str, str]) -> bool:
    """Whether a series tells how far its target was read: not events, and of a histogram only what is written last."""
    if kind is QueryKind.EVENTS:
        return False
    return LE not in labels or parse_edge(labels[LE]) == math.inf
