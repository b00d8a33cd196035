"""What a dead man's switch hears: that Knowngood watches, and nothing when people should be called."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from knowngood.adapters.memory.people import MemoryFence
from knowngood.control.pulse import UNSEEN, UNTOLD, Pulse, unwell
from knowngood.errors import ReceiverAway
from knowngood.telemetry.metrics import Metrics
from tests.control.exported import MINUTES, lived
from tests.control.process import Process, until
from tests.control.stories import rolled_back
from tests.control.told import DEFAULT, a_world, receiver
from tests.control.virtual_time import VirtualClock, run
from tests.control.world import World

EVERY = 60.0


class Listener:
    """Whoever is outside; `heard` has the times at which it heard something."""

    def __init__(self) -> None:
        self.heard: list[float] = []
        self.fails: Exception | None = None
        self.takes = 0.0

    async def beat(self) -> None:
        await asyncio.sleep(self.takes)
        if self.fails is not None:
            raise self.fails
        self.heard.append(asyncio.get_running_loop().time())


class Beating:
    """A pulse in virtual time."""

    def __init__(self) -> None:
        self.listener, self.fence, self.metrics = Listener(), MemoryFence(), Metrics()
        self.why = ""

    def play(self, story: Callable[[], Awaitable[None]]) -> list[float]:
        async def playing() -> None:
            ready = asyncio.Event()
            ready.set()
            means: Any = (lambda: self.why, self.fence, VirtualClock(), self.metrics)
            beating = asyncio.ensure_future(Pulse(self.listener, EVERY, *means).run(ready))
            await story()
            assert not beating.done()
            beating.cancel()

        run(playing())
        return self.listener.heard

    def counted(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"knowngood_dead_mans_switch_{name}_total")


def test_it_hears_of_who_leads_at_once_and_then_again_and_again() -> None:
    pulse = Beating()

    heard = pulse.play(lambda: asyncio.sleep(5 * MINUTES))

    assert len(heard) == 5
    assert heard[0] < 2
    assert all(EVERY <= b - a <= EVERY + 2 for a, b in itertools.pairwise(heard))
    assert pulse.counted("beats") == 5


def test_it_hears_nothing_of_who_does_not_lead_and_of_the_next_leader_at_once() -> None:
    pulse = Beating()
    pulse.fence.leads = False

    async def story() -> None:
        await asyncio.sleep(3 * MINUTES + 20)
        assert pulse.listener.heard == []
        pulse.fence.leads = True
        await asyncio.sleep(3)

    assert len(pulse.play(story)) == 1


def test_who_leads_again_says_so_at_once() -> None:
    pulse = Beating()

    async def story() -> None:
        for leads in (True, False, True):
            pulse.fence.leads = leads
            await asyncio.sleep(5)

    assert len(pulse.play(story)) == 2


def test_it_hears_nothing_while_something_is_wrong_and_again_when_it_is_over() -> None:
    pulse = Beating()
    pulse.why = "the loop has not looked for 30 s"

    async def story() -> None:
        await asyncio.sleep(10 * MINUTES + 30)
        assert pulse.listener.heard == []
        pulse.why = ""
        await asyncio.sleep(EVERY)

    assert len(pulse.play(story)) == 1


@pytest.mark.parametrize("fault", [ReceiverAway("it does not answer"), RuntimeError("a bug")])
def test_who_does_not_listen_ends_nothing(fault: Exception) -> None:
    pulse = Beating()
    pulse.listener.fails = fault

    async def story() -> None:
        await asyncio.sleep(3 * MINUTES - 30)
        pulse.listener.fails = None
        await asyncio.sleep(EVERY)

    assert len(pulse.play(story)) == 1
    assert pulse.counted("failures") == (3 if isinstance(fault, ReceiverAway) else 0)


@pytest.mark.parametrize(
    ("unseen", "untold", "why"),
    [
        (0.0, 0.0, ""),
        (UNSEEN, UNTOLD, ""),
        (UNSEEN + 1, 0.0, "the loop has not looked for 30 s"),
        (0.0, UNTOLD + 1, "no receiver has taken what there is to tell for 600 s"),
    ],
)
def test_people_are_called_when_nobody_looks_or_nothing_gets_out(
    unseen: float, untold: float, why: str
) -> None:
    assert unwell(unseen, untold) == why


@pytest.mark.parametrize(
    ("away", "told"), [((), True), (("chat",), True), (("chat", "oncall"), False)]
)
def test_one_receiver_that_takes_what_there_is_to_tell_is_enough(
    away: tuple[str, ...],
    told: bool,  # noqa: FBT001  - a column of the table
) -> None:
    world = a_world(oncall=DEFAULT, chat=DEFAULT)
    for name in away:
        receiver(world, name).away = True
    process, silence = Process(world), [0.0]

    async def story(world: World) -> None:
        await rolled_back(world)
        await until(lambda: world.status().get("phase") == "RolledBack")
        assert process.notifier.silence() <= UNTOLD
        await asyncio.sleep(UNTOLD + MINUTES)
        silence[0] = process.notifier.silence()

    lived(world, story, process, seconds=UNTOLD + 4 * MINUTES)

    assert (silence[0] <= UNTOLD) is told


def test_who_has_no_receivers_is_not_taken_for_silent() -> None:
    assert Process(World()).notifier.silence() == 0
