"""The objects of the fleet, as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.containment import manifests
from bench.containment.manifests import API, Json
from bench.fleet.exporter import PREDICTIONS, REQUESTS
from bench.fleet.scenario import CANARY, ONCE_IN_DAYS, PER_ROLLOUT, STABLE, Member, Scenario

NAMESPACE: Final = "fleet"
EXPORTER: Final = "exporter"
POLICY: Final = "lending"
NAIVE: Final = "naive"
APPROVALS, FAILURES = "fleet-approvals", "fleet-failures"

_ROOT: Final = Path(__file__).parents[2]
_BASELINE: Final = 20_000
"""Requests of the baseline that is handed in."""


def signals() -> Iterable[Json]:
    """The share of approvals and that of failures."""
    yield manifests.ratio(APPROVALS, f'{PREDICTIONS}{{outcome="approved"}}', PREDICTIONS, "Labels")
    yield manifests.ratio(FAILURES, f'{REQUESTS}{{code=~"5.."}}', REQUESTS, "Labels")


def policies() -> Iterable[Json]:
    """One that acts, and one that only tells what peers would have done."""
    budget = {"perRollout": f"{PER_ROLLOUT:.0%}", "onceInPerModel": f"{ONCE_IN_DAYS}d"}
    yield _policy(
        POLICY,
        "Act",
        [
            _canary("approvals-fall", APPROVALS, direction="Decrease"),
            _canary("failures-rise", FAILURES, direction="Increase", minEvents=3),
            _serving(
                "approvals-fell", APPROVALS, "Decrease", "5pp", comparedTo="Past", offset="1h"
            ),
            _serving("failures-rose", FAILURES, "Increase", "1pp", comparedTo="Past", offset="1h"),
            _serving("failures-high", FAILURES, "Increase", "1pp", comparedTo="Baseline"),
        ],
        limits={"falseAlarmBudget": budget},
        responses=[{"name": "take-it-back", "actions": [{"rollback": {}}]}],
    )
    yield _policy(
        NAIVE,
        "Observe",
        # Two and a half times the failures that there are; five points below the lowest hour of the day.
        [_limit(FAILURES, above="0.05"), _limit(APPROVALS, below="0.55")],
    )


def exporter(pace: Path, scenario: Scenario) -> Json:
    """The pod that publishes the counters."""
    pod: dict[str, Any] = dict(manifests.exporter(NAMESPACE, EXPORTER, "", str(_ROOT)))
    (container,) = pod["spec"]["containers"]
    words = [str(pace), json.dumps(asdict(scenario))]
    container["command"] = [*container["command"][:-1], "bench.fleet.exporter", *words]
    container["readinessProbe"]["httpGet"]["path"] = "/ready"
    return pod


def model(member: Member, version: str) -> Json:
    """A model whose Services are there already; its canary keeps its share until somebody says otherwise."""
    services = [
        {"version": v, "name": service_name(member, v), "port": 80} for v in (STABLE, CANARY)
    ]
    spec = {
        "model": {"name": member.name, "version": version},
        "serving": {"services": services},
        "traffic": manifests.routed(f"{member.name}.fleet.example.com"),
        "rollout": {"steps": [{"setWeight": member.share}, {"pause": {}}]},
    }
    return _object("AIModelDeployment", member.name, spec)


def services(member: Member, address: str) -> Iterable[Json]:
    """Services without pods of their own; their endpoint is the exporter, which nobody calls there."""
    for version in (STABLE, CANARY):
        meta = {"name": service_name(member, version), "namespace": NAMESPACE}
        port = {"name": "http", "port": 80, "targetPort": 8080}
        yield {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [port]}}
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**meta, "labels": {"kubernetes.io/service-name": meta["name"]}},
            "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080}],
            "endpoints": [
                {
                    "addresses": [address],
                    "conditions": {"ready": True},
                    "targetRef": {"kind": "Pod", "name": EXPORTER, "namespace": NAMESPACE},
                }
            ],
        }


def service_name(member: Member, version: str) -> str:
    """The Service of a version."""
    return f"{member.name}-v{version}"


def baseline(member: Member, at: datetime) -> Json:
    """The status of a version's record with the failures that a person has counted elsewhere."""
    handed_in = {
        "signal": FAILURES,
        "source": "HandedIn",
        "events": [round(_BASELINE * member.failed)],
        "totals": [_BASELINE],
        "samples": _BASELINE,
        "from": at.isoformat(),
        "to": at.isoformat(),
        "acceptedBy": "bench",
    }
    return {"status": {"baselines": [handed_in]}}


def _policy(name: str, mode: str, triggers: list[Json], **more: object) -> Json:
    return _object(
        "IncidentPolicy", name, {"selector": {}, "mode": mode, "triggers": triggers, **more}
    )


def _canary(name: str, signal: str, **test: object) -> Json:
    compared = {"proportion": {"comparedTo": "Stable", **test}}
    return {"name": name, "signal": {"name": signal}, "test": compared}


def _serving(name: str, signal: str, direction: str, tolerance: str, **test: object) -> Json:
    compared = {"proportion": {"direction": direction, "tolerance": tolerance, **test}}
    return {"name": name, "signal": {"name": signal}, "roles": ["Stable"], "test": compared}


def _limit(signal: str, **limit: str) -> Json:
    test = {"window": "5m", "minSamples": 20, "confidence": "None", **limit}
    return {"name": f"{signal}-limit", "signal": {"name": signal}, "test": {"threshold": test}}


def _object(kind: str, name: str, spec: Json) -> Json:
    return {
        "apiVersion": API,
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
    }
