"""One process of the operator, put together on the in-memory ports."""

import asyncio
from collections.abc import Callable
from typing import Any

from knowngood.adapters.memory.archives import MemoryArchives
from knowngood.adapters.memory.feeds import MemoryFeedObjects
from knowngood.adapters.memory.people import MemoryFence, MemoryRecorder
from knowngood.adapters.memory.resources import MemoryLister, MemoryResources
from knowngood.adapters.memory.server import Line
from knowngood.adapters.memory.traffic import MemoryTraffic
from knowngood.adapters.memory.workloads import MemoryImages, MemoryReferences, MemoryWorkloads
from knowngood.control import telling
from knowngood.control.act import Actor
from knowngood.control.archiving import Archivist
from knowngood.control.docket import Docket
from knowngood.control.exporting import Exporter
from knowngood.control.feed import Feed
from knowngood.control.feeding import Means
from knowngood.control.feeds import Feeds
from knowngood.control.gateways import Gateways
from knowngood.control.golden import Golden
from knowngood.control.guard import Guard
from knowngood.control.judge import Judge
from knowngood.control.loop import Loop
from knowngood.control.notifying import Notifier
from knowngood.control.observe import Observer
from knowngood.control.outside import Outside
from knowngood.control.playbook.all_checks import all_checks
from knowngood.control.playbook.runner import Playbook
from knowngood.control.ports import Key
from knowngood.control.queue import NORMAL, WorkQueue
from knowngood.control.reconcile import Reconciler
from knowngood.control.reporter import Reporter
from knowngood.control.resync import Resync
from knowngood.control.retaining import Retainer
from knowngood.control.sharing import Sharing
from knowngood.control.soundings import Soundings
from knowngood.control.store import KINDS, Store
from knowngood.control.writing import Writer
from knowngood.messages.escalating import Reach
from knowngood.rehearsal.ground import Ground
from knowngood.telemetry.metrics import Metrics

WATCH_DELAY = 0.02
TICK = 1.0
RESYNC = 300.0


class Process:
    """A process.

    Attributes:
        line: Its way to the outside; break it to kill the process.
        guard: Who watches which model.
    """

    def __init__(
        self, ground: Ground, fence: MemoryFence | None = None, *, people_proved: bool = False
    ) -> None:
        """Put it together.

        Args:
            ground: What is there besides.
            fence: Who may write; by default this process.
            people_proved: The API server lets nobody speak in another name than their own.
        """
        self.ground = ground
        self.fence = fence or MemoryFence()
        self.line = Line(self.fence.term)
        self.metrics, self.store = Metrics(), Store()
        self.queue = WorkQueue(ground.clock.monotonic)
        self.resync = Resync(self.store, MemoryLister(ground.server), RESYNC)
        self.feed = Feed(self.store, self.queue, self.resync.ask)
        self.resync.tell(self.feed)
        writer = Writer(self.store, MemoryResources(ground.server, self.line))
        workloads = MemoryWorkloads(ground.cluster, self.line)
        traffic = MemoryTraffic(ground.gateway, self.line)
        self.guard = guard = Guard(self.store, ground.namespaces)
        self.judge = Judge(self.store, guard, ground.signals, ground.scraped, self.metrics)
        self.gateways = Gateways(ground.prober, ground.clock.monotonic, self.queue.put)
        seen = workloads, ground.endpoints, traffic, ground.namespaces, self.gateways
        self.golden = self._golden()
        images, references = MemoryImages(ground.cluster), MemoryReferences(ground.cluster)
        feeds = Feeds(MemoryFeedObjects(ground.feeds, self.line), ground.suspendable)
        sharing = Sharing(self.store, guard)
        outside = Outside(*seen, images, references, self.golden, sharing, feeds)
        self.reconciler = Reconciler(
            observer=Observer(self.store, outside, self.judge, people_proved=people_proved),
            actor=Actor(self.store, writer, workloads, traffic, feeds),
            writer=writer,
            recorder=MemoryRecorder(ground.events, self.line),
            fence=self.fence,
            clock=ground.clock,
            metrics=self.metrics,
        )
        docket = self._docket(writer, people_proved=people_proved)
        told = self.store, guard, ground.namespaces, writer, Soundings(ground.signals)
        retainer = self._retainer(writer)
        self.reporter = Reporter(*told, docket=docket, retainer=retainer, reaches=self._reaches())
        self.exporter = self._exporter(writer)
        self.notifier = self._notifier(writer)
        self.playbook = self._playbook(writer)

    def _playbook(self, writer: Writer) -> Playbook:
        ground = self.ground
        looked_at = ground.signals, ground.scraped, self.golden, ground.objects
        checks = all_checks(self.store, self.guard, *looked_at)
        return Playbook(checks, self.store, writer, self.fence, ground.clock)

    def _docket(self, writer: Writer, *, people_proved: bool) -> Docket:
        ground = self.ground
        self.archives = MemoryArchives(ground.server, self.line, ground.archives_forbidden)
        archivist = Archivist(self.store, writer, self.archives, ground.sinks)
        return Docket(
            self.store,
            writer,
            self.judge.serving,
            people_proved=people_proved,
            archivist=archivist,
            answered=self.judge.answered,
        )

    def _retainer(self, writer: Writer) -> Retainer:
        sinks, receivers = self.ground.sinks, self.ground.receivers
        kept = self.ground.retention
        return Retainer(self.store, writer, kept, sinks=sinks, receivers=receivers)

    def _exporter(self, writer: Writer) -> Exporter:
        sinks, clock = self.ground.sinks, self.ground.clock
        return Exporter(sinks, Means(sinks, self.store, writer, self.fence, clock, self.metrics))

    def _reaches(self) -> dict[str, Reach]:
        return {name: told.reach for name, told in self.ground.receivers.items()}

    def _notifier(self, writer: Writer) -> Notifier:
        ground = self.ground
        means = telling.Means(
            self._reaches(), self.store, writer, self.fence, ground.clock, self.metrics
        )
        return Notifier({n: (t.receiver, t.audience) for n, t in ground.receivers.items()}, means)

    def _golden(self) -> Golden:
        def changed(key: Key) -> None:
            self.queue.put(key, NORMAL)

        ground = self.ground
        return Golden(self.store, ground.endpoints, ground.asker, self.fence, ground.clock, changed)

    def loop(self) -> Loop:
        """What the leader does, put together anew."""
        return Loop(
            store=self.store,
            queue=self.queue,
            judge=self.judge,
            reconciler=self.reconciler,
            fence=self.fence,
            clock=self.ground.clock,
            metrics=self.metrics,
            reporter=self.reporter,
            tick=TICK,
        )

    async def run(self) -> None:
        """Work until cancelled or killed."""
        unwatch = self.ground.server.watch(self._watch)
        self.ground.told.append(self._told)
        try:
            async with asyncio.TaskGroup() as group:
                for kind in KINDS:
                    for body in self.ground.server.list(kind):
                        self.feed.event(kind, None, body)
                group.create_task(self.resync.run())
                group.create_task(self.gateways.run())
                group.create_task(self.golden.run())
                group.create_task(self.exporter.run(self.resync.filled))
                if self.ground.looks_into_incidents:
                    group.create_task(self.playbook.run(self.resync.filled))
                group.create_task(self.notifier.run(self.resync.filled))
                group.create_task(self.loop().run(self.resync.filled))
        finally:
            unwatch()
            self.ground.told.remove(self._told)

    def _watch(self, kind: str, event: str, body: dict[str, Any]) -> None:
        if kind in KINDS:
            self._soon(lambda: self.feed.event(kind, event, body))

    def _told(self, key: Key) -> None:
        self._soon(lambda: self.feed.child(key.namespace, key.name))

    def _soon(self, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(WATCH_DELAY, what)
