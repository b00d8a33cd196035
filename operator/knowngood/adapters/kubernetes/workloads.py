"""Deployments and Services of versions.

They carry no owner reference: a foreground deletion would take them away before the traffic is gone. Labels find them
again, and our finalizer deletes them in order.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from knowngood.adapters.kubernetes.api import Api, Object
from knowngood.adapters.kubernetes.informer import Informer
from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion, RecordedDeployment
from knowngood.control.ports import Key, WorkloadSeen
from knowngood.decisions.naming import (
    MANAGED_BY_LABEL,
    MANAGER,
    MODEL_LABEL,
    VERSION_LABEL,
    child_name,
    selector_labels,
    workload_labels,
)
from knowngood.errors import Refused

DEPLOYMENTS: Final = "/apis/apps/v1/deployments"
SERVICES: Final = "/api/v1/services"
OURS: Final = {"labelSelector": f"{MANAGED_BY_LABEL}={MANAGER},{MODEL_LABEL}"}


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """What is kept of a Deployment."""

    uid: str
    generation: int
    model: str
    version: str
    replicas: int


def reduce_deployment(body: Object) -> DeploymentView:
    """Keep what is needed of a Deployment."""
    meta = body["metadata"]
    labels = meta.get("labels") or {}
    return DeploymentView(
        meta["uid"],
        int(meta.get("generation") or 0),
        labels.get(MODEL_LABEL, ""),
        labels.get(VERSION_LABEL, ""),
        int((body.get("spec") or {}).get("replicas") or 0),
    )


@dataclass(frozen=True, slots=True)
class ServiceView:
    """What is kept of a Service; it has no generation, so any write to it counts as a change."""

    uid: str
    version: str
    model: str


def reduce_service(body: Object) -> ServiceView:
    """Keep what is needed of a Service."""
    meta = body["metadata"]
    model = (meta.get("labels") or {}).get(MODEL_LABEL, "")
    return ServiceView(meta["uid"], meta["resourceVersion"], model)


class KubernetesWorkloads:
    """The `Workloads` port on the API server.

    What was applied is remembered with the generation that it had then: a different generation later means that
    somebody else changed the object, and it is applied again. A Service likewise, by its resource version. A process
    that has just started applies everything once; that changes nothing where nothing differs.
    """

    def __init__(
        self, api: Api, deployments: Informer[DeploymentView], services: Informer[ServiceView]
    ) -> None:
        self._api = api
        self._deployments = deployments
        self._services = services
        self._applied: dict[tuple[str, str], tuple[str, str, int, ServiceView | None]] = {}
        self._removed: dict[tuple[str, str], str] = {}

    def seen(self, key: Key) -> tuple[WorkloadSeen, ...]:
        """Deployments of a model, as they were last seen."""
        return tuple(
            WorkloadSeen(name, view.version, view.replicas)
            for (namespace, name), view in self._deployments.items().items()
            if namespace == key.namespace and view.model == key.name
        )

    async def check(self, model: AIModelDeployment) -> str | None:
        """Ask the API server whether it would take the desired version's Deployment; its words if not."""
        serving = model.spec.serving.deployment
        if serving is None:
            return None
        body = _deployment(model, model.spec.model.version, serving.template, 0)
        try:
            await self._api.apply(_path(model, "apps/v1", "deployments", body), body, dry_run=True)
        except Refused as error:
            return str(error)
        return None

    async def apply(self, model: AIModelDeployment, record: AIModelVersion, replicas: int) -> None:
        """Make a version's Deployment and Service as they should be; writes nothing when they are."""
        serving = record.spec.serving.deployment
        if serving is None:
            return
        version = record.spec.model.version
        deployment = _deployment(model, version, serving.template, replicas)
        service = _service(model, version, serving)
        key = (model.metadata.namespace or "", record.metadata.name)
        wanted = _digest(deployment, service)
        view, behind = self._deployments.get(*key), self._services.get(*key)
        seen = (wanted, view.uid, view.generation, behind) if view and behind else None
        if seen is not None and self._applied.get(key) == seen:
            return
        self._services.put(await self._api.apply(_path(model, "v1", "services", service), service))
        answer = await self._api.apply(
            _path(model, "apps/v1", "deployments", deployment), deployment
        )
        self._deployments.put(answer)
        meta = answer["metadata"]
        behind = self._services.get(*key)
        self._applied[key] = (wanted, meta["uid"], int(meta["generation"]), behind)

    async def remove(self, key: Key, name: str) -> None:
        """Delete a version's Service and Deployment; absent ones are fine.

        The Deployment goes last: it is what a version that is not wanted any more is found by. One that was deleted is
        not deleted again while the view still has it.
        """
        view, at = self._deployments.get(key.namespace, name), (key.namespace, name)
        if view is not None and self._removed.get(at) == view.uid:
            return
        await self._api.delete(f"/api/v1/namespaces/{key.namespace}/services/{name}")
        await self._api.delete(f"/apis/apps/v1/namespaces/{key.namespace}/deployments/{name}")
        self._applied.pop(at, None)
        self._removed = {k: uid for k, uid in self._removed.items() if self._deployments.get(*k)}
        if view is not None:
            self._removed[at] = view.uid


def _deployment(model: AIModelDeployment, version: str, template: Any, replicas: int) -> Object:
    name = model.metadata.name
    template = dict(template)
    meta = dict(template.get("metadata") or {})
    meta["labels"] = {**(meta.get("labels") or {}), **workload_labels(name, version)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": child_name(name, version),
            "namespace": model.metadata.namespace,
            "labels": workload_labels(name, version),
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": selector_labels(name, version)},
            "template": {**template, "metadata": meta},
        },
    }


def _service(model: AIModelDeployment, version: str, serving: RecordedDeployment) -> Object:
    name = model.metadata.name
    ports = []
    for port in serving.ports:
        entry: Object = {"name": port.name, "port": port.port, "targetPort": port.target_port}
        if port.app_protocol is not None:
            entry["appProtocol"] = port.app_protocol
        ports.append(entry)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": child_name(name, version),
            "namespace": model.metadata.namespace,
            "labels": workload_labels(name, version),
        },
        "spec": {"selector": selector_labels(name, version), "ports": ports},
    }


def _path(model: AIModelDeployment, group: str, plural: str, body: Object) -> str:
    root = "/api/v1" if group == "v1" else f"/apis/{group}"
    return f"{root}/namespaces/{model.metadata.namespace}/{plural}/{body['metadata']['name']}"


def _digest(*bodies: Object) -> str:
    return sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest()
