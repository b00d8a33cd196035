"""The leader's work: look at the signals every tick, and run passes over models that want one."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable

from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.clock import Clock
from knowngood.control.judge import Judge
from knowngood.control.ports import Fence, Key
from knowngood.control.queue import BACKGROUND, NORMAL, URGENT, WorkQueue
from knowngood.control.reconcile import Reconciler
from knowngood.control.reporter import Reporter
from knowngood.control.store import Store
from knowngood.decisions.phases import GOING_BACK, ROLLING
from knowngood.decisions.witnessing import is_watched
from knowngood.errors import ApiError, Claimed, NotLeader
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

WORKERS = 8
FIRST_RETRY = 0.2
LONGEST_RETRY = 30.0
MOST_DOUBLINGS = 10
IDLE = 0.2
SHORTEST_WAIT = 0.1
MOVING = ROLLING | GOING_BACK


class Loop:
    """Runs while this process may write; does nothing while it may not."""

    def __init__(
        self,
        *,
        store: Store,
        queue: WorkQueue,
        judge: Judge,
        reconciler: Reconciler,
        fence: Fence,
        clock: Clock,
        metrics: Metrics,
        reporter: Reporter,
        tick: float,
    ) -> None:
        self._store = store
        self._queue = queue
        self._judge = judge
        self._reconciler = reconciler
        self._fence = fence
        self._clock = clock
        self._metrics = metrics
        self._reporter = reporter
        self._tick = tick
        self._failures: dict[Key, int] = defaultdict(int)
        self._term: int | None = None
        self._judged: int | None = None
        self._round = clock.monotonic()

    async def run(self, ready: asyncio.Event) -> None:
        """Work until cancelled.

        Args:
            ready: Set once the views are filled: nothing is decided before.
        """
        await ready.wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._report())
            for _ in range(WORKERS):
                group.create_task(self._work())

    def silence(self) -> float:
        """Seconds since the last round of looking began."""
        return self._clock.monotonic() - self._round

    async def _look(self) -> None:
        while True:
            started = self._round = self._clock.monotonic()
            if self._leads():
                with self._metrics.ticks.time():
                    await self._judge.look(self._clock.now())
                self._ask(self._moving())
                for key in self._judge.news():
                    self._queue.put(key, NORMAL)
            pause = self._tick if self._term is not None else IDLE
            await asyncio.sleep(max(0.0, pause - (self._clock.monotonic() - started)))

    async def _report(self) -> None:
        """Keep what hangs on no pass up to date, beside the looks: many slow writes must not delay one."""
        while True:
            try:
                self._fence.term()
                await self._reporter.report(self._clock.now())
            except NotLeader:
                pass
            except ApiError as error:
                logger.warning(
                    "a policy, template or incident could not be told its status: %s", error
                )
            except Exception:  # a bug here must not end the process that contains models
                logger.exception("policies, templates and incidents could not be followed")
            await asyncio.sleep(self._tick)

    def _leads(self) -> bool:
        try:
            term = self._fence.term()
        except NotLeader:
            self._term = None
            return False
        if term != self._term:
            # Everything is looked at once, and what the last leader had begun goes on. Where that was this process, and
            # nobody else since, only time has passed.
            if term == self._judged:
                self._judge.doubt()
            else:
                self._judge.forget()
            self._term = self._judged = term
            for model in self._store.all("AIModelDeployment"):
                self._queue.put(_key(model), BACKGROUND)
        return True

    def _moving(self) -> Iterable[AIModelDeployment]:
        """Models whose traffic may have to move now: they are not left to the pauses between retries."""
        models: list[AIModelDeployment] = self._store.all("AIModelDeployment")
        now = self._clock.now()
        return (
            m
            for m in models
            if m.status is not None and (m.status.phase in MOVING or is_watched(m.status, now))
        )

    def _ask(self, models: Iterable[AIModelDeployment]) -> None:
        for model in models:
            breached = any(
                t.verdict.kind is VerdictKind.BREACHED for t in self._judge.triggers(model)
            )
            self._queue.put(_key(model), URGENT if breached else NORMAL)

    async def _work(self) -> None:
        while True:
            key = await self._queue.get()
            try:
                await self._pass(key)
            finally:
                self._queue.done(key)

    async def _pass(self, key: Key) -> None:
        now = self._clock.now()
        try:
            if self._fence.term() != self._term:
                # The term is new, and nobody has looked in it: what the last one has found must decide nothing.
                self._queue.put_later(key, SHORTEST_WAIT)
                return
            with self._metrics.passes.time():
                wake_at = await self._reconciler.run(key)
        except NotLeader:
            # What is dropped here is asked for again as soon as this process may write, also within the same term.
            self._term = None
        except (ApiError, Claimed) as error:
            self._again(key, f"{type(error).__name__}: {error}")
        except Exception:  # one model's bug must not stop the others; it is loud and is tried again
            logger.exception("pass over %s/%s failed", key.namespace, key.name)
            self._again(key, "a bug")
        else:
            self._failures.pop(key, None)
            if wake_at is not None:
                # A time that has passed already must not turn the loop into a spin.
                self._queue.put_later(key, max(SHORTEST_WAIT, (wake_at - now).total_seconds()))

    def _again(self, key: Key, why: str) -> None:
        self._metrics.pass_errors.inc()
        self._failures[key] += 1
        delay = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(self._failures[key] - 1, MOST_DOUBLINGS))
        logger.warning(
            "pass over %s/%s is tried again in %.1f s: %s", key.namespace, key.name, delay, why
        )
        self._queue.put_later(key, delay)


def _key(model: AIModelDeployment) -> Key:
    return Key(model.metadata.namespace, model.metadata.name)
