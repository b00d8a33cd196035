"""One pass over one model: observe, decide, write down, act, tell."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from knowngood.api.v1alpha1 import Phase
from knowngood.clock import Clock
from knowngood.control.act import Actor
from knowngood.control.observe import Observer
from knowngood.control.ports import Fence, Key, Recorder
from knowngood.control.writing import Writer
from knowngood.decisions.phases import may_go
from knowngood.decisions.plan import Plan
from knowngood.decisions.reporting import status_of
from knowngood.decisions.situation import Situation
from knowngood.decisions.transition import decide
from knowngood.errors import ApiError, Changed, Gone
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

FINALIZER = "knowngood.dev/cleanup"
DISMANTLE_AGAIN = timedelta(seconds=1)
AGAIN = timedelta(milliseconds=100)
OVERTAKEN = 5
"""How often a pass is begun anew at once because somebody has changed what it was about."""


class Reconciler:
    """Runs passes. It keeps no state of its own: killed anywhere, the next pass goes on from what is written down."""

    def __init__(
        self,
        *,
        observer: Observer,
        actor: Actor,
        writer: Writer,
        recorder: Recorder,
        fence: Fence,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._observer = observer
        self._actor = actor
        self._writer = writer
        self._recorder = recorder
        self._fence = fence
        self._clock = clock
        self._metrics = metrics

    async def run(self, key: Key) -> datetime | None:
        """Bring one model a step further.

        Returns:
            When the next pass is due although nothing else happens; None for never.

        Raises:
            NotLeader: This process may not write.
            ApiError: A write failed; the pass is to be tried again.
        """
        for _ in range(OVERTAKEN):
            try:
                return await self._pass(key)
            except Changed as error:
                # Somebody else's write must not put a rollback off; what it has made of the object is known now.
                logger.debug("%s: decided anew", error)
        return self._clock.now() + AGAIN

    async def _pass(self, key: Key) -> datetime | None:
        # 1. observe
        s = await self._observer.situation(key, self._clock.now(), self._fence.term())
        if s is None:
            self._metrics.forget(key.namespace, key.name)
            return None
        # 2. decide
        plan = decide(s)
        if not may_go(s.model.status.phase if s.model.status else None, plan.phase):
            raise AssertionError(f"{key}: no edge leads to {plan.phase}")
        if plan.phase is Phase.SUSPENDED:
            await self._tell(await self._write(s, plan), plan)
            return None
        # 3. write down, before anything is done
        try:
            kept = await self._hold_on(s, plan)
            if kept is None:
                return s.now + DISMANTLE_AGAIN
            await self._actor.stand(kept, plan)
            written = await self._write(kept, plan)
        except Gone:
            logger.info("%s/%s is gone", key.namespace, key.name)
            return None
        # 4. act, and tell of the edge also when a child could not be written: it is taken already
        try:
            await self._actor.perform(written, plan, written.model)
        finally:
            await self._tell(written, plan)
        # What was written may be followed by a further edge at once, and nothing else needs to happen for it.
        return plan.wake_at if written.model is s.model else s.now + AGAIN

    async def _hold_on(self, s: Situation, plan: Plan) -> Situation | None:
        """Keep the object until its traffic and pods are gone; None when there is nothing more to do in this pass."""
        meta = s.model.metadata
        held = FINALIZER in meta.finalizers
        if meta.deletion_timestamp is None:
            if held:
                return s
            return replace(s, model=await self._writer.hold(s.model))
        if not held:
            return None
        written = await self._write(s, plan)
        await self._tell(written, plan)
        # What ends with its namespace needs nobody to take it apart, and must not hold the namespace up.
        if s.all_ends or await self._actor.dismantle(written):
            await self._writer.release(written.model)
            self._observer.forget(meta.uid)
            self._metrics.forget(meta.namespace, meta.name)
        return None

    async def _write(self, s: Situation, plan: Plan) -> Situation:
        return replace(s, model=await self._writer.status(s.model, status_of(s, plan)))

    async def _tell(self, s: Situation, plan: Plan) -> None:
        meta = s.model.metadata
        self._metrics.model(meta.namespace, meta.name, plan.phase, plan.shares)
        for notice in plan.notices:
            try:
                new = await self._recorder.tell(s.model, notice)
            except ApiError as error:
                logger.warning("event %s was not recorded: %s", notice.reason, error)
                new = True
            if new:
                about = {"namespace": meta.namespace, "model": meta.name, "reason": notice.reason}
                logger.info(notice.message, extra=about)
