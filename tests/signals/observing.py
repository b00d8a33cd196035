"""Pods that observe values into histograms, and a scraper that now and then gets a part of a scrape only."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from knowngood.signals.series import RawSeries
from tests.signals.scraping import NAMESPACE

EDGES = (0.1, 0.25, 0.5, 1.0, math.inf)
SPELLINGS = {
    0.1: ("0.1", "1e-01"),
    0.25: ("0.25", "0.250"),
    0.5: ("0.5", ".5"),
    1.0: ("1", "1.0"),
    math.inf: ("+Inf", "inf"),
}


def buckets(
    pod: str, rows: Sequence[tuple[float, Sequence[float]]], edges: Sequence[str], **labels: str
) -> list[RawSeries]:
    """A histogram by hand: cumulative counts per scrape."""
    name = {"__name__": "latency_bucket", "namespace": NAMESPACE, "pod": pod, **labels}
    return [
        RawSeries({**name, "le": le}, tuple((at, float(row[place])) for at, row in rows))
        for place, le in enumerate(edges)
    ]


@dataclass
class Process:
    start: float
    end: float
    values: Sequence[tuple[float, float]]  # (when, value), ascending

    def row(self, at: float) -> list[int]:
        counted = [0] * len(EDGES)
        for when, value in self.values:
            if when > at:
                break
            counted[bisect_left(EDGES, value)] += 1
        return list(accumulate(counted))


@dataclass
class Observer:
    """A pod.

    Attributes:
        torn: Scrapes of which only some buckets ever arrive.
        respelled: From when on it writes its edges in another way.
    """

    name: str
    processes: list[Process]
    scrapes: list[float]
    torn: dict[float, frozenset[float]]
    respelled: float

    def seen(self) -> list[tuple[float, list[int]]]:
        rows = []
        for at in self.scrapes:
            alive = (p for p in self.processes if p.start <= at < p.end)
            process = next(alive, None)
            if process is not None:
                rows.append((at, process.row(at)))
        return rows

    def series(self) -> list[RawSeries]:
        found: dict[str, list[tuple[float, float]]] = {}
        for at, row in self.seen():
            for edge, value in zip(EDGES, row, strict=True):
                if edge not in self.torn.get(at, ()):
                    spelling = SPELLINGS[edge][at >= self.respelled]
                    found.setdefault(spelling, []).append((at, float(value)))
        name = {"__name__": "latency_bucket", "namespace": NAMESPACE, "pod": self.name}
        return [RawSeries({**name, "le": le}, tuple(samples)) for le, samples in found.items()]

    def truth(self, since: float, until: float) -> list[int]:
        """Observations per bin that a whole scrape in [since, until] saw first."""
        total = [0] * len(EDGES)
        for process in self.processes:
            whole = [
                at
                for at in self.scrapes
                if process.start <= at < process.end and at <= until and at not in self.torn
            ]
            after, before = (
                [at for at in whole if (at >= since) is side] for side in (True, False)
            )
            if after:
                first = process.row(before[-1]) if before else [0] * len(EDGES)
                rise = [b - a for a, b in zip(first, process.row(after[-1]), strict=True)]
                bins = [b - a for a, b in zip([0, *rise], rise, strict=False)]
                total = [a + b for a, b in zip(total, bins, strict=True)]
        return total

    def has_hidden_reset(self) -> bool:
        """Whether a restart can not be seen, because the new counts have passed all old ones."""
        last: list[int] | None = None
        for process in self.processes:
            whole = [
                at
                for at in self.scrapes
                if process.start <= at < process.end and at not in self.torn
            ]
            rows = [process.row(at) for at in whole]
            passed = rows and last and all(a >= b for a, b in zip(rows[0], last, strict=True))
            if passed and last and any(last):
                return True
            last = rows[-1] if rows else last
        return False


@dataclass
class ObservedWorld:
    """Two versions of three pods, over a minute that begins before the epoch."""

    seed: int
    since: float = 1010.0
    end: float = 1060.0
    pods: list[Observer] = field(init=False)

    def __post_init__(self) -> None:
        draw = Random(self.seed)
        self.pods = [self._pod(draw, f"v{i % 2}-{i}", young=i > 3) for i in range(6)]

    def series(self) -> list[RawSeries]:
        return [one for pod in self.pods for one in pod.series()]

    def truth(self, version: str) -> tuple[int, ...]:
        mine = [p.truth(self.since, self.end) for p in self.pods if p.name.startswith(version)]
        return tuple(map(sum, zip(*mine, strict=True)))

    def _pod(self, draw: Random, name: str, *, young: bool) -> Observer:
        start = draw.uniform(1011, 1050) if young else 900.0
        restart = draw.uniform(1015, 1045) if draw.random() < 0.5 and not young else None
        death = draw.uniform(1046, 1062) if draw.random() < 0.3 else 2000.0
        processes = [self._process(draw, start, restart or death)]
        if restart:
            processes.append(self._process(draw, restart + draw.uniform(0, 3), death))
        phase, lost = draw.uniform(0, 1), draw.choice([0.0, 0.1])
        times = [1000 + phase + k for k in range(61)]
        scrapes = [at for at in times if at <= self.end and (at < 1003 or draw.random() >= lost)]
        torn = {
            at: frozenset(draw.sample(EDGES, draw.randint(1, 3)))
            for at in scrapes
            if at > 1003 and draw.random() < 0.1
        }
        respelled = draw.uniform(1000, 1050) if draw.random() < 0.5 else 2000.0
        return Observer(name, processes, scrapes, torn, respelled)

    def _process(self, draw: Random, start: float, end: float) -> Process:
        last = min(end, self.end + 5)
        whens = sorted(draw.uniform(start, last) for _ in range(int(3 * (last - start))))
        return Process(
            start, end, [(when, draw.choice([0.05, 0.2, 0.4, 0.9, 3.0])) for when in whens]
        )
