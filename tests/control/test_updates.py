"""A business is told by the clock, also by the next leader, and nothing is written for it but what was sent."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta

from knowngood.api.v1alpha1 import Severity
from knowngood.messages.escalating import Reach
from tests.control.exported import MINUTES, close, say
from tests.control.manifests import Object
from tests.control.process import Killed, Process, during
from tests.control.told import a_world, left_open, notes, receiver
from tests.control.virtual_time import run
from tests.control.world import World

BOARD = Reach(default=True, every={Severity.HIGH: timedelta(minutes=10)})


def told_to_a_board(story: Callable[[World, list[float]], Awaitable[None]]) -> World:
    """Let a story happen in which those whose business it is hear of an incident that nobody looks after.

    The story gets the minutes at which a message has come.
    """
    world, came = a_world(board=BOARD), list[float]()

    async def play() -> None:
        left_open(world, "loan-1", clocks={"detected": world.clock.now().isoformat()})
        receiver(world, "board").then = lambda _: came.append(world.clock.monotonic() / MINUTES)
        await story(world, came)

    run(play())
    return world


async def leads(world: World, minutes: float, process: Process | None = None) -> None:
    await during(world, process or Process(world), seconds=minutes * MINUTES)


def test_an_update_comes_when_it_was_promised_and_nothing_is_written_between_two() -> None:
    async def story(world: World, came: list[float]) -> None:
        leading = asyncio.ensure_future(leads(world, 35))
        writes = []
        for _ in range(3):
            await asyncio.sleep(3 * MINUTES)
            writes.append(len(world.server.writes))
        await leading
        gaps = [later - earlier for earlier, later in itertools.pairwise(came)]
        assert all(9.9 <= gap <= 11.1 for gap in gaps), gaps
        assert len(set(writes)) == 1, "nothing happens, and nothing is written"

    world = told_to_a_board(story)

    assert receiver(world, "board").why("loan-1") == ["Opened", "Update", "Update", "Update"]
    note = notes(world)["board"]
    assert (note["sent"], note["occasion"]) == (4, "Update")
    assert note["nextUpdate"]


def test_what_happens_is_told_at_once_and_after_the_end_nobody_is_told() -> None:
    async def story(world: World, came: list[float]) -> None:
        leading = asyncio.ensure_future(leads(world, 60))
        await asyncio.sleep(5 * MINUTES)
        say(world, acknowledgement={"by": "alice"})
        await asyncio.sleep(12 * MINUTES)
        close(world)
        await leading
        assert 14.9 <= came[2] <= 16.1, "ten minutes after what was told last"

    world = told_to_a_board(story)

    assert receiver(world, "board").why("loan-1") == ["Opened", "Acknowledged", "Update", "Closed"]


def test_the_next_leader_keeps_the_promise() -> None:
    async def story(world: World, came: list[float]) -> None:
        for _ in range(4):
            await leads(world, 4)
        assert 9.9 <= came[1] <= 11.1

    world = told_to_a_board(story)

    assert receiver(world, "board").why("loan-1") == ["Opened", "Update"]


def test_an_operator_that_dies_with_an_update_sends_it_again_under_the_same_key() -> None:
    """Whoever drops what has come twice reads each update once, and waits for the right time."""

    async def story(world: World, _: list[float]) -> None:
        await leads(world, 8)
        process, board = Process(world), receiver(world, "board")

        def die(_: object) -> None:
            process.line.broken = Killed()
            raise process.line.broken

        board.then = die
        await leads(world, 4, process)
        board.then = lambda _: None
        await leads(world, 1)

    world = told_to_a_board(story)

    board = receiver(world, "board")
    assert board.why("loan-1") == ["Opened", "Update", "Update"]
    first, once, again = board.taken
    assert first.key != once.key == again.key
    assert once.message == again.message
    assert notes(world)["board"]["sent"] == 2


def test_what_could_not_be_noted_at_once_is_noted_and_brings_no_update_forward() -> None:
    """Somebody else has changed the incident while the message went out."""

    async def story(world: World, _: list[float]) -> None:
        def change(body: Object) -> None:
            body["metadata"].setdefault("labels", {})["changed"] = "yes"

        def changed(_: object) -> None:
            world.server.patch("Incident", "lending", "loan-1", change)

        receiver(world, "board").then = changed
        await leads(world, 2)

    world = told_to_a_board(story)

    assert receiver(world, "board").why("loan-1") == ["Opened"]
    assert notes(world)["board"]["sent"] == 1
