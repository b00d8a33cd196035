"""One process of the operator, put together on the in-memory ports."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from knowngood.adapters.memory.people import MemoryFence, MemoryRecorder
from knowngood.adapters.memory.resources import MemoryLister, MemoryResources
from knowngood.adapters.memory.server import Line
from knowngood.adapters.memory.traffic import MemoryTraffic
from knowngood.adapters.memory.workloads import MemoryImages, MemoryReferences, MemoryWorkloads
from knowngood.control.act import Actor
from knowngood.control.exporting import Exporter
from knowngood.control.feed import Feed
from knowngood.control.feeding import Means
from knowngood.control.gateways import Gateways
from knowngood.control.golden import Golden
from knowngood.control.guard import Guard
from knowngood.control.judge import Judge
from knowngood.control.loop import Loop
from knowngood.control.observe import Observer
from knowngood.control.outside import Outside
from knowngood.control.ports import Key
from knowngood.control.queue import NORMAL, WorkQueue
from knowngood.control.reconcile import Reconciler
from knowngood.control.reporter import Reporter
from knowngood.control.resync import Resync
from knowngood.control.sharing import Sharing
from knowngood.control.soundings import Soundings
from knowngood.control.store import KINDS, Store
from knowngood.control.writing import Writer
from knowngood.telemetry.metrics import Metrics
from tests.control.virtual_time import run
from tests.control.world import World

WATCH_DELAY = 0.02
TICK = 1.0
RESYNC = 300.0
ASKED_EVERY = 5.0


class Killed(BaseException):
    """The process is no more; nothing in it may catch this."""


class Process:
    """A process.

    Attributes:
        line: Its way to the outside; break it to kill the process.
        dead: Set once it has died by `kill_after`.
    """

    def __init__(
        self, world: World, fence: MemoryFence | None = None, *, people_proved: bool = False
    ) -> None:
        self.world = world
        self.fence = fence or MemoryFence()
        self.line = Line(self.fence.term)
        self.dead = asyncio.Event()
        self.metrics = Metrics()
        self.store = Store()
        self.queue = WorkQueue(world.clock.monotonic)
        self.resync = Resync(self.store, MemoryLister(world.server), RESYNC)
        self.feed = Feed(self.store, self.queue, self.resync.ask)
        self.resync.tell(self.feed)
        writer = Writer(self.store, MemoryResources(world.server, self.line))
        workloads = MemoryWorkloads(world.cluster, self.line)
        traffic = MemoryTraffic(world.gateway, self.line)
        guard = Guard(self.store, world.namespaces)
        self.judge = Judge(self.store, guard, world.signals, world.endpoints, self.metrics)
        self.gateways = Gateways(world.prober, world.clock.monotonic, self.queue.put)
        seen = workloads, world.endpoints, traffic, world.namespaces, self.gateways
        self.golden = self._golden()
        images, references = MemoryImages(world.cluster), MemoryReferences(world.cluster)
        outside = Outside(*seen, images, references, self.golden, Sharing(self.store, guard))
        self.reconciler = Reconciler(
            observer=Observer(self.store, outside, self.judge, people_proved=people_proved),
            actor=Actor(self.store, writer, workloads, traffic),
            writer=writer,
            recorder=MemoryRecorder(world.events, self.line),
            fence=self.fence,
            clock=world.clock,
            metrics=self.metrics,
        )
        told = self.store, guard, world.namespaces, writer, Soundings(world.signals)
        self.reporter = Reporter(*told, people_proved=people_proved)
        self.exporter = self._exporter(writer)

    def _exporter(self, writer: Writer) -> Exporter:
        sinks, clock = self.world.sinks, self.world.clock
        return Exporter(sinks, Means(sinks, self.store, writer, self.fence, clock, self.metrics))

    def _golden(self) -> Golden:
        def changed(key: Key) -> None:
            self.queue.put(key, NORMAL)

        world = self.world
        return Golden(self.store, world.endpoints, world.asker, self.fence, world.clock, changed)

    def loop(self) -> Loop:
        return Loop(
            store=self.store,
            queue=self.queue,
            judge=self.judge,
            reconciler=self.reconciler,
            fence=self.fence,
            clock=self.world.clock,
            metrics=self.metrics,
            reporter=self.reporter,
            tick=TICK,
        )

    def kill_after(self, write: int) -> None:
        """Die right after a write has taken effect."""

        def die(number: int) -> None:
            if number == write:
                self.line.broken = Killed()
                self.dead.set()
                raise self.line.broken

        self.line.after = die

    async def run(self) -> None:
        """Work until cancelled or killed."""
        unwatch = self.world.server.watch(self._watch)
        self.world.told.append(self._told)
        try:
            async with asyncio.TaskGroup() as group:
                for kind in KINDS:
                    for body in self.world.server.list(kind):
                        self.feed.event(kind, None, body)
                group.create_task(self.resync.run())
                group.create_task(self.gateways.run())
                group.create_task(self.golden.run())
                group.create_task(self.exporter.run(self.resync.filled))
                group.create_task(self.loop().run(self.resync.filled))
        finally:
            unwatch()
            self.world.told.remove(self._told)

    def _watch(self, kind: str, event: str, body: dict[str, Any]) -> None:
        if kind in KINDS:
            self._soon(lambda: self.feed.event(kind, event, body))

    def _told(self, key: Key) -> None:
        self._soon(lambda: self.feed.child(key.namespace, key.name))

    def _soon(self, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(WATCH_DELAY, what)


async def until(holds: Callable[[], object], within: float = 1800.0) -> None:
    """Wait in the world's time, which costs nothing; a story that never comes to it ends, and says so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not holds():
        assert loop.time() < end, f"it has not come to that within {within:.0f} s"
        await asyncio.sleep(0.05)


async def during(
    world: World,
    *processes: Process,
    seconds: float,
    enough: Callable[[], bool] = lambda: False,
) -> None:
    """Let the world and some processes live for a while, or until it is enough.

    A process that is killed is missed by nobody.
    """
    tasks = [asyncio.create_task(world.live()), *(asyncio.create_task(_life(p)) for p in processes)]
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end and not enough():  # noqa: ASYNC110  - the world tells nobody
        await asyncio.sleep(min(ASKED_EVERY, end - loop.time()))
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def played(
    story: Callable[[World], Awaitable[None]], *, seconds: float = 200, edge: bool = False
) -> World:
    """Let a world live through a story beside one process; `edge` as for a world."""

    async def play() -> World:
        world = World(edge=edge)
        acting = asyncio.ensure_future(story(world))
        await during(world, Process(world), seconds=seconds)
        await acting
        return world

    return run(play())


async def _life(process: Process) -> None:
    try:
        await process.run()
    except BaseExceptionGroup as ended:
        _, other = ended.split(Killed)
        if other is not None:
            raise
