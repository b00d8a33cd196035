"""The same ports on two grounds: in memory, and on a real API server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import yaml
from kubernetes.aio import client, config

from e2e.cluster import Cluster
from e2e.cluster.errors import KubectlFailed
from knowngood.adapters.kubernetes.api import Api
from knowngood.adapters.kubernetes.events import EventRecorder
from knowngood.adapters.kubernetes.foreign_routes import ForeignRoutes, reduce_foreign
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.adapters.kubernetes.resources import KubernetesResources
from knowngood.adapters.kubernetes.route_views import reduce_route
from knowngood.adapters.kubernetes.routes import OURS, ROUTES, HttpRoutes
from knowngood.adapters.kubernetes.traffic import KubernetesTraffic
from knowngood.adapters.kubernetes.workloads import (
    DEPLOYMENTS,
    SERVICES,
    KubernetesWorkloads,
    reduce_deployment,
    reduce_service,
)
from knowngood.adapters.memory.foreign_traffic import OtherRoute
from knowngood.adapters.memory.people import MemoryEvents, MemoryFence, MemoryRecorder
from knowngood.adapters.memory.resources import MemoryResources
from knowngood.adapters.memory.server import Line, MemoryServer
from knowngood.adapters.memory.traffic import MemoryGateway, MemoryTraffic
from knowngood.adapters.memory.workloads import MemoryCluster, MemoryWorkloads
from knowngood.clock import SystemClock
from knowngood.control.ports import Key, Recorder, Resources, Traffic, Workloads
from knowngood.control.store import is_newer
from knowngood.decisions.foreign import ForeignRule
from tests.adapters.loopback import connected, until

Object = dict[str, Any]


@dataclass(slots=True)
class Ports:
    resources: Resources
    workloads: Workloads
    traffic: Traffic
    recorder: Recorder


class Ground(Protocol):
    """What a test may do besides using the ports."""

    namespace: str
    ports: Ports

    async def create(self, manifest: Object) -> Object: ...
    async def read(self, kind: str, name: str) -> Object | None: ...
    async def delete(self, kind: str, name: str) -> None: ...
    async def take_route_name(self, name: str) -> None: ...
    async def put_route(self, name: str, rules: list[Object]) -> None:
        """Write a route of somebody else; each rule has a name and backendRefs."""
        ...

    async def rules_of(self, name: str) -> list[Object]:
        """The rules of a route of somebody else."""
        ...

    async def events(self) -> list[str]: ...
    def restart(self) -> Ports:
        """The ports as another process would have them."""
        ...

    def writes(self) -> int: ...


class MemoryGround:
    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.server, self.cluster = MemoryServer(), MemoryCluster()
        self.gateway, self.told = MemoryGateway(), MemoryEvents()
        self.line = Line(MemoryFence().term)
        self.ports = self.restart()

    def restart(self) -> Ports:
        return Ports(
            MemoryResources(self.server, self.line),
            MemoryWorkloads(self.cluster, self.line),
            MemoryTraffic(self.gateway, self.line),
            MemoryRecorder(self.told, self.line),
        )

    async def create(self, manifest: Object) -> Object:
        body = self.server.create(manifest)
        assert body is not None
        return body

    async def read(self, kind: str, name: str) -> Object | None:
        return self.server.get(kind, self.namespace, name)

    async def delete(self, kind: str, name: str) -> None:
        self.server.delete(kind, self.namespace, name, "2026-03-01T12:00:00Z")

    async def take_route_name(self, name: str) -> None:
        self.gateway.foreign.add(Key(self.namespace, name))

    async def put_route(self, name: str, rules: list[Object]) -> None:
        found = tuple(
            ForeignRule(self.namespace, i, rule["name"], tuple(rule["backendRefs"]))
            for i, rule in enumerate(rules)
        )
        self.gateway.others.put(Key(self.namespace, name), OtherRoute(found))

    async def rules_of(self, name: str) -> list[Object]:
        rules = self.gateway.others.routes[Key(self.namespace, name)].rules
        return [{"name": rule.name, "backendRefs": [*rule.refs]} for rule in rules]

    async def events(self) -> list[str]:
        return self.told.reasons

    def writes(self) -> int:
        return len(self.line.sent)


class KubernetesGround:
    def __init__(self, namespace: str, cluster: Cluster, api: Api) -> None:
        self.namespace, self._cluster, self.api = namespace, cluster, api
        self.deployments = Informer(api, DEPLOYMENTS, reduce_deployment, _ignore)
        self.services = Informer(api, SERVICES, reduce_service, _ignore)
        self.routes = Informer(api, ROUTES, reduce_route, _ignore, OURS)
        self.others = Informer(api, ROUTES, reduce_foreign, _ignore)
        self.ports = self.restart()

    def restart(self) -> Ports:
        return Ports(
            KubernetesResources(self.api),
            KubernetesWorkloads(self.api, self.deployments, self.services),
            KubernetesTraffic(
                HttpRoutes(self.api, self.routes), ForeignRoutes(self.api, self.others)
            ),
            EventRecorder(self.api, "test", SystemClock().now),
        )

    async def create(self, manifest: Object) -> Object:
        await self._kubectl("create", "-f", "-", stdin=yaml.safe_dump(manifest))
        found = await self.read(manifest["kind"], manifest["metadata"]["name"])
        assert found is not None
        return found

    async def read(self, kind: str, name: str) -> Object | None:
        try:
            found: Object = json.loads(await self._kubectl("get", kind, name, "-o", "json"))
        except KubectlFailed:
            return None
        return found

    async def delete(self, kind: str, name: str) -> None:
        await self._kubectl("delete", kind, name, "--wait=false")

    async def take_route_name(self, name: str) -> None:
        route = {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {},
        }
        await self.create(route)

    async def put_route(self, name: str, rules: list[Object]) -> None:
        route = {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {"rules": rules},
        }
        # Our patch has made us an owner of the rules, which are one field to the API server.
        apply = ("apply", "--server-side", "--force-conflicts", "-f", "-")
        await self._kubectl(*apply, stdin=yaml.safe_dump(route))
        version = (await self._route(name))["metadata"]["resourceVersion"]
        await until(lambda: not is_newer(version, self.others.version(self.namespace, name)))

    async def rules_of(self, name: str) -> list[Object]:
        rules: list[Object] = (await self._route(name))["spec"]["rules"]
        return rules

    async def _route(self, name: str) -> Object:
        found = await self.read("httproutes", name)
        assert found is not None
        return found

    async def events(self) -> list[str]:
        text = await self._kubectl("get", "events.events.k8s.io", "-o", "json")
        return [item["reason"] for item in json.loads(text)["items"]]

    def writes(self) -> int:
        return self.api.writes

    async def _kubectl(self, *words: str, stdin: str | None = None) -> str:
        return await asyncio.to_thread(
            self._cluster.kubectl, "-n", self.namespace, *words, stdin=stdin
        )


@contextlib.asynccontextmanager
async def kubernetes_ground(cluster: Cluster, namespace: str) -> AsyncIterator[KubernetesGround]:
    """A namespace of its own, with views that follow it."""
    await asyncio.to_thread(cluster.kubectl, "create", "namespace", namespace)
    configuration = client.Configuration()
    load: Any = config.load_kube_config  # the client ships no types for its loaders
    await load(str(cluster.kubeconfig), client_configuration=configuration)
    async with connected(configuration, MemoryFence()) as api:
        ground = KubernetesGround(namespace, cluster, api)
        views = (ground.deployments, ground.services, ground.routes, ground.others)
        running = [asyncio.create_task(view.run()) for view in views]
        try:
            for view in views:
                await view.synced.wait()
            yield ground
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


def _ignore(*_: object) -> None:
    """Nobody listens."""
