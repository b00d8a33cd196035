"""The objects that the measurement applies, as JSON."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bench.containment.scenario import BASE_ERRORS, STEPS, TESTS, Part

Json = Mapping[str, Any]

API: Final = "knowngood.dev/v1alpha1"
MODEL: Final = "loan"
SIGNAL: Final = "error-rate"
GATEWAY: Final = {"name": "public", "namespace": "gateways"}

_SCRAPED: Final = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": "8080",
    "prometheus.io/path": "/metrics",
}


def listed(objects: Iterable[Json]) -> str:
    """Write several objects as one that kubectl takes."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def namespace(name: str) -> Json:
    """A namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def ratio(name: str, events: str, total: str, by: str = "Pod") -> Json:
    """A signal template for a share of requests."""
    spec = {"ratio": {"events": events, "total": total}, "identity": {"by": by}}
    return _object("ClusterSignalTemplate", {"name": name}, spec)


def error_rate() -> Json:
    """The signal of all containment runs: the share of answers with a 5xx status."""
    return ratio(SIGNAL, 'model_requests_total{code=~"5.."}', "model_requests_total")


def trigger(test: Json, signal: str = SIGNAL) -> Json:
    """One trigger on a signal."""
    return {"name": signal, "signal": {"name": signal}, "test": test}


def policy(where: str, triggers: Iterable[Json]) -> Json:
    """A policy for all models of a namespace that takes a breached canary back."""
    spec = {
        "selector": {},
        "mode": "Act",
        "triggers": list(triggers),
        "responses": [{"name": "take-it-back", "actions": [{"rollback": {}}]}],
    }
    return _object("IncidentPolicy", {"name": "bench", "namespace": where}, spec)


def part_policy(part: Part, where: str) -> Json:
    """The policy that a part is measured under."""
    return policy(where, [trigger(TESTS[part])])


def model(where: str, version: str) -> Json:
    """The loan model, whose pods fail as often as the scenario says."""
    spec = {
        "model": {"name": MODEL, "version": version},
        "serving": {
            "deployment": {
                "replicas": 2,
                "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
                "template": _pods(version),
            }
        },
        "traffic": routed(host(where)),
        "rollout": {"steps": STEPS, "progressDeadline": "5m"},
    }
    return _object("AIModelDeployment", {"name": MODEL, "namespace": where}, spec)


def host(where: str) -> str:
    """The host name of a namespace's model."""
    return f"{where}.example.com"


def routed(hostname: str) -> Json:
    """Traffic of one host name through the cluster's gateway."""
    rule = {"name": "predict", "matches": [{"path": {"type": "PathPrefix", "value": "/predict"}}]}
    return {"gatewayAPI": {"parentRefs": [GATEWAY], "hostnames": [hostname], "rules": [rule]}}


def exporter(where: str, name: str, module: str, path: str) -> Json:
    """A pod that runs a module of this checkout and is scraped."""
    container = {
        "name": "exporter",
        "image": "knowngood/bench:dev",
        "command": [sys.executable, "-m", module],
        "env": [{"name": "PYTHONPATH", "value": path}],
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/metrics", "port": "http"}, "periodSeconds": 1},
    }
    meta = {"name": name, "namespace": where, "annotations": _SCRAPED}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 2}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def _pods(version: str) -> Json:
    variables = {
        "MODEL_NAME": MODEL,
        "MODEL_VERSION": version,
        "ERROR_RATE": f"{BASE_ERRORS}",
    }
    container = {
        "name": "model",
        "image": "knowngood/loan-model:dev",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1},
    }
    spec = {"containers": [container], "terminationGracePeriodSeconds": 6}
    return {"metadata": {"annotations": _SCRAPED}, "spec": spec}


def _object(kind: str, meta: Json, spec: Json) -> Json:
    return {"apiVersion": API, "kind": kind, "metadata": meta, "spec": spec}
