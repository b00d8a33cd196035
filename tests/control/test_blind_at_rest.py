"""Nothing is rolled out, and nobody can see how users are answered: that is told as long as it lasts."""

import asyncio

import pytest

from tests.control.process import played, until
from tests.control.stories import turns_bad
from tests.control.test_probation import told
from tests.control.world import World


async def goes_blind(world: World, how: str) -> None:
    """A guard of what serves can read nothing any more."""
    await turns_bad(world)
    world.error_rates["8"] = 0.0
    await until(lambda: world.condition("Guarded") == "True Watched")
    await asyncio.sleep(60)
    if how == "down":
        world.signals.problem = "cannot be reached"
    else:
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
