"""The `Signals` port in memory: counters that are scraped into series and read by plain selectors."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from knowngood.control.ports import Vector
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.selectors import parse_selector
from knowngood.signals.series import RawSeries

_RANGE: Final = re.compile(r"(?P<selector>.*)\[(?P<seconds>\d+)s\]", re.DOTALL)

Labels = tuple[tuple[str, str], ...]


class MemorySignals:
    """Series by label, and the answers that Prometheus would give.

    Attributes:
        problem: What every read raises as an `ObserverError`; empty while the source is well.
        asked: Every query, in order.
        values: The answers to queries for values, by PromQL.
        delays: Seconds that a source takes for each answer, by its name.
    """

    def __init__(self) -> None:
        self._series: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
        self.problem = ""
        self.asked: list[Query] = []
        self.values: dict[str, Vector] = {}
        self.delays: dict[str, float] = {}

    def scrape(self, at: float, counters: Mapping[Labels, float]) -> None:
        """Add one sample of every counter.

        Args:
            at: Unix seconds, later than the last time.
            counters: Value by all labels, `__name__` among them.
        """
        for labels, value in counters.items():
            self._series[tuple(sorted(labels))].append((at, value))

    async def read(self, source: str, query: Query) -> tuple[RawSeries, ...] | Vector:
        """Ask one query.

        Raises:
            ObserverError: The source has a problem, or the query is none that this source knows.
        """
        self.asked.append(query)
        if source in self.delays:
            await asyncio.sleep(self.delays[source])
        if self.problem:
            raise ObserverError(f"source {source}: {self.problem}")
        if query.kind is QueryKind.VALUE:
            return self.values.get(query.promql, ())
        found = _RANGE.fullmatch(query.promql)
        if found is None:
            raise ObserverError(f"source {source}: cannot read {query.promql}")
        selector, width = parse_selector(found["selector"]), float(found["seconds"])
        return tuple(
            RawSeries(dict(labels), samples)
            for labels, all_samples in self._series.items()
            if selector.matches(dict(labels))
            and (samples := _within(all_samples, query.at - width, query.at))
        )


def _within(
    samples: list[tuple[float, float]], after: float, until: float
) -> tuple[tuple[float, float], ...]:
    return tuple((at, value) for at, value in samples if after < at <= until)
