"""Nothing is rolled out, and nobody can see how users are answered: that is told as long as it lasts."""

import asyncio

import pytest

from tests.control.process import Killed, Process, played, until
from tests.control.stories import turns_bad
from tests.control.test_probation import told
from tests.control.virtual_time import run
from tests.control.world import World


async def goes_blind(world: World, how: str) -> None:
    """A guard of what serves can read nothing any more."""
    await turns_bad(world)
    world.error_rates["8"] = 0.0
    await until(lambda: world.condition("Guarded") == "True Watched")
    await asyncio.sleep(60)
    blind(world, how)


def blind(world: World, how: str) -> None:
    """Take the source of signals away, or what it has of the version that serves."""
    if how == "down":
        world.signals.problem = "cannot be reached"
    if how == "silent":
        world.silent.add("8")


@pytest.mark.parametrize(("how", "reason"), [("down", "ObserverDown"), ("silent", "NoData")])
def test_a_guard_that_sees_nothing_of_what_serves_says_so_until_it_does(
    how: str, reason: str
) -> None:
    writes: list[int] = []

    async def story(world: World) -> None:
        await goes_blind(world, how)
        await until(lambda: world.condition("Guarded") == f"False {reason}", within=30)
        await asyncio.sleep(5)
        writes.append(len(world.server.writes))
        await asyncio.sleep(600)
        writes.append(len(world.server.writes))
        assert world.condition("Guarded") == f"False {reason}"
        world.signals.problem = ""
        world.silent.clear()
        await until(lambda: world.condition("Guarded") == "True Watched", within=30)

    world = played(story, seconds=1200)

    assert writes[0] == writes[1], "it is written once"
    assert len(told(world, reason)) == 1
    assert world.status()["phase"] != "Contained"


@pytest.mark.parametrize(("how", "reason"), [("down", "ObserverDown"), ("silent", "NoData")])
def test_who_takes_over_while_nothing_can_be_seen_says_so_as_well(how: str, reason: str) -> None:
    """What was said before is repeated until the first look, and that one is over when it has failed."""

    async def play() -> World:
        world = World()
        living = asyncio.create_task(world.live())
        first = Process(world)
        running = asyncio.create_task(first.run())
        await goes_blind(world, "")
        first.line.broken = Killed()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert world.condition("Guarded") == "True Watched"
        blind(world, how)
        await asyncio.sleep(60)
        second = asyncio.create_task(Process(world).run())
        await until(lambda: world.condition("Guarded") == f"False {reason}", within=120)
        for task in (second, living):
            task.cancel()
        await asyncio.gather(second, living, return_exceptions=True)
        return world

    assert run(play()).condition("Guarded") == f"False {reason}"
