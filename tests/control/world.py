"""A small exact world: pods that start, a gateway that follows, users who ask, and a scraper that counts."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from knowngood.adapters.memory.foreign_traffic import OtherRoute
from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.adapters.memory.receivers import MemoryReceiver
from knowngood.adapters.memory.siem import MemorySink
from knowngood.adapters.memory.signals import Labels, MemorySignals
from knowngood.control.ports import Key
from knowngood.decisions.foreign import ForeignRule, Ref, percent_of, weight_of
from knowngood.decisions.naming import child_name
from knowngood.decisions.suspendable import AllowList, Suspendable
from knowngood.rehearsal.ground import Ground, Listener
from tests.control.manifests import Object, a_model, a_policy, a_template
from tests.control.virtual_time import EPOCH, VirtualClock

POD_START = 0.7
LOAN = Key("lending", "loan")
GATEWAY_DELAY = 0.3
REQUESTS = 60
CRON_JOBS = AllowList((Suspendable("batch/v1", "CronJob", "/spec/suspend", "true", "cronjobs"),))
EDGE = Key("lending", "edge")
OLD = "loan-old"
REVIEW = "review"
OTHERS = {("lending", OLD), ("lending", REVIEW)}
"""Services that are not Knowngood's."""


@dataclass
class Told(Listener):
    """Somebody who is told of incidents."""

    receiver: MemoryReceiver = field(default_factory=MemoryReceiver)


class World(Ground):
    """What is there whatever process of the operator runs.

    Attributes:
        error_rates: Share of answers that are errors, by version; 0 for those that are not named.
        running: Whether pods start at all.
        routed: Whether the gateway takes routes over.
        refused: Services that it takes no route with, because what the route says of them can not be.
        answers_old: Whether the Service that answered before is ready.
        reviews: Whether the Service is ready that asks no model; it is there in any case.
        reviewed: Requests that it has answered.
        dead: Versions whose pods do not start.
        silent: Versions whose pods nobody can scrape.
        besides: Requests a second that go past the gateway, by version.
        lost: Requests that the gateway sent to a version without a ready pod, or while it did not know it.
        copies_lost: Copies that it sent so.
        sinks: SIEMs, by name.
        receivers: Whoever is told of incidents, by name.
        prober: What the gateway is found to do.
        asker: What pods answer to golden requests.
        objects: Objects of others, as far as it is asked when they changed.
        looks_into_incidents: Whether processes run the playbook.
    """

    def __init__(self, *, edge: bool = False) -> None:
        """Put it together.

        Args:
            edge: The model's requests come through a route of somebody else, and went to a Service of theirs before.
        """
        self.signals: MemorySignals
        namespaces = MemoryNamespaces({"lending": {"kind": "regulated"}})
        super().__init__(VirtualClock(), MemorySignals(), namespaces)
        self.suspendable = CRON_JOBS
        self.sinks: dict[str, MemorySink] = {}
        self.gateway.others.changed = lambda namespace, _: self.changed(Key(namespace, "loan"))
        self.error_rates: dict[str, float] = {}
        self.running = True
        self.routed = True
        self.refused: set[str] = set()
        self.answers_old = True
        self.reviews = True
        self.reviewed = 0
        self.silent: set[str] = set()
        self.dead: set[str] = set()
        self.besides: dict[str, int] = {}
        self.lost = self.copies_lost = 0
        self.receivers: dict[str, Told] = {}
        self._counters: dict[Labels, float] = defaultdict(float)
        self._errors: dict[tuple[Key, str], float] = defaultdict(float)
        if edge:
            self.gateway.others.put(EDGE, an_edge())
        model = a_model(traffic={"routeRef": {"name": "edge", "adopt": OLD}}) if edge else a_model()
        for manifest in (a_template(), a_policy(), model):
            self.add(manifest)

    def add(self, manifest: Object) -> None:
        assert self.server.create(manifest) is not None

    def want(self, version: str, name: str = "loan") -> None:
        """Set a model's version, as a person does."""

        def change(body: Object) -> None:
            body["spec"]["model"]["version"] = version

        self.server.patch("AIModelDeployment", "lending", name, change)

    def edit(self, change: Callable[[Object], None]) -> None:
        """Change the model, as a person does."""
        self.server.patch("AIModelDeployment", "lending", "loan", change)

    def lead(self, weights: Mapping[str, int] | None) -> None:
        """Set the model's own route by hand, by Service; None deletes it."""
        if weights is None:
            self.gateway.asked.pop(LOAN)
        else:
            self.gateway.asked[LOAN] = dict(weights)
        self.changed(LOAN)

    @property
    def led(self) -> Mapping[str, int]:
        """Where the gateway sends the requests of the model's own route, by Service."""
        return self.gateway.taken.get(LOAN, {})

    def condition(self, kind: str) -> str:
        """Status and reason of a condition of the model; empty when it is absent."""
        found = (c for c in self.status().get("conditions", ()) if c["type"] == kind)
        return next((f"{c['status']} {c['reason']}" for c in found), "")

    def stand_by(self, kind: str) -> None:
        """Say how a known good version stands by, as a person does."""

        def change(body: Object) -> None:
            body["spec"]["shadow"] = {"standby": kind, "replicas": 1}

        self.server.patch("AIModelDeployment", "lending", "loan", change)

    def attest(self, version: str) -> None:
        """Call a version known good, as a person does."""

        def change(body: Object) -> None:
            body["status"]["standing"] = "KnownGood"

        self.server.patch("AIModelVersion", "lending", child_name("loan", version), change)

    def record(self, version: str) -> Object:
        """A version's record, to be read only."""
        body = self.server.seen("AIModelVersion", "lending", child_name("loan", version))
        return {} if body is None else body.get("status") or {}

    def command(self, text: str, name: str = "loan", by: str | None = None) -> None:
        at = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

        def change(body: Object) -> None:
            said = {"knowngood.dev/command": f"{text} {at}", "knowngood.dev/command-by": by}
            body["metadata"]["annotations"] = {k: v for k, v in said.items() if v is not None}

        self.server.patch("AIModelDeployment", "lending", name, change)

    def status(self, name: str = "loan") -> Object:
        """A model's status, to be read only."""
        body = self.server.seen("AIModelDeployment", "lending", name)
        return {} if body is None else body.get("status") or {}

    @property
    def canary_weight(self) -> int:
        return (self.status().get("traffic") or {}).get("canaryWeight") or 0

    @property
    def held(self) -> int:
        """Percent of the requests that the gateway gives to a version that is held back; 0 where none is."""
        held = (self.status().get("holdback") or {}).get("version", "")
        return self.led.get(child_name("loan", held), 0) if held else 0

    async def live(self) -> None:
        """Let time pass; one scrape a second, a little after the second."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._cluster_lives())
            group.create_task(self._gateway_follows())
            group.create_task(self._users_ask())

    async def _cluster_lives(self) -> None:
        while True:
            await asyncio.sleep(POD_START)
            wanted = {k: seen for k, (_, seen) in self.cluster.deployments.items()}
            for gone in self.endpoints.known() - wanted.keys() - OTHERS:
                self.endpoints.put(*gone, frozenset())
            self.endpoints.put("lending", OLD, frozenset({"old-1"} if self.answers_old else ()))
            ready = frozenset({"review-1"} if self.reviews else ())
            if self.endpoints.put("lending", REVIEW, ready):
                self.changed(LOAN)
            for (namespace, service), seen in wanted.items():
                count = seen.replicas if self.running and seen.version not in self.dead else 0
                pods = frozenset(f"{service}-6c8d7f9b5-pod{i:02}" for i in range(count))
                if self.endpoints.put(namespace, service, pods):
                    self.changed(self.cluster.deployments[namespace, service][0])

    async def _gateway_follows(self) -> None:
        while True:
            await asyncio.sleep(GATEWAY_DELAY)
            asked = {name for shares in self.gateway.asked.values() for name in shares}
            if self.routed and not self.refused & asked:
                self._lose_by_haste()
                self.gateway.follow()

    def _lose_by_haste(self) -> None:
        """A real gateway learns of backends and of weights apart: one that comes or goes with a share loses some."""
        changes: list[tuple[Mapping[str, int], Mapping[str, int]]] = [
            (taken, self.gateway.asked[key])
            for key, taken in self.gateway.taken.items()
            if key in self.gateway.asked
        ]
        for route in self.gateway.others.routes.values():
            both = zip(route.taken, route.rules, strict=False)
            changes += [(shares_of(taken.refs), shares_of(asked.refs)) for taken, asked in both]
        for taken, asked in changes:
            self.lost += any(weight > 0 and s not in asked for s, weight in taken.items())
            self.lost += any(weight > 0 and s not in taken for s, weight in asked.items())

    async def _users_ask(self) -> None:
        await asyncio.sleep(0.5)
        while True:
            self._own_routes_lead()
            self._other_routes_lead()
            self.signals.scrape(self._at(), self._visible())
            await asyncio.sleep(1.0)

    def _own_routes_lead(self) -> None:
        for key, weights in self.gateway.taken.items():
            for service, weight in weights.items():
                self._answer(key, service, weight)
        for key, copies in self.gateway.copied.items():
            for service, percent in copies.items():
                self._copy(key, service, percent)

    def _other_routes_lead(self) -> None:
        for name, route in self.gateway.others.routes.items():
            key, rule = Key(name.namespace, "loan"), route.taken[0]
            for service, weight in shares_of(rule.refs).items():
                self._answer(key, service, weight)
            for mirror in (f.get("requestMirror") for f in rule.filters):
                if mirror:
                    self._copy(key, mirror["backendRef"]["name"], percent_of(mirror))

    def _copy(self, key: Key, service: str, percent: int) -> None:
        if self.endpoints.ready(key.namespace, service):
            self._answer(key, service, percent)
        else:
            self.copies_lost += REQUESTS * percent // 100

    def _answer(self, key: Key, service: str, weight: int) -> None:
        if weight == 0 or (service == OLD and self.answers_old):
            return
        if service == REVIEW and self.reviews:
            self.reviewed += REQUESTS * weight // 100
            return
        known = self.cluster.deployments.get((key.namespace, service))
        if known is None or not self.endpoints.ready(key.namespace, service):
            self.lost += REQUESTS * weight // 100
            return
        pods = sorted(self.endpoints.pods(key.namespace, service))
        version = known[1].version
        asked = REQUESTS * weight // 100 + self.besides.get(version, 0)
        self._errors[key, version] += asked * self.error_rates.get(version, 0.0)
        failed = int(self._errors[key, version])
        self._errors[key, version] -= failed
        for code, count in (("200", asked - failed), ("500", failed)):
            for number, pod in enumerate(pods):
                share = count // len(pods) + (1 if number < count % len(pods) else 0)
                self._counters[_series(key.namespace, pod, code)] += share

    def _visible(self) -> dict[Labels, float]:
        hidden = {s.name for _, s in self.cluster.deployments.values() if s.version in self.silent}
        return {
            labels: value
            for labels, value in self._counters.items()
            if not any(dict(labels)["pod"].startswith(name) for name in hidden)
        }

    def _at(self) -> float:
        return EPOCH.timestamp() + self.clock.monotonic()


def an_edge() -> OtherRoute:
    rules = (ForeignRule("lending", 0, "predict", ({"name": OLD, "port": 80},)),)
    return OtherRoute(rules, rules)


def shares_of(refs: Sequence[Ref]) -> dict[str, int]:
    """Percent by Service, as a gateway does them."""
    total = sum(weight_of(ref) for ref in refs) or 1
    return {ref["name"]: weight_of(ref) * 100 // total for ref in refs}


def _series(namespace: str, pod: str, code: str) -> Labels:
    labels = {"__name__": "requests_total", "namespace": namespace, "pod": pod, "code": code}
    return tuple(sorted(labels.items()))
