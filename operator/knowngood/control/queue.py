"""The work queue: one entry a model, rollbacks first, never the same model twice at once."""

import asyncio
import heapq
import itertools
from collections.abc import Callable

from knowngood.control.ports import Key

URGENT = 0
NORMAL = 1
BACKGROUND = 2


class WorkQueue:
    """Models that want a pass.

    A model that is put while it is being worked on is worked on once more afterwards. Entries that are due later are
    kept apart; the earliest wins.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._heap: list[tuple[int, int, Key]] = []
        self._waiting: dict[Key, int] = {}
        self._busy: set[Key] = set()
        self._again: dict[Key, int] = {}
        self._later: dict[Key, float] = {}
        self._order = itertools.count()
        self._wanted = asyncio.Event()
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        """Models that wait for a pass now."""
        return len(self._waiting) + len(self._again)

    def put(self, key: Key, priority: int = NORMAL) -> None:
        """Ask for a pass; a more urgent request moves an entry forward."""
        if key in self._busy:
            self._again[key] = min(priority, self._again.get(key, BACKGROUND))
            return
        if priority >= self._waiting.get(key, BACKGROUND + 1):
            return
        self._waiting[key] = priority
        heapq.heappush(self._heap, (priority, next(self._order), key))
        self._wanted.set()

    def put_later(self, key: Key, delay: float) -> None:
        """Ask for a pass in `delay` seconds, unless an earlier one is asked for already."""
        due = self._monotonic() + max(0.0, delay)
        if due < self._later.get(key, float("inf")):
            self._later[key] = due
            self._wanted.set()

    async def get(self) -> Key:
        """Wait for the most urgent model and take it; give it back with `done`.

        One waits and the others stand behind: each model and each timer wakes one of them.
        """
        async with self._turn:
            while (key := self._next()) is None:
                self._wanted.clear()
                await self._sleep()
            return key

    def done(self, key: Key) -> None:
        """Give a model back after its pass."""
        self._busy.discard(key)
        priority = self._again.pop(key, None)
        if priority is not None:
            self.put(key, priority)

    def _next(self) -> Key | None:
        self._move_due()
        while self._heap:
            priority, _, key = heapq.heappop(self._heap)
            if self._waiting.get(key) == priority:
                del self._waiting[key]
                self._busy.add(key)
                return key
        return None

    def _move_due(self) -> None:
        now = self._monotonic()
        for key in [k for k, due in self._later.items() if due <= now]:
            del self._later[key]
            self.put(key)

    async def _sleep(self) -> None:
        pause = min(self._later.values(), default=None)
        try:
            async with asyncio.timeout(
                None if pause is None else max(0.0, pause - self._monotonic())
            ):
                await self._wanted.wait()
        except TimeoutError:
            return
