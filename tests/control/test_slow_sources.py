"""Rollouts that are judged by two sources, one of which is slow."""

import asyncio

import pytest

from knowngood.control.rounds import IN_TIME, PATIENCE
from tests.control.manifests import a_policy, a_template, a_trigger
from tests.control.process import Process, during, until
from tests.control.test_judging import rolling, triggers
from tests.control.virtual_time import run
from tests.control.world import World

RATIO = a_template()["spec"]["ratio"]


def two_sources() -> World:
    world = World()
    rolling(world)
    world.add(a_template("far-errors", source="far", ratio=RATIO))
    world.add(a_policy("far", triggers=[a_trigger("far-errors-rise", signal="far-errors")]))
    return world


def seconds_until_it_is_taken_back(far: float) -> float:
    world = two_sources()

    async def play() -> float:
        acting = asyncio.create_task(during(world, Process(world), seconds=200))
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await asyncio.sleep(30)
        world.signals.delays["far"] = far
        await asyncio.sleep(0.5)
        world.error_rates["8"] = 0.5
        began = world.clock.monotonic()
        await until(lambda: world.canary_weight == 0)
        took = world.clock.monotonic() - began
        acting.cancel()
        return took

    return run(play())


def test_a_source_that_hangs_delays_no_rollback_that_another_one_proves() -> None:
    assert seconds_until_it_is_taken_back(1000.0) <= seconds_until_it_is_taken_back(0.0) + IN_TIME


@pytest.mark.parametrize("delay", [1.5, 2.5])
def test_a_slow_source_is_judged_by_exactly_what_it_says(delay: float) -> None:
    world = two_sources()
    world.error_rates = {"7": 0.1, "8": 0.1}
    world.signals.delays["far"] = delay

    async def play() -> None:
        process = Process(world)
        acting = asyncio.create_task(during(world, process, seconds=60))
        await asyncio.sleep(10)
        world.want("8")
        await asyncio.sleep(45)
        quick, slow = sorted(triggers(process), key=lambda one: one.trigger == "far-errors-rise")
        for one in (quick, slow):
            found = one.verdict.evidence
            assert found is not None
            assert one.verdict.kind == "Healthy"
            assert found.events == found.samples // 10
        await acting

    run(play())


def test_a_source_that_hangs_is_told_in_the_end_and_holds_everything() -> None:
    world = two_sources()

    async def play() -> None:
        process = Process(world)
        acting = asyncio.create_task(during(world, process, seconds=100))
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)
        await asyncio.sleep(20)
        world.signals.delays["far"] = 1000.0
        await asyncio.sleep(PATIENCE + 3)
        told = {one.trigger: one.verdict for one in triggers(process)}
        assert told["far-errors-rise"].kind == "ObserverError"
        assert told["far-errors-rise"].message == "source far has not answered for 10 s"
        assert told["errors-rise"].kind == "Healthy"
        assert world.canary_weight == 50
        await acting

    run(play())
