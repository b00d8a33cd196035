"""The objects of the crowd, as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.containment import manifests
from e2e.bed.loan import Json
from e2e.crowd.exporter import PORT, REQUESTS, VERSION, name

EXPORTER: Final = "exporter"
SIGNAL: Final = "crowd-failures"
TRIGGER: Final = "too-many-failures"
_PROCESS: Final = "crowd"
_ROOT: Final = Path(__file__).parents[2]


def exporter(namespace: str, count: int) -> Json:
    """The pod that publishes the counters."""
    pod: Json = dict(manifests.exporter(namespace, EXPORTER, "e2e.crowd.exporter", str(_ROOT)))
    (container,) = pod["spec"]["containers"]
    container["command"] = [*container["command"], str(count)]
    return pod


def watching(namespace: str, escalation: list[Json]) -> Iterator[Json]:
    """What watches them: their signal, and a policy that would shift the requests of what serves."""
    yield dict(manifests.ratio(SIGNAL, f'{REQUESTS}{{code=~"5.."}}', REQUESTS, "Labels"))
    trigger = {
        "name": TRIGGER,
        "signal": {"name": SIGNAL},
        "severity": "Critical",
        "roles": ["Stable"],
        "test": {"threshold": {"above": "0.1", "window": "1m", "minSamples": 100}},
    }
    shift = {"name": "shift", "when": {"roles": ["Stable"]}, "actions": [{"shiftToShadow": {}}]}
    spec = {
        "selector": {"matchLabels": {"process": _PROCESS}},
        "mode": "Act",
        "triggers": [trigger],
        "responses": [shift],
        "escalation": escalation,
    }
    yield _object("knowngood.dev/v1alpha1", "IncidentPolicy", namespace, "crowd", spec=spec)


def members(namespace: str, count: int, address: str) -> Iterator[Json]:
    """Each model, its Service, and an endpoint of it: the exporter, which nobody calls there."""
    for index in range(count):
        yield _service(namespace, name(index))
        yield _endpoints(namespace, name(index), address)
        service = {"version": VERSION, "name": name(index), "port": 80}
        spec = {
            "model": {"name": name(index), "version": VERSION},
            "serving": {"services": [service]},
            "traffic": manifests.routed(f"{name(index)}.{namespace}.example.com"),
        }
        kind = ("knowngood.dev/v1alpha1", "AIModelDeployment")
        yield _object(*kind, namespace, name(index), labels={"process": _PROCESS}, spec=spec)


def _service(namespace: str, of: str) -> Json:
    port = {"name": "http", "port": 80, "targetPort": PORT}
    return _object("v1", "Service", namespace, of, spec={"ports": [port]})


def _endpoints(namespace: str, of: str, address: str) -> Json:
    endpoint = {
        "addresses": [address],
        "conditions": {"ready": True},
        "targetRef": {"kind": "Pod", "name": EXPORTER, "namespace": namespace},
    }
    made = _object(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        namespace,
        of,
        labels={"kubernetes.io/service-name": of},
    )
    more = {"addressType": "IPv4", "ports": [{"name": "http", "port": PORT}]}
    return {**made, **more, "endpoints": [endpoint]}


def _object(version: str, kind: str, namespace: str, called: str, **more: Any) -> Json:
    meta: Json = {"name": called, "namespace": namespace, "labels": more.pop("labels", {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **more}
