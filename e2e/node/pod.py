"""One pod, from its binding to its end."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from e2e.node import clock
from e2e.node.api import Api, ApiError, Json
from e2e.node.container import Container, Surroundings
from e2e.node.environment import ConfigError, Environment
from e2e.node.images import Images
from e2e.node.network import Network, NetworkError, PodNetwork
from e2e.node.reporting import Reporter
from e2e.node.status import ContainerStatus, PodFacts
from e2e.node.volumes import Volumes

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_LEAVE_S = 1.0  # between unready and SIGTERM: gateways need a moment to send requests elsewhere
_RETRY_S = 0.5
_DEFAULT_GRACE_S = 30


@dataclass(frozen=True, slots=True)
class Services:
    """What all pods of the node share.

    Attributes:
        api: The API server.
        network: Makes namespaces.
        images: What images mean.
        logs: Directory for the output of containers.
        address: Of the node.
        platform: Environment of every container.
        renew_tokens_s: See `Volumes`.
    """

    api: Api
    network: Network
    images: Images
    logs: Path
    address: str
    platform: dict[str, str]
    renew_tokens_s: float | None


class Pod:
    """Runs a pod; `run` returns when the pod is gone."""

    def __init__(self, manifest: Json, services: Services) -> None:
        self._manifest = manifest
        self._services = services
        self._deleted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._grace_s = 0.0
        self._network: PodNetwork | None = None
        self._volumes: Volumes | None = None
        self._containers: list[Container] = []
        containers = manifest["spec"]["containers"]
        self._statuses = [ContainerStatus(c["name"], c["image"]) for c in containers]
        self._reporter = Reporter(services.api, manifest, self._statuses)

    @property
    def name(self) -> tuple[str, str]:
        """Namespace and name."""
        return self._manifest["metadata"]["namespace"], self._manifest["metadata"]["name"]

    def delete(self, grace_s: float) -> None:
        """Begin the end of the pod; only the first call counts."""
        if not self._deleted.is_set():
            self._grace_s = grace_s
            self._deleted.set()

    def vanish(self) -> None:
        """End it at once: the API server does not know it any more."""
        self._hurry.set()
        self.delete(0)

    def kill(self, *, excused: bool) -> int:
        """SIGKILL its processes, as a crash would; return how many containers were running.

        Args:
            excused: They start again at once, however often they were killed.
        """
        return sum([container.kill(excused=excused) for container in self._containers])

    def pause(self) -> int:
        """SIGSTOP its processes; return how many containers were running.

        It stands still as on a machine that stands still: the probes do as well.
        """
        return sum([container.pause() for container in self._containers])

    def resume(self) -> int:
        """SIGCONT its processes; return how many containers were paused."""
        return sum([container.resume() for container in self._containers])

    async def cut_off(self) -> int:
        """Drop its packets to and from the API server; return for how many networks."""
        if self._network is None:
            return 0
        platform = self._services.platform
        host, port = platform["KUBERNETES_SERVICE_HOST"], platform["KUBERNETES_SERVICE_PORT"]
        await self._services.network.cut_off(self._network, host, port)
        return 1

    async def reconnect(self) -> int:
        """Let its packets to and from the API server through again; return for how many networks."""
        if self._network is None:
            return 0
        await self._services.network.reconnect(self._network)
        return 1

    def running(self) -> bool:
        """Tell whether a container of it has a process."""
        return any(container.running for container in self._containers)

    def log(self, container: str) -> Path:
        """Return where the output of a container goes."""
        return self._services.logs / f"{'_'.join([*self.name, container])}.log"

    async def run(self) -> None:
        """Run the pod until it is deleted, and then remove it from the API server."""
        reporting = asyncio.create_task(self._reporter.run())
        living = asyncio.create_task(self._live())
        living.add_done_callback(self._check)
        await self._deleted.wait()
        await self._wind_down()
        for task in (living, reporting):
            task.cancel()
        await asyncio.gather(living, reporting, return_exceptions=True)
        await self._clear_up()
        if not self._hurry.is_set():
            await self._remove()

    async def _live(self) -> None:
        services, spec = self._services, self._manifest["spec"]
        if spec.get("initContainers"):
            self._explain("init containers are not supported")
            return
        network = self._network = await self._patiently(services.network.create)
        self._reporter.facts = PodFacts(network.address, services.address, clock.seconds())
        self._reporter.changed()
        volumes = self._volumes = Volumes(
            services.api, self._manifest, network.address, services.address, services.renew_tokens_s
        )
        await self._patiently(volumes.make)
        around = zip(spec["containers"], self._statuses, strict=True)
        self._containers = [
            Container(c, status, self._surroundings(c, network, volumes), self._reporter.changed)
            for c, status in around
        ]
        async with asyncio.TaskGroup() as group:
            for container in self._containers:
                group.create_task(container.run())
            group.create_task(volumes.renew())

    def _surroundings(self, spec: Json, network: PodNetwork, volumes: Volumes) -> Surroundings:
        services, pod = self._services, self._manifest
        return Surroundings(
            network=network,
            volumes=volumes,
            environment=Environment(services.api, pod, network.address, services.address),
            platform={**services.platform, "HOSTNAME": self.name[1]},
            images=services.images,
            log=self.log(spec["name"]),
            restart_policy=pod["spec"].get("restartPolicy", "Always"),
            grace_s=pod["spec"].get("terminationGracePeriodSeconds", _DEFAULT_GRACE_S),
        )

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it works, and say in the status why it does not."""
        while True:
            try:
                return await attempt()
            except (NetworkError, ConfigError, ApiError) as error:
                self._explain(str(error))
                await asyncio.sleep(_RETRY_S)

    def _explain(self, message: str) -> None:
        _LOG.warning("%s/%s: %s", *self.name, message)
        for status in self._statuses:
            status.state = {"waiting": {"reason": "ContainerCreating", "message": message[:1000]}}
        self._reporter.changed()

    async def _wind_down(self) -> None:
        """Leave the service first, then stop: nobody's request should meet a closed door."""
        for container in self._containers:
            container.unready()
        with contextlib.suppress(ApiError):  # a pod that nobody knows any more needs no farewell
            await self._reporter.write()
        leave_s = min(self._grace_s, _LEAVE_S) if self.running() else 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(leave_s):
                await self._hurry.wait()
        left_s = self._grace_s - leave_s
        await asyncio.gather(*(c.stop(left_s, self._hurry) for c in self._containers))

    async def _clear_up(self) -> None:
        if self._network is not None:
            await self._services.network.remove(self._network)
        if self._volumes is not None:
            self._volumes.remove()

    async def _remove(self) -> None:
        """Tell the API server that the pod has ended, so that its object goes."""
        namespace, name = self.name
        uid = {"uid": self._manifest["metadata"]["uid"]}
        body = {"gracePeriodSeconds": 0, "preconditions": uid}
        while True:
            try:
                await self._services.api.delete(f"/api/v1/namespaces/{namespace}/pods/{name}", body)
            except ApiError as error:
                if error.status not in (404, 409):  # gone, or another pod of the same name
                    _LOG.warning("removing %s/%s: %s", namespace, name, error)
                    await asyncio.sleep(_RETRY_S)
                    continue
            return

    def _check(self, living: asyncio.Task[None]) -> None:
        if not living.cancelled() and (error := living.exception()):
            _LOG.error("%s/%s", *self.name, exc_info=error)
            self._explain(f"the node failed: {error!r}")
