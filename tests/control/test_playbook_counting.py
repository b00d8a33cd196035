"""How sources are asked for a playbook: so that looks at what serves wait for one of its questions at most."""

import asyncio
from collections import defaultdict

from knowngood.adapters.memory.people import MemoryNamespaces
from knowngood.adapters.memory.workloads import MemoryEndpoints
from knowngood.control.guard import Guard
from knowngood.control.playbook.counting import Counting
from knowngood.control.ports import Series, Vector
from knowngood.control.store import Store
from knowngood.errors import ObserverError
from knowngood.signals.planning import Query
from tests.control.virtual_time import run


class Slow:
    """Sources that take a second, and count who asks at the same time."""

    def __init__(self) -> None:
        self.now: dict[str, int] = defaultdict(int)
        self.most: dict[str, int] = defaultdict(int)
        self.fails = False

    async def read(self, source: str, _: Query) -> Series | Vector:
        self.now[source] += 1
        self.most[source] = max(self.most[source], self.now[source])
        await asyncio.sleep(1)
        self.now[source] -= 1
        if self.fails:
            raise ObserverError("it is away")
        return ()


def a_counting(signals: Slow) -> Counting:
    store = Store()
    return Counting(store, Guard(store, MemoryNamespaces()), signals, MemoryEndpoints())


def test_a_source_is_asked_one_question_at_a_time_and_waits_for_no_other_one() -> None:
    signals = Slow()
    counting = a_counting(signals)

    async def story() -> float:
        loop = asyncio.get_running_loop()
        asked = [counting.vector(s, "t", "up", 0.0) for s in ("near", "far") for _ in range(5)]
        await asyncio.gather(*asked)
        return loop.time()

    took = run(story())

    assert signals.most == {"near": 1, "far": 1}
    assert round(took) == 5, "both sources at the same time"


def test_a_question_that_fails_or_is_given_up_lets_the_next_one_through() -> None:
    signals = Slow()
    counting = a_counting(signals)

    async def story() -> None:
        given_up = asyncio.create_task(counting.vector("near", "t", "up", 0.0))
        await asyncio.sleep(0.1)
        given_up.cancel()
        signals.fails = True
        failed = await asyncio.gather(
            counting.vector("near", "t", "up", 0.0), return_exceptions=True
        )
        assert isinstance(failed[0], ObserverError)
        signals.fails = False
        assert await counting.vector("near", "t", "up", 0.0) == ()

    run(story())
