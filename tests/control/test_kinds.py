"""Every kind of signal, from the template to what it does to a rollout."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from knowngood.adapters.memory.signals import Labels
from knowngood.api.v1alpha1 import AIModelDeployment, VerdictKind
from knowngood.decisions.trigger_views import TriggerView
from knowngood.signals.native import NativeCounts
from tests.control.manifests import Object, a_policy, a_template, a_trigger
from tests.control.process import Process, during
from tests.control.test_judging import rolling, settle, triggers
from tests.control.virtual_time import run
from tests.control.world import World

DRIFT = {"comparedTo": "Stable", "above": "0.1", "minSamples": 100}
SLOWER = {"comparedTo": "Stable", "direction": "Increase", "minSamples": 100}
PER_SECOND = 30
Slow = Mapping[str, int]
"""How many of 30 requests a second take long, by version."""


def world_of(test: Object, mode: str = "Observe", **signal: Any) -> World:
    world = World()
    rolling(world)
    world.server.delete("IncidentPolicy", "lending", "lending", "")
    world.server.delete("ClusterSignalTemplate", "", "errors", "")
    world.add(a_template("signal", **signal))
    world.add(a_policy(mode=mode, triggers=[a_trigger(signal="signal", **test)]))
    return world


def pods(world: World) -> list[tuple[str, dict[str, str]]]:
    """Version and labels of every pod."""
    return [
        (seen.version, {"namespace": "lending", "pod": f"{seen.name}-6c8d7f9b5-pod{number:02}"})
        for _, seen in world.cluster.deployments.values()
        for number in range(seen.replicas)
    ]


def labels(name: str, pod: Mapping[str, str], **more: str) -> Labels:
    return tuple(sorted({"__name__": name, **pod, **more}.items()))


def classic(world: World, at: float, pod: Mapping[str, str], counted: tuple[int, int]) -> None:
    fast, slow = counted
    rows = {"0.1": 0, "0.5": fast, "+Inf": fast + slow}
    world.signals.scrape(at, {labels("took_bucket", pod, le=le): n for le, n in rows.items()})


def native(world: World, at: float, pod: Mapping[str, str], counted: tuple[int, int]) -> None:
    fast, slow = counted
    buckets = tuple((k, float(n)) for k, n in (((0.25, 0.5), fast), ((1.0, 2.0), slow)) if n)
    world.signals.scrape_native(at, {labels("took", pod): NativeCounts(fast + slow, buckets)})


Scrape = Callable[[World, float, Mapping[str, str], tuple[int, int]], None]


async def observing(world: World, scrape: Scrape, slow: Slow) -> None:
    """Every pod answers 30 requests a second; all begin with the same past."""
    counted: dict[str, tuple[int, int]] = {}
    while True:
        await asyncio.sleep(1.0)
        for version, pod in pods(world):
            fast_before, slow_before = counted.get(pod["pod"], (900, 100))
            late = slow.get(version, 3)
            counted[pod["pod"]] = (fast_before + PER_SECOND - late, slow_before + late)
            scrape(world, world.clock.now().timestamp(), pod, counted[pod["pod"]])


async def seen_after(world: World, seconds: float, *beside: Any) -> tuple[TriggerView, int | None]:
    process = Process(world)
    tasks = [asyncio.create_task(one) for one in beside]
    acting = asyncio.create_task(settle(world, seconds))
    await during(world, process, seconds=seconds + 14)
    await acting
    for task in tasks:
        task.cancel()
    model: AIModelDeployment | None = process.store.get("AIModelDeployment", "lending", "loan")
    assert model is not None
    (view,) = triggers(process)
    return view, process.judge.samples(model)


def test_another_mix_of_categories_is_a_breach() -> None:
    world = world_of({"distribution": DRIFT}, categories={"counts": "requests_total", "by": "code"})
    world.error_rates = {"7": 0.1, "8": 0.4}

    view, samples = run(seen_after(world, 30.0))

    assert view.verdict.kind is VerdictKind.BREACHED
    assert "200: 90 % -> 60 %" in view.verdict.message
    assert samples is not None
    assert samples > 0


def test_the_same_mix_of_categories_is_healthy() -> None:
    world = world_of({"distribution": DRIFT}, categories={"counts": "requests_total", "by": "code"})
    world.error_rates = {"7": 0.1, "8": 0.1}

    view, _ = run(seen_after(world, 30.0))

    assert view.verdict.kind is VerdictKind.HEALTHY
    assert view.gates


KINDS = [
    pytest.param("took_bucket", classic, id="classic"),
    pytest.param("took", native, id="native"),
]


@pytest.mark.parametrize(("name", "scrape"), KINDS)
@pytest.mark.parametrize(("late", "kind"), [(3, VerdictKind.HEALTHY), (15, VerdictKind.BREACHED)])
def test_a_share_of_slow_requests_is_read_from_a_histogram(
    name: str, scrape: Scrape, late: int, kind: VerdictKind
) -> None:
    world = world_of({"proportion": SLOWER}, ratio={"histogram": name, "above": "0.5"})

    view, _ = run(seen_after(world, 40.0, observing(world, scrape, {"8": late})))

    assert view.verdict.kind is kind
    found = view.verdict.evidence
    assert found is not None
    assert found.events * PER_SECOND == found.samples * late
    assert found.reference_events * 10 == found.reference_samples


@pytest.mark.parametrize(("name", "scrape"), KINDS)
@pytest.mark.parametrize(("late", "kind"), [(3, VerdictKind.HEALTHY), (15, VerdictKind.BREACHED)])
def test_bins_of_a_histogram_are_compared(
    name: str, scrape: Scrape, late: int, kind: VerdictKind
) -> None:
    test = {"distribution": {**DRIFT, "statistic": "MaxGap", "above": "0.2"}}
    world = world_of(test, histogram={"buckets": name})

    view, samples = run(seen_after(world, 40.0, observing(world, scrape, {"8": late})))

    assert view.verdict.kind is kind, view.verdict.message
    assert samples is not None  # a pause counts requests, whoever looks at them
    assert samples >= 20 * PER_SECOND


def test_a_limit_that_is_no_edge_is_an_error_that_names_the_edges_and_holds() -> None:
    world = world_of(
        {"proportion": SLOWER}, "Act", ratio={"histogram": "took_bucket", "above": "0.3"}
    )

    view, _ = run(seen_after(world, 20.0, observing(world, classic, {})))

    assert view.verdict.kind is VerdictKind.OBSERVER_ERROR
    assert "signal signal: 0.3 is no edge of the histogram of pod loan-" in view.verdict.message
    assert "its edges are 0.1, 0.5, +Inf" in view.verdict.message
    assert world.canary_weight == 50


def test_requests_by_bin_count_for_a_step_that_waits_for_samples() -> None:
    test = {"distribution": {**DRIFT, "statistic": "MaxGap"}}
    world = world_of(test, "Act", histogram={"buckets": "took_bucket"})

    _, samples = run(seen_after(world, 30.0, observing(world, classic, {})))

    assert samples is not None
    assert samples % PER_SECOND == 0
    assert 20 * PER_SECOND <= samples <= 32 * PER_SECOND


def test_a_version_that_spreads_its_answers_in_another_way_is_taken_back() -> None:
    world = world_of(
        {"distribution": DRIFT}, "Act", categories={"counts": "requests_total", "by": "code"}
    )
    world.error_rates = {"7": 0.1, "8": 0.5}

    async def play() -> None:
        process = Process(world)
        acting = asyncio.create_task(settle(world, 1.0))
        await during(world, process, seconds=60)
        acting.cancel()

    run(play())

    assert world.status()["phase"] == "RolledBack"
    (incident,) = world.server.list("Incident")
    (evidence,) = incident["status"]["evidence"]
    assert evidence["samples"] > 0
    assert "events" not in evidence
