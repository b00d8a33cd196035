"""Judge every canary that answers users: read the signals once for all models, count, test, remember the verdicts.

What is kept here between rounds is only a cache: the counts and the tests can be rebuilt from Prometheus' raw samples
by any other process, with the same result.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from knowngood.api.v1alpha1 import (
    AIModelDeployment,
    ClusterSignalTemplate,
    FixedEffect,
    VerdictKind,
    Watch,
)
from knowngood.control.arms import Arms, Span, arms_of
from knowngood.control.containing import contained
from knowngood.control.counting import count
from knowngood.control.dependence import Dependence
from knowngood.control.evidence import Evidence, test, view, witness_of
from knowngood.control.guard import Guard
from knowngood.control.openings import Openings
from knowngood.control.policies import Bound
from knowngood.control.ports import Endpoints, Key, Signals
from knowngood.control.reading import Answers, Source
from knowngood.control.recorded import record_of
from knowngood.control.rounds import Rounds
from knowngood.control.serving import Serving
from knowngood.control.store import Store
from knowngood.decisions.serving import ServingView
from knowngood.decisions.situation import SpecProblem
from knowngood.decisions.spending import Spendings
from knowngood.decisions.trigger_views import TriggerView
from knowngood.decisions.witnessing import Witness
from knowngood.signals.planning import Need, Spec
from knowngood.signals.segments import SegmentedLedger, requests_of
from knowngood.telemetry.metrics import Metrics


class Judge:
    """Keeps the evidence of all rollouts that run."""

    def __init__(
        self, store: Store, guard: Guard, signals: Signals, endpoints: Endpoints, metrics: Metrics
    ) -> None:
        self._store = store
        self._guard = guard
        self._rounds = Rounds(signals)
        self._endpoints = endpoints
        self._metrics = metrics
        self._evidence: dict[Key, Evidence] = {}
        self._openings = Openings(store, guard)
        self._dependence = Dependence(store, guard, signals, endpoints)
        self._serving = Serving(store, guard, endpoints, metrics)
        self._now = datetime.min.replace(tzinfo=UTC)

    async def look(self, now: datetime) -> None:
        """One round over all rollouts: one query per signal template and window, however many models there are."""
        self._now = now
        self._refresh()
        self._dependence.look(now)
        at, wanted = now.timestamp(), list(self._openings.needs())
        wanted += [s for key, e in self._evidence.items() for s in self._needs(key, e)]
        wanted += self._serving.needs(now)
        readings = await self._rounds.read(wanted, at)
        self._openings.take(readings)
        await self._serving.take(readings, now)
        for key, evidence in self._evidence.items():
            found = {name: readings[n] for name, n in evidence.needs.items() if n in readings}
            self._judge(key, evidence, found, at)
            # After a restart an hour of many rollouts is judged anew: the Lease, the probes and passes must not wait.
            await asyncio.sleep(0)
        everything = (*self._evidence.values(), *self._serving.evidence())
        self._metrics.show_dropped(one.dropped for one in everything)

    def forget(self) -> None:
        """Drop everything: what an earlier term saw says nothing about now, and the raw samples tell it all again."""
        self._evidence = {}
        self._rounds.forget()
        self._openings.forget()
        self._dependence.forget()
        self._serving.forget()

    def doubt(self) -> None:
        """Take no verdict for what is so now before the next look: nobody has looked for a while.

        What was counted stays: it is what the raw samples say, and to read a day of many rollouts again takes minutes.
        """
        for evidence in self._evidence.values():
            evidence.verdicts.clear()
        self._rounds.forget()
        self._openings.forget()
        self._serving.doubt()

    def triggers(self, model: AIModelDeployment) -> tuple[TriggerView, ...]:
        """What every trigger says of a model's canary; empty while no canary answers anybody."""
        key = Key(model.metadata.namespace, model.metadata.name)
        arms = self._arms(model)
        if arms is None or not arms.judged:
            return ()
        evidence = self._evidence.get(key)
        if evidence is not None and evidence.arms.rollout != arms.rollout:
            evidence = None
        specs = {name: spec for name, (_, spec) in self._templates(key).items()}
        return tuple(
            replace(view(bound, evidence, arms, specs), digest=bound.digest)
            for bound in self._guard.for_canaries(key)
        )

    def samples(self, model: AIModelDeployment) -> int | None:
        """Requests that the canary answered since the present step began.

        The fewest that any signal of a trigger that is waited for has counted: what is only observed holds nothing up,
        and neither does what is too rare to wait for, unless there is nothing else. Where triggers only observe, the
        most that any of them has seen: a pause counts requests, whoever looks at them.
        """
        key = Key(model.metadata.namespace, model.metadata.name)
        evidence, arms = self._evidence.get(key), self._arms(model)
        if evidence is None or arms is None or evidence.arms.rollout != arms.rollout:
            return None
        bound = self._guard.for_canaries(key)
        acting = [b for b in bound if b.acts]
        waited = [b for b in acting if b.critical] or acting
        names = {b.trigger.signal.name for b in waited or bound}
        version, since = arms.canary.version, arms.step_since
        counted = [
            requests_of(ledger, version, since, ledger.settled_until)
            for name, ledger in evidence.ledgers.items()
            if name in names
        ]
        return (min if waited else max)(counted, default=None)

    def unread(self, model: AIModelDeployment) -> str | None:
        """Why a rollout's signals can not be read before its first request; None while nobody has asked."""
        return self._openings.unread(model)

    def news(self) -> set[Key]:
        """Models whose serving version may have to be decided on anew."""
        return self._serving.news()

    def serving(self, model: AIModelDeployment) -> ServingView | None:
        """What is known of the version that answers everybody; None while nobody has looked."""
        return self._serving.view(model)

    def answered(self, key: Key, version: str, signal: str, span: Span) -> int | None:
        """How many answers a version that serves has given in a span, by one signal; None while nobody knows."""
        return self._serving.answered(key, version, signal, span)

    def witness(self, model: AIModelDeployment) -> Witness | None:
        """What a version that was taken back answers still, by the signal whose counts reach furthest."""
        key = Key(model.metadata.namespace, model.metadata.name)
        evidence, arms = self._evidence.get(key), self._arms(model)
        if evidence is None or arms is None or arms.judged or evidence.arms.rollout != arms.rollout:
            return None
        # What is told apart by named segments is not all that is answered.
        ledgers = [one for one in evidence.ledgers.values() if not isinstance(one, SegmentedLedger)]
        best = max(ledgers, key=lambda ledger: ledger.settled_until, default=None)
        return None if best is None else witness_of(best, arms, model)

    def watch(self, model: AIModelDeployment) -> Mapping[str, Watch | None]:
        """What each trigger that acts does for a rollout of a model."""
        return self._guard.watch(Key(model.metadata.namespace, model.metadata.name))

    def spending(self, model: AIModelDeployment) -> Spendings:
        """Which triggers share a budget of false alarms about a model."""
        return self._guard.spending(Key(model.metadata.namespace, model.metadata.name))

    def effects(self, model: AIModelDeployment) -> tuple[FixedEffect, ...]:
        """How many requests of each signal count as one, as far as it is to be written down."""
        return self._dependence.found(model)

    def guarded(self, model: AIModelDeployment) -> SpecProblem | None:
        """Why nobody watches a model; None when a policy does."""
        return self._guard.problem(model)

    def _refresh(self) -> None:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        running: dict[Key, Evidence] = {}
        for model in models:
            arms = self._arms(model)
            if arms is None:
                continue
            key = Key(model.metadata.namespace, model.metadata.name)
            known = self._evidence.get(key)
            if known is not None and known.arms.rollout == arms.rollout:
                known.arms = arms
                running[key] = known
            else:
                running[key] = Evidence(arms)
        for key in self._evidence.keys() - running.keys():
            self._metrics.forget_verdicts(key.namespace, key.name)
        self._evidence = running

    def _arms(self, model: AIModelDeployment) -> Arms | None:
        status = model.status
        if status is None or status.rollout is None or status.versions is None:
            return None
        names = (status.rollout.version, status.versions.stable)
        records = {v: record_of(self._store, model, v) for v in names}
        known = {v: record for v, record in records.items() if record is not None}
        return arms_of(model, known, self._endpoints, self._now)

    def _needs(self, key: Key, evidence: Evidence) -> Iterable[Source]:
        templates = self._templates(key)
        evidence.keep({name: spec for name, (_, spec) in templates.items()})
        evidence.attend(self._guard.for_canaries(key))
        for name, (template, spec) in templates.items():
            ledger = evidence.ledgers.get(name)
            need = Need(name, spec, ledger.read_from if ledger is not None else None)
            evidence.needs[name] = need
            yield Source(template.spec.source, need)

    def _templates(self, key: Key) -> Mapping[str, tuple[ClusterSignalTemplate, Spec]]:
        return self._guard.readable(b.trigger.signal.name for b in self._guard.for_canaries(key))

    def _judge(
        self, key: Key, evidence: Evidence, answers: Mapping[str, Answers], now: float
    ) -> None:
        bounds = self._guard.for_canaries(key)
        with contained(key, evidence, bounds, now):
            count(evidence, answers, self._guard.identity)
            if not evidence.arms.judged:
                return
            for bound in bounds:
                name = bound.trigger.signal.name
                if name in evidence.specs and name not in answers:
                    continue  # its source is late: what was said last holds until it answers, or for too long does not
                with contained(key, evidence, (bound,), now):
                    self._dependence.note(key, name, answers.get(name), now)
                    test(evidence, bound, answers.get(name), self._guard.identity(name), now)
                    self._show(key, evidence, bound)

    def _show(self, key: Key, evidence: Evidence, bound: Bound) -> None:
        """Put a trigger's verdict into the metrics, and count what a policy that only observes would have done."""
        verdict = evidence.verdicts[bound.identity]
        model = (key.namespace, key.name)
        trigger = (bound.policy.kind, bound.policy.metadata.name, bound.trigger.name)
        self._metrics.verdict(model, trigger, verdict.kind)
        if verdict.evidence is not None:
            found = verdict.evidence
            self._metrics.share(
                model, trigger, found.samples, found.estimate, found.reference_estimate
            )
        is_breached = verdict.kind is VerdictKind.BREACHED
        if is_breached and not bound.acts and bound.identity not in evidence.told:
            evidence.told.add(bound.identity)
            self._metrics.would_have_acted.labels(*model, *trigger).inc()
