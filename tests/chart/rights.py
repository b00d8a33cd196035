"""Rights: what the chart grants, what the operator's modules ask for, and how one is read from the other."""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

Json = dict[str, Any]

OURS: Final = "knowngood.dev"
GATEWAY: Final = "gateway.networking.k8s.io"


class Right(NamedTuple):
    """One verb on one resource.

    Attributes:
        resource: With its subresource, if any, after a slash.
        named: Whether it is granted for objects of one name only.
    """

    group: str
    resource: str
    verb: str
    named: bool = False


_ADAPTERS: Final = "knowngood.adapters.kubernetes"
_WATCHED: Final = (
    "aimodeldeployments",
    "aimodelversions",
    "incidents",
    "incidentpolicies",
    "clusterincidentpolicies",
    "clustersignaltemplates",
)

# Everything that the operator asks the API server for, and which of its modules does.
HOME_ONLY: Final = {
    Right("discovery.k8s.io", "endpointslices", verb) for verb in ("create", "patch", "delete")
}
"""Granted in the operator's own namespace, besides its Lease."""

USES: Final[dict[Right, str]] = {
    **{Right(OURS, kind, "list"): f"{_ADAPTERS}.resources" for kind in _WATCHED},
    **{Right(OURS, kind, "watch"): "knowngood.handlers.informer" for kind in _WATCHED},
    **{Right(OURS, f"{kind}/status", "patch"): f"{_ADAPTERS}.resources" for kind in _WATCHED},
    Right(OURS, "aimodeldeployments", "patch"): f"{_ADAPTERS}.resources",
    Right(OURS, "aimodelversions", "patch"): f"{_ADAPTERS}.resources",
    Right(OURS, "aimodelversions", "create"): f"{_ADAPTERS}.resources",
    Right(OURS, "aimodelversions", "delete"): f"{_ADAPTERS}.resources",
    Right(OURS, "incidents", "create"): f"{_ADAPTERS}.resources",
    Right(OURS, "incidents", "delete"): f"{_ADAPTERS}.resources",
    Right("apps", "deployments", "list"): f"{_ADAPTERS}.informer",
    Right("apps", "deployments", "watch"): f"{_ADAPTERS}.informer",
    Right("apps", "deployments", "create"): f"{_ADAPTERS}.workloads",
    Right("apps", "deployments", "patch"): f"{_ADAPTERS}.workloads",
    Right("apps", "deployments", "delete"): f"{_ADAPTERS}.workloads",
    Right("", "services", "list"): f"{_ADAPTERS}.informer",
    Right("", "services", "watch"): f"{_ADAPTERS}.informer",
    Right("", "services", "create"): f"{_ADAPTERS}.workloads",
    Right("", "services", "patch"): f"{_ADAPTERS}.workloads",
    Right("", "services", "delete"): f"{_ADAPTERS}.workloads",
    Right(GATEWAY, "httproutes", "list"): f"{_ADAPTERS}.informer",
    Right(GATEWAY, "httproutes", "watch"): f"{_ADAPTERS}.informer",
    Right(GATEWAY, "httproutes", "get"): f"{_ADAPTERS}.routes",
    Right(GATEWAY, "httproutes", "create"): f"{_ADAPTERS}.routes",
    Right(GATEWAY, "httproutes", "patch"): f"{_ADAPTERS}.routes",
    Right(GATEWAY, "httproutes", "delete"): f"{_ADAPTERS}.routes",
    Right("discovery.k8s.io", "endpointslices", "list"): f"{_ADAPTERS}.informer",
    Right("discovery.k8s.io", "endpointslices", "watch"): f"{_ADAPTERS}.informer",
    Right("discovery.k8s.io", "endpointslices", "create"): f"{_ADAPTERS}.gateways.prober",
    Right("discovery.k8s.io", "endpointslices", "patch"): f"{_ADAPTERS}.gateways.prober",
    Right("discovery.k8s.io", "endpointslices", "delete"): f"{_ADAPTERS}.gateways.prober",
    Right(GATEWAY, "gateways", "get"): f"{_ADAPTERS}.gateways.prober",
    Right(GATEWAY, "gatewayclasses", "get"): f"{_ADAPTERS}.gateways.prober",
    Right("", "namespaces", "list"): f"{_ADAPTERS}.informer",
    Right("", "namespaces", "watch"): f"{_ADAPTERS}.informer",
    Right("", "pods", "list"): f"{_ADAPTERS}.informer",
    Right("", "pods", "watch"): f"{_ADAPTERS}.informer",
    Right("", "configmaps", "get"): f"{_ADAPTERS}.references",
    Right("", "configmaps", "create"): f"{_ADAPTERS}.archives",
    Right("", "persistentvolumeclaims", "get"): f"{_ADAPTERS}.references",
    Right("", "serviceaccounts", "get"): f"{_ADAPTERS}.references",
    Right("batch", "cronjobs", "list"): f"{_ADAPTERS}.objects",
    Right("events.k8s.io", "events", "create"): f"{_ADAPTERS}.events",
    Right("coordination.k8s.io", "leases", "create"): f"{_ADAPTERS}.lease",
    Right("coordination.k8s.io", "leases", "get", named=True): f"{_ADAPTERS}.lease",
    Right("coordination.k8s.io", "leases", "update", named=True): f"{_ADAPTERS}.lease",
}


def granted(rules: Iterable[Json]) -> list[Right]:
    """Spell out the rules of roles, one entry for each verb on each resource."""
    return [
        Right(group, resource, verb, named=bool(rule.get("resourceNames")))
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


_PATH: Final = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/v[^/]+/(?:namespaces/[^/]+/)?"
    r"(?P<resource>[a-z]+)(?:/(?P<name>[^/]+)(?P<sub>/[a-z]+)?)?"
)


def asked(method: str, path: str, *, watch: bool, status: int) -> set[Right] | None:
    """Say what a request needed, as the API server reads it; None for one that is about no resource.

    Args:
        method: Of HTTP.
        path: Without the query.
        watch: Whether the query asks for a watch.
        status: Of the answer: an apply that made an object needed the right to create it, too.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    named = found["name"] is not None
    reading = "watch" if watch else "get" if named else "list"
    verbs = {"GET": reading, "POST": "create", "PUT": "update", "PATCH": "patch"}
    asked_for = {verbs.get(method, method.lower())}
    if method == "PATCH" and status == 201:
        asked_for.add("create")
    resource = found["resource"] + (found["sub"] or "")
    lease = resource == "leases" and named
    return {Right(found["group"] or "", resource, verb, named=lease) for verb in asked_for}
