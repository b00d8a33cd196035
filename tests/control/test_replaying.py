"""A leader that has just begun reads what was long ago again, and comes to what it would have found meanwhile."""

import asyncio
from collections import Counter

from knowngood.analysis.verdicts import Verdict
from knowngood.api.v1alpha1 import VerdictKind
from knowngood.signals.planning import PIECE, WIDTHS
from tests.control.process import Process, during, until
from tests.control.test_judging import rolling, triggers
from tests.control.virtual_time import run
from tests.control.world import World

AGO = 2 * PIECE + 1000.0


async def leave(world: World, seconds: float) -> None:
    """Let a version have a share, and nobody look at it for a while."""
    first = Process(world)

    async def want() -> None:
        await asyncio.sleep(10)
        world.want("8")
        await until(lambda: world.canary_weight == 50)

    acting = asyncio.create_task(want())
    await during(world, first, seconds=15)
    await acting
    try:
        async with asyncio.timeout(seconds):
            await world.live()
    except TimeoutError:
        pass


def successor(world: World) -> Process:
    found = Process(world)
    kinds = ("AIModelDeployment", "AIModelVersion", "IncidentPolicy", "ClusterSignalTemplate")
    for kind in kinds:
        for body in world.server.list(kind):
            found.store.put(kind, body)
    return found


def test_hours_are_read_in_pieces_and_nothing_is_said_before_the_present_is_reached() -> None:
    world = World()
    rolling(world)
    world.error_rates = {"7": 0.02, "8": 0.02}

    async def play() -> list[Verdict]:
        await leave(world, AGO)
        process, said = successor(world), list[Verdict]()
        world.signals.asked.clear()
        while not said or said[-1].reason == "Replaying":
            await process.judge.look(world.clock.now())
            said += [seen.verdict for seen in triggers(process)]
        return said

    said = run(play())

    assert Counter(v.reason for v in said) == {"Replaying": 2, "NoDifferenceShown": 1}
    assert all(
        query.width is not None and query.width <= WIDTHS[-1] for query in world.signals.asked
    )
    # 30 requests a second go to the canary: from its first one on, none is missing.
    evidence = said[-1].evidence
    assert evidence is not None
    assert evidence.samples % 30 == 0
    assert evidence.samples >= 30 * (AGO - 5)


def test_harm_of_long_ago_is_found_again() -> None:
    world = World()
    rolling(world)
    world.error_rates = {"7": 0.02, "8": 0.3}

    async def play() -> VerdictKind:
        await leave(world, AGO)
        process = successor(world)
        for _ in range(3):
            await process.judge.look(world.clock.now())
        (seen,) = triggers(process)
        return seen.verdict.kind

    assert run(play()) is VerdictKind.BREACHED
