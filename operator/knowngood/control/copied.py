"""What is seen while the version that stands by answers copies of the requests: kept for as long as copies are sent.

This is kept apart from what is seen of the version that serves by itself: its probation and baselines know of no
copies. It is a cache here too; a new leader reads as far back as for the version by itself.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, Baseline
from knowngood.control.arms import Arms
from knowngood.control.containing import contained
from knowngood.control.counting import count
from knowngood.control.evidence import Evidence, Identity, test
from knowngood.control.guard import Guard
from knowngood.control.policies import Bound
from knowngood.control.ports import Endpoints, Key
from knowngood.control.reading import Answers, Source
from knowngood.control.recorded import record_of, stable_record
from knowngood.control.rounds import Readings
from knowngood.control.store import Store
from knowngood.control.watched import Watched, anew_since, epoch_of, memory, since_of, wanted
from knowngood.decisions.planned import plan_of
from knowngood.decisions.trigger_views import TriggerView
from knowngood.signals.segments import parts_of

Pair = tuple[AIModelVersion, AIModelVersion]
"""The records of the version that serves and of the one that gets copies."""


class Copied(ABC):
    """Keeps one kind of evidence about all models whose standby gets copies."""

    def __init__(self, store: Store, guard: Guard, endpoints: Endpoints) -> None:
        self._store = store
        self._guard = guard
        self._endpoints = endpoints
        self._watched: dict[Key, Watched] = {}
        self._news: set[Key] = set()

    @abstractmethod
    def _bounds(self, key: Key) -> list[Bound]:
        """Triggers of a model that are asked."""

    @abstractmethod
    def _arms(self, model: AIModelDeployment, pair: Pair, since: float) -> Arms:
        """Who is judged, and beside whom."""

    def _since(self, model: AIModelDeployment, pair: Pair, at: float) -> float:
        """When the evidence begins, unix seconds."""
        return since_of(pair[0], self._bounds(key_of(model)), at, anew_since(model))

    def _epoch(self, model: AIModelDeployment, pair: Pair) -> tuple[object, ...]:
        """What the evidence belongs to: anything else starts anew."""
        return epoch(model, pair)

    def views(self, model: AIModelDeployment) -> tuple[TriggerView, ...]:
        """What the triggers say of a model; nothing before all of what is there was read.

        What was seen of other versions says nothing.
        """
        key, pair = key_of(model), self._pair(model)
        watched = self._watched.get(key)
        if watched is None or watched.is_behind or pair is None:
            return ()
        if watched.epoch != self._epoch(model, pair):
            return ()
        return tuple(watched.view(bound) for bound in self._bounds(key))

    def _baselines(self, _: AIModelVersion) -> Mapping[str, Baseline]:
        """What a version is compared with that stands by."""
        return {}

    def news(self) -> set[Key]:
        """Models of which something else is said since the last call."""
        news, self._news = self._news, set()
        return news

    def forget(self) -> None:
        """Drop everything: the raw samples tell it again."""
        self._watched = {}

    def evidence(self) -> Iterable[Evidence]:
        """What is known of all of them."""
        return [watched.evidence for watched in self._watched.values()]

    def needs(self, now: float) -> Iterator[Source]:
        """What is to be read in this round."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        copied = (m for m in models if m.spec.shadow and m.spec.shadow.mirror_percent)
        found = ((key_of(model), self._seat(model, now)) for model in copied)
        self._watched = {key: watched for key, watched in found if watched is not None}
        for key, watched in self._watched.items():
            watched.evidence.needs = {}
            if now >= watched.due or watched.late:
                yield from wanted(watched, self._bounds(key), self._guard, now)

    async def take(self, readings: Readings, now: float) -> None:
        """Count and judge what the round has found."""
        for key, watched in self._watched.items():
            needs = watched.evidence.needs
            found = {name: readings[need] for name, need in needs.items() if need in readings}
            watched.late = frozenset(needs.keys() - found.keys())
            if found:
                before = watched.says()
                self._judge(key, watched, found, now)
                if watched.says() != before:
                    self._news.add(key)
                await asyncio.sleep(0)

    def asked(self, key: Key) -> dict[Identity, Watched]:
        """Where each trigger that compares a model's version with the shadow is asked; empty while there is none."""
        watched = self._watched.get(key)
        return {} if watched is None else dict.fromkeys(watched.evidence.about, watched)

    def doubt(self) -> None:
        """Say nothing of any version before it was looked at again; what was counted stays."""
        for watched in self._watched.values():
            watched.evidence.verdicts.clear()
            watched.due = 0.0

    def _seat(self, model: AIModelDeployment, at: float) -> Watched | None:
        key, pair = key_of(model), self._pair(model)
        bounds = self._bounds(key) if pair is not None else []
        if pair is None or not bounds:
            return None
        known, now = self._watched.get(key), self._epoch(model, pair)
        if known is None or known.epoch != now:
            since = self._since(model, pair, at)
            known = Watched(now, Evidence(self._arms(model, pair, since)))
        else:
            known.evidence.arms = self._arms(model, pair, known.evidence.arms.since)
        known.evidence.baselines = self._baselines(pair[1])
        return known

    def _pair(self, model: AIModelDeployment) -> Pair | None:
        """The records of the version that serves and of the one that gets copies; None while none does."""
        plan, record = plan_of(model), stable_record(self._store, model)
        if record is None or plan.shadow not in plan.copies:
            return None
        standby = record_of(self._store, model, plan.shadow)
        return None if standby is None else (record, standby)

    def _judge(self, key: Key, watched: Watched, answers: Mapping[str, Answers], at: float) -> None:
        evidence, bounds = watched.evidence, self._bounds(key)
        with contained(key, evidence, bounds, at):
            count(evidence, answers, self._guard.identity)
            for bound in bounds:
                name = bound.trigger.signal.name
                if name in evidence.specs and name not in answers:
                    continue
                with contained(key, evidence, (bound,), at):
                    test(evidence, bound, answers.get(name), self._guard.identity(name), at)
            oldest = at - memory(b.trigger for b in bounds)
            for part in chain.from_iterable(map(parts_of, evidence.ledgers.values())):
                # What is read again is older, and still to be judged.
                judged = min(oldest, part.settled_until)
                part.forget(judged)


def epoch(model: AIModelDeployment, pair: Pair) -> tuple[object, ...]:
    """What the evidence belongs to: anything else starts anew."""
    record, standby = pair
    return *epoch_of(model, record), standby.spec.model.version, standby.spec.digest


def key_of(model: AIModelDeployment) -> Key:
    """Its key in the store."""
    return Key(model.metadata.namespace, model.metadata.name)
