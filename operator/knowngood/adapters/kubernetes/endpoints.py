"""Who is ready to answer: EndpointSlices, reduced to pod names and readiness."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from knowngood.adapters.kubernetes.api import Object
from knowngood.control.pod_ports import Address
from knowngood.decisions.naming import MODEL_LABEL

SLICES: Final = "/apis/discovery.k8s.io/v1/endpointslices"
SERVICE_LABEL: Final = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class SliceView:
    """What is kept of an EndpointSlice.

    Attributes:
        model: The model whose Service it belongs to, when that Service is Knowngood's own.
        addresses: Of the pods that are ready, by name.
        ports: Number by name.
    """

    service: str
    model: str
    pods: frozenset[str]
    ready: frozenset[str]
    addresses: Mapping[str, str] = field(hash=False)
    ports: Mapping[str, int] = field(hash=False)


def reduce_slice(body: Object) -> SliceView:
    """Keep the names of the pods, and which are ready."""
    pods: set[str] = set()
    ready: set[str] = set()
    addresses: dict[str, str] = {}
    for endpoint in body.get("endpoints") or ():
        target = endpoint.get("targetRef") or {}
        name = target.get("name") or ",".join(endpoint.get("addresses") or ())
        pods.add(name)
        # An absent condition means unknown, which the API says to take for ready.
        if (endpoint.get("conditions") or {}).get("ready", True):
            ready.add(name)
            host = str(next(iter(endpoint.get("addresses") or ()), ""))
            if target.get("kind") == "Pod" and is_a_pods(host):
                addresses[name] = host
    ports = {
        str(p.get("name") or ""): int(p["port"]) for p in body.get("ports") or () if p.get("port")
    }
    labels = body["metadata"].get("labels") or {}
    service, model = labels.get(SERVICE_LABEL, ""), labels.get(MODEL_LABEL, "")
    return SliceView(service, model, frozenset(pods), frozenset(ready), addresses, ports)


def is_a_pods(host: str) -> bool:
    """Whether an address may be a pod's: never our own machine, nor the one at which nodes get their credentials."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


class EndpointIndex:
    """The `Endpoints` port: slices by Service."""

    def __init__(self) -> None:
        self._slices: dict[tuple[str, str], dict[str, SliceView]] = defaultdict(dict)
        self._asked: dict[tuple[str, str], set[str]] = {}

    def changed(
        self, namespace: str, name: str, before: SliceView | None, after: SliceView | None
    ) -> None:
        """Take a change from the informer."""
        if before is not None:
            self._slices[namespace, before.service].pop(name, None)
        if after is not None:
            self._slices[namespace, after.service][name] = after
            if (namespace, after.service) in self._asked:
                self._asked[namespace, after.service] |= after.pods

    def ready(self, namespace: str, service: str) -> int:
        """Count the ready endpoints of a Service."""
        slices = self._slices.get((namespace, service), {})
        return len({pod for view in slices.values() for pod in view.ready})

    def addresses(self, namespace: str, service: str, port: str) -> Mapping[str, Address]:
        """Where the ready pods of a Service are reached, by name."""
        return {
            pod: Address(host, view.ports[port])
            for view in self._slices.get((namespace, service), {}).values()
            for pod, host in view.addresses.items()
            if port in view.ports
        }

    def pods(self, namespace: str, service: str) -> frozenset[str]:
        """Names of the pods behind a Service, also of those that went since this was first asked."""
        known = self._asked.setdefault((namespace, service), set())
        for view in self._slices.get((namespace, service), {}).values():
            known |= view.pods
        return frozenset(known)
