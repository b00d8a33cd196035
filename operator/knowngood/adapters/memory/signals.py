"""The `Signals` port in memory: counters that are scraped into series and read by plain selectors."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from knowngood.control.ports import Series, Vector
from knowngood.errors import ObserverError, QueryRefused, SourceUnknown
from knowngood.signals.hours import HOUR
from knowngood.signals.native import NativeCounts, NativeSeries
from knowngood.signals.planning import Query, QueryKind
from knowngood.signals.selectors import Selector, parse_selector
from knowngood.signals.series import RawSeries

_TARGETS: Final = re.compile(
    r"topk\(\d+, group by \((?P<labels>[a-zA-Z0-9_, ]+)\) \((?P<selector>.*)\)\)", re.DOTALL
)
_ONE: Final = re.compile(r"topk\(1, group without \(le\) \((?P<selector>.*)\)\)", re.DOTALL)
_NATIVE: Final = re.compile(r"group\(histogram_count\((?P<selector>.*)\)\)", re.DOTALL)
_HOURS: Final = re.compile(
    r"\(sum by \((?P<labels>[a-z_, ]+)\) \(increase\((?P<selector>.*)\[3600s\]\)\)\)\[84600s:3600s\]",
    re.DOTALL,
)
_ROSE: Final = re.compile(
    r"sum by \((?P<labels>[a-zA-Z0-9_, ]+)\) \(increase\((?P<selector>.*)\[(?P<seconds>\d+)s\]\)\)",
    re.DOTALL,
)
_RANGE: Final = re.compile(r"(?P<selector>.*)\[(?P<seconds>\d+)s\]", re.DOTALL)

V = TypeVar("V")
Labels = tuple[tuple[str, str], ...]


class MemorySignals:
    """Series by label, and the answers that Prometheus would give.

    Attributes:
        problem: What every read raises as an `ObserverError`; empty while the source is well.
        asked: Every query, in order.
        values: The answers to queries for values, by PromQL.
        refused: What the source says to queries that it does not take, by PromQL.
        unknown: Names of sources that nobody has configured.
        delays: Seconds that a source takes for each answer, by its name.
    """

    def __init__(self) -> None:
        self._series: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
        self._histograms: dict[Labels, list[tuple[float, NativeCounts]]] = defaultdict(list)
        self.problem = ""
        self.asked: list[Query] = []
        self.values: dict[str, Vector] = {}
        self.delays: dict[str, float] = {}
        self.refused: dict[str, str] = {}
        self.unknown: set[str] = set()

    def scrape(self, at: float, counters: Mapping[Labels, float]) -> None:
        """Add one sample of every counter.

        Args:
            at: Unix seconds, later than the last time.
            counters: Value by all labels, `__name__` among them.
        """
        for labels, value in counters.items():
            self._series[tuple(sorted(labels))].append((at, value))

    def scrape_native(self, at: float, histograms: Mapping[Labels, NativeCounts]) -> None:
        """Add one sample of native histograms; arguments as of `scrape`."""
        for labels, counts in histograms.items():
            self._histograms[tuple(sorted(labels))].append((at, counts))

    async def read(self, source: str, query: Query) -> Series | Vector:
        """Ask one query.

        Raises:
            ObserverError: The source has a problem, or the query is none that this source knows.
        """
        self.asked.append(query)
        if source in self.delays:
            await asyncio.sleep(self.delays[source])
        if self.problem:
            raise ObserverError(f"source {source}: {self.problem}")
        if source in self.unknown:
            raise SourceUnknown(f"source {source} is not configured; the operator knows: default")
        if query.promql in self.refused:
            raise QueryRefused(f"source {source}: {self.refused[query.promql]}")
        if query.kind is QueryKind.HOURS:
            return self._hours(query)
        return self._value(query) if query.kind is QueryKind.VALUE else self._raw(source, query)

    def _hours(self, query: Query) -> tuple[RawSeries, ...]:
        """By how much counters rose in each of the hours, without what an extrapolation would add."""
        found = _HOURS.fullmatch(query.promql)
        if found is None:
            raise QueryRefused(f"cannot read {query.promql}")
        names, sums = found["labels"].split(", "), defaultdict[Labels, dict[float, float]](dict)
        selector = parse_selector(found["selector"])
        for end in (query.at - HOUR * back for back in reversed(range(24))):
            for labels, samples in _selected(self._series, selector, (end - HOUR, end)):
                group = tuple((name, labels[name]) for name in names if name in labels)
                gained = samples[-1][1] - samples[0][1]
                sums[group][end] = sums[group].get(end, 0.0) + gained
        return tuple(RawSeries(dict(group), tuple(one.items())) for group, one in sums.items())

    def _value(self, query: Query) -> Vector:
        if targets := _TARGETS.fullmatch(query.promql):
            return self._targets(targets["selector"], targets["labels"].split(", "))
        if one := _ONE.fullmatch(query.promql):
            return self._one(one["selector"])
        if native := _NATIVE.fullmatch(query.promql):
            wanted = parse_selector(native["selector"])
            return (({}, 1.0),) if any(wanted.matches(dict(k)) for k in self._histograms) else ()
        if rose := _ROSE.fullmatch(query.promql):
            span = query.at - float(rose["seconds"]), query.at
            return self._rose(rose["selector"], rose["labels"].split(", "), span)
        return self.values.get(query.promql, ())

    def _rose(self, selector: str, names: Sequence[str], span: tuple[float, float]) -> Vector:
        """By how much counters rose in a span, without what an extrapolation would add."""
        sums: dict[Labels, float] = defaultdict(float)
        for labels, samples in _selected(self._series, parse_selector(selector), span):
            group = tuple((name, labels[name]) for name in names if name in labels)
            sums[group] += samples[-1][1] - samples[0][1]
        return tuple((dict(group), value) for group, value in sums.items())

    def _raw(self, source: str, query: Query) -> Series:
        found = _RANGE.fullmatch(query.promql)
        if found is None:
            raise ObserverError(f"source {source}: cannot read {query.promql}")
        selector, width = parse_selector(found["selector"]), float(found["seconds"])
        span = query.at - width, query.at
        if query.kind is QueryKind.HISTOGRAMS:
            return tuple(NativeSeries(*one) for one in _selected(self._histograms, selector, span))
        return tuple(RawSeries(*one) for one in _selected(self._series, selector, span))

    def _targets(self, selector: str, names: Sequence[str]) -> Vector:
        """Group whatever is selected by some labels."""
        found = self._selected_labels(selector)
        groups = {tuple((n, one[n]) for n in names if n in one) for one in found}
        return tuple((dict(group), 1.0) for group in sorted(groups))

    def _one(self, selector: str) -> Vector:
        """The labels of whatever is selected first."""
        found = next(iter(self._selected_labels(selector)), None)
        if found is None:
            return ()
        return (
            ({name: text for name, text in found.items() if name not in {"__name__", "le"}}, 1.0),
        )

    def _selected_labels(self, selector: str) -> Iterator[dict[str, str]]:
        wanted = parse_selector(selector)
        everything = (dict(labels) for labels in (*self._series, *self._histograms))
        return (labels for labels in everything if wanted.matches(labels))


def _selected(
    series: Mapping[Labels, list[tuple[float, V]]], selector: Selector, span: tuple[float, float]
) -> Iterator[tuple[Mapping[str, str], tuple[tuple[float, V], ...]]]:
    for labels, samples in series.items():
        named = dict(labels)
        if selector.matches(named) and (within := _within(samples, *span)):
            yield named, within


def _within(
    samples: list[tuple[float, V]], after: float, until: float
) -> tuple[tuple[float, V], ...]:
    return tuple((at, value) for at, value in samples if after < at <= until)
