"""The `Workloads` and `Endpoints` ports in memory: pods that are ready when somebody says so."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from knowngood.adapters.memory.server import Line
from knowngood.api.v1alpha1 import AIModelDeployment, AIModelVersion
from knowngood.control.pod_ports import Address
from knowngood.control.ports import Key, WorkloadSeen
from knowngood.decisions.naming import child_name
from knowngood.decisions.references import Reference


@dataclass(slots=True)
class MemoryCluster:
    """What runs.

    Attributes:
        deployments: By namespace and name.
        images: Container and image id of the pods of a version, by namespace and name of its Deployment; those that are
            not named run what their Deployment is called.
        absent: Namespace, kind and name of objects of users that are not there; all others are.
        refusal: What the server says of every Deployment that is asked about; None when it would take them.
        changed: Called with a model's key when a Deployment of its own changed.
    """

    deployments: dict[tuple[str, str], tuple[Key, WorkloadSeen]] = field(default_factory=dict)
    images: dict[tuple[str, str], frozenset[tuple[str, str]]] = field(default_factory=dict)
    absent: set[tuple[str, str, str]] = field(default_factory=set)
    refusal: str | None = None
    changed: Callable[[Key], None] = lambda _: None


class MemoryWorkloads:
    """Deployments of versions."""

    def __init__(self, cluster: MemoryCluster, line: Line) -> None:
        self._cluster = cluster
        self._line = line

    def seen(self, key: Key) -> tuple[WorkloadSeen, ...]:
        """Deployments of a model, as they were last seen."""
        return tuple(seen for owner, seen in self._cluster.deployments.values() if owner == key)

    async def check(self, model: AIModelDeployment) -> str | None:
        """Say whether the server would take the desired version's Deployment."""
        return None if model.spec.serving.deployment is None else self._cluster.refusal

    async def apply(self, model: AIModelDeployment, record: AIModelVersion, replicas: int) -> None:
        """Make a version's Deployment as it should be; writes nothing when it is."""
        if record.spec.serving.deployment is None:
            return
        self._line.check()
        key = Key(model.metadata.namespace, model.metadata.name)
        version = record.spec.model.version
        name = child_name(key.name, version)
        wanted = (key, WorkloadSeen(name, version, replicas))
        if self._cluster.deployments.get((key.namespace, name)) == wanted:
            return
        self._cluster.deployments[key.namespace, name] = wanted
        self._cluster.changed(key)
        self._line.done(f"apply Deployment {name} with {replicas} pods")

    async def remove(self, key: Key, name: str) -> None:
        """Delete a version's Deployment; an absent one is fine."""
        self._line.check()
        if self._cluster.deployments.pop((key.namespace, name), None) is not None:
            self._cluster.changed(key)
            self._line.done(f"delete Deployment {name}")


class MemoryImages:
    """The `Images` port in memory."""

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster

    def images(self, key: Key) -> dict[str, frozenset[tuple[str, str]]]:
        """Container and image id of a model's pods, by version."""
        return {
            seen.version: self._cluster.images.get(
                (key.namespace, seen.name), frozenset({("m", f"sha256:{seen.name}")})
            )
            for owner, seen in self._cluster.deployments.values()
            if owner == key and seen.replicas
        }


class MemoryReferences:
    """The `References` port in memory."""

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster

    async def exists(self, namespace: str, reference: Reference) -> bool:
        """Say whether an object is there."""
        return (namespace, reference.kind, reference.name) not in self._cluster.absent


class MemoryEndpoints:
    """Who is ready to answer, as somebody says."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, str], frozenset[str]] = {}
        self._ever: dict[tuple[str, str], set[str]] = defaultdict(set)

    def put(self, namespace: str, service: str, pods: frozenset[str]) -> bool:
        """Say which pods of a Service are ready; whether that is news."""
        before = self._ready.get((namespace, service), frozenset())
        self._ready[namespace, service] = pods
        self._ever[namespace, service] |= pods
        return before != pods

    def known(self) -> set[tuple[str, str]]:
        """Namespace and name of every Service that has had pods."""
        return set(self._ready)

    def ready(self, namespace: str, service: str) -> int:
        """Count the ready endpoints of a Service."""
        return len(self._ready.get((namespace, service), ()))

    def addresses(self, namespace: str, service: str, _: str) -> dict[str, Address]:
        """Where the ready pods of a Service are reached: by their names."""
        return {pod: Address(pod, 80) for pod in self._ready.get((namespace, service), ())}

    def pods(self, namespace: str, service: str) -> frozenset[str]:
        """Names of the pods behind a Service, also of those that went."""
        return frozenset(self._ever[namespace, service])
