"""A model whose pods do nothing: enough for everything that the operator asks the API server for."""

import sys
from typing import Any, Final

Json = dict[str, Any]

_API: Final = "knowngood.dev/v1alpha1"
_NEVER: Final = {"tcpSocket": {"port": 1}, "periodSeconds": 1}


_NEEDS: Final = {
    "serviceAccountName": "absent",
    "volumes": [
        {"name": "a", "configMap": {"name": "absent"}},
        {"name": "b", "persistentVolumeClaim": {"claimName": "absent"}},
    ],
}


def model(
    namespace: str,
    version: str = "1",
    *,
    ready: bool = True,
    complete: bool = True,
    signed: bool = False,
) -> Json:
    """Return an AIModelDeployment with a route, whose pods become ready at once or never.

    Args:
        namespace: Where it is.
        version: That it wants.
        ready: Whether its pods get ready.
        complete: Whether everything is there that its pods need.
        signed: Whether its answers should name their version, so that it is tried what the gateway can do.
    """
    container: Json = {
        "name": "idle",
        "image": "none",
        "command": [sys.executable, "-c", "import signal; signal.pause()"],
        **({} if ready else {"readinessProbe": _NEVER}),
    }
    pod = {"terminationGracePeriodSeconds": 1, "containers": [container]}
    pod |= {} if complete else _NEEDS
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    gateway: Json = {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": [f"{namespace}.example.com"],
        "rules": [{"name": "all"}],
    }
    if signed:
        gateway["versionHeader"] = "X-Model-Version"
    return {
        "apiVersion": _API,
        "kind": "AIModelDeployment",
        "metadata": {"name": "idle", "namespace": namespace},
        "spec": {
            "model": {"name": "idle", "version": version},
            "serving": {"deployment": {"ports": ports, "template": {"spec": pod}}},
            "traffic": {"gatewayAPI": gateway},
            "rollout": {"steps": [{"setWeight": 50}], "progressDeadline": "2s"},
            "versionHistoryLimit": 2,
        },
    }


def policies(namespace: str, name: str) -> list[Json]:
    """Return a signal, and one policy of each kind that watches it in this namespace."""
    trigger = {
        "name": "errors",
        "signal": {"name": name},
        "test": {"proportion": {"comparedTo": "Stable", "direction": "Increase"}},
    }
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    spec: Json = {"selector": {}, "triggers": [trigger]}
    ratio = {"events": 'requests_total{code="500"}', "total": "requests_total"}
    return [
        {
            "apiVersion": _API,
            "kind": "ClusterSignalTemplate",
            "metadata": {"name": name},
            "spec": {"ratio": ratio},
        },
        {
            "apiVersion": _API,
            "kind": "IncidentPolicy",
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        },
        {
            "apiVersion": _API,
            "kind": "ClusterIncidentPolicy",
            "metadata": {"name": name},
            "spec": {**spec, "namespaceSelector": here},
        },
    ]
