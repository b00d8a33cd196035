"""What is seen of the versions that answer everybody, for as long as they do.

They are read less often than a canary: nobody is waiting for the next step. What is kept is a cache here too: a new
leader reads a probation again from its beginning, and of a version that has passed it the last hour.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import floor

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    AIModelVersion,
    JudgedRole,
    Standing,
    Trigger,
    VerdictKind,
)
from knowngood.control.arms import alone
from knowngood.control.counting import count
from knowngood.control.covering import Cover
from knowngood.control.evidence import Evidence, Identity, fail, test, view
from knowngood.control.guard import Guard
from knowngood.control.policies import Bound
from knowngood.control.ports import Endpoints, Key
from knowngood.control.reading import Answers, Source, slot_of
from knowngood.control.rounds import Readings
from knowngood.control.store import Store
from knowngood.decisions.naming import child_name
from knowngood.decisions.serving import Covered, ServingView
from knowngood.signals.planning import Need

logger = logging.getLogger(__name__)

EVERY = 10
"""Seconds between two reads of a version at rest, on an absolute grid, so that all models share them."""

MEMORY = 3600
"""Seconds that a new leader reads of a version that has passed its probation."""


@dataclass(slots=True)
class Watched:
    """One version that answers everybody.

    Attributes:
        epoch: What its evidence belongs to: anything else starts anew.
        evidence: Counts, tests and verdicts.
        covers: What was seen of each signal.
        due: When it is read again, unix seconds.
        is_tried: Whether it is in probation.
        late: Signals whose source has not answered yet.
    """

    epoch: tuple[object, ...]
    evidence: Evidence
    covers: dict[str, Cover] = field(default_factory=dict)
    due: float = 0.0
    is_tried: bool = False
    late: frozenset[str] = frozenset()

    def says(self) -> dict[Identity, VerdictKind]:
        """What every trigger says, in a word."""
        return {identity: verdict.kind for identity, verdict in self.evidence.verdicts.items()}

    def cover(self) -> None:
        """Note what was seen by now; a signal that is read in another way is seen anew."""
        version, ledgers = self.evidence.arms.canary.version, self.evidence.ledgers
        known = self.covers
        self.covers = {
            name: cover if (cover := known.get(name)) and cover.of is ledger else Cover(ledger)
            for name, ledger in ledgers.items()
        }
        for name, cover in self.covers.items():
            cover.add(ledgers[name].column(version), ledgers[name].settled_until)


class Serving:
    """Keeps the evidence about all versions that answer everybody."""

    def __init__(self, store: Store, guard: Guard, endpoints: Endpoints) -> None:
        self._store = store
        self._guard = guard
        self._endpoints = endpoints
        self._watched: dict[Key, Watched] = {}
        self._news: set[Key] = set()

    def news(self) -> set[Key]:
        """Models of which something was seen since the last call that may decide something."""
        news, self._news = self._news, set()
        return news

    def forget(self) -> None:
        """Drop everything: the raw samples tell it again."""
        self._watched = {}

    def needs(self, now: datetime) -> Iterator[Source]:
        """What is to be read in this round."""
        at = now.timestamp()
        self._refresh(at)
        for key, watched in self._watched.items():
            watched.evidence.needs = {}
            if at >= watched.due or watched.late:
                yield from self._needs(key, watched, at)

    async def take(self, readings: Readings, now: datetime) -> None:
        """Count and judge what the round has found."""
        at = now.timestamp()
        for key, watched in self._watched.items():
            needs = watched.evidence.needs
            found = {name: readings[need] for name, need in needs.items() if need in readings}
            watched.late = frozenset(needs.keys() - found.keys())
            if found:
                before = watched.says()
                self._judge(key, watched, found, at)
                if watched.is_tried or watched.says() != before:
                    self._news.add(key)
                await asyncio.sleep(0)

    def view(self, model: AIModelDeployment) -> ServingView | None:
        """What is known of a model's stable version; None while nobody has looked."""
        key = Key(model.metadata.namespace, model.metadata.name)
        watched = self._watched.get(key)
        record = self._record(model)
        if watched is None or record is None or watched.epoch != _epoch(model, record):
            return None
        evidence, bounds = watched.evidence, self._bounds(key)
        specs = evidence.specs
        judged = [b for b in bounds if JudgedRole.STABLE in b.trigger.roles]
        acting = [b for b in bounds if b.acts]
        return ServingView(
            version=record.spec.model.version,
            since=datetime.fromtimestamp(evidence.arms.since, UTC),
            triggers=tuple(view(b, evidence, evidence.arms, specs) for b in judged),
            covered=tuple(_covered(b, watched) for b in acting),
        )

    def _refresh(self, at: float) -> None:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        watched: dict[Key, Watched] = {}
        for model in models:
            record = self._record(model)
            key = Key(model.metadata.namespace, model.metadata.name)
            if record is None or not self._bounds(key):
                continue
            known, epoch = self._watched.get(key), _epoch(model, record)
            since = known.evidence.arms.since if known else 0.0
            if known is None or known.epoch != epoch:
                known, since = None, _since(record, at)
            arms = alone(model, record, self._endpoints, since)
            if known is None:
                known = Watched(epoch, Evidence(arms))
            known.evidence.arms = arms
            known.is_tried = _stands(record) is Standing.PROBATION
            watched[key] = known
        self._watched = watched

    def _record(self, model: AIModelDeployment) -> AIModelVersion | None:
        status = model.status
        if status is None or status.versions is None or not status.versions.stable:
            return None
        if model.metadata.deletion_timestamp is not None or model.spec.suspend:
            return None
        name = child_name(model.metadata.name, status.versions.stable)
        record: AIModelVersion | None = self._store.get(
            "AIModelVersion", model.metadata.namespace, name
        )
        mine = record is not None and record.spec.model_ref.uid == model.metadata.uid
        return record if mine and record and record.status else None

    def _bounds(self, key: Key) -> tuple[Bound, ...]:
        return self._guard.bound(key)

    def _needs(self, key: Key, watched: Watched, at: float) -> Iterable[Source]:
        evidence, bounds = watched.evidence, self._bounds(key)
        templates = self._guard.readable(b.trigger.signal.name for b in bounds)
        evidence.keep({name: spec for name, (_, spec) in templates.items()})
        evidence.attend(bounds)
        due, behind = at >= watched.due, False
        for name, (template, spec) in templates.items():
            if not due and name not in watched.late:
                continue  # between two reads only what is late is wanted, so that its answer finds who waits for it
            ledger = evidence.ledgers.get(name)
            need = Need(name, spec, ledger.read_from if ledger is not None else None)
            evidence.needs[name] = need
            reach = slot_of(need, at)[1]
            behind |= reach is not None and reach.at < at
            yield Source(template.spec.source, need)
        if due:
            watched.due = at if behind else float((at // EVERY + 1) * EVERY)

    def _judge(self, key: Key, watched: Watched, answers: Mapping[str, Answers], at: float) -> None:
        evidence = watched.evidence
        bounds = [b for b in self._bounds(key) if JudgedRole.STABLE in b.trigger.roles]
        try:
            count(evidence, answers, self._guard.identity)
            watched.cover()
            for bound in bounds:
                name = bound.trigger.signal.name
                if name in evidence.specs and name not in answers:
                    continue  # not read in this look, or its source is late
                test(evidence, bound, answers.get(name), self._guard.identity(name), at)
        except Exception:  # a bug that one model's data bring to light must blind nobody else
            logger.exception("judging what serves of %s/%s failed", key.namespace, key.name)
            for bound in bounds:
                fail(evidence, bound, at)


def _epoch(model: AIModelDeployment, record: AIModelVersion) -> tuple[object, ...]:
    status = record.status
    promoted = status.promoted_at if status else None
    return model.metadata.uid, record.spec.model.version, record.spec.digest, promoted


def _stands(record: AIModelVersion) -> Standing | None:
    return record.status.standing if record.status else None


def _since(record: AIModelVersion, at: float) -> float:
    """When evidence begins: with the probation, or not long ago where that is over."""
    status = record.status
    promoted = status.promoted_at.timestamp() if status and status.promoted_at else 0.0
    if _stands(record) is Standing.PROBATION and promoted:
        return promoted
    return max(promoted, float(floor(at / MEMORY) * MEMORY - MEMORY))


def _covered(bound: Bound, watched: Watched) -> Covered:
    name = bound.trigger.signal.name
    cover = watched.covers.get(name)
    counts = name in watched.evidence.ledgers
    return Covered(
        trigger=bound.trigger.name,
        counts=counts,
        seen=cover.seen if cover else 0.0,
        requests=cover.requests if cover else 0,
        needed=_needed(bound.trigger),
        judged=JudgedRole.STABLE in bound.trigger.roles,
    )


def _needed(trigger: Trigger) -> int:
    tests = (trigger.test.proportion, trigger.test.threshold)
    return max((test.min_samples for test in tests if test is not None), default=1)
