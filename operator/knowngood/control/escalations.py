"""Keeps in each incident who is told of it, before its policy changes or goes."""

import asyncio
import logging
from typing import Final

from knowngood.api.v1alpha1 import Incident, IncidentStatus
from knowngood.api.v1alpha1.escalation import EscalationStep
from knowngood.clock import Clock
from knowngood.control.ports import Fence
from knowngood.control.store import Store
from knowngood.control.waiting import Wait
from knowngood.control.writing import Writer
from knowngood.errors import ApiError, Changed, NotLeader
from knowngood.messages.escalating import to_keep

logger = logging.getLogger(__name__)

IDLE: Final = 0.5
KINDS: Final = ("Incident", "IncidentPolicy", "ClusterIncidentPolicy")
"""Kinds that say who is told."""


class Escalations:
    """Writes the steps of a policy into incidents that have none."""

    def __init__(self, store: Store, writer: Writer, fence: Fence, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._fence = fence
        self._clock = clock
        self._wait = Wait()
        self._done: object = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._round()
            except NotLeader:
                self._done = None
            except ApiError as error:
                pause = self._wait.failed(self._clock.monotonic())
                logger.warning("who is told is written down again in %.0f s: %s", pause, error)
            except Exception:  # a bug here must not end the process that contains models
                self._wait.failed(self._clock.monotonic())
                logger.exception("who is told could not be written down")
            await asyncio.sleep(max(IDLE, self._wait.until - self._clock.monotonic()))

    async def _round(self) -> None:
        state = (self._fence.term(), *map(self._store.revision, KINDS))
        if state == self._done:
            return
        incidents: list[Incident] = self._store.all("Incident")
        kept, failed = True, list[ApiError]()
        for incident in incidents:
            try:
                kept = await self._keep(incident) and kept
            except ApiError as error:  # of one must not keep the others from being written down
                failed.append(error)
        if failed:
            raise failed[0]
        self._wait.failures = 0
        if kept:
            self._done = state

    async def _keep(self, incident: Incident) -> bool:
        """Keep the steps in one incident; False where somebody else has changed it just now."""
        steps = to_keep(incident, policy_steps(self._store, incident))
        if not steps:
            return True
        status = incident.status or IncidentStatus()
        try:
            await self._writer.status(incident, status.model_copy(update={"escalation": steps}))
        except Changed:
            return False
        return True


def policy_steps(store: Store, incident: Incident) -> tuple[EscalationStep, ...]:
    """What the policy of an incident says of who is told; nothing where it says nothing, or is gone."""
    ref, namespace = incident.spec.policy_ref, incident.metadata.namespace
    if ref is None:
        return ()
    home = namespace if ref.kind == "IncidentPolicy" else ""
    policy = store.get(ref.kind, home, ref.name)
    steps: tuple[EscalationStep, ...] = policy.spec.escalation if policy is not None else ()
    return steps


def first_of(store: Store, incident: Incident) -> Incident | None:
    """The first incident with the same cause; None where it is alone, or that one is gone."""
    parent = incident.status.parent if incident.status else None
    namespace, _, name = (parent or "").partition("/")
    return store.get("Incident", namespace, name) if parent else None
