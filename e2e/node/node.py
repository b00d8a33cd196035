"""The node: registers itself, takes every pod, keeps its lease."""

import asyncio
import logging
import os
import platform
from collections.abc import Coroutine

from e2e.node import clock
from e2e.node.api import Api, ApiError, Json, Listing
from e2e.node.pod import Pod, Services

_LOG = logging.getLogger(__name__)
_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
_LEASE_S = 40
_RENEW_S = 10
_MAX_PODS = 250


class Node:
    """Runs all pods of the cluster, and binds those that nobody has bound yet."""

    def __init__(self, name: str, port: int, services: Services) -> None:
        self._name = name
        self._port = port
        self._services = services
        self._api: Api = services.api
        self._pods: dict[str, Pod] = {}  # by uid
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Register, then serve for ever."""
        await self._register()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_lease())
            group.create_task(self._follow_pods())

    def find(self, namespace: str, name: str) -> Pod | None:
        """Return the pod of that name that runs here."""
        return next((p for p in self._pods.values() if p.name == (namespace, name)), None)

    async def _register(self) -> None:
        body: Json = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self._name,
                "labels": {"kubernetes.io/hostname": self._name, "kubernetes.io/os": "linux"},
            },
        }
        try:
            await self._api.create("/api/v1/nodes", body)
        except ApiError as error:
            if error.status != 409:  # already there
                raise
        await self._api.patch(f"/api/v1/nodes/{self._name}/status", {"status": self._status()})

    def _status(self) -> Json:
        capacity = {
            "cpu": str((os.cpu_count() or 1) * 100),  # processes share this machine; none is held
            "memory": "256Gi",
            "pods": str(_MAX_PODS),
        }
        now = clock.seconds()
        ready = {"type": "Ready", "status": "True", "reason": "NodeReady", "message": ""}
        described = {"architecture": platform.machine(), "kernelVersion": platform.release()}
        unknown = ("machineID", "systemUUID", "bootID", "kubeProxyVersion")
        return {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [
                {"type": "InternalIP", "address": self._services.address},
                {"type": "Hostname", "address": self._name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self._port}},
            "nodeInfo": {
                **dict.fromkeys(unknown, ""),
                **described,
                "operatingSystem": "linux",
                "osImage": platform.platform(),
                "kubeletVersion": "v1.34.0-knowngood",
                "containerRuntimeVersion": "processes://1",
            },
            "conditions": [{**ready, "lastHeartbeatTime": now, "lastTransitionTime": now}],
        }

    async def _keep_lease(self) -> None:
        path = f"{_LEASES}/{self._name}"
        while True:
            spec = {
                "holderIdentity": self._name,
                "leaseDurationSeconds": _LEASE_S,
                "renewTime": clock.microseconds(),
            }
            try:
                try:
                    await self._api.patch(path, {"spec": spec})
                except ApiError as error:
                    if error.status != 404:
                        raise
                    await self._api.create(_LEASES, self._lease(spec))
            except ApiError as error:
                _LOG.warning("lease: %s", error)
            await asyncio.sleep(_RENEW_S)

    def _lease(self, spec: Json) -> Json:
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._name},
            "spec": spec,
        }

    async def _follow_pods(self) -> None:
        async for news in self._api.watch("/api/v1/pods"):
            if isinstance(news, Listing):
                known = {pod["metadata"]["uid"] for pod in news.items}
                for uid in self._pods.keys() - known:
                    self._pods[uid].vanish()
                for pod in news.items:
                    self._see(pod)
            elif news.deleted:
                self._forget(news.item)
            else:
                self._see(news.item)

    def _see(self, manifest: Json) -> None:
        metadata, spec = manifest["metadata"], manifest["spec"]
        pod = self._pods.get(metadata["uid"])
        if "deletionTimestamp" in metadata:
            grace_s = float(metadata.get("deletionGracePeriodSeconds") or 0)
            (pod or self._adopt(manifest)).delete(grace_s)
        elif not spec.get("nodeName"):
            if not spec.get("schedulingGates"):
                self._spawn(self._bind(manifest))
        elif pod is None and manifest["status"].get("phase") not in ("Succeeded", "Failed"):
            self._adopt(manifest)

    def _forget(self, manifest: Json) -> None:
        pod = self._pods.get(manifest["metadata"]["uid"])
        if pod is not None:
            pod.vanish()

    def _adopt(self, manifest: Json) -> Pod:
        pod = self._pods[manifest["metadata"]["uid"]] = Pod(manifest, self._services)
        self._spawn(self._run(manifest["metadata"]["uid"], pod))
        return pod

    async def _run(self, uid: str, pod: Pod) -> None:
        try:
            await pod.run()
        finally:
            del self._pods[uid]

    async def _bind(self, manifest: Json) -> None:
        """Stand in for the scheduler: there is one node, so it takes everything."""
        metadata = manifest["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/binding"
        body: Json = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": metadata["name"], "uid": metadata["uid"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self._name},
        }
        try:
            await self._api.create(path, body)
        except ApiError as error:
            if error.status not in (404, 409):  # deleted or bound meanwhile
                _LOG.warning("binding: %s", error)
                await asyncio.sleep(1)
                await self._bind(manifest)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("a task failed", exc_info=error)
