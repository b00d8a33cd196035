"""What many objects did to other tools: each test names the report that it comes from."""

import asyncio
from typing import Final

from tests.control.manifests import Object, a_model
from tests.control.process import Process, during
from tests.control.virtual_time import run
from tests.control.world import World

FINISHED: Final = 10_001
MODELS: Final = 60
A_SECOND: Final = 1.5
HALF: Final = [{"setWeight": 50}, {"pause": {}}]


def passes(process: Process) -> float:
    return process.metrics.registry.get_sample_value("knowngood_pass_seconds_count") or 0.0


def an_incident(number: int) -> Object:
    """One that was closed long ago, of a model that is gone."""
    gone = {"name": "loan", "uid": "uid-of-an-earlier-one"}
    return {
        "apiVersion": "knowngood.dev/v1alpha1",
        "kind": "Incident",
        "metadata": {"name": f"loan-{number}", "namespace": "lending"},
        "spec": {"modelRef": gone},
    }


def at_rest(incidents: int) -> tuple[float, list[str]]:
    """How many passes a minute takes, and what is written in it, beside so many incidents that are over."""

    async def play() -> tuple[float, list[str]]:
        world = World()
        for number in range(incidents):
            world.server.create(an_incident(number + 2))
        process = Process(world)
        living = asyncio.create_task(during(world, process, seconds=130))
        await asyncio.sleep(60)  # by then the signal's template was asked once more, and has series
        before, sent = passes(process), len(process.line.sent)
        await asyncio.sleep(60)
        found = passes(process) - before, process.line.sent[sent:]
        await living
        return found

    return run(play())


def test_records_of_what_is_over_cost_nothing_at_rest() -> None:
    """Argo Rollouts 2166: ten thousand finished analyses kept a processor busy."""
    assert at_rest(FINISHED) == at_rest(0)
    assert at_rest(FINISHED)[1] == []


def test_models_that_start_together_ask_together() -> None:
    """Flagger 638: a thousand canaries asked Prometheus a thousand times a second."""
    world = World()
    for number in range(MODELS):
        world.add(a_model(f"model-{number}", rollout={"steps": HALF}))
    asked: list[int] = []

    async def story() -> None:
        await asyncio.sleep(15)
        for number in range(MODELS):
            world.want("8", f"model-{number}")
        await asyncio.sleep(10)
        before = len(world.signals.asked)
        await asyncio.sleep(A_SECOND)
        asked.append(len(world.signals.asked) - before)

    async def play() -> None:
        acting = asyncio.create_task(story())
        await during(world, Process(world), seconds=30)
        await acting

    run(play())

    weights = [world.status(f"model-{n}")["traffic"]["canaryWeight"] for n in range(MODELS)]
    assert weights == [50] * MODELS
    assert 1 <= asked[0] <= 4
