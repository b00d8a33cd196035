"""Measure once for each rollout how far requests depend on each other, beside the looks: no look waits for it.

It is measured over whole hours before the rollout began, so it is the same whoever asks, and whenever.
"""

import asyncio
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from knowngood.analysis.dependence import assumed, fixed
from knowngood.analysis.design_effect import between_pods
from knowngood.api.v1alpha1 import (
    EFFECTS_KEPT,
    AIModelDeployment,
    AIModelVersion,
    ClusterSignalTemplate,
    FixedEffect,
    IdentityBy,
)
from knowngood.control.arms import Arms, alone
from knowngood.control.guard import Guard
from knowngood.control.identities import Identifier
from knowngood.control.ports import Endpoints, Key, Signals
from knowngood.control.reading import Answers
from knowngood.control.store import Store
from knowngood.decisions.naming import child_name
from knowngood.decisions.phases import ROLLING
from knowngood.errors import ObserverError, QueryRefused, SourceUnknown
from knowngood.signals.hours import HOUR, Hourly, counted, hourly, pod_hours
from knowngood.signals.planning import Query, QueryKind, RatioSpec
from knowngood.signals.selectors import Matcher, Operator, Selector
from knowngood.signals.series import RawSeries

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0
"""Seconds after which a signal that can be read is judged without: nothing waits longer for a factor."""

PARALLEL: Final = 4
"""Signals that are measured at the same time, of all models."""

_NO_RECORD: Final = "the stable version has no record"
_NO_RATIO: Final = "it is measured for ratios of two counters only"
_NO_PODS: Final = "a gateway counts for all pods together"

FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Subject:
    """A signal of a rollout."""

    key: Key
    uid: str
    version: str
    started_at: datetime
    signal: str


@dataclass(slots=True)
class _Asked:
    """What came of it so far."""

    found: FixedEffect | None = None
    task: asyncio.Task[None] | None = None
    due: float = 0.0
    pause: float = FIRST_PAUSE
    read_since: float | None = None
    error: str = "it was not measured in time"


class Dependence:
    """Measures, and keeps what was found until it is written down."""

    def __init__(self, store: Store, guard: Guard, signals: Signals, endpoints: Endpoints) -> None:
        self._store = store
        self._guard = guard
        self._signals = signals
        self._endpoints = endpoints
        self._asked: dict[_Subject, _Asked] = {}

    def look(self, now: datetime) -> None:
        """Begin what is due, and give up what takes too long."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        wanted = {s: model for model in models for s in self._subjects(model)}
        for gone in self._asked.keys() - wanted.keys():
            _stop(self._asked.pop(gone))
        for subject, model in wanted.items():
            asked = self._asked.setdefault(subject, _Asked())
            if asked.found is None:
                self._attend(subject, model, asked, now.timestamp())

    def note(self, key: Key, signal: str, answers: Answers | None, at: float) -> None:
        """Note what a signal said: once it could be read, its verdict waits."""
        if answers is None or answers.error:
            return
        for subject, asked in self._asked.items():
            if (subject.key, subject.signal) == (key, signal) and asked.read_since is None:
                asked.read_since = at

    def found(self, model: AIModelDeployment) -> tuple[FixedEffect, ...]:
        """What was measured for a model's rollout, and is not written down yet."""
        asked = [self._asked.get(subject) for subject in self._subjects(model)]
        return tuple(one.found for one in asked if one is not None and one.found is not None)

    def forget(self) -> None:
        """Drop everything: what was written down stays, and the rest is measured again."""
        for asked in self._asked.values():
            _stop(asked)
        self._asked = {}

    def _subjects(self, model: AIModelDeployment) -> list[_Subject]:
        """Signals of a rollout that runs, of which nothing is written down."""
        status, meta = model.status, model.metadata
        if status is None or status.phase not in ROLLING or status.rollout is None:
            return []
        key, rollout = Key(meta.namespace, meta.name), status.rollout
        bound = self._guard.for_canaries(key)
        names = sorted({b.trigger.signal.name for b in bound if b.design_effect is None})
        left = EFFECTS_KEPT - len(rollout.design_effects)
        return [
            _Subject(key, meta.uid, rollout.version, rollout.started_at, name)
            for name in names[: max(0, left)]
        ]

    def _attend(
        self, subject: _Subject, model: AIModelDeployment, asked: _Asked, at: float
    ) -> None:
        if asked.read_since is not None and at - asked.read_since >= PATIENCE:
            _stop(asked)
            asked.found = assumed(subject.signal, asked.error)
            return
        measured = self._guard.readable([subject.signal]).get(subject.signal)
        under_way = asked.task is not None and not asked.task.done()
        if measured is None or under_way or at < asked.due or self._is_busy():
            return
        template, spec = measured
        arms = self._stable(model)
        if arms is None or not isinstance(spec, RatioSpec):
            asked.found = assumed(subject.signal, _NO_RECORD if arms is None else _NO_RATIO)
            return
        if template.spec.identity.by is IdentityBy.ENVOY_CLUSTER:
            asked.found = assumed(subject.signal, _NO_PODS)
            return
        asked.due, asked.pause = at + asked.pause, min(LONGEST_PAUSE, 2 * asked.pause)
        work = self._measure(subject, _Stable(arms, template, spec), asked)
        asked.task = asyncio.get_running_loop().create_task(work)

    def _is_busy(self) -> bool:
        running = (one.task for one in self._asked.values() if one.task is not None)
        return sum(not task.done() for task in running) >= PARALLEL

    def _stable(self, model: AIModelDeployment) -> Arms | None:
        """The version that answers users while the other one is rolled out."""
        status, meta = model.status, model.metadata
        if status is None or status.versions is None or not status.versions.stable:
            return None
        name = child_name(meta.name, status.versions.stable)
        record: AIModelVersion | None = self._store.get("AIModelVersion", meta.namespace, name)
        return None if record is None else alone(model, record, self._endpoints, 0.0)

    async def _measure(self, subject: _Subject, stable: "_Stable", asked: _Asked) -> None:
        began = subject.started_at.timestamp()
        try:
            total = await self._hours(stable, stable.spec.total, began)
            events = await self._hours(stable, stable.spec.events, began)
            found = between_pods(pod_hours(total, events), began)
            asked.found = fixed(subject.signal, stable.arms.canary.version, found)
        except (SourceUnknown, QueryRefused) as error:
            asked.found = assumed(subject.signal, str(error))
        except ObserverError as error:
            asked.error = str(error)
        except Exception:  # a factor is no verdict, so a bug in here must end nothing
            logger.exception("measuring %s of %s failed", subject.signal, subject.key)
            asked.found = assumed(subject.signal, "measuring failed; the operator's log says where")

    async def _hours(self, stable: "_Stable", selector: Selector, began: float) -> Hourly:
        query = Query(
            stable.template.metadata.name,
            QueryKind.HOURS,
            hourly(selector, stable.narrowed()),
            float(began // HOUR * HOUR),
        )
        answer: tuple[RawSeries, ...] = await self._signals.read(  # type: ignore[assignment]  # hours are series
            stable.template.spec.source, query
        )
        return counted(stable.pods(answer))


@dataclass(frozen=True, slots=True)
class _Stable:
    """Whose pods are compared, and by what; it stands in both arms."""

    arms: Arms
    template: ClusterSignalTemplate
    spec: RatioSpec

    def narrowed(self) -> tuple[Matcher, ...]:
        """What its series fulfil: the query costs no more than the pods of one version do."""
        arm, by = self.arms.canary, self.template.spec.identity.by
        named: tuple[Matcher, ...]
        match by:
            case IdentityBy.POD:
                pods = "|".join(map(re.escape, sorted(arm.pods)))
                pattern = f"{arm.deployment}-.+" if arm.deployment else pods
                named = (Matcher("pod", Operator.MATCHES, pattern),)
            case IdentityBy.SERVICE:
                named = (Matcher("service", Operator.EQUAL, arm.service),)
            case IdentityBy.LABELS:
                named = (
                    Matcher("model", Operator.EQUAL, self.arms.model),
                    Matcher("model_version", Operator.EQUAL, arm.version),
                )
            case _:  # a gateway's counts are not asked for
                named = ()
        return (Matcher("namespace", Operator.EQUAL, self.arms.namespace), *named)

    def pods(self, series: Iterable[RawSeries]) -> Iterable[tuple[str, RawSeries]]:
        """Its series, by the pod that was scraped."""
        identifier = Identifier(self.arms, self.template.spec.identity.by)
        for one in series:
            target = identifier.target_of(one)
            if target is not None and identifier.version_of(target) is not None:
                yield one.labels.get("pod", ""), one


def _stop(asked: _Asked) -> None:
    if asked.task is not None:
        asked.task.cancel()
