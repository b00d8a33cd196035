"""A long round of judging must not keep the Lease, the probes and the passes waiting."""

import asyncio
from typing import Any

from knowngood.api.v1alpha1 import AIModelDeployment
from knowngood.control.guard import Guard
from knowngood.control.judge import Judge
from knowngood.control.ports import Vector
from knowngood.control.store import Store
from knowngood.signals.planning import Query
from knowngood.signals.series import RawSeries
from knowngood.telemetry.metrics import Metrics

MODELS = ("a", "b", "c")
API = "knowngood.dev/v1alpha1"
START = "2026-01-01T00:00:00.000000Z"


class Nobody:
    """Ports of a cluster in which nothing answers."""

    async def read(self, source: str, query: Query) -> tuple[RawSeries, ...] | Vector:  # noqa: ARG002 - the shape of the port
        return ()

    def ready(self, namespace: str, service: str) -> int:  # noqa: ARG002 - the shape of the port
        return 0

    def pods(self, namespace: str, service: str) -> frozenset[str]:  # noqa: ARG002 - the shape of the port
        return frozenset()

    def labels(self, namespace: str) -> dict[str, str]:  # noqa: ARG002 - the shape of the port
        return {}

    def ends(self, namespace: str) -> bool:  # noqa: ARG002 - the shape of the port
        return False

    def freeze(self, namespace: str) -> str:  # noqa: ARG002 - the shape of the port
        return ""


async def test_others_get_their_turn_between_two_models() -> None:
    store = Store()
    for body in (*(rolling(name) for name in MODELS), policy(), template()):
        assert store.put(body["kind"], body)
    models: list[AIModelDeployment] = store.all("AIModelDeployment")
    judge = Judge(store, Guard(store, Nobody()), Nobody(), Nobody(), Metrics())
    seen: set[int] = set()

    async def somebody_else() -> None:
        while True:
            seen.add(sum(is_judged(judge, model) for model in models))
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    status = models[0].status
    assert status is not None
    assert status.rollout is not None
    await judge.look(status.rollout.started_at)
    other.cancel()
    assert {1, 2} <= seen


def is_judged(judge: Judge, model: AIModelDeployment) -> bool:
    return any(view.verdict.reason != "NotLooked" for view in judge.triggers(model))


def rolling(name: str) -> dict[str, Any]:
    services = [{"version": v, "name": f"{name}-{v}"} for v in ("1", "2")]
    rollout = {
        "version": "2",
        "step": 1,
        "steps": 2,
        "startedAt": START,
        "stepStartedAt": START,
        "evidenceSince": START,
    }
    status = {
        "phase": "Paused",
        "versions": {"desired": "2", "stable": "1", "canary": "2"},
        "rollout": rollout,
    }
    spec = {"model": {"version": "2"}, "serving": {"services": services}}
    return {**named("AIModelDeployment", name), "spec": spec, "status": status}


def policy() -> dict[str, Any]:
    compared = {"comparedTo": "Stable", "direction": "Increase", "designEffect": "1"}
    test = {"proportion": compared}
    trigger = {"name": "errors", "signal": {"name": "errors"}, "test": test}
    return {**named("IncidentPolicy", "p"), "spec": {"selector": {}, "triggers": [trigger]}}


def template() -> dict[str, Any]:
    body = named("ClusterSignalTemplate", "errors")
    del body["metadata"]["namespace"]
    return {**body, "spec": {"ratio": {"events": "bad_total", "total": "all_total"}}}


def named(kind: str, name: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "n", "uid": f"{kind}-{name}", "resourceVersion": "1"}
    return {"apiVersion": API, "kind": kind, "metadata": {**meta, "generation": 1}}
