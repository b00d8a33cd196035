"""The only place that sees both ports and adapters: it puts the program together."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from knowngood.adapters.kubernetes.api import Api
from knowngood.adapters.kubernetes.archives import KubernetesArchives
from knowngood.adapters.kubernetes.connection import Connection
from knowngood.adapters.kubernetes.endpoints import EndpointIndex
from knowngood.adapters.kubernetes.events import EventRecorder
from knowngood.adapters.kubernetes.feeds import KubernetesFeedObjects
from knowngood.adapters.kubernetes.foreign_routes import ForeignRoutes
from knowngood.adapters.kubernetes.gateways.manifests import Site
from knowngood.adapters.kubernetes.gateways.prober import GatewayProber
from knowngood.adapters.kubernetes.lease import Elector, LeaseFence
from knowngood.adapters.kubernetes.namespaces import KubernetesNamespaces
from knowngood.adapters.kubernetes.objects import KubernetesObjects
from knowngood.adapters.kubernetes.pods import PodIndex
from knowngood.adapters.kubernetes.references import KubernetesReferences
from knowngood.adapters.kubernetes.resources import KubernetesLister, KubernetesResources
from knowngood.adapters.kubernetes.routes import HttpRoutes
from knowngood.adapters.kubernetes.traffic import KubernetesTraffic
from knowngood.adapters.kubernetes.views import views
from knowngood.adapters.kubernetes.workloads import KubernetesWorkloads
from knowngood.adapters.notify.opening import open_receivers
from knowngood.adapters.notify.switch import HttpSwitch
from knowngood.adapters.pods.asking import HttpAsker
from knowngood.adapters.prometheus.signals import PrometheusSignals
from knowngood.adapters.siem.opening import open_sinks
from knowngood.clock import Clock
from knowngood.control import telling
from knowngood.control.acknowledging import Acknowledger
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
from knowngood.control.pulse import Pulse, unwell
from knowngood.control.queue import NORMAL, WorkQueue
from knowngood.control.reconcile import Reconciler
from knowngood.control.reporter import Reporter
from knowngood.control.resync import Resync
from knowngood.control.retaining import Retainer
from knowngood.control.sharing import Sharing
from knowngood.control.soundings import Soundings
from knowngood.control.store import KINDS, Store
from knowngood.control.writing import Writer
from knowngood.handlers.hooks import Hooks
from knowngood.receivers.opening_hooks import open_hooks
from knowngood.settings import Settings
from knowngood.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

STUCK_SECONDS = 120.0
PROBE_PORTS = (8081, 8082)


class Program:
    """The operator, put together."""

    def __init__(self, settings: Settings, connection: Connection, clock: Clock) -> None:
        self.settings, self.connection, self.metrics = settings, connection, Metrics()
        self.client = client = connection.client()
        self.fence = LeaseFence(settings.identity, clock.monotonic)
        self.api = Api(client, self.fence)
        self.elector = Elector(
            Api(client),
            namespace=settings.namespace,
            name=settings.lease,
            fence=self.fence,
            now=clock.now,
            monotonic=clock.monotonic,
            address=settings.address,
        )
        self.store, self.queue = Store(), WorkQueue(clock.monotonic)
        self.signals = PrometheusSignals(settings.sources)
        self.resync = Resync(self.store, KubernetesLister(self.api), settings.resync)
        self.feed = Feed(self.store, self.queue, self.resync.ask)
        self.resync.tell(self.feed)
        self.index, self.pods = EndpointIndex(), PodIndex()
        self.views = views(self.api, self.feed, self.index, self.pods, settings.namespace)
        self.workloads = KubernetesWorkloads(self.api, self.views.deployments, self.views.services)
        self.traffic = KubernetesTraffic(
            HttpRoutes(self.api, self.views.routes), ForeignRoutes(self.api, self.views.others)
        )
        prober = GatewayProber(self.api, self._site(settings))
        self.gateways = Gateways(prober, clock.monotonic, self.queue.put)
        writer = Writer(self.store, KubernetesResources(self.api))
        self.namespaces = KubernetesNamespaces(self.views.namespaces)
        self.golden, guard = self._golden(clock), Guard(self.store, self.namespaces)
        self.feeds = Feeds(KubernetesFeedObjects(self.api), settings.suspendable)
        self.loop = self._loop(clock, writer, guard)
        self.exporter = self._exporter(clock, writer)
        self.playbook = self._playbook(clock, writer, guard)
        self.notifier, self.hooks = self._notifier(clock, writer), self._hooks(clock, writer)
        self.pulses = self._pulses(clock)

    def _site(self, settings: Settings) -> Site:
        return Site(
            namespace=settings.namespace,
            name=f"{settings.lease}-probe",
            address=settings.address,
            ports=PROBE_PORTS,
            pod=(settings.identity, settings.pod_uid) if settings.pod_uid else None,
        )

    def _golden(self, clock: Clock) -> Golden:
        def changed(key: Key) -> None:
            self.queue.put(key, NORMAL)

        return Golden(self.store, self.index, HttpAsker(), self.fence, clock, changed)

    def _exporter(self, clock: Clock, writer: Writer) -> Exporter:
        sinks = open_sinks(self.settings.sinks, self.settings.identity)
        means = Means(sinks.keys(), self.store, writer, self.fence, clock, self.metrics)
        return Exporter(sinks, means)

    def _playbook(self, clock: Clock, writer: Writer, guard: Guard) -> Playbook:
        objects = KubernetesObjects(self.api)
        seen = self.store, guard, self.signals, self.index, self.golden, objects
        return Playbook(all_checks(*seen), self.store, writer, self.fence, clock)

    def _notifier(self, clock: Clock, writer: Writer) -> Notifier:
        configs = self.settings.receivers
        means = telling.Means(
            self.settings.reaches, self.store, writer, self.fence, clock, self.metrics
        )
        receivers = open_receivers(configs, clock.now)
        return Notifier({n: (r, configs[n].audience) for n, r in receivers.items()}, means)

    def _hooks(self, clock: Clock, writer: Writer) -> Hooks:
        known, counts = open_hooks(self.settings.receivers), self.metrics.notifying.hooks
        hearing = Acknowledger(self.settings.reaches, self.store, writer, self.fence, clock)
        leader, port = self.elector.leader, self.settings.hooks_port
        return Hooks(known, hearing, clock.now, counts=counts, leader=leader, port=port)

    def _loop(self, clock: Clock, writer: Writer, guard: Guard) -> Loop:
        judge = Judge(self.store, guard, self.signals, self.index, self.metrics)
        outside = self._outside(Sharing(self.store, guard))
        proved = self.settings.people_proved
        reconciler = Reconciler(
            observer=Observer(self.store, outside, judge, people_proved=proved),
            actor=Actor(self.store, writer, self.workloads, self.traffic, self.feeds),
            writer=writer,
            recorder=EventRecorder(self.api, self.settings.identity, clock.now),
            fence=self.fence,
            clock=clock,
            metrics=self.metrics,
        )
        return Loop(
            store=self.store,
            queue=self.queue,
            judge=judge,
            reconciler=reconciler,
            fence=self.fence,
            clock=clock,
            metrics=self.metrics,
            reporter=self._reporter(writer, guard, judge),
            tick=self.settings.tick,
        )

    def _reporter(self, writer: Writer, guard: Guard, judge: Judge) -> Reporter:
        settings = self.settings
        sinks, owed = settings.sinks, (settings.sinks, settings.receivers)
        docket = Docket(
            self.store,
            writer,
            judge.serving,
            people_proved=settings.people_proved,
            auto_close_after=timedelta(seconds=settings.auto_close_after),
            archivist=Archivist(self.store, writer, KubernetesArchives(self.api), sinks),
            answered=judge.answered,
        )
        told = self.store, guard, self.namespaces, writer, Soundings(self.signals)
        retainer = Retainer(self.store, writer, settings.retention, *owed)
        return Reporter(*told, docket=docket, retainer=retainer, reaches=self.settings.reaches)

    def _outside(self, sharing: Sharing) -> Outside:
        seen = self.workloads, self.index, self.traffic, self.namespaces, self.gateways, self.pods
        references, place = KubernetesReferences(self.api), self.settings.namespace
        return Outside(*seen, references, self.golden, sharing, self.feeds, place)

    def _pulses(self, clock: Clock) -> tuple[Pulse, ...]:
        def why() -> str:
            return unwell(self.loop.silence(), self.notifier.silence())

        path, every = self.settings.switch, self.settings.switch_every
        means = why, self.fence, clock, self.metrics
        return () if path is None else (Pulse(HttpSwitch(path), every, *means),)

    def stuck(self) -> str | None:
        """Why this process should be restarted; None while it is well."""
        if self.resync.filled.is_set() and self.loop.silence() > STUCK_SECONDS:
            return f"the loop has not looked for {self.loop.silence():.0f} s"
        return None

    def unready(self) -> str | None:
        """Why this process is not ready; None when it is."""
        if not self.resync.filled.is_set():
            return self.resync.problem
        if not all(view.synced.is_set() for view in self.views.all()):
            return "the views of pods and routes are not filled yet"
        return None

    def current_metrics(self) -> Metrics:
        """The metrics, brought up to date."""
        metrics = self.metrics
        metrics.leading.set(1 if self.fence.held() else 0)
        metrics.api_requests.labels("read").set(self.api.reads)
        metrics.api_requests.labels("write").set(self.api.writes)
        metrics.queries.set(self.signals.queries)
        for source, well in self.signals.well().items():
            metrics.sources.labels(source).set(1 if well else 0)
        self.exporter.measure()
        self.notifier.measure()
        metrics.ghosts.set(self.store.ghosts)
        metrics.unreadable.set(len(self.store.broken))
        for kind in KINDS:
            metrics.objects.labels(kind).set(self.store.count(kind))
        return metrics

    async def filled(self, ready: asyncio.Event) -> None:
        """Set `ready` once every view is filled."""
        await self.resync.filled.wait()
        for view in self.views.all():
            await view.synced.wait()
        logger.info("views are filled", extra={"models": self.store.count("AIModelDeployment")})
        ready.set()

    async def close(self) -> None:
        """Give connections back."""
        self.signals.close()
        close: Any = self.client.close  # the client ships no types for it
        await close()
