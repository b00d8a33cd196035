"""Classic histograms: the buckets of one scrape, put together again."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowngood.signals.edges import parse_edge
from knowngood.signals.ledger import TargetOf
from knowngood.signals.series import RawSeries, Target

LE = "le"

Row = tuple[float, ...]
"""Cumulative counts of one scrape, by ascending edge."""

_TORN_SECONDS = 5.0  # a scrape arrives within them, also where a store takes it in pieces
_TORN_SCRAPES = 2


@dataclass(slots=True)
class Histogram:
    """The buckets of one histogram of one target, as one read shows them.

    Attributes:
        labels: All of its labels but `le`.
        scrapes: Cumulative count by edge, by the time of the scrape.
        odd: A value of `le` that is no number; empty when all are.
    """

    target: Target
    labels: frozenset[tuple[str, str]]
    scrapes: dict[float, dict[float, float]] = field(default_factory=lambda: defaultdict(dict))
    odd: str = ""

    @property
    def edges(self) -> tuple[float, ...]:
        """All edges that any scrape has."""
        return tuple(sorted({edge for scrape in self.scrapes.values() for edge in scrape}))

    @property
    def began(self) -> float:
        """Its first sample, unix seconds."""
        return min(self.scrapes, default=math.inf)

    def add(self, series: RawSeries) -> None:
        """Take one bucket."""
        edge = parse_edge(series.labels.get(LE, ""))
        if edge is None:
            self.odd = repr(series.labels.get(LE, ""))
            return
        for at, value in series.samples:
            self.scrapes[at][edge] = value

    def rows(self, edges: Sequence[float]) -> list[tuple[float, Row]]:
        """The scrapes that have all of these edges, in order of time; further edges are left out.

        A scrape of which only a part is there yet is not read: what it counted comes with the next
        whole one.
        """
        wanted = set(edges)
        return [
            (at, tuple(scrape[edge] for edge in edges))
            for at, scrape in sorted(self.scrapes.items())
            if scrape.keys() >= wanted
        ]

    def lacks(self, edges: Sequence[float]) -> tuple[float, ...]:
        """Edges that this histogram evidently does not have, because scrapes lack them time and again."""
        wanted, torn = set(edges), list[float]()
        for at in sorted(self.scrapes, reverse=True):
            if self.scrapes[at].keys() >= wanted:
                break
            torn.append(at)
        if len(torn) < _TORN_SCRAPES or torn[0] - torn[-1] < _TORN_SECONDS:
            return ()
        return tuple(edge for edge in edges if edge not in self.scrapes[torn[0]])


def histograms(series: Iterable[RawSeries], target_of: TargetOf) -> list[Histogram]:
    """Put buckets together; series without a target or a sample are left out."""
    found: dict[tuple[Target, frozenset[tuple[str, str]]], Histogram] = {}
    for one in series:
        target = target_of(one)
        if target is None or not one.samples:
            continue
        labels = frozenset(pair for pair in one.labels.items() if pair[0] != LE)
        found.setdefault((target, labels), Histogram(target, labels)).add(one)
    return list(found.values())


def spread(cumulative: Sequence[int]) -> tuple[list[int], list[int]]:
    """Difference cumulative counts so that no bin is negative.

    Buckets are not always read in one instant, so a narrow one may show a request one scrape before
    a wider one does. What is more than the next wider bucket holds waits for a later cell with room
    for it; the widest one, of all requests, decides how many there are.

    Args:
        cumulative: By ascending edge, with what still waits.

    Returns:
        The counts by bin, and what waits by edge.
    """
    fitting = list(cumulative)
    for place in range(len(fitting) - 2, -1, -1):
        fitting[place] = min(fitting[place], fitting[place + 1])
    bins = [upper - lower for lower, upper in zip([0, *fitting], fitting, strict=False)]
    return bins, [wanted - fits for wanted, fits in zip(cumulative, fitting, strict=True)]
