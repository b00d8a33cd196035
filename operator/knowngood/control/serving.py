"""What is seen of the versions that answer everybody, for as long as they do.

They are read less often than a canary: nobody is waiting for the next step. What is kept is a cache here too: a new
leader reads a probation again from its beginning, and of a version that has passed it the last hour.

While an earlier version is held back there is a second piece of evidence, of both: it goes on from the rollout.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    Baseline,
    JudgedRole,
    Standing,
)
from knowngood.control.arms import Span, alone, beside
from knowngood.control.bettering import Bettering
from knowngood.control.containing import contained
from knowngood.control.counting import count
from knowngood.control.evidence import Evidence, Identity, test
from knowngood.control.guard import Guard
from knowngood.control.policies import Bound
from knowngood.control.ports import Endpoints, Key
from knowngood.control.reading import Answers, Source
from knowngood.control.recorded import baselines_of, by_owner, owner_of, record_of, stable_record
from knowngood.control.rounds import Readings
from knowngood.control.shadowed import Shadowed
from knowngood.control.standing_by import StandingBy
from knowngood.control.store import Store
from knowngood.control.watched import (
    Watched,
    anew_since,
    compared_since,
    coverage,
    epoch_of,
    held_of,
    is_over,
    memory,
    since_of,
    stands,
    wanted,
)
from knowngood.decisions.serving import ServingView
from knowngood.telemetry.metrics import Metrics

Seat = tuple[Key, bool]
"""A model, and whether its version is looked at beside the one that is held back, or by itself."""


class Serving:
    """Keeps the evidence about all versions that answer everybody."""

    def __init__(self, store: Store, guard: Guard, endpoints: Endpoints, metrics: Metrics) -> None:
        self._store = store
        self._guard = guard
        self._endpoints = endpoints
        self._shadowed = Shadowed(store, guard, endpoints)
        self._standing_by = StandingBy(store, guard, endpoints)
        self._bettering = Bettering(store, guard, endpoints)
        self._copied = (self._shadowed, self._standing_by, self._bettering)
        self._metrics = metrics
        self._watched: dict[Seat, Watched] = {}
        self._news: set[Key] = set()

    def news(self) -> set[Key]:
        """Models of which something was seen since the last call that may decide something."""
        news, self._news = self._news.union(*(one.news() for one in self._copied)), set()
        return news

    def forget(self) -> None:
        """Drop everything: the raw samples tell it again."""
        self._metrics.keep_serving(())
        self._watched = {}
        for one in self._copied:
            one.forget()

    def doubt(self) -> None:
        """Say nothing of any version before it was looked at again; what was counted stays."""
        for watched in self._watched.values():
            watched.evidence.verdicts.clear()
            watched.is_behind, watched.due = True, 0.0
        for one in self._copied:
            one.doubt()

    def needs(self, now: datetime) -> Iterator[Source]:
        """What is to be read in this round."""
        at = now.timestamp()
        self._refresh(at)
        for one in self._copied:
            yield from one.needs(at)
        for (key, _), watched in self._watched.items():
            watched.evidence.needs = {}
            if at >= watched.due or watched.late:
                yield from wanted(watched, self._read(key, watched), self._guard, at)

    async def take(self, readings: Readings, now: datetime) -> None:
        """Count and judge what the round has found."""
        at = now.timestamp()
        for one in self._copied:
            await one.take(readings, at)
        for (key, _), watched in self._watched.items():
            needs = watched.evidence.needs
            found = {name: readings[need] for name, need in needs.items() if need in readings}
            watched.late = frozenset(needs.keys() - found.keys())
            if found:
                before = watched.says()
                self._judge(key, watched, found, at)
                self._show(key)
                if watched.is_tried or watched.says() != before:
                    self._news.add(key)
                await asyncio.sleep(0)

    def evidence(self) -> Iterable[Evidence]:
        """What is known of all of them."""
        alone = [watched.evidence for watched in self._watched.values()]
        return [*alone, *chain.from_iterable(one.evidence() for one in self._copied)]

    def view(self, model: AIModelDeployment) -> ServingView | None:
        """What is known of a model's stable version; None while nobody has looked."""
        key = Key(model.metadata.namespace, model.metadata.name)
        watched = self._watched.get((key, False))
        record = stable_record(self._store, model)
        if watched is None or record is None or watched.epoch != epoch_of(model, record):
            return None
        both, held = self._watched.get((key, True)), held_of(model)
        if held is not None and (both is None or both.epoch != epoch_of(model, record, held)):
            return None
        # There may be nobody who compares both.
        if watched.is_behind or not watched.covers or (both is not None and both.is_behind):
            return None
        asked, bounds, arms = self._asked(key), self._guard.bound(key), watched.evidence.arms
        compared = both.evidence.arms.compared if both else None
        return ServingView(
            version=record.spec.model.version,
            since=datetime.fromtimestamp(arms.since, UTC),
            triggers=tuple(asked[b.identity].view(b) for b in bounds if b.identity in asked),
            covered=coverage(bounds, watched, asked),
            baselines=tuple(watched.frozen()) if is_over(model, watched) else (),
            beside=compared.version if compared else "",
            standby=self._standing_by.views(model),
            better=self._bettering.views(model),
        )

    def answered(self, key: Key, version: str, signal: str, span: Span) -> int | None:
        """How many answers a signal has counted of a version that serves; None of another one, or while unknown."""
        watched = self._watched.get((key, False))
        return watched.answered(version, signal, span) if watched is not None else None

    def _asked(self, key: Key) -> dict[Identity, Watched]:
        """Where each trigger that judges the version is asked."""
        found: dict[Identity, Watched] = {}
        for is_compared in (False, True):
            watched = self._watched.get((key, is_compared))
            if watched is not None:
                found |= dict.fromkeys((b.identity for b in self._asking(key, watched)), watched)
        return found | self._shadowed.asked(key)

    def _show(self, key: Key) -> None:
        asked = self._asked(key)
        views = (asked[b.identity].view(b) for b in self._guard.bound(key) if b.identity in asked)
        said = {(v.policy_kind, v.policy, v.trigger): v.verdict for v in views}
        self._metrics.serving((key.namespace, key.name), said)

    def _refresh(self, at: float) -> None:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        records = by_owner(self._store)
        watched: dict[Seat, Watched] = {}
        for model in models:
            record = stable_record(self._store, model)
            key = Key(model.metadata.namespace, model.metadata.name)
            if record is None or not self._guard.bound(key):
                continue
            baselines = baselines_of(records.get(owner_of(record), ()), record)
            watched[key, False] = self._alone(key, model, record, baselines, at)
            both = self._beside(key, model, record, at)
            if both is not None:
                watched[key, True] = both
        self._metrics.keep_serving((key.namespace, key.name) for key, _ in watched)
        self._watched = watched

    def _alone(
        self,
        key: Key,
        model: AIModelDeployment,
        record: AIModelVersion,
        baselines: Mapping[str, Baseline],
        at: float,
    ) -> Watched:
        known, epoch = self._watched.get((key, False)), epoch_of(model, record)
        since = known.evidence.arms.since if known else 0.0
        if known is None or known.epoch != epoch:
            known, since = None, since_of(record, self._guard.bound(key), at, anew_since(model))
        arms = alone(model, record, self._endpoints, since)
        if known is None:
            known = Watched(epoch, Evidence(arms))
        known.evidence.arms = arms
        known.evidence.baselines = baselines
        known.is_tried = stands(record) is Standing.PROBATION
        return known

    def _beside(
        self, key: Key, model: AIModelDeployment, record: AIModelVersion, at: float
    ) -> Watched | None:
        """Both versions, while an earlier one is held back; None where none is."""
        held = held_of(model)
        earlier = record_of(self._store, model, held.version) if held else None
        if held is None or earlier is None:
            return None
        known, epoch = self._watched.get((key, True)), epoch_of(model, record, held)
        since = known.evidence.arms.since if known else 0.0
        if known is None or known.epoch != epoch:
            known, since = None, compared_since(held, at)
        arms = beside(model, record, earlier, self._endpoints, since, planned=held.planned)
        if known is None:
            known = Watched(epoch, Evidence(arms), is_tried=True)
        known.evidence.arms = arms
        return known

    def _asking(self, key: Key, watched: Watched) -> tuple[Bound, ...]:
        """Triggers that are asked about a version by itself; or about two of them, as they were in the rollout."""
        if watched.is_compared:
            # What the rollout has not measured is not measured any more.
            both = (b for b in self._guard.for_canaries(key) if b.compares)
            return tuple(replace(b, design_effect=b.design_effect or 1.0) for b in both)
        return tuple(b for b in self._guard.bound(key) if JudgedRole.STABLE in b.trigger.roles)

    def _read(self, key: Key, watched: Watched) -> tuple[Bound, ...]:
        """Triggers whose signals are read: of a version by itself all, for all of them have to cover it."""
        return self._asking(key, watched) if watched.is_compared else self._guard.bound(key)

    def _judge(self, key: Key, watched: Watched, answers: Mapping[str, Answers], at: float) -> None:
        evidence = watched.evidence
        bounds = self._asking(key, watched)
        with contained(key, evidence, bounds, at):
            count(evidence, answers, self._guard.identity)
            watched.cover()
            watched.let_go(at, memory(b.trigger for b in bounds))
            for bound in bounds:
                name = bound.trigger.signal.name
                if name in evidence.specs and name not in answers:
                    continue  # not read in this look, or its source is late
                with contained(key, evidence, (bound,), at):
                    test(evidence, bound, answers.get(name), self._guard.identity(name), at)
