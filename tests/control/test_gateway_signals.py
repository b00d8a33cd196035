"""Rollouts that are judged by what the gateway counts: one place speaks for all pods of a version."""

import asyncio

import pytest

from knowngood.adapters.memory.signals import Labels
from tests.control import world as module
from tests.control.manifests import a_template
from tests.control.process import Process, during
from tests.control.test_splits_and_rates import slowly
from tests.control.virtual_time import run
from tests.control.world import World


@pytest.fixture
def gateway_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody scrapes the pods; the gateway counts by Service."""

    def series(namespace: str, pod: str, code: str) -> Labels:
        service = pod.rsplit("-", 2)[0]
        labels = {
            "__name__": "requests_total",
            "job": "envoy",
            "instance": "10.0.0.9:18004",
            "envoy_cluster_name": f"{namespace}_{service}_80",
            "code": code,
        }
        return tuple(sorted(labels.items()))

    monkeypatch.setattr(module, "_series", series)


def judged_by_the_gateway() -> World:
    world = World()
    spec = a_template()["spec"]
    named = {name: text.replace("}", ',job="envoy"}') for name, text in spec["ratio"].items()}
    named["total"] = 'requests_total{job="envoy"}'
    ours = {"ratio": named, "identity": {"by": "EnvoyCluster"}}
    world.server.patch("ClusterSignalTemplate", "", "errors", lambda b: b.update(spec=ours))
    return world


def rolled_out(world: World, seconds: float) -> str:
    async def play() -> str:
        acting = asyncio.create_task(during(world, Process(world), seconds=seconds))
        await asyncio.sleep(10)
        world.want("8")
        await acting
        return str(world.status()["phase"])

    return run(play())


def phase_after(error_rate: float) -> str:
    world = judged_by_the_gateway()
    world.error_rates["8"] = error_rate
    return rolled_out(world, 60)


@pytest.mark.usefixtures("gateway_counts")
def test_a_version_that_fails_is_taken_back_by_what_the_gateway_counts() -> None:
    assert phase_after(0.5) == "RolledBack"


@pytest.mark.usefixtures("gateway_counts")
def test_no_pod_is_missing_where_the_gateway_speaks_for_all() -> None:
    assert phase_after(0.0) == "Probation"


@pytest.mark.usefixtures("gateway_counts")
def test_requests_that_the_gateway_does_not_split_as_asked_are_noticed() -> None:
    world = slowly(judged_by_the_gateway())
    world.besides["8"] = 90

    assert rolled_out(world, 350) == "Paused"
    assert world.condition("Stalled") == "True ShareMismatch"
