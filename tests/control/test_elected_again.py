"""A process that leads again after another one has: what it saw in its earlier term is not what is so now."""

import asyncio
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.signals.planning import Query
from tests.control.manifests import Object
from tests.control.process import Process, during, until
from tests.control.virtual_time import run
from tests.control.world import World


@pytest.mark.parametrize("term", [1, 2])
def test_what_was_found_before_is_forgotten_until_the_first_look_after_an_interruption(
    term: int, monkeypatch: pytest.MonkeyPatch
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
        fence.number, fence.leads = term, True

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, process, seconds=60)
        await told

    run(play())

    assert found[0] == {VerdictKind.INCONCLUSIVE}
    assert found[-1] == {VerdictKind.HEALTHY}


@pytest.mark.parametrize(("term", "again"), [(1, False), (2, True)])
def test_only_after_somebody_else_has_led_is_everything_read_again(
    term: int,
    again: bool,  # noqa: FBT001 - a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A Lease that lapses under load lapsed again while everything was read again, and again."""
    world, fence = World(), MemoryFence()
    world.edit(waits_for_a_person)
    process = Process(world, fence)
    widths: list[int | None] = []

    async def story() -> None:
        await until(lambda: world.status().get("phase") == "Probation")
        world.want("8")
        await until(lambda: verdicts(process) == {VerdictKind.HEALTHY})
        await asyncio.sleep(300)
        fence.leads = False
        await asyncio.sleep(5)
        read = world.signals.read

        async def watched(source: str, query: Query) -> Any:
            widths.append(query.width)
            return await read(source, query)

        monkeypatch.setattr(world.signals, "read", watched)
        fence.number, fence.leads = term, True
        await until(lambda: verdicts(process) == {VerdictKind.HEALTHY})

    async def play() -> None:
        told = asyncio.create_task(story())
        await during(world, process, seconds=400)
        await told

    run(play())

    assert (max(width or 0 for width in widths) > 30) is again


def waits_for_a_person(body: Object) -> None:
    body["spec"]["rollout"]["steps"] = [{"setWeight": 50}, {"pause": {}}]


def verdicts(process: Process) -> set[VerdictKind]:
    (model,) = process.store.all("AIModelDeployment")
    return {trigger.verdict.kind for trigger in process.judge.triggers(model)}
