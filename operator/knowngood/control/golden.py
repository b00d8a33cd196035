"""Golden requests: sent to the pods of versions that stand by, and while something is wrong to those that serve.

This runs beside the looks and the passes: a pod that hangs keeps nobody else waiting. What was answered is kept in
memory for some minutes; another leader asks anew.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, GoldenRequest
from knowngood.clock import Clock
from knowngood.control.pod_ports import Address, Addresses, Asker
from knowngood.control.ports import Fence, Key
from knowngood.control.recorded import record_of
from knowngood.control.store import Store
from knowngood.decisions.golden import Round, Tried, tried_in
from knowngood.decisions.golden_answers import fault_of, is_missing
from knowngood.errors import NotLeader

logger = logging.getLogger(__name__)

TICK_S: Final = 1.0
AT_REST_S: Final = 60.0
"""Seconds between two rounds while nothing is wrong."""

IN_TROUBLE_S: Final = 3.0
"""Seconds between two rounds while the version that serves is breached, and after a wrong answer."""

MOST_PODS: Final = 3
"""Pods of a version that are asked in one round; the next round asks the next ones."""

_KEPT: Final = 200


@dataclass(slots=True)
class _Rounds:
    """What a version has answered, and when it is asked again.

    Attributes:
        about: What the answers belong to: to anything else they say nothing.
        found: The latest rounds.
    """

    about: object
    found: deque[Round] = field(default_factory=lambda: deque(maxlen=_KEPT))
    due: float = 0.0
    turn: int = 0
    asking: bool = False

    def is_due(self, now: float, pause: float) -> bool:
        """Begin the next round, if it is time for it; one that was planned at rest comes earlier in trouble."""
        self.due = min(self.due, now + pause)
        if self.asking or self.due > now:
            return False
        self.asking, self.due = True, now + pause
        return True


class Golden:
    """Asks, and remembers what was answered."""

    def __init__(  # noqa: PLR0917  - whom to ask, how, when, and who is told: none of them stands for another
        self,
        store: Store,
        addresses: Addresses,
        asker: Asker,
        fence: Fence,
        clock: Clock,
        changed: Callable[[Key], None],
    ) -> None:
        """Connect.

        Args:
            store: The models.
            addresses: Where pods are.
            asker: Sends requests.
            fence: Only who may write asks.
            clock: The time.
            changed: Called with a model whose decisions may hang on what was answered now.
        """
        self._store, self._addresses, self._asker = store, addresses, asker
        self._fence, self._clock, self._changed = fence, clock, changed
        self._rounds: dict[str, dict[str, _Rounds]] = {}  # by the uid of the model, and by version

    def tried(self, model: AIModelDeployment, now: datetime) -> Mapping[str, Tried]:
        """What the versions of a model have answered in the last minutes."""
        rounds = self._rounds.get(model.metadata.uid, {})
        found = {version: tried_in(one.found, now) for version, one in rounds.items()}
        return {version: tried for version, tried in found.items() if tried is not None}

    async def run(self) -> None:
        """Ask, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for key, model, record in self._due():
                    group.create_task(self._round(key, model, record))
                await asyncio.sleep(TICK_S)

    def _due(self) -> Iterator[tuple[Key, AIModelDeployment, AIModelVersion]]:
        """Whom to ask now; what is known of all others is dropped."""
        try:
            self._fence.term()
        except NotLeader:
            self._rounds = {}
            return
        known, self._rounds = self._rounds, {}
        for model in self._models():
            before = known.get(model.metadata.uid, {})
            kept = self._rounds.setdefault(model.metadata.uid, {})
            for version, pause in wanted(model).items():
                record = record_of(self._store, model, version)
                if record is None:
                    continue
                kept[version] = rounds = _kept(before.get(version), model, record)
                if rounds.is_due(self._clock.monotonic(), pause):
                    yield _key(model), model, record

    def _models(self) -> Iterable[AIModelDeployment]:
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        return (m for m in models if m.spec.golden and not m.spec.suspend)

    async def _round(self, key: Key, model: AIModelDeployment, record: AIModelVersion) -> None:
        rounds = self._rounds[model.metadata.uid][record.spec.model.version]
        try:
            pods = self._pods(key, record, rounds.turn)
            if not pods:
                return
            rounds.turn += 1
            fault, missing = await self._asked(pods, model.spec.golden)
            before = rounds.found[-1].fault if rounds.found else None
            rounds.found.append(Round(self._clock.now(), fault, missing))
            if fault:
                # A pod that goes while it is asked must not pass for a version that answers wrong for a minute.
                rounds.due = min(rounds.due, self._clock.monotonic() + IN_TROUBLE_S)
            if fault != before:
                words = fault or "golden requests are answered right"
                logger.info("%s/%s: %s", key.namespace, record.metadata.name, words)
            if fault != before or is_in_trouble(model):
                self._changed(key)
        except (
            Exception
        ):  # a bug that some answer brings to light must keep nobody else from being asked
            logger.exception("asking %s/%s failed", key.namespace, record.metadata.name)
        finally:
            rounds.asking = False

    def _pods(self, key: Key, record: AIModelVersion, turn: int) -> Mapping[str, Address]:
        """The pods that are asked in a round: each in its turn."""
        deployment = record.spec.serving.deployment
        if deployment is None:
            return {}
        port = deployment.ports[0].name
        ready = self._addresses.addresses(key.namespace, record.metadata.name, port)
        names = sorted(ready)
        start = (turn * MOST_PODS) % len(names) if names else 0
        return {name: ready[name] for name in (*names[start:], *names[:start])[:MOST_PODS]}

    async def _asked(
        self, pods: Mapping[str, Address], requests: tuple[GoldenRequest, ...]
    ) -> tuple[str, bool]:
        """Ask pods side by side; the first fault, if any, and whether all of them are answers that did not come."""

        async def ask(pod: str, address: Address) -> tuple[str, bool]:
            for golden in requests:
                answer = await self._asker.ask(address, golden)
                fault = fault_of(golden, answer)
                if fault:
                    text = f"golden request {golden.name} to pod {pod}: {fault}"
                    return text, is_missing(answer)
            return "", False

        found = await asyncio.gather(*(ask(pod, address) for pod, address in pods.items()))
        faults = sorted((one for one in found if one[0]), key=lambda one: one[1])
        return faults[0] if faults else ("", False)


def _kept(rounds: _Rounds | None, model: AIModelDeployment, record: AIModelVersion) -> _Rounds:
    """What a version has answered so far, if it is still the same that is asked the same."""
    about = (record.spec.digest, model.spec.golden)
    return rounds if rounds is not None and rounds.about == about else _Rounds(about)


def wanted(model: AIModelDeployment) -> Mapping[str, float]:
    """Versions of a model that are to be asked, and the seconds between two rounds of each."""
    versions = model.status.versions if model.status else None
    if versions is None:
        return {}
    trouble = is_in_trouble(model)
    pause = IN_TROUBLE_S if trouble else AT_REST_S
    asked = (versions.shadow, versions.stable if trouble else "")
    return dict.fromkeys(filter(None, asked), pause)


def is_in_trouble(model: AIModelDeployment) -> bool:
    """Whether something is found about the version that serves, and people have not closed it."""
    breaches = model.status.serving_breaches if model.status else ()
    return any(not b.closed and b.failed_at is None for b in breaches)


def _key(model: AIModelDeployment) -> Key:
    return Key(model.metadata.namespace, model.metadata.name)
