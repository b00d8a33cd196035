"""What a probe is made of: two Services that lead to this process, and routes to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from knowngood.decisions.gateways import Parent
from knowngood.decisions.naming import MANAGED_BY_LABEL, MANAGER

Object = dict[str, Any]

PREFIX: Final = "/.well-known/knowngood"
HALF: Final = 50
HEADER: Final = "X-Knowngood-Version"


class Trial(StrEnum):
    """What a route of a probe tries: nothing, copies of all requests or of half of them, a header of one backend."""

    PLAIN = "plain"
    ALL = "all"
    HALF = "half"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a probe is.

    Attributes:
        namespace: Of the operator.
        name: What all names begin with.
        address: Of this process, as gateways reach it.
        ports: Where requests and where copies arrive.
        pod: Name and uid of the pod that all of it goes with, should it be left behind; None outside of a pod.
    """

    namespace: str
    name: str
    address: str
    ports: tuple[int, int]
    pod: tuple[str, str] | None = None

    def meta(self, name: str, labels: Mapping[str, str] | None = None) -> Object:
        """Metadata of a part of the probe."""
        owner = [
            {"apiVersion": "v1", "kind": "Pod", "name": pod, "uid": uid}
            for pod, uid in ((self.pod,) if self.pod else ())
        ]
        return {
            "name": name,
            "namespace": self.namespace,
            "labels": {MANAGED_BY_LABEL: MANAGER, **(labels or {})},
            "ownerReferences": owner,
        }


def services(site: Site) -> dict[str, Object]:
    """The Services and their endpoints, by path."""
    made: dict[str, Object] = {}
    for name, port in zip(service_names(site), site.ports, strict=True):
        ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
        made[f"/api/v1/namespaces/{site.namespace}/services/{name}"] = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": site.meta(name),
            "spec": {"ports": ports},
        }
        path = f"/apis/discovery.k8s.io/v1/namespaces/{site.namespace}/endpointslices/{name}"
        made[path] = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": site.meta(name, {"kubernetes.io/service-name": name}),
            "addressType": "IPv6" if ":" in site.address else "IPv4",
            "endpoints": [{"addresses": [site.address], "conditions": {"ready": True}}],
            "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        }
    return made


def service_names(site: Site) -> tuple[str, str]:
    """Services of requests and of copies."""
    return site.name, f"{site.name}-copies"


def routes(site: Site, parent: Parent, host: str, nonce: str) -> dict[str, Object]:
    """One route for each trial, by path: a filter that a gateway does not know may spoil all rules of its route."""
    return {route_path(site, trial): _route(site, parent, host, nonce, trial) for trial in Trial}


def route_path(site: Site, trial: Trial) -> str:
    """Path of a trial's route."""
    group = "/apis/gateway.networking.k8s.io/v1"
    return f"{group}/namespaces/{site.namespace}/httproutes/{site.name}-{trial}"


def _route(site: Site, parent: Parent, host: str, nonce: str, trial: Trial) -> Object:
    requests, copies = service_names(site)
    part = {"percent": HALF} if trial is Trial.HALF else {}
    copied = {"backendRef": {"name": copies, "port": 80}, **part}
    mirror = {"filters": [{"type": "RequestMirror", "requestMirror": copied}]}
    named = {"set": [{"name": HEADER, "value": nonce}]}
    header = {"filters": [{"type": "ResponseHeaderModifier", "responseHeaderModifier": named}]}
    section = {"sectionName": parent.section} if parent.section else {}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": site.meta(f"{site.name}-{trial}"),
        "spec": {
            "parentRefs": [{"name": parent.name, "namespace": parent.namespace, **section}],
            "hostnames": [host],
            "rules": [
                {
                    "matches": [
                        {"path": {"type": "PathPrefix", "value": f"{PREFIX}/{nonce}/{trial}"}}
                    ],
                    **(mirror if trial in {Trial.ALL, Trial.HALF} else {}),
                    "backendRefs": [
                        {
                            "name": requests,
                            "port": 80,
                            **(header if trial is Trial.HEADER else {}),
                        }
                    ],
                }
            ],
        },
    }
