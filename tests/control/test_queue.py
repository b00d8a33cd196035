import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from knowngood.control.ports import Key
from knowngood.control.queue import BACKGROUND, NORMAL, URGENT, WorkQueue
from tests.control.virtual_time import VirtualClock, run

A, B, C = (Key("lending", name) for name in "abc")


def played(story: Callable[[WorkQueue], Awaitable[None]]) -> None:
    async def play() -> None:
        await story(WorkQueue(VirtualClock().monotonic))

    run(play())


async def taken(queue: WorkQueue) -> Key | None:
    """The next key, or None when none is due now."""
    try:
        async with asyncio.timeout(0.001):
            return await queue.get()
    except TimeoutError:
        return None


def test_rollbacks_overtake_everything_else() -> None:
    async def story(queue: WorkQueue) -> None:
        queue.put(A, BACKGROUND)
        queue.put(B, NORMAL)
        queue.put(C, URGENT)

        assert [await queue.get() for _ in range(3)] == [C, B, A]

    played(story)


def test_a_more_urgent_request_moves_an_entry_forward_and_never_doubles_it() -> None:
    async def story(queue: WorkQueue) -> None:
        queue.put(A, BACKGROUND)
        queue.put(B, NORMAL)
        queue.put(A, URGENT)
        queue.put(A, BACKGROUND)

        assert len(queue) == 2
        assert [await taken(queue) for _ in range(3)] == [A, B, None]

    played(story)


def test_a_model_is_never_worked_on_twice_at_once() -> None:
    async def story(queue: WorkQueue) -> None:
        queue.put(A)
        key = await queue.get()
        queue.put(A, URGENT)

        assert await taken(queue) is None

        queue.done(key)
        assert await taken(queue) == A

    played(story)


def test_what_is_due_later_comes_when_it_is_due_and_the_earliest_wins() -> None:
    async def story(queue: WorkQueue) -> None:
        loop = asyncio.get_running_loop()
        queue.put_later(A, 30)
        queue.put_later(A, 5)
        queue.put_later(A, 60)

        assert await queue.get() == A
        assert abs(loop.time() - 5) < 0.01

    played(story)


def test_one_who_waits_already_hears_of_an_earlier_time() -> None:
    async def story(queue: WorkQueue) -> None:
        queue.put_later(A, 60)
        waiting = asyncio.create_task(queue.get())
        await asyncio.sleep(1)
        queue.put_later(B, 1)

        assert await waiting == B
        assert asyncio.get_running_loop().time() < 3

    played(story)


def test_several_workers_share_the_work() -> None:
    async def story(queue: WorkQueue) -> None:
        workers = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        for key in (A, B, C):
            queue.put(key)

        assert set(await asyncio.gather(*workers)) == {A, B, C}

    played(story)


def test_all_who_wait_get_a_model_each() -> None:
    async def story(queue: WorkQueue) -> None:
        waiting = [asyncio.ensure_future(queue.get()) for _ in range(3)]
        await asyncio.sleep(1)
        queue.put(A)
        queue.put_later(C, 2)
        queue.put_later(B, 1)
        assert await asyncio.gather(*waiting) == [A, B, C]

    played(story)


def test_who_stands_behind_gets_the_model_when_the_first_one_goes() -> None:
    async def story(queue: WorkQueue) -> None:
        first, second = (asyncio.ensure_future(queue.get()) for _ in range(2))
        await asyncio.sleep(1)
        first.cancel()
        queue.put(A)
        assert await second == A

    played(story)


KEYS = st.sampled_from([Key("n", f"m{i}") for i in range(4)])
PRIORITIES = st.sampled_from([URGENT, NORMAL, BACKGROUND])


class QueueAgainstModel(RuleBasedStateMachine):
    """The queue is a set of (key, best priority), a set of busy keys, and those asked for again."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.queue = WorkQueue(lambda: self.now)
        self.waiting: dict[Key, int] = {}
        self.again: dict[Key, int] = {}
        self.busy: set[Key] = set()
        self.later: dict[Key, float] = {}

    def _want(self, key: Key, priority: int) -> None:
        place = self.again if key in self.busy else self.waiting
        place[key] = min(priority, place.get(key, BACKGROUND))

    @rule(key=KEYS, priority=PRIORITIES)
    def put(self, key: Key, priority: int) -> None:
        self.queue.put(key, priority)
        self._want(key, priority)

    @rule(key=KEYS, delay=st.sampled_from([0.0, 1.0, 5.0]))
    def put_later(self, key: Key, delay: float) -> None:
        self.queue.put_later(key, delay)
        self.later[key] = min(self.now + delay, self.later.get(key, float("inf")))

    @rule(seconds=st.sampled_from([0.5, 2.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def _ready(self) -> set[Key]:
        due = {k for k, at in self.later.items() if at <= self.now and k not in self.busy}
        return due | self.waiting.keys()

    @precondition(lambda self: self._ready())
    @rule()
    def get(self) -> None:
        for key in [k for k, at in self.later.items() if at <= self.now]:
            del self.later[key]
            self._want(key, NORMAL)

        key = asyncio.run(self.queue.get())

        assert self.waiting[key] == min(self.waiting.values())
        del self.waiting[key]
        self.busy.add(key)

    @precondition(lambda self: self.busy)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.busy, key=str)))
        self.queue.done(key)
        self.busy.discard(key)
        if key in self.again:
            self._want(key, self.again.pop(key))

    @invariant()
    def counts_what_waits(self) -> None:
        assert len(self.queue) == len(self.waiting) + len(self.again)


QueueAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
test_the_queue_agrees_with_a_simple_model = QueueAgainstModel.TestCase
