"""The operator dies of every single write that changes something, and every process begins before Prometheus answers.

What one process writes before it has looked must not be taken back by the next one: both would die of that, for ever.
"""

import asyncio
from typing import Any

import pytest

from tests.control.process import Killed, Process
from tests.control.safe_paths import on_safe_path
from tests.control.stories import Story, contained, promoted, rolled_back
from tests.control.test_taken_over import LATE
from tests.control.virtual_time import run
from tests.control.world import World

FEW = 90
"""Deaths; a story has a third of that many writes, and some processes say first what others have to correct."""

SUCCESSION = 2.0


async def dies_of_its_first_change(world: World) -> None:
    process = Process(world)
    before, routes = len(world.server.writes), dict(world.gateway.taken)
    pods = {name: seen.replicas for name, (_, seen) in world.cluster.deployments.items()}

    def die(_: int) -> None:
        now = {name: seen.replicas for name, (_, seen) in world.cluster.deployments.items()}
        same = (len(world.server.writes), dict(world.gateway.taken), now) == (before, routes, pods)
        if not same:
            process.line.broken = Killed()
            process.dead.set()
            raise process.line.broken

    process.line.after = die
    running = asyncio.create_task(process.run())
    await process.dead.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    "story", [promoted, rolled_back, contained, on_safe_path], ids=lambda story: story.__name__
)
def test_it_comes_to_its_end_although_nobody_lives_for_two_writes(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> int:
        world, deaths = World(), 0
        read = world.signals.read

        async def late(*asked: Any) -> Any:
            await asyncio.sleep(LATE)
            return await read(*asked)

        monkeypatch.setattr(world.signals, "read", late)
        living, acting = asyncio.create_task(world.live()), asyncio.ensure_future(story(world))
        while not acting.done():
            dying = asyncio.create_task(dies_of_its_first_change(world))
            await asyncio.wait({dying, acting}, return_when=asyncio.FIRST_COMPLETED)
            deaths += dying.done()
            dying.cancel()
            await asyncio.gather(dying, return_exceptions=True)
            assert deaths < FEW, "\n".join(world.server.writes[-20:])
            await asyncio.sleep(SUCCESSION)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        await acting
        assert world.lost == 0
        return deaths

    assert run(play()) > 0
