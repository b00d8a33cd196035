"""What a signal has counted since a harm began, and in the hours before: a few small queries for each incident.

They ask for the pods of one model alone, and of each source one after the other, so that looks wait for one of them at
most.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from knowngood.analysis.moved import ENOUGH, Move, move_of
from knowngood.api.v1alpha1 import ClusterSignalTemplate
from knowngood.api.v1alpha1.signal_template import PlaybookCheck
from knowngood.control.arms import Arms, alone, beside
from knowngood.control.guard import Guard
from knowngood.control.identities import Identifier
from knowngood.control.playbook.checks import Case
from knowngood.control.playbook.narrowing import Asked, Span, Spans
from knowngood.control.ports import Endpoints, Signals, Vector
from knowngood.control.store import Store
from knowngood.signals.amounts import (
    Amounts,
    Sides,
    of_categories,
    of_histogram,
    of_shares,
    rising,
    summed,
)
from knowngood.signals.buckets import LE
from knowngood.signals.planning import (
    AboveSpec,
    CategoriesSpec,
    HistogramSpec,
    Query,
    QueryKind,
    RatioSpec,
    Spec,
    ValueSpec,
)
from knowngood.signals.selectors import Selector
from knowngood.signals.series import RawSeries

MOST_PARTS: Final = 50
"""Features of one signal that are compared: those with the most requests."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one signal shows of one version.

    Attributes:
        parts: How far each part has moved; None where it has too few requests.
        sides: What was counted of each.
    """

    parts: dict[str, Move | None]
    sides: dict[str, Sides]


class Counting:
    """Reads signals over both spans."""

    def __init__(self, store: Store, guard: Guard, signals: Signals, endpoints: Endpoints) -> None:
        self._store, self._guard = store, guard
        self._signals, self._endpoints = signals, endpoints
        self._gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(1))

    def signals_of(self, step: PlaybookCheck) -> list[tuple[ClusterSignalTemplate, Spec]]:
        """The signals that a step reads, those that can be read, in the order of their names.

        Of several that read the same in the same way the first is taken: a preset, and somebody's own.
        """
        templates: list[ClusterSignalTemplate] = self._store.all("ClusterSignalTemplate")
        wanted = [t for t in templates if t.spec.playbook and t.spec.playbook.step is step]
        found = self._guard.readable(t.metadata.name for t in wanted).values()
        once: dict[object, tuple[ClusterSignalTemplate, Spec]] = {}
        for template, spec in found:
            once.setdefault((spec, template.spec.playbook), (template, spec))
        return list(once.values())

    def signals_named(self, names: Iterable[str]) -> list[tuple[ClusterSignalTemplate, Spec]]:
        """Signals by name, those that can be read and counted."""
        found = self._guard.readable(names).values()
        return [(t, spec) for t, spec in found if not isinstance(spec, ValueSpec)]

    def arms(self, case: Case) -> Arms | None:
        """The version that the incident is about, and the other one where there is one."""
        if case.record is None:
            return None
        if case.other is None:
            return alone(case.model, case.record, self._endpoints, 0.0)
        return beside(case.model, case.record, case.other, self._endpoints, 0.0)

    async def counted(
        self, case: Case, arms: Arms, spans: Spans, signal: tuple[ClusterSignalTemplate, Spec]
    ) -> dict[str, Counted]:
        """Count a signal in both spans, by version.

        Raises:
            ObserverError: The source did not answer.
        """
        template, spec = signal
        use = template.spec.playbook
        segments = template.spec.segments
        part = (use.by if use else None) or (segments.by if segments else "")
        enough = max(ENOUGH, segments.min_samples) if segments else ENOUGH
        effect = self._effect(case, template.metadata.name)
        found = await self._sides(Asked(arms, template, spans, part), spec)
        counted: dict[str, Counted] = {}
        for version, sides in found.items():
            kept = dict(sorted(sides.items(), key=lambda one: -sum(one[1].since))[:MOST_PARTS])
            moves = {name: move_of(one, effect, enough) for name, one in kept.items()}
            counted[version] = Counted(moves, kept)
        return counted

    async def vector(self, source: str, name: str, promql: str, at: float) -> Vector:
        """Ask for numbers at one instant, each source one question at a time.

        Raises:
            ObserverError: The source did not answer.
        """
        async with self._gates[source]:
            query = Query(name, QueryKind.VALUE, promql, at)
            answer: Vector = await self._signals.read(source, query)  # type: ignore[assignment]  # a value's is a vector
        return answer

    def limit(self, case: Case, signal: str) -> float | None:
        """The number above which a policy of the model calls a signal bad; None where none says so."""
        tests = (b.trigger for b in self._guard.bound(case.key) if b.trigger.signal.name == signal)
        limits = [
            float(t.test.threshold.above)
            for t in tests
            if t.test.threshold is not None and t.test.threshold.above is not None
        ]
        return min(limits, default=None)

    def _effect(self, case: Case, signal: str) -> float:
        bounds = (b for b in self._guard.bound(case.key) if b.trigger.signal.name == signal)
        return max((b.design_effect or 1.0 for b in bounds), default=1.0)

    async def _sides(self, asked: Asked, spec: Spec) -> dict[str, dict[str, Sides]]:
        match spec:
            case RatioSpec(events, total):
                happened = await self._both(asked, events, "")
                all_of = await self._both(asked, total, "")
                return _by_version(asked.arms, lambda v: of_shares(happened[v], all_of[v]))
            case CategoriesSpec(counts, by):
                spread = await self._both(asked, counts, by)
                return _by_version(asked.arms, lambda v: of_categories(*spread[v]))
            case HistogramSpec(buckets) | AboveSpec(buckets) if not spec.is_native:
                spread = await self._both(asked, buckets, LE)
                return _by_version(asked.arms, lambda v: of_histogram(*spread[v]))
            case _:
                return {}

    async def _both(
        self, asked: Asked, selector: Selector, bin_: str
    ) -> dict[str, tuple[Amounts, Amounts]]:
        """What was counted before and since, by version."""
        before = await self._rose(asked, selector, bin_, asked.spans.before)
        since = await self._rose(asked, selector, bin_, asked.spans.since)
        return {v: (before[v], since[v]) for v in _versions(asked.arms)}

    async def _rose(
        self, asked: Asked, selector: Selector, bin_: str, span: Span
    ) -> dict[str, Amounts]:
        labels = [name for name in (asked.part, bin_) if name]
        promql = rising(selector, asked.narrowed(), labels, round(span[1] - span[0]))
        template = asked.template
        rows = await self.vector(template.spec.source, template.metadata.name, promql, span[1])
        whose = Identifier(asked.arms, template.spec.identity.by)
        found: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
        for told, value in rows:
            target = whose.target_of(RawSeries(told, ()))
            version = whose.version_of(target) if target is not None else None
            if version is not None:
                found[version].append((dict(told), value))
        return {v: summed(found[v], asked.part, bin_) for v in _versions(asked.arms)}


def _by_version(arms: Arms, make: Callable[[str], dict[str, Sides]]) -> dict[str, dict[str, Sides]]:
    return {version: make(version) for version in _versions(arms)}


def _versions(arms: Arms) -> Sequence[str]:
    return sorted({arms.canary.version, arms.stable.version})
