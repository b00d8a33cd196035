"""Time that jumps, and stands still while somebody outside is asked."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from knowngood.rehearsal.virtual_time import VirtualLoop, run


def test_an_hour_passes_at_once() -> None:
    async def story() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert 3600 <= run(story()) < 3601


def test_time_stands_still_until_a_thread_has_answered() -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def answer() -> str:
        asked.set()
        may_answer.wait()
        return "an answer"

    def let_go() -> None:
        asked.wait()
        may_answer.set()

    async def story() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        waiting = asyncio.ensure_future(asyncio.sleep(5))
        # A thread lets the other one go: nothing in this loop can, while it waits.
        threading.Thread(target=let_go).start()
        with ThreadPoolExecutor(1) as threads:
            text = await loop.run_in_executor(threads, answer)
        passed = loop.time()
        await waiting
        return text, passed

    assert run(story()) == ("an answer", 0.0)
