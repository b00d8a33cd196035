"""A process that leads again after another one has: what it saw in its earlier term is not what is so now."""

import asyncio
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.api.v1alpha1 import VerdictKind
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


def test_what_an_earlier_term_has_found_is_forgotten_before_the_first_look_of_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pass that comes while that look is on its way would promote on it."""
    world, fence = World(), MemoryFence()
    world.edit(waits_for_a_person)
    process = Process(world, fence)
    found: list[set[VerdictKind]] = []

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: verdicts(process) == {VerdictKind.HEALTHY})
        fence.leads = False
        await asyncio.sleep(5)
        read = world.signals.read

        async def watched(*asked: Any) -> Any:
            found.append(verdicts(process))
            return await read(*asked)

        monkeypatch.setattr(world.signals, "read", watched)
        fence.number, fence.leads = 2, True

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, process, seconds=60)
        await told

    run(play())

    assert found[0] == {VerdictKind.INCONCLUSIVE}
    assert found[-1] == {VerdictKind.HEALTHY}


def waits_for_a_person(body: Object) -> None:
    body["spec"]["rollout"]["steps"] = [{"setWeight": 50}, {"pause": {}}]


def verdicts(process: Process) -> set[VerdictKind]:
    (model,) = process.store.all("AIModelDeployment")
    return {trigger.verdict.kind for trigger in process.judge.triggers(model)}
