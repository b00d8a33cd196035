"""A process of the operator in the small world, which can be killed."""

import asyncio
from collections.abc import Awaitable, Callable

from knowngood.adapters.memory.people import MemoryFence
from knowngood.rehearsal import process
from tests.control.virtual_time import run
from tests.control.world import World

ASKED_EVERY = 5.0


class Killed(BaseException):
    """The process is no more; nothing in it may catch this."""


class Process(process.Process):
    """A process.

    Attributes:
        world: Where it runs.
        dead: Set once it has died by `kill_after`.
    """

    def __init__(
        self, world: World, fence: MemoryFence | None = None, *, people_proved: bool = False
    ) -> None:
        super().__init__(world, fence, people_proved=people_proved)
        self.world = world
        self.dead = asyncio.Event()

    def kill_after(self, write: int) -> None:
        """Die right after a write has taken effect."""

        def die(number: int) -> None:
            if number == write:
                self.line.broken = Killed()
                self.dead.set()
                raise self.line.broken

        self.line.after = die


async def until(holds: Callable[[], object], within: float = 1800.0) -> None:
    """Wait in the world's time, which costs nothing; a story that never comes to it ends, and says so."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not holds():
        assert loop.time() < end, f"it has not come to that within {within:.0f} s"
        await asyncio.sleep(0.05)


async def during(
    world: World,
    *processes: Process,
    seconds: float,
    enough: Callable[[], bool] = lambda: False,
) -> None:
    """Let the world and some processes live for a while, or until it is enough.

    A process that is killed is missed by nobody.
    """
    tasks = [asyncio.create_task(world.live()), *(asyncio.create_task(_life(p)) for p in processes)]
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end and not enough():  # noqa: ASYNC110  - the world tells nobody
        await asyncio.sleep(min(ASKED_EVERY, end - loop.time()))
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


def played(
    story: Callable[[World], Awaitable[None]], *, seconds: float = 200, edge: bool = False
) -> World:
    """Let a world live through a story beside one process; `edge` as for a world."""

    async def play() -> World:
        world = World(edge=edge)
        acting = asyncio.ensure_future(story(world))
        await during(world, Process(world), seconds=seconds)
        await acting
        return world

    return run(play())


async def _life(process: Process) -> None:
    try:
        await process.run()
    except BaseExceptionGroup as ended:
        _, other = ended.split(Killed)
        if other is not None:
            raise
