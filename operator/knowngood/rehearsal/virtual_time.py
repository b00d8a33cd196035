"""An event loop whose clock jumps to the next timer instead of waiting for it.

While a worker thread is asked something (a Prometheus, for example) time stands still: what takes a while outside takes
no time in here.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
PAST = 1e-6


class _JumpingSelector(selectors.SelectSelector):
    now = 0.0
    outside = 0
    """Answers of worker threads that are waited for."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.outside:  # a thread that has ended wakes the loop
            return super().select(0 if timeout == 0 else None)
        if timeout is None:
            raise RuntimeError("everything waits for ever")
        if timeout:
            self.now += timeout + PAST  # a timer must not be rung before its time
        return []  # nothing else comes from outside, and to ask the kernel takes longer than all else here


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; its time begins with 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds that have passed in here."""
        return self._jumping.now

    def run_in_executor(
        self, executor: Any, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Ask a thread; until it has answered, time stands still."""
        asked = super().run_in_executor(executor, func, *args)
        self._jumping.outside += 1
        asked.add_done_callback(self._answered)
        return asked

    def _answered(self, _: asyncio.Future[Any]) -> None:
        self._jumping.outside -= 1


class VirtualClock:
    """The `Clock` of a program on such a loop.

    Attributes:
        epoch: What time it is when the loop's time is 0.
    """

    def __init__(self, epoch: datetime) -> None:
        self.epoch = epoch

    def now(self) -> datetime:
        """What time it is in here, in UTC."""
        return self.epoch + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds that have passed in here."""
        return asyncio.get_running_loop().time()


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run a story in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)
